"""An answer begins with its sound: the silence that a voice makes first is not played, so that nobody waits for it.

Engine thread, one answer each. Imports numpy.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

AUDIBLE = 10.0 ** (-50.0 / 20.0)
"""From this amplitude on a sample counts as heard (-50 dBFS)."""

BEFORE_MS = 5.0
"""So much is played before the first audible sample: a breath or the closure of a stop is no click."""

MOST_MS = 250.0
"""More silence than this is meant, or the voice is very soft: what follows is played whatever it is."""


class Onset:
    """Samples at `rate_hz`; `skipped` counts those that were left out."""

    def __init__(self, rate_hz: int) -> None:
        self._before, self._left = (round(rate_hz * ms / 1000.0) for ms in (BEFORE_MS, MOST_MS))
        self._begun = False
        self.skipped = 0

    def of(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """What is to be played of (S,) samples, maybe none."""
        if self._begun:
            return samples
        loud = np.flatnonzero(np.abs(samples) > AUDIBLE)
        silent = max(0, int(loud[0]) - self._before) if loud.size else len(samples)
        skipped = min(silent, self._left)
        self._begun = bool(loud.size) or skipped == self._left
        self._left -= skipped
        self.skipped += skipped
        return samples[skipped:]
