"""How the tape's gain moves: one way for each order, never a click, never two answers at once."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.fixtures.tape import BLOCK, FADE, ONES, RATE_HZ, bend, obey, playing, sound


@given(
    orders=st.lists(
        st.tuples(
            st.sampled_from(["pause", "resume", "back", "duck", "unduck", "quieter", "louder", "drop"]),
            st.integers(1, 6),
        ),
        max_size=12,
    ),
    size=st.integers(16, 300),
)
def test_the_gain_moves_one_way_for_each_order(orders: list[tuple[str, int]], size: int) -> None:
    """A tape of ones shows the gain itself: between two orders it rises, falls or stands, and never leaps."""
    speaker = playing(np.ones(20 * RATE_HZ, np.float32))
    speaker.play(3, size)
    for order, blocks in orders:
        begin = len(speaker.blocks)
        sounds = bool(speaker.heard[-1])
        obey(speaker.playback, order)
        leaps = order == "back" and sounds  # silent first, then back, then up again
        speaker.play(blocks + (FADE // size + 1 if leaps else 0), size)
        steps = np.diff(np.concatenate([speaker.blocks[begin - 1][-1:], *speaker.blocks[begin:]]))
        assert np.abs(steps).max() <= 1.0 / FADE * 1.1
        directions = np.sign(steps[steps != 0.0])
        assert np.count_nonzero(np.diff(directions)) <= leaps


@given(
    at=st.integers(20, 60),
    order=st.sampled_from(["pause", "back", "duck", "drop", "begin"]),
    size=st.integers(16, 300),
    seed=st.integers(0, 50),
)
def test_no_order_clicks(at: int, order: str, size: int, seed: int) -> None:
    """The second difference at the cut stays below its maximum in the 100 ms before."""
    speaker = playing(sound(3.0, seed, sway=0.0))
    speaker.play(at * BLOCK // size + 1, size)
    cut = len(speaker.heard)
    if order == "begin":
        speaker.playback.begin(2, held=True)
    else:
        obey(speaker.playback, order)
    speaker.play(3 * BLOCK // size + 2, size)
    before = bend(speaker.heard[cut - RATE_HZ // 10 : cut])
    assert bend(speaker.heard[cut - 2 :]) <= before


@given(
    at=st.integers(20, 60),
    lowered=st.integers(0, 24),
    order=st.sampled_from(["pause", "back", "drop", "begin", "unduck"]),
    size=st.integers(16, 300),
    seed=st.integers(0, 50),
)
def test_a_lowered_answer_fades_as_long_as_a_loud_one_and_without_a_click(
    at: int, lowered: int, order: str, size: int, seed: int
) -> None:
    """Whatever stops it, and also while it is still being lowered."""
    samples = sound(3.0, seed, sway=0.0)
    gains, speaker = playing(np.ones(len(samples), np.float32)), playing(samples)
    for one in (gains, speaker):
        one.play(at * BLOCK // size + 1, size)
        one.playback.duck(12.0)
        one.play(lowered * BLOCK // size, size)
        if order == "begin":
            one.playback.begin(2, held=True)
        else:
            obey(one.playback, order)
    cut = len(speaker.heard)
    for one in (gains, speaker):
        one.play((2 * FADE + BLOCK) // size + 2, size)
    before = bend(speaker.heard[cut - RATE_HZ // 10 : cut])
    if order != "unduck":
        assert bend(speaker.heard[cut - 2 :][: FADE + 2]) <= before
    moved = np.abs(np.diff(gains.heard[cut - 1 :]))
    way = 1.0 - gains.heard[cut - 1] if order == "unduck" else gains.heard[cut - 1]
    assert moved[:FADE].max() <= 1.01 * way / FADE + 1e-6
    assert abs(gains.heard[cut - 1 + FADE] - (1.0 if order == "unduck" else 0.0)) < 1e-6


@given(at=st.integers(1, 40), size=st.integers(16, 300), begun=st.integers(1, 4), held=st.booleans())
def test_a_new_answer_sounds_from_its_first_sample_once_the_old_one_has_faded(
    at: int, size: int, begun: int, held: bool
) -> None:
    """Never the sum of two, however many answers begin at once, and never a leap to silence."""
    speaker = playing(np.ones(2 * RATE_HZ, np.float32))
    speaker.play(at, size)
    for response in range(2, 2 + begun):
        speaker.playback.begin(response, held)
        speaker.playback.append(-ONES)
        speaker.playback.release()
    taken = speaker.play(2 * FADE // size + 2, size)
    heard = speaker.heard[at * size - 1 :]
    first = int(np.flatnonzero(heard < 0.0)[0])
    assert first <= FADE + 1
    assert np.abs(np.diff(heard[:first])).max() <= 1.1 / FADE
    assert heard[first - 1] <= 1.1 / FADE
    np.testing.assert_array_equal(heard[first:], -1.0)
    assert speaker.playback.position.heard_samples == taken == len(heard) - first
