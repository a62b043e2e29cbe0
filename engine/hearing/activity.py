"""How likely the last moments of a stream are speech: one number a block, from a network that wants longer chunks.

Two copies of the stream's state take chunks half a chunk apart, so that the answer is never older than 16 ms. Runs on
the conversation's thread. Imports numpy.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.hearing.silero import CHUNK_SAMPLES, Silero, SileroState

Array = NDArray[np.float32]

COPIES = 2


class Activity:
    """Probability of speech in one stream of 16 kHz blocks of any length up to half a chunk.

    `keep` is how much of its memory the network keeps from chunk to chunk. With all of it, some seconds of an echo's
    rests leave it deaf: it takes them for the room, and a voice in them for more of the same.
    """

    def __init__(self, network: Silero, keep: float = 1.0) -> None:
        self._network, self._keep = network, np.float32(keep)
        self._states = [SileroState.fresh() for _ in range(COPIES)]
        self._samples = np.zeros(2 * CHUNK_SAMPLES, np.float32)
        self._due = [CHUNK_SAMPLES * (copy + COPIES) // COPIES for copy in range(COPIES)]
        self._taken = 0
        self.probability = 0.0

    def step(self, samples: Array) -> float:
        """(S,) more; the probability of the newest whole chunk."""
        self._samples = np.concatenate([self._samples[len(samples) :], samples])
        self._taken += len(samples)
        for copy in range(COPIES):
            if self._taken >= self._due[copy]:
                end = len(self._samples) - (self._taken - self._due[copy])
                chunk = self._samples[end - CHUNK_SAMPLES : end]
                self.probability, state = self._network.step(chunk, self._states[copy])
                self._states[copy] = SileroState(
                    self._keep * state.hidden, self._keep * state.cell, state.context
                )
                self._due[copy] += CHUNK_SAMPLES
        return self.probability
