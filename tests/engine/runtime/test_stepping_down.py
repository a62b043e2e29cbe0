"""The real engine on a machine that is too slow for a while: fewer books instead of gaps, and all of them again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import groupby

import pytest

from engine.runtime import SpeechChunk, Synthesiser, Voice, load_voice
from engine.runtime.books import book_steps
from tests.fakes.loudspeaker import CostlyFrames, VirtualClock, VirtualLoudspeaker

TEXT = (
    "The old man walked slowly down to the river, and his dog ran before him. "
    "There was a boat on the other side."
)
BUSY = range(12, 42)
"""Frames that are made while something else needs the machine."""


@pytest.fixture(scope="module")
def bundled() -> Voice:
    return load_voice(None, "cpu", "onnx")


def played(
    voice: Voice, cost_ms: Callable[[int, int], float]
) -> tuple[list[SpeechChunk], VirtualLoudspeaker]:
    """TEXT, spoken to a loudspeaker while a frame takes `cost_ms(frame, books)`."""
    clock = VirtualClock()
    loudspeaker = VirtualLoudspeaker(clock, voice.sample_rate_hz)

    def spend(frame: int, books: int) -> None:
        clock.now_s += cost_ms(frame, books) / 1000.0

    slow = replace(voice, frames=CostlyFrames(voice.frames, spend))
    chunks = []
    for chunk in Synthesiser(slow, clock_s=clock).stream(TEXT, loudspeaker.reserve_ms):
        loudspeaker.write(chunk.samples)
        chunks.append(chunk)
    return chunks, loudspeaker


def steps_of(chunks: list[SpeechChunk]) -> list[int]:
    """The numbers of books, each as long as it stayed."""
    return [books for books, _ in groupby(chunk.books for chunk in chunks)]


def test_the_shipped_voice_steps_down_and_up_again_without_a_gap(bundled: Voice) -> None:
    def busy(frame: int, books: int) -> float:
        dear = {32: 90.0, 16: 70.0, 10: 50.0}
        cheap = {32: 13.0, 16: 9.0, 10: 7.0}
        return dear[books] if frame in BUSY else cheap[books]

    chunks, loudspeaker = played(bundled, busy)
    assert steps_of(chunks) == [32, 16, 10, 16, 32]
    assert loudspeaker.underruns == 0


def test_every_runtime_steps_down_and_up_again(babbler: Voice) -> None:
    config = babbler.codec.config
    most, fewest = book_steps(config.codebooks, config.semantic_codebooks)
    chunks, loudspeaker = played(
        babbler, lambda frame, books: (100.0 if frame in range(8, 20) else 10.0) * books / most
    )
    assert steps_of(chunks) == [most, fewest, most]
    assert loudspeaker.underruns == 0
    _, stuttering = played(babbler, lambda frame, books: 100.0 if frame in range(8, 20) else 10.0)
    assert stuttering.underruns > 0, "what every frame of all books would have led to"


def test_a_file_gets_all_books_however_long_they_take(babbler: Voice) -> None:
    clock = VirtualClock()

    def spend(frame: int, books: int) -> None:
        clock.now_s += 1.0

    slow = replace(babbler, frames=CostlyFrames(babbler.frames, spend))
    chunks = list(Synthesiser(slow, clock_s=clock).stream(TEXT))
    assert {chunk.books for chunk in chunks} == {babbler.codec.config.codebooks}
    assert chunks[3].compute_ms == pytest.approx(1000.0)


def test_the_next_text_begins_with_all_books(babbler: Voice) -> None:
    clock = VirtualClock()

    def spend(frame: int, books: int) -> None:
        clock.now_s += 1.0

    synthesiser = Synthesiser(replace(babbler, frames=CostlyFrames(babbler.frames, spend)), clock_s=clock)
    late = list(synthesiser.stream("The lamp was clean.", lambda: 10.0))
    assert late[-1].books < late[0].books
    assert next(synthesiser.stream("The lamp was clean.")).books == late[0].books
