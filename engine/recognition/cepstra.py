"""The mean of the cepstra, which is subtracted before decoding: of this utterance, leaning on those before it.

The microphone, the voice and the noise all move the mean, and noise that begins moves it at once: decoded with the mean
of a quiet room the first word after it becomes another. Runs in the recogniser's process. Sources: Atal 1974 (cepstral
mean subtraction); Gauvain & Lee 1994 (the mean after the fact, eq. 25, with one prior). Imports numpy.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.recognition.contract import RATE_HZ
from engine.recognition.decoders import SET_COUNTS, PhraseDecoder

Mean = NDArray[np.float64]

LEANS_FRAMES = 50
"""As many frames of the utterance count as much as all before it: half a second. Noise that has just begun outweighs
the quiet before it within the first word, and a single vowel does not."""

REMEMBERS_FRAMES = 500
"""The same from one utterance to the next: five seconds, as pocketsphinx has it."""

_TAKEN_FRAMES = 100  # the decoder forgets from 300 on
_PIECE_BYTES = 2 * RATE_HZ


class CepstralMean:
    """Kept from one utterance to the next. `hears` is a decoder for this alone, whose search costs nothing."""

    def __init__(self, hears: PhraseDecoder, kept: tuple[float, ...] | None) -> None:
        self._hears = hears
        self._before: Mean = np.array(hears.mean if kept is None else kept)

    @property
    def kept(self) -> tuple[float, ...]:
        """What the next utterance begins with."""
        return tuple(float(value) for value in self._before)

    @property
    def frames(self) -> int:
        """Heard of this utterance."""
        return self._hears.frames

    def begin(self) -> None:
        """A new utterance."""
        self._summed, self._count = np.zeros_like(self._before), 0
        self._hears.mean = self.kept
        self._set = np.array(self._hears.mean)
        self._hears.begin()

    def hear(self, pcm: bytes) -> None:
        """More 16-bit audio of it."""
        for begin in range(0, len(pcm), _PIECE_BYTES):
            self._hears.feed(pcm[begin : begin + _PIECE_BYTES])
            if self.frames - self._count >= _TAKEN_FRAMES:
                self._take()

    def now(self) -> tuple[float, ...]:
        """The mean to decode with, by what was heard so far."""
        self._take()
        return tuple(float(value) for value in self._with_utterance(LEANS_FRAMES))

    def end(self, learnt: bool) -> None:
        """The utterance is over; what was `learnt` moves the mean that the next one begins with."""
        self._take()
        if learnt:
            self._before = self._with_utterance(REMEMBERS_FRAMES)
        self._hears.end()

    def _take(self) -> None:
        """Count what was heard since, and have the decoder begin to count anew."""
        count = self.frames - self._count
        self._summed += (SET_COUNTS + count) * np.array(self._hears.adapt()) - SET_COUNTS * self._set
        self._count += count
        self._hears.mean = tuple(self._set)

    def _with_utterance(self, prior_frames: int) -> Mean:
        return (prior_frames * self._before + self._summed) / (prior_frames + self._count)
