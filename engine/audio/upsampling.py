"""From a voice's rate to the devices', chunk by chunk: every sample comes out a millisecond after what it is made of.

Used instead of soxr for whole multiples, since soxr holds a stream's first tens of milliseconds back. One thread.
"""

from __future__ import annotations

import numpy as np
import soxr
from numpy.typing import NDArray

REACH_SAMPLES = 24
"""Samples of the input on each side that an output sample is made of: 1 ms at 24 kHz."""

KAISER_BETA = 8.0
"""Images stay 80 dB down."""


class Upsampler:
    """`factor` times as many samples (linear-phase, polyphase; Crochiere & Rabiner 1983). Sample n of the input stands
    at n * factor of the output."""

    def __init__(self, factor: int) -> None:
        if factor < 1:
            raise ValueError("an upsampler makes more samples, not fewer")
        self.factor = factor
        reach = REACH_SAMPLES * factor
        at = np.arange(-reach, reach + 1)
        taps = np.sinc(at / factor) * np.kaiser(len(at), KAISER_BETA)
        # Row p makes the outputs at p behind an input sample: the taps that fall on input samples, newest first.
        padded = np.concatenate([taps, np.zeros(factor - 1)])
        phases = padded.reshape(-1, factor).T
        self._phases = (phases / phases.sum(axis=1, keepdims=True)).astype(np.float32)
        self._past = np.zeros(2 * REACH_SAMPLES, np.float32)
        self._skip = REACH_SAMPLES * factor

    def __call__(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """What (S,) more samples make certain."""
        if not len(samples):
            return samples
        whole = np.concatenate([self._past, samples])
        self._past = whole[len(whole) - 2 * REACH_SAMPLES :]
        made = np.stack([np.convolve(whole, phase, "valid") for phase in self._phases], axis=1)
        out: NDArray[np.float32] = made.astype(np.float32).reshape(-1)
        skipped = min(self._skip, len(out))
        self._skip -= skipped
        return out[skipped:]

    def flush(self) -> NDArray[np.float32]:
        """The rest, as if silence followed."""
        return self(np.zeros(REACH_SAMPLES, np.float32))


class _Soxr:
    """Any other ratio."""

    def __init__(self, from_hz: int, to_hz: int) -> None:
        self._stream = soxr.ResampleStream(from_hz, to_hz, 1, dtype="float32")

    def __call__(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        out: NDArray[np.float32] = self._stream.resample_chunk(samples)
        return out

    def flush(self) -> NDArray[np.float32]:
        out: NDArray[np.float32] = self._stream.resample_chunk(np.zeros(0, np.float32), last=True)
        return out


def resampler(from_hz: int, to_hz: int) -> Upsampler | _Soxr:
    """What takes a stream from one rate to another."""
    return Upsampler(to_hz // from_hz) if to_hz % from_hz == 0 else _Soxr(from_hz, to_hz)
