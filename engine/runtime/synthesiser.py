"""Text in, speech out, both streamed: clauses are planned as they become known, frames sound as they are made.

Runs on the engine thread. Memory does not grow with the text: the stream state is bounded, nothing is collected.
Frames that come late get fewer books (`engine.runtime.books`); speech that goes wrong is taken up again once from where
it went wrong, with nothing heard to look back on and other noise, and else its clause ends (`engine.runtime.guards`).
A GPU that fails is left for the CPU, from the frame where it broke (`engine.runtime.fallback`).
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.codec import DecoderState
from engine.errors import VoiceError
from engine.model import ClausePlan, NotFiniteError, SpeechStream, StreamState, unit_tensors
from engine.model import Generator as CodeGenerator
from engine.runtime.books import Pace, book_steps
from engine.runtime.fallback import Progress, Tell, device_failure, fallback_of
from engine.runtime.guards import Alarm, SpeechGuard, Trouble, planned_phones, words_spoken
from engine.runtime.timing import SpokenWord, timed_words
from engine.runtime.voices import Voice, load_voice
from engine.text import Clause, ClauseStream, symbol_id

FEED_CHARACTERS = 400
"""A long text is handed to the clause splitter in pieces, so that its first clause sounds before the rest is read."""

ATTEMPTS = 2
"""How often a clause is tried before its rest is left out."""

REMEMBERED_CLAUSES = 64
"""Plans kept of the text being spoken: as many as the frames that can be undone could hold."""

ENDED_CLAUSES = 3
"""So many clauses in a row that had to be ended are a voice that cannot speak."""


@dataclass(frozen=True, slots=True)
class SpeechChunk:
    """Samples (S,) float32 of one frame within full scale, what making it took, the clause it belongs to, with how
    many books it was made, and the words that start in it."""

    samples: NDArray[np.float32]
    compute_ms: float
    frame_index: int
    clause: Clause
    books: int
    words: tuple[SpokenWord, ...] = ()


@dataclass(frozen=True, slots=True)
class PlannedClause:
    """A clause of the text being spoken: its first frame in it, and the quarters (U,) of its units."""

    clause: Clause
    first_frame: int
    quarters: NDArray[np.int64]


def plays_nothing() -> None:
    """The reserve of a way out that nothing is played from."""
    return None


def unreported(trouble: Trouble) -> None:
    """For whoever wants the speech alone."""


@dataclass(slots=True)
class _Passage:
    """One text on its way to sound: what `stream` was given, the decoder's state, and how far it is."""

    reserve_ms: Callable[[], float | None]
    report: Callable[[Trouble], None]
    pace: Pace
    decoded: DecoderState
    skip_samples: int
    words: list[SpokenWord] = field(default_factory=list)
    samples: int = 0
    started_s: float = 0.0
    chunks: int = 0
    clause: Clause | None = None
    ended_in_a_row: int = 0


