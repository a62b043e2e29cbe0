"""`python -m benchmarks say|frame|long [--voice V] [--device D] [--runtime R] [--json]`.

Main thread of a process of its own. A user's mistake ends with one sentence and exit code 2, Ctrl-C with 130.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import sys
from typing import Any

from engine.errors import SottoError

BENCHMARKS = {
    "say": "time to first audio and real-time factor of sentences",
    "frame": "compute time of the frames of a paragraph",
    "long": "memory and real-time factor of a text of a thousand words",
}


def main(argv: list[str]) -> int:
    """Run one benchmark and print its figures."""
    parser = argparse.ArgumentParser(prog="sotto bench", description="Benchmarks of a voice on this machine.")
    parser.add_argument(
        "benchmark", choices=BENCHMARKS, help="; ".join(f"{k}: {v}" for k, v in BENCHMARKS.items())
    )
    parser.add_argument("--voice", metavar="V", help="name or folder of a voice (default: the shipped one)")
    parser.add_argument("--device", metavar="D", help="cpu, cuda or mps (default: the fastest there is)")
    parser.add_argument(
        "--runtime", metavar="R", help="torch, onnx or cuda (default: the fastest for the device)"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    chosen = parser.parse_args(argv)
    try:
        measure = importlib.import_module(f"benchmarks.{chosen.benchmark}").measure
        figures: dict[str, Any] = {"benchmark": chosen.benchmark}
        figures |= measure(chosen.voice, chosen.device, chosen.runtime)
    except SottoError as error:
        print(f"sotto: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    figures["load_average"] = round(os.getloadavg()[0], 2)
    if chosen.json:
        print(json.dumps(figures))
    else:
        for name, value in figures.items():
            print(f"{name:16} {value}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
