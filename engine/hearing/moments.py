"""The last moments as the echo filter heard them, to learn from again.

Experience replay, as Lin ("Self-improving reactive agents based on reinforcement learning, planning and teaching",
Machine Learning 8, 1992) names it, for a filter: in rooms for tuning 5 to 8 dB more echo are gone two to five seconds
after the first sound. Runs on the conversation's thread. Imports numpy.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]

LEAST_AGO, LONGEST_AGO = 5, 60
"""In blocks. Nearer ones say nearly the same as the newest; with older ones an unknown drift has spoilt more."""


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """A block of the `microphone` (block_samples,), and the smoothed power, a bin (block_samples + 1,), that the filter
    did not know for echo then."""

    microphone: Array
    near: Array


class Moments:
    """The last LONGEST_AGO blocks; a moment is named by how many blocks ago it was. Draws repeat from run to run."""

    def __init__(self) -> None:
        self._newest_first: deque[Moment] = deque(maxlen=LONGEST_AGO)
        self._draws = np.random.default_rng(0)

    def keep(self, moment: Moment) -> None:
        """The newest block, when all has been learned from it. Its arrays must not change any more."""
        self._newest_first.appendleft(moment)

    def draw(self, count: int) -> list[int]:
        """`count` moments to learn from beside the block that is not kept yet, some perhaps more than once; none before
        LEAST_AGO blocks are kept."""
        oldest = len(self._newest_first)
        if oldest < LEAST_AGO:
            return []
        return [int(ago) for ago in self._draws.integers(LEAST_AGO, oldest + 1, count)]

    def __getitem__(self, ago: int) -> Moment:
        return self._newest_first[ago - 1]
