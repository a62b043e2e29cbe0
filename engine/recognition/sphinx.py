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
    grammar_decoder,
    open_decoder,
    phone_decoder,
    tail_words,
)
from engine.recognition.denoise import Denoiser, NoiseState
from engine.recognition.gate import SpeechGate
from engine.recognition.jsgf import TAIL_WORD, parse, with_open_tails
from engine.recognition.judge import ACCEPT, Evidence, agreement, confidence
from engine.recognition.listener import NOTHING, Understood, Words
from engine.recognition.pronunciation import SPHINX_PHONES
from engine.recognition.stable import StablePrefix

_FULL_SCALE = 32767.0


class SphinxListener:
    """See `engine.recognition.listener.Listener`. `folder` keeps the cepstral means."""

    def __init__(self, grammar: Grammar, folder: Path) -> None:
        self._closed = parse(grammar.jsgf)
        self._prefixes = tuple(tuple(prefix.split()) for prefix in grammar.open_prefixes)
        extended = with_open_tails(grammar.jsgf, grammar.open_prefixes, SPHINX_PHONES)
        words = self._closed.words() | {word for prefix in self._prefixes for word in prefix}
        self._grammar = grammar_decoder(extended, words, tail_words(TAIL_WORD))
        self._open, self._phones = open_decoder(), phone_decoder()
        self._file = folder / "adaptation.json"
        self._means = load_means(self._file)
        self._noise = NoiseState()
        self._running = self._learnt = False
        self._set_means()

    def _decoders(self) -> dict[str, PhraseDecoder]:
        return {"grammar": self._grammar, "open": self._open, "phones": self._phones}

    def begin(self) -> None:
        """See `Listener`."""
        self._denoiser = Denoiser(self._noise)
        self._gate = SpeechGate()
        self._partials = StablePrefix()
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
            understood = self._spoken_openly(path)
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
        path, spoken = self._grammar.path(), self._open.path().words
        head, tail = self._with_open_tail(path)
        if head:
            words = head + tail
        elif agreement(path.words, spoken) >= 0.5:
            words = path.words
        else:
            words = spoken
        stable, tentative = self._partials.split(words)
        return Words(stable, tentative, complete=words == path.words and self._closed.accepts(words))

    def _commanded(self, path: BestPath) -> Understood | None:
        """The grammar's words, where they are a whole command and were really said."""
        if not path.words or not self._closed.accepts(path.words):
            return None
        found = confidence(self.evidence(path))
        if found < ACCEPT:
            return None
        return Understood(" ".join(path.words), found, from_grammar=True, rejected=False)

    def _spoken_openly(self, path: BestPath) -> Understood:
        """The open decoder's words, behind an open prefix where the grammar found one."""
        head, tail = self._with_open_tail(path)
        words = head + tail if head and tail else self._open.path().words
        return Understood(" ".join(words), 0.5 if words else 0.0, from_grammar=False, rejected=not words)

    def _with_open_tail(self, path: BestPath) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The open prefix that the grammar found, and what the open decoder found behind it; () where there is none."""
        tail = next((s for s in path.segments if s.word.startswith(TAIL_WORD)), None)
        if tail is None:
            return (), ()
        head = tuple(word for word in path.words if not word.startswith(TAIL_WORD))
        behind = tuple(
            s.word for s in self._open.path().segments if s.is_word and (s.first + s.last) / 2 > tail.first
        )
        return head, behind

    def evidence(self, path: BestPath) -> Evidence:
        """What speaks for the grammar's path; after `finish`, before `tidy`."""
        words = [segment for segment in path.segments if segment.is_word]
        frames = sum(segment.frames for segment in words)
        phones = self._phones.path().scores(self._phones.frames)
        differences = [
            (segment.score - float(np.sum(phones[segment.first : segment.last + 1]))) / segment.frames
            for segment in words
        ]
        inside = np.concatenate(
            [phones[segment.first : segment.last + 1] for segment in words] or [np.zeros(1)]
        )
        return Evidence(
            grammar_score=sum(segment.score for segment in words) / max(frames, 1),
            phone_score=float(np.mean(inside)),
            worst_word=min(differences, default=0.0),
            agreement=agreement(path.words, self._open.path().words),
            snr_db=self._gate.snr_db,
            words=len(words),
            frames=frames,
            silence=1.0 - frames / max(1, self._grammar.frames),
        )
