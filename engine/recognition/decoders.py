"""pocketsphinx's decoders over one signal: the closed grammar, the open vocabulary, a loop of phones.

Runs in the recogniser's process: every call holds Python's lock for as long as it lasts.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pocketsphinx
from numpy.typing import NDArray

from engine.errors import SottoError
from engine.recognition.contract import RATE_HZ
from engine.recognition.pronunciation import pronunciations

FRAME_S = 0.01
"""pocketsphinx's frames."""

Acoustic = dict[str, str]
"""Settings that name the acoustic model's Gaussians; none: those of the wheel."""

SET_COUNTS = 500
"""A cepstral mean that was set counts as so many frames (cmn_live.c, CMN_WIN)."""

_FILLERS = ("<", "[", "+", "SIL")

_WIDE_BEAMS = {"beam": 1e-64, "pbeam": 1e-64, "wbeam": 1e-40}
"""With pocketsphinx's own beams the path that was said was lost in its first word in half of all misses ("add …")."""

_NO_SCORE = -100.0
_SCORE_SCALE = 1024.0
"""Scores come as likelihoods of log-likelihoods that were shifted right by ten bits (hmm.h, SENSCR_SHIFT)."""


@dataclass(frozen=True, slots=True)
class Segment:
    """One word and its frames, `first` to `last`; `score` is the acoustic one, in natural logarithms."""

    word: str
    first: int
    last: int
    score: float

    @property
    def is_word(self) -> bool:
        """Whether it is said, not a silence, a noise or an empty arc."""
        return bool(self.word) and not self.word.startswith(_FILLERS)

    @property
    def frames(self) -> int:
        """Its length."""
        return self.last - self.first + 1


@dataclass(frozen=True, slots=True)
class BestPath:
    """The best path so far: its words, silences and noises left out of `words` but not of `segments`."""

    segments: tuple[Segment, ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        """What was said, alternatives folded together."""
        return tuple(segment.word for segment in self.segments if segment.is_word)

    @property
    def word_score(self) -> float:
        """Mean score a frame of its words; very low where there are none."""
        words = [segment for segment in self.segments if segment.is_word]
        frames = sum(segment.frames for segment in words)
        return sum(segment.score for segment in words) / frames if frames else _NO_SCORE

    def scores(self, frames: int) -> NDArray[np.float64]:
        """The score of every frame (frames,), each segment's spread evenly over its own."""
        spread = np.zeros(frames)
        for segment in self.segments:
            spread[segment.first : segment.last + 1] = segment.score / max(1, segment.frames)
        return spread


def acoustic_model() -> Path:
    """The folder of the wheel's acoustic model."""
    return Path(pocketsphinx.get_model_path()) / "en-us" / "en-us"


class PhraseDecoder:
    """One decoder: begin, feed …, path at any time, end."""

    def __init__(self, **settings: Any) -> None:
        try:
            self._decoder = pocketsphinx.Decoder(
                samprate=float(RATE_HZ), loglevel="FATAL", bestpath=False, fwdflat=False, **settings
            )
        except RuntimeError as cause:
            raise SottoError(
                f"The recogniser's model cannot be read ({cause}); install pocketsphinx again."
            ) from cause
        self._running = False

    def begin(self) -> None:
        """A new utterance."""
        self._decoder.start_utt()
        self._running = True

    def feed(self, pcm: bytes) -> None:
        """More 16-bit audio."""
        self._decoder.process_raw(pcm)

    def end(self) -> None:
        """No more audio; the path is final now. Harmless twice."""
        if self._running:
            self._decoder.end_utt()
        self._running = False

    def path(self) -> BestPath:
        """The best path so far; `end` may change its last words."""
        if self._decoder.hyp() is None:
            return BestPath()
        return BestPath(
            tuple(
                Segment(
                    segment.word.partition("(")[0],
                    segment.start_frame,
                    segment.end_frame,
                    _SCORE_SCALE * math.log(segment.ascore),
                )
                for segment in self._decoder.seg()
            )
        )

    def phones(self, word: str) -> tuple[str, ...]:
        """The word's pronunciation in the decoder's dictionary; () where it has none."""
        return tuple((self._decoder.lookup_word(word) or "").split())

    @property
    def frames(self) -> int:
        """Frames worked on."""
        return int(self._decoder.n_frames())

    @property
    def mean(self) -> tuple[float, ...]:
        """The cepstral mean (CEPSTRA,) that is subtracted from what comes next."""
        return _values(self._decoder.get_cmn())

    @mean.setter
    def mean(self, mean: tuple[float, ...]) -> None:
        self._decoder.set_cmn(",".join(f"{value:.6g}" for value in mean))

    def adapt(self) -> tuple[float, ...]:
        """The `mean` from now on: over SET_COUNTS frames as it was set, and those heard since.

        Digital silence does not count; after three seconds the decoder begins to forget.
        """
        return _values(self._decoder.get_cmn(True))


def _values(listed: str) -> tuple[float, ...]:
    return tuple(float(value) for value in listed.split(","))


def mean_decoder(acoustic: Acoustic) -> PhraseDecoder:
    """Next to no search, for its cepstra alone: a grammar of one word."""
    made = PhraseDecoder(lm=None, **acoustic)
    made._decoder.add_jsgf_string("one", "#JSGF V1.0; grammar one; public <one> = yes;")
    made._decoder.activate_search("one")
    return made


def grammar_decoder(jsgf: str, words: Iterable[str], acoustic: Acoustic) -> PhraseDecoder:
    """The phrases of the grammar and nothing else; `words` are all of its words."""
    made = PhraseDecoder(lm=None, compallsen=True, **_WIDE_BEAMS, **acoustic)
    decoder = made._decoder
    missing = [word for word in sorted(words) if decoder.lookup_word(word) is None]
    for word, phones in pronunciations(missing).items():
        decoder.add_word(word, phones, False)
    try:
        decoder.add_jsgf_string("grammar", jsgf)
        decoder.activate_search("grammar")
    except (RuntimeError, ValueError, KeyError) as cause:
        raise SottoError(f"The recogniser cannot read its grammar ({cause}).") from cause
    return made


def open_decoder(acoustic: Acoustic) -> PhraseDecoder:
    """The whole English vocabulary of the wheel, fewer paths than by default: twice as fast, seldom other words."""
    return PhraseDecoder(maxhmmpf=3000, maxwpf=10, **acoustic)


def phone_decoder(acoustic: Acoustic) -> PhraseDecoder:
    """Any phones in the order that English likes: what everything else is compared with."""
    model = Path(pocketsphinx.get_model_path()) / "en-us" / "en-us-phone.lm.bin"
    return PhraseDecoder(lm=None, allphone=str(model), compallsen=True, **acoustic)
