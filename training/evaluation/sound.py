"""Measures of a sound: duration, active speech, leading silence, spread of F0.

Pure functions of float32 samples (S,). Must not import torch.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

ACTIVE_DBFS = -45.0
ONSET_DBFS = -50.0
BLOCK_MS = 10.0


@dataclass(frozen=True)
class Sound:
    """`active_s`: time in 10 ms blocks above -45 dBFS. `leading_silence_ms`: until the first sample above -50 dBFS.

    `f0_spread_semitones`: between the 10th and 90th percentile of voiced F0; 0 without voiced speech.
    """

    duration_s: float
    active_s: float
    leading_silence_ms: float
    f0_spread_semitones: float


def f0_spread_semitones(samples: NDArray[np.float32], rate_hz: int) -> float:
    """Distance of the 10th and 90th percentile of voiced F0 in semitones (DIO with StoneMask, Morise 2009)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pyworld's import of pkg_resources
        import pyworld
    signal = samples.astype(np.float64)
    f0, times = pyworld.dio(signal, rate_hz)
    f0 = pyworld.stonemask(signal, f0, times, rate_hz)
    voiced = f0[f0 > 0]
    if len(voiced) < 10:
        return 0.0
    low, high = np.percentile(12.0 * np.log2(voiced), (10, 90))
    return float(high - low)


def measure(samples: NDArray[np.float32], rate_hz: int) -> Sound:
    """All measures of one utterance."""
    block = round(rate_hz * BLOCK_MS / 1000.0)
    blocks = samples[: len(samples) // block * block].reshape(-1, block).astype(np.float64)
    active = np.count_nonzero((blocks**2).mean(axis=1) > 10 ** (ACTIVE_DBFS / 10))
    loud = np.flatnonzero(np.abs(samples) > 10 ** (ONSET_DBFS / 20))
    onset = int(loud[0]) if len(loud) else len(samples)
    return Sound(
        duration_s=len(samples) / rate_hz,
        active_s=active * BLOCK_MS / 1000.0,
        leading_silence_ms=1000.0 * onset / rate_hz,
        f0_spread_semitones=f0_spread_semitones(samples, rate_hz) if active else 0.0,
    )
