"""What the loudspeaker gave, laid on the microphone's clock, so that an echo canceller can take it away.

Runs on the conversation's thread, fed from the output stream's track. Imports numpy only besides its neighbours.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.audio.clock import Alignment, ClockFit
from engine.audio.track import TrackReader

LEAD_S = 0.01
"""The reference is laid this much too early: a canceller copes with an echo that comes later than it was played, and
with none that comes sooner, as an error of the time stamps would have it."""

HISTORY_S = 4.0
"""What was played is remembered so long: sound in the air and in buffers is younger."""


class Reference:
    """Collects one output stream's track and gives the stretch that belongs to a block of the microphone."""

    def __init__(self, track: TrackReader, rate_hz: int) -> None:
        self._track, self._rate_hz = track, rate_hz
        self._fit = ClockFit(rate_hz)
        self._alignment = Alignment(rate_hz)
        self._history = np.zeros(int(rate_hz * HISTORY_S), np.float32)
        self._end = 0  # the place of the first sample that has not come

    @property
    def fit(self) -> ClockFit:
        """The loudspeaker's clock."""
        return self._fit

    def collect(self) -> None:
        """Take what the callback has left; call it often."""
        while (block := self._track.take()) is not None:
            if block.flagged:
                self.restart()
            self._fit.add(block.position, block.at_s)
            self._keep(block.position, block.samples)

    def restart(self) -> None:
        """The relation of the two clocks may have jumped."""
        self._fit.restart()
        self._alignment.restart()

    def at(self, position: int, size: int, microphone: ClockFit) -> NDArray[np.float32]:
        """(size,) of what was at the loudspeaker while these samples were at the microphone; zeros where nothing."""
        if not (self._fit.is_ready and microphone.is_ready):
            return np.zeros(size, np.float32)
        wanted = self._fit.position_at(microphone.time_of(position)) - position
        offset = self._alignment.follow(wanted, size / self._rate_hz)
        return self._between(position + offset + LEAD_S * self._rate_hz, size)

    def _keep(self, position: int, samples: NDArray[np.float32]) -> None:
        size = len(self._history)
        lost = min(position - self._end, size)
        if lost > 0:  # blocks that found no room: silence in their place
            self._history[np.arange(position - lost, position) % size] = 0.0
        samples = samples[-size:]
        self._end = position + len(samples)
        self._history[np.arange(position, self._end) % size] = samples

    def _between(self, begin: float, size: int) -> NDArray[np.float32]:
        """(size,) from a place between two samples on, by cubic interpolation (Catmull and Rom 1974)."""
        whole = int(np.floor(begin))
        places = np.arange(whole - 1, whole + size + 2)
        known = (places >= max(0, self._end - len(self._history))) & (places < self._end)
        values = np.where(known, self._history[places % len(self._history)], np.float32(0.0))
        t = np.float32(begin - whole)
        before, here, after, later = values[:-3], values[1:-2], values[2:-1], values[3:]
        result: NDArray[np.float32] = here + t / 2 * (
            after
            - before
            + t * (2 * before - 5 * here + 4 * after - later + t * (3 * (here - after) + later - before))
        )
        return result.astype(np.float32)
