"""pocketsphinx as a listener: the closed grammar and the open vocabulary decode the same utterance side by side.

Main thread of the recogniser's process. Noise is lowered first; silence is not decoded at all.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.recognition.adaptation import load_means, store_means
from engine.recognition.contract import Grammar
from engine.recognition.decoders import (
    BestPath,
    PhraseDecoder,
    Segment,
    acoustic_model,
    grammar_decoder,
    open_decoder,
    phone_decoder,
)
from engine.recognition.denoise import Denoiser, NoiseState
from engine.recognition.gate import SpeechGate
from engine.recognition.jsgf import parse
from engine.recognition.judge import ACCEPT, Evidence, agreement, confidence
from engine.recognition.listener import NOTHING, Understood, Words
from engine.recognition.prefixes import OpenPrefixes
from engine.recognition.robust import robust_model
from engine.recognition.stable import StablePrefix

_FULL_SCALE = 32767.0

SAME = 0.5
"""Both decoders mean the same words when so large a share of them agrees."""


class SphinxListener:
    """See `engine.recognition.listener.Listener`. `folder` keeps the cepstral means."""

    def __init__(self, grammar: Grammar, folder: Path) -> None:
        self._closed = parse(grammar.jsgf)
        acoustic = robust_model(acoustic_model(), folder)
        self._grammar = grammar_decoder(grammar.jsgf, self._closed.words(), acoustic)
        self._open, self._phones = open_decoder(acoustic), phone_decoder(acoustic)
        self._prefixes = OpenPrefixes(grammar.open_prefixes, self._open.phones)
        self._file = folder / "adaptation.json"
        self._means = load_means(self._file)
        self._noise = NoiseState()
        self._running = self._learnt = False
        # Of the last utterance, for the fit of the limit: the grammar's words, and what spoke for them
        self.command = ""
        self.evidence: Evidence | None = None
        self._set_means()

    def _decoders(self) -> dict[str, PhraseDecoder]:
        return {"grammar": self._grammar, "open": self._open, "phones": self._phones}

    def begin(self) -> None:
        """See `Listener`."""
        self._denoiser = Denoiser(self._noise)
        self._gate = SpeechGate()
        self._partials = StablePrefix()
        self.command, self.evidence = "", None
        self._running = self._learnt = False

    def feed(self, samples: NDArray[np.float32]) -> Words:
        """See `Listener`."""
        self._decode(self._gate.passed(*self._denoiser.cleaned(samples)))
        return self._words_so_far()

    def finish(self) -> Understood:
        """See `Listener`."""
        self._decode(self._gate.passed(*self._denoiser.cleaned(np.zeros(0, np.float32), last=True)))
        if not self._running or not self._gate.heard_speech:
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
        """See `Listener`. What was understood teaches the means; noise and what was dropped does not."""
        if not self._running:
            return
        self._running = False
        for decoder in self._decoders().values():
            decoder.end()
        if self._learnt:
            self._means = {name: decoder.means for name, decoder in self._decoders().items()}
            store_means(self._file, self._means)
        else:
            self._set_means()

    def _set_means(self) -> None:
        for name, decoder in self._decoders().items():
            if name in self._means:
                decoder.means = self._means[name]

    def _decode(self, samples: NDArray[np.float32]) -> None:
        if not len(samples):
            return
        if not self._running:
            self._running = True
            for decoder in self._decoders().values():
                decoder.begin()
        scaled = np.round(np.clip(samples, -1.0, 1.0) * _FULL_SCALE)
        pcm = scaled.astype(np.int16).tobytes()
        for decoder in self._decoders().values():
            decoder.feed(pcm)

    def _words_so_far(self) -> Words:
        if not self._running:
            return Words()
        path, spoken = self._grammar.path(), self._open.path()
        alike = agreement(path.words, spoken.words) >= SAME
        words = path.words if alike else self._prefixes.with_prefix(spoken.words)
        stable, tentative = self._partials.split(words)
        return Words(stable, tentative, complete=alike and self._closed.accepts(path.words))

    def _commanded(self, path: BestPath) -> Understood | None:
        """The grammar's words, where they are a whole command and were really said."""
        if not path.words or not self._closed.accepts(path.words):
            return None
        self.command = " ".join(path.words)
        self.evidence = self._weighed(tuple(s for s in path.segments if s.is_word), self._open.path().words)
        found = confidence(self.evidence)
        if found < ACCEPT:
            return None
        return Understood(" ".join(path.words), found, from_grammar=True, rejected=False)

    def _spoken_openly(self) -> Understood:
        """The open decoder's words, an open prefix among them set right."""
        words = self._prefixes.with_prefix(self._open.path().words)
        return Understood(" ".join(words), 0.5 if words else 0.0, from_grammar=False, rejected=not words)

    def _weighed(self, words: tuple[Segment, ...], spoken: tuple[str, ...]) -> Evidence:
        """What speaks for these words of the grammar; `spoken` are the open decoder's at the same place."""
        phones = self._phones.path().scores(self._phones.frames)
        frames = sum(segment.frames for segment in words)
        expected = [float(np.sum(phones[segment.first : segment.last + 1])) for segment in words]
        differences = [
            (segment.score - score) / segment.frames for segment, score in zip(words, expected, strict=True)
        ]
        return Evidence(
            grammar_score=sum(segment.score for segment in words) / max(frames, 1),
            phone_score=sum(expected) / max(frames, 1),
            worst_word=min(differences, default=0.0),
            agreement=agreement(_texts(words), spoken),
            snr_db=self._gate.snr_db,
            words=len(words),
            frames=frames,
        )


def _texts(segments: tuple[Segment, ...]) -> tuple[str, ...]:
    return tuple(segment.word for segment in segments)
