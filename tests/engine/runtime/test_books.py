"""Stepping down to fewer books and back up, on timelines of a loudspeaker that plays while frames are made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engine.audio.devices import QUEUE_MS, START_MS
from engine.config import CodecConfig
from engine.runtime.books import CALM_FRAMES, HIGH_RESERVE_MS, LOW_RESERVE_MS, Pace, book_steps
from tests.fixtures.tiny_models import TINY_MODEL
from training.data.speech_rows import corrupt

FRAME_MS = CodecConfig().frame_ms
STEPS = book_steps(CodecConfig().codebooks, CodecConfig().semantic_codebooks)

Cost = Callable[[int, int], float]
"""Milliseconds that frame `index` takes with so many books."""


def timeline(cost_ms: Cost, frames: int) -> tuple[list[int], int]:
    """The books of each frame, and how often the loudspeaker ran dry between the first frames and the last."""
    pace = Pace(STEPS, FRAME_MS)
    reserve_ms, plays, gaps = 0.0, False, 0
    books = []
    for index in range(frames):
        books.append(pace.books)
        took_ms = cost_ms(index, pace.books)
        if plays and took_ms > reserve_ms:
            gaps += 1
        waiting_ms = max(0.0, reserve_ms - took_ms) if plays else reserve_ms
        reserve_ms = min(waiting_ms + FRAME_MS, QUEUE_MS)  # a full queue makes its writer wait
        plays = plays or reserve_ms >= START_MS
        pace = pace.after(took_ms, reserve_ms)
    return books, gaps


def changes(books: list[int]) -> list[int]:
    """The numbers of books in the order they came, each once."""
    return [books[0], *(later for earlier, later in pairwise(books) if later != earlier)]


def test_the_steps_are_those_the_model_was_trained_with() -> None:
    """Its history is cut to them on a part of the training rows, and whole on the others."""
    config = replace(TINY_MODEL, codebooks=STEPS[0], semantic_codebooks=STEPS[-1])
    whole = np.zeros((400, config.codebooks), np.int64)
    kept = set()
    for seed in range(60):
        books = (corrupt(whole, config, np.random.default_rng(seed)) >= 0).sum(axis=1)
        kept.add(int(books.max()))
    assert tuple(sorted(kept, reverse=True)) == STEPS == (32, 16, 10)
    assert book_steps(6, 3) == (6, 3)


def test_the_reserve_that_is_asked_for_fits_into_the_queue() -> None:
    assert START_MS < LOW_RESERVE_MS < HIGH_RESERVE_MS < QUEUE_MS - FRAME_MS


def test_a_machine_that_keeps_up_always_gives_all_books() -> None:
    books, gaps = timeline(lambda index, books: 13.0, 400)
    assert (changes(books), gaps) == ([32], 0)


def test_a_slow_start_of_playback_is_not_lateness() -> None:
    """The reserve is small while the queue fills; frames that come in time make it grow."""
    books, gaps = timeline(lambda index, books: 0.95 * FRAME_MS, 400)
    assert (changes(books), gaps) == ([32], 0)


def test_one_slow_frame_within_the_reserve_changes_nothing() -> None:
    books, gaps = timeline(lambda index, books: 150.0 if index == 40 else 13.0, 100)
    assert (changes(books), gaps) == ([32], 0)


def test_late_frames_step_down_before_the_loudspeaker_runs_dry_and_up_again_afterwards() -> None:
    """A machine that is busy for six seconds of speech: 80 ms for all books, 68 for half of them, 48 for ten."""

    def busy(index: int, books: int) -> float:
        return (
            {32: 80.0, 16: 68.0, 10: 48.0}[books]
            if 50 <= index < 150
            else {32: 13.0, 16: 9.0, 10: 7.0}[books]
        )

    books, gaps = timeline(busy, 300)
    assert changes(books) == [32, 16, 10, 16, 32]
    assert gaps == 0
    assert set(books[:50]) == {32}
    assert set(books[100:150]) == {10}
    assert books[150 + 3 * CALM_FRAMES] == 32


def test_ten_times_dearer_frames_step_down_at_once() -> None:
    books, gaps = timeline(lambda index, books: 13.0 if index < 50 else 5.5 * books, 100)
    assert changes(books) == [32, 16, 10]
    assert gaps == 0
    assert set(books[60:]) == {10}


def test_a_way_out_that_plays_nothing_gets_all_books() -> None:
    pace = Pace(STEPS, FRAME_MS, step=2)
    assert pace.after(500.0, None).books == 32


def test_slow_text_is_not_lateness() -> None:
    """An empty queue behind frames that took little: there was nothing to say."""
    pace = Pace(STEPS, FRAME_MS)
    for _ in range(20):
        pace = pace.after(13.0, 0.0)
    assert pace.books == 32


@given(st.floats(0.0, 200.0), st.floats(0.0, 10.0))
def test_an_even_load_never_makes_the_books_swing(fixed_ms: float, book_ms: float) -> None:
    books, _ = timeline(lambda index, books: fixed_ms + book_ms * books, 300)
    assert changes(books) == sorted(changes(books), reverse=True)
    assert len(changes(books)) <= len(STEPS)


@given(
    st.lists(st.floats(0.0, 300.0), max_size=60), st.lists(st.floats(0.0, 500.0), min_size=60, max_size=60)
)
def test_each_frame_moves_at_most_one_step(costs_ms: list[float], reserves_ms: list[float]) -> None:
    pace = Pace(STEPS, FRAME_MS)
    for cost_ms, reserve_ms in zip(costs_ms, reserves_ms, strict=False):
        following = pace.after(cost_ms, reserve_ms)
        assert abs(following.step - pace.step) <= 1
        if following.step < pace.step:
            assert reserve_ms >= HIGH_RESERVE_MS
        pace = following
