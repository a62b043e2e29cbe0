"""Text in, speech out, both streamed: clauses are planned as they become known, frames sound as they are made.

Runs on the engine thread. Memory does not grow with the text: the stream state is bounded, nothing is collected.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from engine.model import ClausePlan, Generator, SpeechStream, StreamState, unit_tensors
from engine.runtime.voices import Voice
from engine.text import Clause, ClauseStream, symbol_id

FEED_CHARACTERS = 400
"""A long text is handed to the clause splitter in pieces, so that its first clause sounds before the rest is read."""


@dataclass(frozen=True, slots=True)
class SpeechChunk:
    """Samples (S,) float32 of one frame, what making it took, and the clause it belongs to."""

    samples: NDArray[np.float32]
    compute_ms: float
    frame_index: int
    clause: Clause


class Synthesiser:
    """Speaks with one voice and one seed. Successive texts continue the same stream: the voice remembers them."""

    def __init__(self, voice: Voice, seed: int = 0, rate: float = 1.0) -> None:
        self.voice, self.rate = voice, rate
        window = min(voice.card.context_frames, voice.model.config.voice_window_frames)
        self._stream = SpeechStream(voice.model, window, voice.frames)
        self._generator = Generator(
            self._stream, voice.decoder.prosody, voice.speaker, seed, voice.card.sampling
        )
        self.state: StreamState = self._stream.create()

    @torch.inference_mode()
    def stream(self, text: str | Iterable[str]) -> Iterator[SpeechChunk]:
        """Chunks as they are made; none when nothing in the text can be spoken."""
        decoder = self.voice.decoder.decoder_state()
        skip = self.voice.codec.config.delay_samples
        index, clause = 0, None
        for clause in self._clauses(text):
            started = time.perf_counter()  # waiting for text is not computing
            plan = self._plan(clause)
            for codes in self._generator.speak(self.state, plan, clause.text):
                samples, decoder = self.voice.decoder.decode_step(codes.view(1, 1, -1), decoder)
                audio = samples[0, skip:].cpu().numpy()
                skip = 0
                yield SpeechChunk(audio, 1000.0 * (time.perf_counter() - started), index, clause)
                started = time.perf_counter()
                index += 1
        if clause is not None:
            started = time.perf_counter()
            tail = self.voice.decoder.flush(decoder)[0].cpu().numpy()
            yield SpeechChunk(tail, 1000.0 * (time.perf_counter() - started), index, clause)

    def _clauses(self, text: str | Iterable[str]) -> Iterator[Clause]:
        splitter = ClauseStream(self.voice.frontend)
        pieces = _pieces(text) if isinstance(text, str) else text
        for piece in pieces:
            yield from splitter.feed(piece)
        yield from splitter.flush()

    def _plan(self, clause: Clause) -> ClausePlan:
        units = unit_tensors(
            [symbol_id(unit.symbol) for unit in clause.units],
            [unit.stress for unit in clause.units],
            [int(unit.word_start) for unit in clause.units],
            self.voice.speaker,
            0,
            self.voice.device,
        )
        return self._stream.plan(self.state, units, self.rate)


def _pieces(text: str) -> Iterator[str]:
    for begin in range(0, len(text), FEED_CHARACTERS):
        yield text[begin : begin + FEED_CHARACTERS]
