"""`python -m benchmarks say|frame|talk|… [--json] …`, one benchmark a call.

Main thread of a process of its own. A user's mistake ends with one sentence and exit code 2, Ctrl-C with 130; a missed
bar is told, and is no error.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from pathlib import Path
from typing import Any

from benchmarks.telling import tell
from engine.paths import resources_dir

BENCHMARKS = {
    "say": "time to the first sound and real-time factor of sentences, warm",
    "frame": "compute time of the frames of a paragraph",
    "start": "time from a fresh `sotto say` to its first sound",
    "long": "memory and real-time factor of a text of a thousand words",
    "steady": "compute time and memory late in a long stream beside minute 4",
    "gui": "first paint, readiness, smoothness and cost of the window, conversing",
    "peer": "frames a second beside the CSM of transformers at the same size",
    "talk": "voice to voice on a virtual sound card, and what answers made ahead are worth",
    "heard": "what was heard of interrupted answers, beside what is told of it",
    "duplex": "a long conversation at real time: gaps and memory",
}

CONVERSING = ("talk", "heard", "duplex")
"""Benchmarks of whole conversations, which run on a virtual sound card."""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="sotto bench", description="Benchmarks of a voice on this machine, held against their bars."
    )
    benchmarks = parser.add_subparsers(dest="benchmark", metavar="BENCHMARK", required=True)
    for name, what in BENCHMARKS.items():
        options = benchmarks.add_parser(name, help=what, description=what.capitalize() + ".")
        options.add_argument("--json", action="store_true", help="print one JSON object")
        if name not in ("peer", "gui"):
            options.add_argument("--voice", metavar="V", help="name or folder (default: the shipped one)")
        if name not in ("peer", "gui", *CONVERSING):
            options.add_argument("--device", metavar="D", help="cpu, cuda or mps (default: the fastest)")
            options.add_argument("--runtime", metavar="R", help="torch, onnx or cuda (default: the fastest)")
        if name == "gui":
            options.add_argument(
                "--seconds", type=float, default=20.0, metavar="N", help="of each measurement (default: 20)"
            )
        elif name == "start":
            options.add_argument("--runs", type=_positive, default=5, help="fresh processes (default: 5)")
        elif name == "long":
            options.add_argument("--words", type=_positive, default=1000, help="default: 1000")
        elif name == "talk":
            options.add_argument("--turns", type=_positive, default=60, metavar="N", help="default: 60")
            options.add_argument(
                "--human",
                type=Path,
                default=Path("../shared/data/human"),
                metavar="DIR",
                help="recordings of people (default: %(default)s)",
            )
        elif name == "heard":
            options.add_argument(
                "--interruptions", type=_positive, default=40, metavar="N", help="default: 40"
            )
        elif name == "duplex":
            options.add_argument("--minutes", type=float, default=30.0, metavar="N", help="default: 30")
        elif name == "steady":
            options.add_argument(
                "--minutes", type=float, default=60.0, metavar="N", help="of audio (default: 60)"
            )
        elif name == "peer":
            options.add_argument(
                "--config", type=Path, default=resources_dir() / "configs" / "tiny.toml", help="a preset"
            )
            options.add_argument("--frames", type=_positive, default=40, help="a round (default: 40)")
            options.add_argument(
                "--compiled", action="store_true", help="also compile the peer, which takes minutes"
            )
    return parser


def _positive(text: str) -> int:
    if (number := int(text)) < 1:
        raise argparse.ArgumentTypeError(f"{number} is not positive")
    return number


def main(argv: list[str]) -> int:
    """Run one benchmark and print its figures."""
    options = vars(_parser().parse_args(argv))
    benchmark, as_json = options.pop("benchmark"), options.pop("json")

    def measure() -> dict[str, Any]:
        figures: dict[str, Any] = importlib.import_module(f"benchmarks.{benchmark}").measure(**options)
        return figures

    return tell(benchmark, measure, as_json)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
