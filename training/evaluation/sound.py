"""Measures of a sound: duration, active speech, leading silence, spread of F0; and of one beside another.

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
PAUSE_DBFS = -60.0
PAUSE_MARGIN_BLOCKS = 4
"""Blocks beside speech are no pause: windows reach over them."""


@dataclass(frozen=True)
class Sound:
    """`active_s`: time in 10 ms blocks above -45 dBFS. `leading_silence_ms`: until the first sample above -50 dBFS.

    `f0_spread_semitones`: between the 10th and 90th percentile of voiced F0; 0 without voiced speech.
    """

    duration_s: float
    active_s: float
    leading_silence_ms: float
    f0_spread_semitones: float


@dataclass(frozen=True)
class Likeness:
    """How a sound of the same words at the same times differs from its source.

    `f0_error_semitones`: median where both are voiced. `voicing_error`: share of 5 ms frames where only one is.
    `pause_dbfs`: median level where the source pauses; None where it does not. The first two are 0 and 1 for a sound
    that shares no voiced frame with its source.
    """

    f0_error_semitones: float
    voicing_error: float
    pause_dbfs: float | None


def _f0(samples: NDArray[np.float32], rate_hz: int) -> NDArray[np.float64]:
    """F0 every 5 ms, 0 where unvoiced (DIO with StoneMask, Morise 2009)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pyworld's import of pkg_resources
        import pyworld
    signal = samples.astype(np.float64)
    f0, times = pyworld.dio(signal, rate_hz)
    return np.asarray(pyworld.stonemask(signal, f0, times, rate_hz))


def _blocks_dbfs(samples: NDArray[np.float32], rate_hz: int) -> NDArray[np.float64]:
    """Level of every whole block."""
    block = round(rate_hz * BLOCK_MS / 1000.0)
    blocks = samples[: len(samples) // block * block].reshape(-1, block).astype(np.float64)
    return np.asarray(10.0 * np.log10((blocks**2).mean(axis=1) + 1e-12))


def likeness(source: NDArray[np.float32], other: NDArray[np.float32], rate_hz: int) -> Likeness:
    """Compare two sounds of equal length."""
    wanted, got = _f0(source, rate_hz), _f0(other, rate_hz)
    both = (wanted > 0) & (got > 0)
    error = np.abs(12.0 * np.log2(got[both] / wanted[both]))
    quiet = _blocks_dbfs(source, rate_hz) < PAUSE_DBFS
    near_speech = np.convolve(~quiet, np.ones(2 * PAUSE_MARGIN_BLOCKS + 1), mode="same") > 0
    pauses = _blocks_dbfs(other, rate_hz)[~near_speech]
    return Likeness(
        f0_error_semitones=float(np.median(error)) if both.any() else 0.0,
        voicing_error=float(((wanted > 0) != (got > 0)).mean()) if both.any() else 1.0,
        pause_dbfs=float(np.median(pauses)) if len(pauses) else None,
    )


def median_f0_hz(samples: NDArray[np.float32], rate_hz: int) -> float:
    """Median of the voiced F0; nan where nothing is voiced."""
    f0 = _f0(samples, rate_hz)
    return float(np.median(f0[f0 > 0])) if (f0 > 0).any() else float("nan")


def f0_spread_semitones(samples: NDArray[np.float32], rate_hz: int) -> float:
    """Distance of the 10th and 90th percentile of voiced F0 in semitones."""
    f0 = _f0(samples, rate_hz)
    voiced = f0[f0 > 0]
    if len(voiced) < 10:
        return 0.0
    low, high = np.percentile(12.0 * np.log2(voiced), (10, 90))
    return float(high - low)


def measure(samples: NDArray[np.float32], rate_hz: int) -> Sound:
    """All measures of one utterance."""
    active = np.count_nonzero(_blocks_dbfs(samples, rate_hz) > ACTIVE_DBFS)
    loud = np.flatnonzero(np.abs(samples) > 10 ** (ONSET_DBFS / 20))
    onset = int(loud[0]) if len(loud) else len(samples)
    return Sound(
        duration_s=len(samples) / rate_hz,
        active_s=active * BLOCK_MS / 1000.0,
        leading_silence_ms=1000.0 * onset / rate_hz,
        f0_spread_semitones=f0_spread_semitones(samples, rate_hz) if active else 0.0,
    )
