"""The signs that an answer takes long: a soft sound, and what is said when it takes longer still.

Pure. Imports numpy.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

WORDS = "One moment, please."

_TONES_HZ = (587.3, 784.0)  # a fourth, upwards: something is coming
_TONE_MS, _STEP_MS, _PEAK = 260.0, 110.0, 0.05


def earcon(rate_hz: int) -> NDArray[np.float32]:
    """Two soft tones, mono float32 (S,)."""
    tone = round(rate_hz * _TONE_MS / 1000.0)
    step = round(rate_hz * _STEP_MS / 1000.0)
    out = np.zeros(step * (len(_TONES_HZ) - 1) + tone, np.float64)
    at_s = np.arange(tone) / rate_hz
    envelope = np.sin(np.pi * np.linspace(0.0, 1.0, tone)) ** 2 * np.exp(-at_s / 0.09)
    for index, hz in enumerate(_TONES_HZ):
        out[index * step : index * step + tone] += envelope * np.sin(2.0 * np.pi * hz * at_s)
    sound: NDArray[np.float32] = (_PEAK / np.abs(out).max() * out).astype(np.float32)
    return sound
