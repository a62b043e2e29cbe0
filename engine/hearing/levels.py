"""How loud the last second was, in short steps, and how loud the room is when nobody speaks.

Runs on the conversation's thread. Imports numpy.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]

SILENCE_DBFS = -100.0

STEPS_A_BLOCK = 4
"""A start or an end is placed this finely: 2.5 ms of a 10 ms block."""

KEPT_BLOCKS = 80
"""How far back a start may lie."""

ROOM_BLOCKS, UNTOLD_BLOCKS = 40, 10
"""The room's noise is that of ROOM_BLOCKS without a voice; the newest UNTOLD_BLOCKS may hold the onset of one."""

SPREAD, LEAST_SPREAD_DB, MOST_SPREAD_DB = 2.0, 2.0, 4.0
"""Steps of noise hardly reach further above their median than SPREAD times as far as their lowest tenth lies below."""

RISE = 0.6
"""Of a one-tap filter before levels are measured: rumble sways more than other noise, and is no voice."""

FLOOR_BLOCKS = 40
FLOOR_PIECES = 5
"""The floor is the quietest of FLOOR_PIECES pieces of FLOOR_BLOCKS blocks (2 s), longer than a phrase's vowels."""


def dbfs(power: float) -> float:
    """A mean square as a level."""
    return max(SILENCE_DBFS, 10.0 * float(np.log10(max(power, 1e-12))))


class Levels:
    """Levels of one stream, newest last. `step` takes every block."""

    def __init__(self) -> None:
        self._steps = np.full(KEPT_BLOCKS * STEPS_A_BLOCK, SILENCE_DBFS, np.float32)
        self._pieces = [0.0] * FLOOR_PIECES
        self._in_piece = 0
        self.block_dbfs = SILENCE_DBFS
        self._started = False
        self._last = np.zeros(1, np.float32)
        self._unvoiced = 0
        self.room_dbfs = SILENCE_DBFS
        """What the room's own noise hardly exceeds; very low until somebody was silent for long enough."""

    def step(self, samples: Array) -> None:
        """(S,), S a multiple of STEPS_A_BLOCK."""
        risen = samples - np.float32(RISE) * np.concatenate([self._last, samples[:-1]])
        self._last = samples[-1:]
        power = (risen.reshape(STEPS_A_BLOCK, -1) ** 2).mean(axis=1)
        self._steps[:-STEPS_A_BLOCK] = self._steps[STEPS_A_BLOCK:]
        self._steps[-STEPS_A_BLOCK:] = 10.0 * np.log10(np.maximum(power, 1e-10))
        self.block_dbfs = dbfs(float(power.mean()))
        if not self._started:
            self._pieces = [self.block_dbfs] * FLOOR_PIECES
            self._started = True
        if self._in_piece == FLOOR_BLOCKS:
            self._pieces = [*self._pieces[1:], self.block_dbfs]
            self._in_piece = 0
        self._pieces[-1] = min(self._pieces[-1], self.block_dbfs)
        self._in_piece += 1

    def tell(self, voice: bool) -> None:
        """Whether the newest block is one of a voice."""
        self._unvoiced = 0 if voice else self._unvoiced + 1
        if self._unvoiced >= ROOM_BLOCKS + UNTOLD_BLOCKS:
            newest = len(self._steps) - UNTOLD_BLOCKS * STEPS_A_BLOCK
            room = np.sort(self._steps[newest - ROOM_BLOCKS * STEPS_A_BLOCK : newest])
            low, median = float(room[len(room) // 10]), float(room[len(room) // 2])
            self.room_dbfs = median + SPREAD * min(max(median - low, LEAST_SPREAD_DB), MOST_SPREAD_DB)

    @property
    def floor_dbfs(self) -> float:
        """The room without a voice: the quietest block of the last two seconds."""
        return min(self._pieces)

    def blocks_since_above(self, threshold_dbfs: float) -> float:
        """How long ago, in blocks, the last step above the threshold ended; KEPT_BLOCKS where there was none."""
        above = np.flatnonzero(self._steps > threshold_dbfs)
        if len(above) == 0:
            return float(KEPT_BLOCKS)
        return (len(self._steps) - 1 - int(above[-1])) / STEPS_A_BLOCK

    def blocks_since_onset(self, threshold_dbfs: float, gap_blocks: float, most_blocks: float) -> float:
        """How long ago, in blocks, the run above the threshold began that reaches into the last `gap_blocks`.

        Gaps up to `gap_blocks` do not end the run; at most `most_blocks`.
        """
        steps = self._steps[-round(most_blocks * STEPS_A_BLOCK) :]
        above = np.flatnonzero(steps > threshold_dbfs)
        if len(above) == 0:
            return 0.0
        breaks = np.flatnonzero(np.diff(above) > gap_blocks * STEPS_A_BLOCK)
        first = above[breaks[-1] + 1] if len(breaks) else above[0]
        return (len(steps) - int(first)) / STEPS_A_BLOCK
