"""How fast the echo's delay changes, since the loudspeaker's clock is not the microphone's.

Read off the learned echo path: between two looks at it, a growing delay turns its spectrum by an angle that rises with
the frequency. Known, the slip is taken out of the path block by block, and the filter need not chase it; without that,
40 ppm leave nothing of the cancellation above 1.5 kHz. Runs on the conversation's thread. Imports numpy.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Spectra = NDArray[np.complex64]

LOOK_EVERY_BLOCKS = 30
"""Active blocks between two looks: 100 ppm slip half a sample in them, too little for an angle to be taken wrongly."""

USED_HZ = (200.0, 5000.0)
FIRST_GAIN, LAST_GAIN, GAIN_FALLS = 0.6, 0.15, 0.93
"""How much of what a look shows is believed: clocks do not change, so later looks only refine."""

MOST_PPM = 300.0
MOST_PPM_A_LOOK = 120.0
LEAST_LIKENESS = 0.3
"""Two paths less alike than this are not one that slipped: the first is learned, or the room changed."""


class ClockDrift:
    """`turn` is what a path's spectrum, (block_samples + 1,) a partition, is to be multiplied by each block."""

    def __init__(self, rate_hz: int, block_samples: int) -> None:
        self._block = block_samples
        self._bins = np.arange(block_samples + 1)
        low, high = (round(hz * 2 * block_samples / rate_hz) for hz in USED_HZ)
        self._used = slice(low, high)
        self._gain = FIRST_GAIN
        self._then: Spectra | None = None
        self._active = self._blocks = 0
        self.ppm = 0.0
        self.turn = np.ones(block_samples + 1, np.complex64)

    def step(self, path: Spectra, learning: bool) -> float:
        """Look at the path (P, block_samples + 1) behind a block; only blocks that taught it something count.

        Gives by how many ppm the drift was corrected, 0 in most blocks.
        """
        self._blocks += 1
        self._active += learning
        if self._active < LOOK_EVERY_BLOCKS:
            return 0.0
        before = self.ppm
        if self._then is not None:
            self._look(path, self._then)
        self._then = path.copy()
        self._active = self._blocks = 0
        return self.ppm - before

    def _look(self, now: Spectra, then: Spectra) -> None:
        across = (now * np.conj(then)).sum(axis=0)
        alike = abs(complex(across.sum())) / np.sqrt(
            float((abs(now) ** 2).sum() * (abs(then) ** 2).sum()) + 1e-20
        )
        if alike < LEAST_LIKENESS:
            return
        # what the turning itself has done since is no news
        across = (across * np.conj(self.turn) ** self._blocks)[self._used]
        bins, weight = self._bins[self._used], np.abs(across)
        slope = float((weight * bins * np.angle(across)).sum() / ((weight * bins**2).sum() + 1e-20))
        slipped = -slope * self._block / np.pi
        ppm = slipped / (LOOK_EVERY_BLOCKS * self._block) * 1e6
        self.ppm += self._gain * float(np.clip(ppm, -MOST_PPM_A_LOOK, MOST_PPM_A_LOOK))
        self.ppm = float(np.clip(self.ppm, -MOST_PPM, MOST_PPM))
        self._gain = max(LAST_GAIN, self._gain * GAIN_FALLS)
        self.turn = np.exp(-1j * np.pi * self.ppm * 1e-6 * self._bins).astype(np.complex64)
