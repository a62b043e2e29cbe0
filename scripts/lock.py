"""Prints `requirements.lock`: the exact release of everything that any extra of Sotto needs.

What is installed here was tested here, so its release is kept; what is not installed is resolved by pip's dry run.
Accelerator libraries that torch's own metadata pins (they differ by platform) are left out, and so are local
version labels, so that the file serves a CPU wheel and an accelerator wheel alike.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

EXTRAS = ("train", "dev", "bundle")
BELONGS_TO_TORCH = re.compile(r"^(nvidia-.*|cuda-.*|triton)$")
PIP_INSTALL = (sys.executable, "-m", "pip", "install", "-q", "--dry-run", "--no-build-isolation")
HEADER = "# Made by `make lock`; used as a pip constraints file. Do not edit.\n"


def requirements_of(lines: list[str], extras: tuple[str, ...]) -> list[tuple[str, tuple[str, ...]]]:
    """(name, extras) of the requirement lines whose markers hold on this machine with `extras` asked for."""
    environments = [{"extra": extra} for extra in ("", *extras)]
    return [
        (canonicalize_name(requirement.name), tuple(sorted(requirement.extras)))
        for requirement in map(Requirement, lines)
        if requirement.marker is None or any(requirement.marker.evaluate(env) for env in environments)
    ]


def resolved_missing(extras: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    """Name -> metadata of what pip would install beside what is installed already."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        subprocess.run(
            [*PIP_INSTALL, "--report", str(report), "-e", f".[{','.join(extras)}]"],
            check=True,
            stdout=sys.stderr,
        )
        metadata = [item["metadata"] for item in json.loads(report.read_text())["install"]]
    return {canonicalize_name(entry["name"]): entry for entry in metadata}


def closure(name: str, extras: tuple[str, ...]) -> dict[str, str]:
    """Name -> version of every distribution that `name` with `extras` reaches, without `name` itself."""
    missing = resolved_missing(extras)
    found: dict[str, str] = {}
    visited: set[tuple[str, tuple[str, ...]]] = set()
    waiting = [(name, extras)]
    while waiting:
        current, wanted = waiting.pop()
        if (current, wanted) in visited:
            continue
        visited.add((current, wanted))
        if current in missing:
            version, lines = missing[current]["version"], missing[current].get("requires_dist", [])
        else:
            try:
                version, lines = distribution(current).version, distribution(current).requires or []
            except PackageNotFoundError:
                continue
        found[current] = version
        waiting += requirements_of(lines, wanted)
    found.pop(name)
    return found


def main() -> None:
    """Print the lock to standard output."""
    lines = [
        f"{name}=={version.partition('+')[0]}\n"
        for name, version in sorted(closure("sotto", EXTRAS).items())
        if not BELONGS_TO_TORCH.match(name)
    ]
    sys.stdout.write(HEADER + "".join(lines))


if __name__ == "__main__":
    main()
