"""What in the microphone is not the loudspeaker's echo: the linear residual, its echo remainder weighed band by band.

The remainder (a room longer than the filter, a loudspeaker that distorts, a clock that drifts) is a share of the echo
that was taken away, learned per band from how loud the residual usually is beside it. Runs on the conversation's
thread. Imports numpy.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.hearing.echo_filter import EchoFilter

Array = NDArray[np.float32]

BANDS_HZ = (100, 300, 500, 700, 900, 1150, 1450, 1800, 2200, 2700, 3300, 4000, 5000, 6200, 7600)


@dataclass(frozen=True, slots=True, eq=False)
class Near:
    """One block, one block late: `samples` (S,) with the remainder of the echo lowered, how much more there is than
    echo explains (`excess_db`), and whether any echo was there to explain."""

    samples: Array
    excess_db: float
    echo_dbfs: float


class NearField:
    """Weighs what an EchoFilter left. One object a stream."""

    def __init__(self, rate_hz: int, block_samples: int) -> None:
        self._block = block_samples
        self._window = np.sqrt(np.hanning(2 * block_samples + 1)[:-1]).astype(np.float32)
        self._residual = np.zeros(2 * block_samples, np.float32)
        self._echo = np.zeros(2 * block_samples, np.float32)
        self._tail = np.zeros(block_samples, np.float32)
        edges = [round(hz * 2 * block_samples / rate_hz) for hz in BANDS_HZ]
        self._edges = np.array(edges)
        self._band_of = np.clip(
            np.searchsorted(self._edges, np.arange(block_samples + 1), "right") - 1, 0, len(edges) - 2
        )
        self._reach = np.zeros(len(edges) - 1, np.float32)
        self._leak_db: Array = np.zeros(len(edges) - 1, np.float32)
        self._seen = 0

    def step(self, echo: Array, residual: Array) -> Near:
        """Both (block_samples,)."""
        self._residual = np.concatenate([self._residual[self._block :], residual])
        self._echo = np.concatenate([self._echo[self._block :], echo])
        left = np.fft.rfft(self._residual * self._window)
        gone = np.fft.rfft(self._echo * self._window)
        left_power = (left.real**2 + left.imag**2).astype(np.float32)
        gone_power = (gone.real**2 + gone.imag**2).astype(np.float32)
        left_band = np.add.reduceat(left_power, self._edges[:-1])
        left_band[-1] -= left_power[self._edges[-1] :].sum()
        gone_band = np.add.reduceat(gone_power, self._edges[:-1])
        gone_band[-1] -= gone_power[self._edges[-1] :].sum()
        self._reach = np.maximum(gone_band, 0.75 * self._reach)
        expected = self._reach * 10.0 ** (self._leak_db / 10.0) + 1e-7
        excess_db = float(10.0 * np.log10((left_band[1:11].sum() + 1e-7) / expected[1:11].sum()))
        self._learn(left_band)
        remainder = np.maximum(gone_power, (expected / np.diff(self._edges))[self._band_of] * 0.5)
        remainder = (expected / np.diff(self._edges))[self._band_of]
        gain = np.sqrt(np.clip(1.0 - 2.0 * remainder / (left_power + 1e-9), 0.003, 1.0))
        whole = np.fft.irfft(left * gain).astype(np.float32) * self._window
        samples = whole[: self._block] + self._tail
        self._tail = whole[self._block :]
        return Near(samples, excess_db, 10.0 * float(np.log10(gone_power.mean() / self._block + 1e-10)))

    def _learn(self, left_band: Array) -> None:
        """Follow the upper middle of residual over echo, in decibels, band by band, while there is echo."""
        active = self._reach > 1e-5
        if not active.any():
            return
        self._seen += 1
        step = max(0.12, 3.0 / (1.0 + self._seen / 20.0))
        ratio = 10.0 * np.log10((left_band + 1e-9) / (self._reach + 1e-9))
        up = ratio > self._leak_db
        change = np.where(up, step * 0.6, -step * 0.4)
        self._leak_db = np.where(active, np.clip(self._leak_db + change, -40.0, 10.0), self._leak_db).astype(
            np.float32
        )


def split(filter_: EchoFilter, near: NearField, microphone: Array, reference: Array) -> Near:
    """One block through both."""
    parted = filter_.step(microphone, reference)
    return near.step(parted.echo, parted.residual)
