"""An offline model as a listener: the growing utterance is decoded again and again, at a rate that the machine affords.

Main thread of the recogniser's process. Silence never reaches the model; what is long is decoded in pieces; the closed
grammar decides what is a command. Imports numpy, and no onnxruntime: the model is handed in.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from engine.recognition.contract import RATE_HZ, Grammar
from engine.recognition.denoise import HOP, Denoiser, NoiseState
from engine.recognition.gate import ACTIVE_DB, SpeechGate
from engine.recognition.invented import is_invented, modulation_db
from engine.recognition.jsgf import parse
from engine.recognition.judge import ACCEPT
from engine.recognition.listener import NOTHING, Understood, Words
from engine.recognition.offline import Decoded, OfflineModel
from engine.recognition.pace import LEAST_STEP_S, Credit, Pace
from engine.recognition.plain_words import plain_words, spelled_as_command, spoken_text
from engine.recognition.stable import StablePrefix

Samples = NDArray[np.float32]

AGREEING = 2
"""Decodings in a row that must begin alike: each of them saw all of the words, and they are far apart."""

UNTOLD = 0.6
"""Confidence in the words of a model that tells none: enough to be taken, not to be sure."""

_PAUSE_FRAMES = 15  # 120 ms, before which nothing is decided
_QUIET_SAMPLES = RATE_HZ // 10
_EMPTY = Decoded("", 0, 0.0)


@dataclass(slots=True)
class _Utterance:
    """One utterance: `raw` awaits its levels, `speech` is what the gate let through and is not yet fixed as words.

    `new_samples` came since the last decoding, `new_active` of their frames were no silence, `quiet_frames` is how long
    it has been silent. `energies` are those of the hops that passed, `fixed` the pieces that are decoded for good,
    `newest` the last decoding of `speech`.
    """

    denoiser: Denoiser
    credit: Credit
    gate: SpeechGate = field(default_factory=SpeechGate)
    partials: StablePrefix = field(default_factory=lambda: StablePrefix(AGREEING))
    raw: Samples = field(default_factory=lambda: np.zeros(0, np.float32))
    speech: Samples = field(default_factory=lambda: np.zeros(0, np.float32))
    new_samples: int = 0
    new_active: int = 0
    quiet_frames: int = 0
    passed_samples: int = 0
    energies: list[float] = field(default_factory=list)
    fixed: list[Decoded] = field(default_factory=list)
    newest: Decoded = _EMPTY
    words: Words = field(default_factory=Words)


class OnnxListener:
    """See `engine.recognition.listener.Listener`."""

    def __init__(self, grammar: Grammar, model: OfflineModel, pace: Pace) -> None:
        self._closed = parse(grammar.jsgf)
        self._model, self._pace = model, pace
        self._noise = NoiseState()
        self._window_samples = round(pace.window_s * RATE_HZ)
        self.begin()

    def begin(self) -> None:
        """See `Listener`."""
        self._now = _Utterance(Denoiser(self._noise), Credit(self._pace))

    def feed(self, samples: Samples) -> Words:
        """See `Listener`."""
        now = self._now
        now.credit.earn(len(samples) / RATE_HZ)
        self._take(samples)
        if self._is_due():
            self._decode()
            now.words = self._words_so_far()
        return now.words

    def finish(self) -> Understood:
        """See `Listener`."""
        now = self._now
        self._take(np.zeros(0, np.float32), last=True)
        if not now.passed_samples or not now.gate.heard_speech:
            return NOTHING
        if now.new_active:  # after the last decoding there was but silence otherwise
            self._decode()
        return self._understood()

    def drop(self) -> None:
        """See `Listener`."""

    def tidy(self) -> None:
        """See `Listener`. The utterance's audio is let go."""
        self.begin()

    def _take(self, samples: Samples, last: bool = False) -> None:
        """What the gate lets through of it, as it came: models are used to noise, and not to what lowers it."""
        now = self._now
        cleaned, levels_db = now.denoiser.cleaned(samples, last=last)
        now.raw = np.concatenate([now.raw, samples])
        heard, now.raw = now.raw[: len(cleaned)], now.raw[len(cleaned) :]
        if len(heard) < len(cleaned):
            heard = np.concatenate([heard, np.zeros(len(cleaned) - len(heard), np.float32)])
        passed = now.gate.passed(heard, levels_db)
        now.speech = np.concatenate([now.speech, passed])
        now.new_samples += len(passed)
        now.passed_samples += len(passed)
        now.energies += np.mean(np.square(passed.reshape(-1, HOP)), axis=1).tolist()
        for active in levels_db >= ACTIVE_DB:
            now.quiet_frames = 0 if active else now.quiet_frames + 1
            now.new_active += bool(active)
        while len(now.speech) >= self._window_samples:
            self._fix_a_piece()

    def _is_due(self) -> bool:
        """Whether the words so far are worth their computing: there is a pause, or enough that is new."""
        now = self._now
        if not now.new_active or not now.gate.heard_speech:
            return False
        speech_s = len(now.speech) / RATE_HZ
        if now.quiet_frames >= _PAUSE_FRAMES:
            return now.credit.affords(speech_s, borrow=True)
        return now.new_samples >= LEAST_STEP_S * RATE_HZ and now.credit.affords(speech_s)

    def _decode(self) -> None:
        now = self._now
        now.newest = self._decoded(now.speech)
        now.credit.spend(len(now.speech) / RATE_HZ)
        now.new_samples = now.new_active = 0

    def _decoded(self, speech: Samples) -> Decoded:
        return self._model.decode(speech) if len(speech) >= HOP else _EMPTY

    def _fix_a_piece(self) -> None:
        """The speech up to its quietest moment in the second half gets its words for good."""
        now = self._now
        cut = quietest(now.speech[: self._window_samples])
        now.fixed.append(self._decoded(now.speech[:cut]))
        now.credit.spend(cut / RATE_HZ)
        now.speech = now.speech[cut:]
        now.newest = _EMPTY
        now.new_samples = len(now.speech)
        now.new_active = max(now.new_active, round(len(now.speech) / HOP))  # so that the rest is decoded, too

    def _text(self) -> str:
        return spoken_text(" ".join(part.text for part in (*self._now.fixed, self._now.newest)))

    def _words_so_far(self) -> Words:
        words = plain_words(self._text())
        command = spelled_as_command(words, self._closed.accepts)
        stable, tentative = self._now.partials.split(command or words)
        return Words(stable, tentative, command=command or ())

    def _understood(self) -> Understood:
        now = self._now
        text = self._text()
        words = plain_words(text)
        if not words:
            return Understood("", 0.0, from_grammar=False, rejected=True)
        found = self._confidence()
        moved_db = modulation_db(np.array(now.energies))
        if is_invented(words, now.passed_samples / RATE_HZ, moved_db, sure=found is not None):
            return Understood("", 0.0, from_grammar=False, rejected=True)
        confidence = UNTOLD if found is None else found
        command = spelled_as_command(words, self._closed.accepts)
        said = text if command is None else " ".join(command)
        return Understood(said, confidence, command is not None, rejected=confidence < ACCEPT)

    def _confidence(self) -> float | None:
        """The geometric mean of the tokens' probabilities; None where the model tells none."""
        parts = [part for part in (*self._now.fixed, self._now.newest) if part.tokens]
        told = [part.log_probability for part in parts if part.log_probability is not None]
        if len(told) < len(parts) or not parts:
            return None
        return min(1.0, math.exp(sum(told) / sum(part.tokens for part in parts)))


def quietest(speech: Samples) -> int:
    """Where in the second half a tenth of a second has the least energy: its middle, as a sample."""
    half = len(speech) // 2
    energy = np.concatenate([[0.0], np.cumsum(np.square(speech[half:], dtype=np.float64))])
    sums = energy[_QUIET_SAMPLES:] - energy[:-_QUIET_SAMPLES]
    return half + int(np.argmin(sums)) + _QUIET_SAMPLES // 2
