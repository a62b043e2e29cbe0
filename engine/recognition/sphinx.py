"""pocketsphinx as a listener: the closed grammar and the open vocabulary decode the same utterance side by side.

Main thread of the recogniser's process. Noise is lowered first; silence is not decoded at all.
"""

from __future__ import annotations

import contextlib
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.recognition.abreast import Abreast
from engine.recognition.adaptation import load_mean, store_mean
from engine.recognition.cepstra import CepstralMean
from engine.recognition.contract import Grammar
from engine.recognition.decoders import (
    FRAME_S,
    BestPath,
    acoustic_model,
    grammar_decoder,
    mean_decoder,
    open_decoder,
    phone_decoder,
)
from engine.recognition.denoise import Denoiser, NoiseState
from engine.recognition.floor import Floor
from engine.recognition.gate import SpeechGate
from engine.recognition.jsgf import parse
from engine.recognition.judge import (
    ACCEPT,
    CommandEvidence,
    OpenEvidence,
    Sound,
    agreement,
    command_confidence,
    open_confidence,
)
from engine.recognition.listener import NOTHING, Understood, Words
from engine.recognition.prefixes import OpenPrefixes
from engine.recognition.robust import robust_model
from engine.recognition.so_far import LIKELY, SURE, Belief, belief
from engine.recognition.stable import StablePrefix

_FULL_SCALE = 32767.0
_REMEMBERED = 64
"""Words so far are asked about each 10 ms and seldom change; asking anew took a tenth of the listener's time."""


class Judged(NamedTuple):
    """What the last utterance was judged by, for the fit of the limit."""

    command: str = ""
    evidence: CommandEvidence | None = None
    open_evidence: OpenEvidence | None = None
    sound: Sound | None = None


