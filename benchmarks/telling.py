"""Runs one measurement and prints it, beside the machine's facts and the bars. Imports nothing heavy."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

from benchmarks.bars import in_words, verdicts
from benchmarks.machine import machine
from engine.errors import SottoError


def tell(benchmark: str, measure: Callable[[], dict[str, Any]], as_json: bool) -> int:
    """The exit code: a user's mistake is one sentence and 2, Ctrl-C 130; a missed bar is told, and is no error."""
    try:
        figures: dict[str, Any] = {"benchmark": benchmark} | machine()
        figures |= measure()
    except SottoError as error:
        print(f"sotto: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    figures["bars"] = verdicts(benchmark, figures)
    if as_json:
        print(json.dumps(figures, allow_nan=False))
        return 0
    for name, value in figures.items():
        if name != "bars":
            print(f"{name:20} {value}")
    for verdict in figures["bars"]:
        print(in_words(verdict))
    return 0
