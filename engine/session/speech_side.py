"""The engine thread's part of a conversation: speech from the text of one answer after the other.

Runs on the engine thread, one job at a time. Knows voices by protocol; must not import devices or the dialogue.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from engine.audio.upsampling import resampler
from engine.errors import SottoError
from engine.session.making import Making
from engine.session.onset import Onset
from engine.speaking import ConversingVoice, SpeakingVoice, Trouble

AHEAD_FRAMES = 25
"""Speech made ahead of what was heard, in frames of 60 ms: an interruption can undo them all."""


class SpeechSide:
    """Speaks with one voice at the devices' rate. `tell` hears of words that had to be left out."""

    def __init__(
        self,
        voice: SpeakingVoice,
        seed: int,
        rate_hz: int,
        simulated: bool,
        tell: Callable[[Making, Trouble], None],
    ) -> None:
        self.voice = voice
        self._conversing: ConversingVoice = voice.converse(seed)
        self._seed, self._rate_hz, self._simulated, self._tell = seed, rate_hz, simulated, tell
        self._factor = rate_hz / voice.sample_rate_hz
        self.waiting_words: NDArray[np.float32] | None = None
        self.memory = self._conversing.memory()
        """What the voice remembered after the last answer; read by the conversation's thread."""

    def set_rate(self, rate: float) -> None:
        """Faster or slower from the next clause on."""
        self._conversing.rate = rate

    def prepare(self, text: str) -> None:
        """Make `waiting_words`: a few words at the devices' rate that are no part of the conversation."""
        self.waiting_words = self._clip(text)

    def _clip(self, text: str) -> NDArray[np.float32]:
        convert = resampler(self.voice.sample_rate_hz, self._rate_hz)
        chunks = self.voice.stream(text, self._seed, lambda: None, lambda trouble: None)
        made = [convert(chunk.samples) for chunk in chunks]
        return np.concatenate([*made, convert.flush()])

    def speak(self, making: Making) -> None:
        """One answer, to its end or until it is cancelled."""
        try:
            self._speak(making)
        except SottoError as error:
            making.end_speech(str(error))
        except BaseException:
            making.end_speech("The voice failed in a way it should not.")
            raise
        else:
            making.end_speech()
        self.memory = self._conversing.memory()

    def cut(self, making: Making) -> None:
        """The voice goes back to what was heard of the answer that it spoke last; it may all have been made."""
        heard = making.wait_for_kept()
        self._conversing.keep(round((heard + making.skipped) / self._factor) if heard else 0)
        self.memory = self._conversing.memory()

    def _speak(self, making: Making) -> None:
        convert, onset = resampler(self.voice.sample_rate_hz, self._rate_hz), Onset(self._rate_hz)
        made = False
        chunks = self._conversing.stream(
            making.inlet, lambda: self._reserve_ms(making), lambda trouble: self._tell(making, trouble)
        )
        for chunk in chunks:
            if making.cancelled:
                break
            made = True
            making.frame_ms.append(chunk.compute_ms)
            if not making.books or making.books[-1] != chunk.books:
                making.books.append(chunk.books)
            samples = onset.of(convert(chunk.samples))
            making.take_speech(samples, chunk.words, self._factor, onset.skipped)
            if not making.wait_for_room():
                break
        if made and not making.cancelled:
            making.take_speech(onset.of(convert.flush()), (), self._factor, onset.skipped)

    def _reserve_ms(self, making: Making) -> float | None:
        """What waits to be played; None where time stands still, or nothing of it plays yet."""
        reserve = making.reserve()
        return None if self._simulated or reserve is None else 1000.0 * reserve / self._rate_hz