class SphinxListener:
    """See `engine.recognition.listener.Listener`. `folder` keeps the cepstral mean."""

    def __init__(self, grammar: Grammar, folder: Path) -> None:
        closed = parse(grammar.jsgf)
        self._is_whole = lru_cache(_REMEMBERED)(closed.accepts)
        acoustic = robust_model(acoustic_model(), folder)
        self._grammar, self._beginning = (
            grammar_decoder(grammar.jsgf, closed.words(), acoustic) for _ in range(2)
        )
        self._open, self._phones = open_decoder(acoustic), phone_decoder(acoustic)
        self._with_prefix = lru_cache(_REMEMBERED)(
            OpenPrefixes(grammar.open_prefixes, self._open.phones).with_prefix
        )
        self._file = folder / "adaptation.json"
        self._mean = CepstralMean(mean_decoder(acoustic), load_mean(self._file))
        self._abreast = Abreast((self._grammar, self._open, self._phones), self._mean, self._beginning)
        self._noise, self._floor = NoiseState(), Floor()
        self._learnt = False
        self.judged = Judged()

    def begin(self) -> None:
        """See `Listener`."""
        self._denoiser = Denoiser(self._noise)
        self._gate = SpeechGate()
        self._floor.begin()
        self._partials = StablePrefix()
        self.judged = Judged()
        self._learnt = False

    def feed(self, samples: NDArray[np.float32]) -> Words:
        """See `Listener`."""
        self._decode(self._gate.passed(*self._denoiser.cleaned(samples)))
        return self._words_so_far()

    def finish(self) -> Understood:
        """See `Listener`."""
        self._decode(self._gate.passed(*self._denoiser.cleaned(np.zeros(0, np.float32), last=True)))
        self._abreast.decode()
        if not self._abreast.running or not self._gate.heard_speech:
            return NOTHING
        self._grammar.end()
        self._phones.end()
        path = self._grammar.path()
        understood = self._commanded(path)
        if understood is None:
            self._open.end()
            understood = self._spoken_openly()
        self._learnt = not understood.rejected
        return understood

    def drop(self) -> None:
        """See `Listener`."""

    def tidy(self) -> None:
        """See `Listener`. What was understood teaches the mean; noise and what was dropped does not."""
        if not self._abreast.running:
            return
        self._abreast.end(self._learnt)
        if self._learnt:
            self._floor.learn(self._gate.speech_dbfs)
            with contextlib.suppress(OSError):  # a full disk costs what was learnt, not the recogniser
                store_mean(self._file, self._mean.kept)

    def _decode(self, samples: NDArray[np.float32]) -> None:
        if not len(samples):
            return
        if not self._abreast.running:
            self._abreast.begin()
        scaled = np.round(np.clip(self._floor.under(samples), -1.0, 1.0) * _FULL_SCALE)
        self._abreast.feed(scaled.astype(np.int16).tobytes())
        if self._gate.pauses:
            self._abreast.decode()

    def _words_so_far(self) -> Words:
        if not self._abreast.running:
            return Words()
        if not self._abreast.decoding:  # a command of one word needs no agreement
            path = self._beginning.path()
            is_word = len(path.words) == 1 and self._believed(path, path) == "whole"
            return Words(command=path.words if is_word else ())
        path = self._grammar.path()
        spoken = self._open.path()
        found = self._believed(path, spoken)
        as_command = found != "open" or not spoken.words
        stable, tentative = self._partials.split(
            path.words if as_command else self._with_prefix(spoken.words)
        )
        command = path.words if found in ("whole", "doubtful") else ()
        return Words(stable, tentative, command, doubtful=found == "doubtful")

    def _believed(self, path: BestPath, spoken: BestPath) -> Belief:
        """What the grammar's path is. Most of what is said is far from any command, and is not compared each 10 ms."""
        if path.word_score < LIKELY:
            return "open"
        whole = self._is_whole(path.words)
        found = belief(
            words=len(path.words),
            score=path.word_score,
            whole=whole,
            agreement=agreement(self._sounded(path), self._sounded(spoken)),
            same=path.words == spoken.words,
        )
        if whole and self._gate.pauses:
            sure = command_confidence(self._command_evidence(path), self._sound()) >= SURE
            if sure != (found == "whole"):
                return "doubtful"
        return found

    def _commanded(self, path: BestPath) -> Understood | None:
        """The grammar's words, where they are a whole command and were really said."""
        if not path.words or not self._is_whole(path.words):
            return None
        evidence, sound = self._command_evidence(path), self._sound()
        found, command = command_confidence(evidence, sound), " ".join(path.words)
        self.judged = self.judged._replace(command=command, evidence=evidence, sound=sound)
        return Understood(command, found, from_grammar=True, rejected=False) if found >= ACCEPT else None

    def _command_evidence(self, path: BestPath) -> CommandEvidence:
        """What a whole command is judged by."""
        loop = self._phones.path().scores(self._phones.frames)
        words = [segment for segment in path.segments if segment.is_word]
        differences = [(s.score - float(np.sum(loop[s.first : s.last + 1]))) / s.frames for s in words]
        return CommandEvidence(
            score=path.word_score,
            worst_word=min(differences),
            agreement=agreement(path.words, self._open.path().words),
            words=len(words),
            phone_s=self._phone_s(path),
        )

    def _spoken_openly(self) -> Understood:
        """The open decoder's words, an open prefix among them set right."""
        path = self._open.path()
        if not path.words:
            return Understood("", 0.0, from_grammar=False, rejected=True)
        sound = self._sound()
        evidence = OpenEvidence(
            likeness=agreement(self._sounded(path), self._phones.path().words),
            words=len(path.words),
            phone_s=self._phone_s(path),
        )
        found = open_confidence(evidence, sound)
        self.judged = self.judged._replace(open_evidence=evidence, sound=sound)
        words = " ".join(self._with_prefix(path.words))
        return Understood(words, found, from_grammar=False, rejected=found < ACCEPT)

    def _sound(self) -> Sound:
        path = self._phones.path()
        phones = [segment for segment in path.segments if segment.is_word]
        frames = sum(phone.frames for phone in phones)
        return Sound(
            snr_db=self._gate.snr_db,
            variation_db=self._gate.variation_db,
            phone_s=FRAME_S * frames / max(1, len(phones)),
            phone_score=path.word_score,
        )

    def _sounded(self, path: BestPath) -> tuple[str, ...]:
        """The phones of a path's words."""
        return tuple(phone for word in path.words for phone in self._open.phones(word))

    def _phone_s(self, path: BestPath) -> float:
        frames = sum(segment.frames for segment in path.segments if segment.is_word)
        return FRAME_S * frames / max(1, len(self._sounded(path)))
