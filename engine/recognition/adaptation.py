"""The cepstral mean of a recogniser, kept across sessions in one small file.

Runs in the recogniser's process. A damaged file is as good as none: adaptation begins anew. Imports nothing heavy.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

CEPSTRA = 13
_LARGEST = 200.0
"""No cepstral mean of speech lies further from zero."""


def load_mean(path: Path) -> tuple[float, ...] | None:
    """The mean (CEPSTRA,); None where there is no file or it holds something else."""
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return tuple(stored) if _is_mean(stored) else None


def _is_mean(stored: object) -> bool:
    return (
        isinstance(stored, list)
        and len(stored) == CEPSTRA
        and all(isinstance(value, int | float) and abs(value) < _LARGEST for value in stored)
    )


def store_mean(path: Path, mean: tuple[float, ...]) -> None:
    """Write it whole or not at all. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partly = path.with_name(f"{path.name}.{os.getpid()}.new")
    partly.write_text(json.dumps(mean), encoding="utf-8")
    partly.replace(path)
