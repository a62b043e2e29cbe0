"""`sotto doctor`: what this machine has, what is wrong with it, and the mend.

The engine process looks, since looking needs torch and PortAudio. Imports nothing heavy.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
from collections.abc import Callable

from app.cli.asking import EngineFailure, wait_for
from engine.event_values import Finding
from engine.events import Examined
from engine.handle import EngineHandle

_MARKS = {"good": "  ", "warning": "! ", "problem": "!!"}


def run_doctor(chosen: argparse.Namespace, make_handle: Callable[[], EngineHandle]) -> int:
    """Print every finding; 0 whatever they say, since the examination itself went well."""
    findings = _examined(make_handle)
    if chosen.json:
        well = all(finding.state != "problem" for finding in findings)
        print(json.dumps({"well": well, "findings": [dataclasses.asdict(f) for f in findings]}))
        return 0
    for finding in findings:
        print(f"{_MARKS[finding.state]} {finding.subject:12} {finding.finding}")
        if finding.mend:
            print(f"   {'':12} mend: {finding.mend}")
    return 0


def _examined(make_handle: Callable[[], EngineHandle]) -> tuple[Finding, ...]:
    try:
        with make_handle() as engine:
            engine.examine()
            return wait_for(engine, Examined).findings
    except EngineFailure as failure:  # that the engine cannot even look is itself a finding
        return (
            Finding(
                subject="engine",
                state="problem",
                finding=str(failure).splitlines()[0],
                mend="Install Sotto again: make clean && make setup.",
            ),
        )
