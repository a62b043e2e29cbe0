"""Decoders side by side over one utterance, all with its own cepstral mean, and so begun a little late.

Runs in the recogniser's process. What is held back is decoded in one go: by the end of a word or two nothing is late.
Another decoder hears the beginning at once, with the mean of before: a "stop" is over by then. It is one of its own,
since what a decoder has heard once moves what it understands when it hears it again.
"""

from __future__ import annotations

from engine.recognition.cepstra import CepstralMean
from engine.recognition.decoders import FRAME_S, PhraseDecoder

HELD_FRAMES = round(0.4 / FRAME_S)
"""So much is heard before anything is decoded: the mean of less is that of one sound. A pause ends it sooner."""

RENEWED_FRAMES = 10
"""How often the mean follows the utterance after that."""


class Abreast:
    """One utterance at a time: begin, feed …, then `decode` what may still be held, and end."""

    def __init__(
        self, decoders: tuple[PhraseDecoder, ...], mean: CepstralMean, at_once: PhraseDecoder
    ) -> None:
        """`at_once` hears what `decoders` wait for, and nothing after that."""
        self._decoders, self._mean, self._at_once = decoders, mean, at_once
        self._held: list[bytes] | None = None
        self.running = False

    @property
    def decoding(self) -> bool:
        """Whether nothing is held back any longer."""
        return self.running and self._held is None

    def begin(self) -> None:
        """A new utterance."""
        self.running, self._held = True, []
        self._mean.begin()
        self._at_once.mean = self._mean.kept
        self._at_once.begin()

    def feed(self, pcm: bytes) -> None:
        """More 16-bit audio."""
        self._mean.hear(pcm)
        if self._held is not None:
            self._held.append(pcm)
            self._at_once.feed(pcm)
            if self._mean.frames >= HELD_FRAMES:
                self.decode()
            return
        if self._mean.frames - self._renewed >= RENEWED_FRAMES:
            self._renew()
        for decoder in self._decoders:
            decoder.feed(pcm)

    def decode(self) -> None:
        """Hold nothing back any longer."""
        if not self.running or self._held is None:
            return
        held, self._held = b"".join(self._held), None
        self._at_once.end()
        self._renew()
        for decoder in self._decoders:
            decoder.begin()
            decoder.feed(held)

    def end(self, learnt: bool) -> None:
        """The utterance is over; see `CepstralMean.end`."""
        self.running = False
        for decoder in (self._at_once, *self._decoders):
            decoder.end()
        self._mean.end(learnt)

    def _renew(self) -> None:
        self._renewed, mean = self._mean.frames, self._mean.now()
        for decoder in self._decoders:
            decoder.mean = mean
