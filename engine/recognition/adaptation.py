"""The cepstral means of a recogniser, kept across sessions in one small file.

Runs in the recogniser's process. A damaged file is as good as none: adaptation begins anew. Imports nothing heavy.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

CEPSTRA = 13
_LARGEST = 200.0
"""No cepstral mean of speech lies further from zero."""


def load_means(path: Path) -> dict[str, tuple[float, ...]]:
    """Means by decoder name; nothing where there is no file or it holds something else."""
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(stored, dict):
        return {}
    return {name: tuple(means) for name, means in stored.items() if _are_means(means)}


def _are_means(means: object) -> bool:
    return (
        isinstance(means, list)
        and len(means) == CEPSTRA
        and all(isinstance(value, int | float) and abs(value) < _LARGEST for value in means)
    )


def store_means(path: Path, means: dict[str, tuple[float, ...]]) -> None:
    """Write them whole or not at all. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partly = path.with_name(f"{path.name}.{os.getpid()}.new")
    partly.write_text(json.dumps(means), encoding="utf-8")
    partly.replace(path)
