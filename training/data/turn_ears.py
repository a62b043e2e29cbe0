"""The engine's own ears on spoken turns, in simulated time: its hearing and its recogniser, one block after the other.

Worker processes of an evaluation; the recogniser has a process of its own. Must not import torch or audio devices.
"""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray

from engine.audio.duplex import CaptureBlock
from engine.config import AudioConfig
from engine.errors import SottoError
from engine.hearing import RECOGNISER_RATE_HZ, HeardBlock, Hearing
from engine.recognition import Partial, Recogniser
from engine.session.melody import Melody, Tracker
from training.corpus.pausing import RATE_HZ, SpokenTurn
from training.corpus.speakers import resampled
from training.data.turn_traces import Moment, Trace, Words, described

PRE_ROLL_MS = 300.0
"""Audio before the voice was noticed that the recogniser gets."""

IDLE_S = 60.0


class EngineEars:
    """One conversation in which nobody answers: hearing and recogniser stay adapted from turn to turn."""

    def __init__(self, hearing: Hearing, recogniser: Recogniser, config: AudioConfig | None = None) -> None:
        """Takes the recogniser over: `close` ends it."""
        self._hearing, self._recogniser = hearing, recogniser
        self._config = config or AudioConfig()
        self._at_sample = self._turns = 0
        recogniser.start()

    def close(self) -> None:
        """End the recogniser's process."""
        self._recogniser.close()

    def hear(self, turn: SpokenTurn) -> Trace:
        """The trace of it. Raises SottoError when the recogniser does not keep up in a minute a block."""
        self._turns += 1
        notes = _Notes(self._at_sample, self._config.rate_hz)
        microphone = resampled(turn.samples, RATE_HZ, self._config.rate_hz)
        size = self._config.block_samples
        before: deque[HeardBlock] = deque(maxlen=round(PRE_ROLL_MS / self._config.block_ms))
        for start in range(0, len(microphone) - size + 1, size):
            block = CaptureBlock(
                self._at_sample, microphone[start : start + size], np.zeros(size, np.float32)
            )
            heard = self._hearing.hear(block, playing=False)
            self._at_sample += size
            if not notes.begun and heard.started_at is not None:
                self._recogniser.begin(self._turns)
                notes.begin(heard.started_at, before)
                self._feed(np.concatenate([earlier.samples for earlier in before] or [heard.samples[:0]]))
            before.append(heard)
            if notes.begun:
                self._feed(heard.samples)
                notes.understand([one for one in self._recogniser.poll() if isinstance(one, Partial)])
            notes.block(heard, self._at_sample)
        if notes.begun:
            self._recogniser.drop(self._turns)
            self._wait()
        return notes.trace(turn)

    def _feed(self, samples: NDArray[np.float32]) -> None:
        self._recogniser.feed(self._turns, samples)
        self._wait()

    def _wait(self) -> None:
        if not self._recogniser.wait_idle(IDLE_S):
            raise SottoError("The recogniser took longer than a minute for 10 ms of speech.")


class _Notes:
    """What is written down of one turn. Samples are the microphone's; `first_sample` is where the turn's file began."""

    def __init__(self, first_sample: int, rate_hz: int) -> None:
        self._first_sample, self._rate_hz = first_sample, rate_hz
        self._tracker = Tracker()
        self._words: list[Words] = []
        self._melodies: list[Melody] = []
        self._moments: list[Moment] = []
        self._fed_from_ms = self._spoke_from_ms = self._stopped_ms = 0.0
        self._silent = True
        self.begun = False

    def _ms(self, sample: int) -> float:
        return 1e3 * (sample - self._first_sample) / self._rate_hz

    def begin(self, started_at: int, before: deque[HeardBlock]) -> None:
        """The user began to speak; the recogniser is given what was heard `before`, too."""
        self.begun, self._spoke_from_ms = True, self._ms(started_at)
        for block in before:
            self._tracker.hear(block.samples, block.at_sample >= started_at)
        if before:
            self._fed_from_ms = self._ms(before[0].at_sample)

    def understand(self, partials: list[Partial]) -> None:
        """The recogniser's newest words."""
        for partial in partials:
            until_ms = self._fed_from_ms + 1e3 * partial.until_sample / RECOGNISER_RATE_HZ
            self._words.append(Words(partial.text, partial.complete, until_ms))

    def block(self, heard: HeardBlock, now: int) -> None:
        """One block."""
        now_ms = self._ms(now)
        if self.begun:
            self._tracker.hear(heard.samples, heard.voice)
        if heard.stopped_at is not None and self.begun:
            self._silent, self._stopped_ms = True, self._ms(heard.stopped_at)
            self._melodies.append(self._tracker.melody())
        if heard.started_at is not None:
            self._silent = False
        silence_ms = now_ms - self._stopped_ms if self.begun and self._silent else None
        speech_ms = (
            (self._stopped_ms if self._silent else now_ms) - self._spoke_from_ms if self.begun else 0.0
        )
        self._moments.append(
            Moment(
                now_ms, silence_ms, speech_ms, len(self._words) - 1, len(self._melodies) - 1, heard.stirring
            )
        )

    def trace(self, turn: SpokenTurn) -> Trace:
        """All of it."""
        return described(
            turn, words=tuple(self._words), melodies=tuple(self._melodies), moments=tuple(self._moments)
        )
