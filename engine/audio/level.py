"""How loud a block is: what a meter shows. Pure; computed on the thread that reads, never in a callback.

Imports numpy only.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FLOOR_DBFS = -120.0
"""Digital silence."""


@dataclass(frozen=True, slots=True)
class Level:
    """Of one block: root mean square and peak, in dB below full scale; `clipped` where the peak reaches it."""

    rms_dbfs: float = FLOOR_DBFS
    peak_dbfs: float = FLOOR_DBFS
    clipped: bool = False


def measure(samples: NDArray[np.float32]) -> Level:
    """The level of (S,)."""
    if not len(samples):
        return Level()
    peak = float(np.max(np.abs(samples)))
    rms = float(np.sqrt(np.mean(np.square(samples, dtype=np.float64))))
    return Level(_dbfs(rms), _dbfs(peak), peak >= 1.0)


def _dbfs(amplitude: float) -> float:
    return max(FLOOR_DBFS, 20.0 * float(np.log10(max(amplitude, 1e-9))))
