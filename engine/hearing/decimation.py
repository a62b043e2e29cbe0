"""From the devices' rate to 16 kHz, block by block, with a fixed short delay.

Runs on the conversation's thread. A linear-phase filter of its own rather than soxr's stream, since every block must
give exactly its share of samples at once. Imports numpy.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from engine.errors import ConfigError

Array = NDArray[np.float32]

_STOP_DB = 60.0
_PASS_SHARE = 0.9
"""Of half the new rate: what lies below passes unharmed."""


class Decimator:
    """A whole number of samples become one. One object a stream."""

    def __init__(self, rate_hz: int, new_rate_hz: int) -> None:
        """Raises ConfigError where the one rate is no multiple of the other."""
        if rate_hz % new_rate_hz:
            raise ConfigError(f"the rate must be a multiple of {new_rate_hz} Hz, not {rate_hz}")
        self.factor = rate_hz // new_rate_hz
        self._taps = _low_pass(self.factor)
        self._past = np.zeros(len(self._taps) - 1, np.float32)

    @property
    def delay_samples(self) -> int:
        """By how many samples of the old rate the result trails."""
        return (len(self._taps) - 1) // 2

    def step(self, samples: Array) -> Array:
        """(S,) at the old rate, S a multiple of `factor`, to (S / factor,)."""
        if self.factor == 1:
            return samples
        whole = np.concatenate([self._past, samples])
        self._past = whole[-len(self._past) :]
        windows = np.lib.stride_tricks.sliding_window_view(whole, len(self._taps))
        result: Array = windows[self.factor - 1 :: self.factor] @ self._taps
        return result


def _low_pass(factor: int) -> Array:
    """A windowed sinc (Kaiser) whose stop band begins at half the new rate; a single 1 for factor 1."""
    if factor == 1:
        return np.ones(1, np.float32)
    transition = (1.0 - _PASS_SHARE) * math.pi / factor
    half = math.ceil((_STOP_DB - 8.0) / (2.285 * transition) / 2.0)
    n = np.arange(-half, half + 1)
    cut = (1.0 + _PASS_SHARE) / 2.0 / factor
    taps = np.sinc(cut * n) * np.kaiser(2 * half + 1, 0.1102 * (_STOP_DB - 8.7))
    return np.asarray(taps / taps.sum(), np.float32)