class Synthesiser:
    """Speaks with one voice and one seed. Successive texts continue the same stream: the voice remembers them.

    `tell` hears of a GPU that failed; the CPU has then taken over and `voice` is another. Without it the GPU's error
    is raised, so that nobody measures one device and reports another.
    """

    def __init__(
        self,
        voice: Voice,
        seed: int = 0,
        rate: float = 1.0,
        clock_s: Callable[[], float] = time.perf_counter,
        tell: Tell | None = None,
    ) -> None:
        self.seed, self.rate = seed, rate
        self._clock_s, self._tell = clock_s, tell
        self._take(voice)
        self._guard = SpeechGuard(voice.card.guards, voice.heard)
        self.state: StreamState = self._stream.create()
        self.planned: deque[PlannedClause] = deque(maxlen=REMEMBERED_CLAUSES)

    def cut_clause(self, units: int, spoken: int, words: str) -> None:
        """End the clause of `units` units that the stream is in after `spoken` of them, whose words are `words`."""
        self._stream.cut_clause(self.state, units, spoken, words)

    def _take(self, voice: Voice) -> None:
        self.voice = voice
        window = voice.card.window_frames(voice.model.config)
        self._stream = SpeechStream(voice.model, window, voice.frames)
        self._generator = CodeGenerator(
            self._stream, voice.decoder.prosody, voice.speaker, self.seed, voice.card.sampling
        )

    @torch.inference_mode()
    def stream(
        self,
        text: str | Iterable[str],
        reserve_ms: Callable[[], float | None] = plays_nothing,
        report: Callable[[Trouble], None] = unreported,
    ) -> Iterator[SpeechChunk]:
        """Chunks as they are made; none when nothing in the text can be spoken.

        `reserve_ms` says how much of them waits to be played and decides on the books of the next one; None, as in a
        file, stands for all books. `report` hears of speech that went wrong. Raises VoiceError where one clause after
        the other does.
        """
        config = self.voice.codec.config
        pace = Pace(book_steps(config.codebooks, config.semantic_codebooks), config.frame_ms)
        passage = _Passage(reserve_ms, report, pace, self.voice.decoder.decoder_state(), config.delay_samples)
        self._generator.books = pace.books
        self._guard.restart()
        self.planned.clear()
        for clause in self._clauses(text):
            passage.started_s = self._clock_s()  # waiting for text is not computing
            yield from self._speak_anywhere(clause, passage)
        if passage.clause is not None:
            passage.started_s = self._clock_s()
            yield self._chunk(self._tail(passage), passage.clause, passage)

    def _speak_anywhere(self, clause: Clause, passage: _Passage) -> Iterator[SpeechChunk]:
        """One clause, gone on with on the CPU where the GPU fails."""
        progress = Progress(self.state.checkpoint())
        while True:
            try:
                yield from self._speak(clause, passage, progress)
                return
            except RuntimeError as error:
                self._fall_back(error, passage, progress)

    def _fall_back(self, error: RuntimeError, passage: _Passage, progress: Progress) -> None:
        """Go over to the CPU with what can be saved. Raises `error` again where that is no answer to it."""
        if self._tell is None or device_failure(error) is None:
            raise error
        tell, self._tell = self._tell, None  # once: the CPU has no CPU to fall back to
        with torch.inference_mode(False):  # weights and caches outlive this text
            voice = load_voice(self.voice.folder, "cpu")
            passage.decoded, remembers = progress.carry_over(self.state, passage.decoded, voice)
        self._take(voice)
        self._generator.books = passage.pace.books
        tell(fallback_of(error, remembers))

    def _tail(self, passage: _Passage) -> NDArray[np.float32]:
        """The samples that no further frame will change."""
        progress = Progress(self.state.checkpoint())
        while True:
            try:
                return self.voice.decoder.flush(passage.decoded)[0].cpu().numpy()
            except RuntimeError as error:
                self._fall_back(error, passage, progress)

    def _speak(self, clause: Clause, passage: _Passage, progress: Progress) -> Iterator[SpeechChunk]:
        """What is left of one clause, taken up again where it went wrong."""
        plan = self._plan(clause, progress.quarters)
        if progress.quarters is None:
            self._remember(clause, plan, passage)
        progress.quarters = plan.quarters.cpu()
        alarm = self._guard.durations(progress.quarters.numpy(), clause, self.rate)
        if alarm is not None:  # neither another seed nor a shorter past changes them
            self._end(alarm, clause, plan, 0, passage)
            return
        if not progress.begun:
            self._stream.begin_clause(self.state, plan)
            progress.begun = True
        while True:
            self._generator.seed = self.seed + progress.attempt
            frames, alarm = yield from self._frames(clause, plan, passage, progress)
            if alarm is None:
                passage.ended_in_a_row = 0
                return
            if progress.attempt + 1 == ATTEMPTS:
                self._end(alarm, clause, plan, frames, passage)
                return
            progress.attempt += 1
            progress.frames, progress.before = frames, self.state.checkpoint()
            passage.report(Trouble(alarm.kind, clause, ended=False))

    def _frames(
        self, clause: Clause, plan: ClausePlan, passage: _Passage, progress: Progress
    ) -> Generator[SpeechChunk, None, tuple[int, Alarm | None]]:
        """Speak the frames of the plan that are not out. Gives how many of it stand, and what went wrong then.

        Nothing of a frame counts before its samples were read, since a GPU tells of its errors late.
        """
        planned = planned_phones(clause.units)[plan.quarter_unit.cpu().numpy()]
        frames = progress.frames
        alarm: Alarm | None
        try:
            for codes in self._generator.speak(self.state, plan, clause.text, frames):
                samples, decoded = self.voice.decoder.decode_step(codes.view(1, 1, -1), passage.decoded)
                audio = samples[0].cpu().numpy()
                alarm = self._guard.frame(codes.cpu().numpy(), planned[frames], audio)
                if alarm is not None:
                    return self._go_back(frames + 1, alarm), alarm
                frames += 1
                passage.decoded = decoded
                progress.frames, progress.before = frames, self.state.checkpoint()
                audio, passage.skip_samples = audio[passage.skip_samples :], 0
                chunk = self._chunk(audio, clause, passage)
                yield chunk
                passage.pace = passage.pace.after(chunk.compute_ms, passage.reserve_ms())
                self._generator.books = passage.pace.books
                passage.started_s = self._clock_s()
        except NotFiniteError:
            alarm = Alarm("numbers", 1)
            return self._go_back(frames + 1, alarm), alarm
        return frames, None

    def _remember(self, clause: Clause, plan: ClausePlan, passage: _Passage) -> None:
        """Note when the words of a clause that begins now will sound."""
        config = self.voice.codec.config
        quarters = plan.quarters.cpu().numpy()
        self.planned.append(PlannedClause(clause, passage.chunks, quarters))
        first_sample = passage.chunks * config.frame_samples
        passage.words += timed_words(clause, quarters, first_sample, config.quarter_samples)

    def _chunk(self, audio: NDArray[np.float32], clause: Clause, passage: _Passage) -> SpeechChunk:
        compute_ms = 1000.0 * (self._clock_s() - passage.started_s)
        passage.samples += len(audio)
        count = sum(word.start_sample < passage.samples for word in passage.words)
        words, passage.words = tuple(passage.words[:count]), passage.words[count:]
        samples = np.clip(audio, -1.0, 1.0)
        chunk = SpeechChunk(samples, compute_ms, passage.chunks, clause, passage.pace.books, words)
        passage.chunks += 1
        passage.clause = clause
        return chunk

    def _go_back(self, frames: int, alarm: Alarm) -> int:
        """Undo the frames that went wrong, as far as this clause and what can be undone reach; gives how many of its
        `frames` are left. What goes on from there neither hears them nor anything before them."""
        back = min(alarm.frames, frames, len(self.state.past))
        self.state.rollback(back)
        self.state.forget_voice()
        self._guard.restart()
        return frames - back

    def _end(self, alarm: Alarm, clause: Clause, plan: ClausePlan, frames: int, passage: _Passage) -> None:
        """Leave the rest of a clause out of which `frames` stand. What was not spoken is not remembered as said."""
        if alarm.kind == "numbers":  # whatever made them may have reached the decoder
            passage.decoded = self.voice.decoder.decoder_state()
        if frames:
            ends = plan.quarters.cumsum(0)
            spoken = int((ends <= frames * self.voice.model.config.quarters_per_frame).sum())
            words = " ".join(words_spoken(clause, spoken))
            self._stream.cut_clause(self.state, len(ends), spoken, words)
        end_sample = passage.chunks * self.voice.codec.config.frame_samples
        passage.words = [word for word in passage.words if word.start_sample < end_sample]
        passage.report(Trouble(alarm.kind, clause, ended=True))
        passage.ended_in_a_row += 1
        if passage.ended_in_a_row == ENDED_CLAUSES:
            raise VoiceError(
                f"the voice {self.voice.name!r} failed {ENDED_CLAUSES} times in a row, so it was stopped; verify it"
                " with sotto voices verify, or choose another voice"
            )

    def _clauses(self, text: str | Iterable[str]) -> Iterator[Clause]:
        splitter = ClauseStream(self.voice.frontend)
        pieces = _pieces(text) if isinstance(text, str) else text
        for piece in pieces:
            yield from splitter.feed(piece)
        yield from splitter.flush()

    def _plan(self, clause: Clause, quarters: Tensor | None) -> ClausePlan:
        units = unit_tensors(
            [symbol_id(unit.symbol) for unit in clause.units],
            [unit.stress for unit in clause.units],
            [int(unit.word_start) for unit in clause.units],
            self.voice.speaker,
            0,
            self.voice.device,
        )
        if quarters is not None:
            quarters = quarters.to(self.voice.device)
        return self._stream.plan(self.state, units, self.rate, quarters)


def _pieces(text: str) -> Iterator[str]:
    for begin in range(0, len(text), FEED_CHARACTERS):
        yield text[begin : begin + FEED_CHARACTERS]
