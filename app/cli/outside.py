"""Commands that other programs carry out: training, evaluation, benchmarks. Their output and exit code pass through.

They run as subprocesses, so that the command line imports neither training nor torch.
"""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from collections.abc import Sequence

from engine.errors import SottoError
from engine.pages import ask_for_large_pages


def run_training(arguments: Sequence[str]) -> int:
    """`sotto train X …` is `python -m training X …`; `sotto evaluate X …` is `python -m training evaluate X …`."""
    return _run_module("training", arguments[1:] if arguments[0] == "train" else arguments)


def run_benchmarks(arguments: Sequence[str]) -> int:
    """`sotto bench X …` is `python -m benchmarks X …`."""
    return _run_module("benchmarks", arguments[1:])


def _run_module(module: str, arguments: Sequence[str]) -> int:
    if getattr(sys, "frozen", False) or importlib.util.find_spec(module) is None:
        raise SottoError(
            f"This installation has no {module}; run it from a checkout of the source (make setup)."
        )
    ask_for_large_pages()
    with subprocess.Popen([sys.executable, "-m", module, *arguments]) as process:
        interrupted = False
        while True:
            try:
                code = process.wait()
                return 130 if interrupted else code
            except KeyboardInterrupt:  # the terminal told the other program too; it may want to save its work
                interrupted = True
