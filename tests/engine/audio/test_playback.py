"""The tape sounds what it was given, without a click, counts only what was audible, and survives two threads."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.audio.playback import KEPT_BEHIND_S, LEAST_VOLUME_DB, TAPE_S, Playback
from tests.fixtures.tape import BLOCK, FADE, ONES, RATE_HZ, Loudspeaker, bend, obey, playing, sound


@given(size=st.integers(1, 5000), seconds=st.floats(0.01, 1.0))
def test_what_is_appended_sounds_unchanged_whatever_the_block(size: int, seconds: float) -> None:
    samples = sound(seconds)
    speaker = playing(samples, ended=True)
    speaker.play(-(-len(samples) // size) + 1, size)
    np.testing.assert_array_equal(speaker.heard[: len(samples)], samples)
    assert not speaker.heard[len(samples) :].any()
    position = speaker.playback.position
    assert (position.heard_samples, position.finished, position.sounding) == (len(samples), True, False)
    assert position.starved == 0


def test_a_pause_is_silent_within_the_fade_and_stops_the_head() -> None:
    speaker = playing(sound(2.0))
    speaker.play(50)
    speaker.playback.pause()
    speaker.play(3)
    head = speaker.playback.position.head_sample
    assert 50 * BLOCK < head <= 50 * BLOCK + FADE
    speaker.play(20)
    position = speaker.playback.position
    assert (position.head_sample, position.heard_samples, position.sounding) == (head, head, False)
    assert not speaker.heard[50 * BLOCK + FADE :].any()


def test_going_back_plays_again_from_there_and_hears_no_more() -> None:
    samples = sound(2.0)
    speaker = playing(samples)
    speaker.play(100)
    speaker.playback.pause()
    speaker.play(3)
    heard = speaker.playback.position.heard_samples
    speaker.playback.resume(from_sample=RATE_HZ // 2)
    begin = len(speaker.heard)
    speaker.play(30)
    again = speaker.heard[begin + FADE : begin + 30 * BLOCK]
    np.testing.assert_array_equal(again, samples[RATE_HZ // 2 + FADE : RATE_HZ // 2 + 30 * BLOCK])
    position = speaker.playback.position
    assert position.heard_samples == heard, "what was heard before is not unheard"
    assert position.head_sample == RATE_HZ // 2 + 30 * BLOCK


def test_what_is_dropped_while_it_says_its_last_words_again_was_heard_before() -> None:
    speaker = playing(sound(2.0))
    speaker.play(100)
    speaker.playback.pause()
    speaker.play(3)
    heard = speaker.playback.position.heard_samples
    speaker.playback.resume(from_sample=RATE_HZ // 2)
    speaker.play(5)
    speaker.playback.drop()
    speaker.play(3)
    position = speaker.playback.position
    assert (position.heard_samples, position.appended_samples, position.finished) == (heard, heard, True)


def test_going_back_while_it_still_sounds_falls_silent_first() -> None:
    speaker = playing(ONES)
    speaker.play(50)
    speaker.playback.resume(from_sample=0)
    speaker.play(5)
    gains = speaker.heard[50 * BLOCK - 1 :]
    lowest = int(np.argmin(gains))
    assert gains[lowest] == 0.0
    assert np.all(np.diff(gains[: lowest + 1]) <= 0)
    assert np.all(np.diff(gains[lowest:]) >= 0)


def test_a_held_tape_never_sounds_until_it_is_released() -> None:
    speaker = playing(sound(1.0), held=True)
    for order in ("pause", "resume", "duck", "back", "louder"):
        obey(speaker.playback, order)
        assert speaker.play(5) == 0
    assert not speaker.heard.any()
    assert speaker.playback.position.heard_samples == 0
    speaker.playback.duck(0.0)
    speaker.playback.release()
    begin = len(speaker.heard)
    speaker.play(10)
    np.testing.assert_array_equal(speaker.heard[begin:], sound(1.0)[: 10 * BLOCK])


def test_a_held_tape_that_is_dropped_was_never_there() -> None:
    speaker = playing(sound(1.0), held=True)
    speaker.playback.drop()
    position = speaker.playback.position
    assert (position.heard_samples, position.appended_samples, position.finished) == (0, 0, True)
    speaker.playback.release()
    speaker.playback.resume()
    assert speaker.play(10) == 0


def test_a_pause_before_the_first_sample_keeps_it_for_later() -> None:
    playback = Playback(RATE_HZ)
    speaker = Loudspeaker(playback)
    playback.begin(1)
    speaker.play(2)
    playback.pause()
    playback.append(sound(1.0))
    assert speaker.play(5) == 0
    playback.resume()
    speaker.play(5)
    np.testing.assert_array_equal(speaker.heard[-5 * BLOCK :], sound(1.0)[: 5 * BLOCK])
    assert playback.starved == 0, "there was nothing to run dry"


def test_a_drop_forgets_what_was_not_heard_and_takes_nothing_more() -> None:
    speaker = playing(sound(2.0))
    speaker.play(10)
    speaker.playback.drop()
    speaker.play(3)
    position = speaker.playback.position
    assert position.finished
    assert position.appended_samples == position.heard_samples <= 10 * BLOCK + FADE
    assert speaker.playback.append(ONES) == len(ONES)
    speaker.playback.resume(0)
    assert speaker.play(10) == 0
    assert speaker.playback.position == position


def test_an_end_that_comes_while_paused_is_the_end() -> None:
    samples = sound(0.5)
    speaker = playing(samples)
    speaker.play(10)
    speaker.playback.pause()
    speaker.play(5)
    speaker.playback.end()
    assert not speaker.playback.position.finished
    speaker.playback.resume()
    speaker.play(60)
    assert speaker.playback.position.finished
    assert speaker.playback.position.heard_samples == len(samples)
    assert speaker.playback.starved == 0


def test_an_answer_paused_in_its_last_milliseconds_can_go_back() -> None:
    speaker = playing(sound(0.105), ended=True)  # half a block is left for the fade
    speaker.play(10)
    speaker.playback.pause()
    speaker.play(3)
    assert not speaker.playback.position.sounding
    speaker.playback.resume(from_sample=0)
    speaker.play(12)
    assert speaker.heard[-12 * BLOCK :].any()
    assert speaker.playback.position.finished


@given(pieces=st.lists(st.integers(1, 4 * BLOCK), min_size=2, max_size=20), waits=st.integers(1, 10))
def test_a_tape_that_runs_dry_loses_nothing_does_not_click_and_counts_each_gap(
    pieces: list[int], waits: int
) -> None:
    samples = sound(0.5 + sum(pieces) / RATE_HZ, seed=3)
    speaker = playing(samples[: RATE_HZ // 2])
    start = RATE_HZ // 2
    speaker.play(RATE_HZ // 2 // BLOCK + 10)
    assert speaker.playback.starved == 1
    for piece in pieces:
        speaker.playback.append(samples[start : start + piece])
        start += piece
        speaker.play(waits)
    speaker.playback.end()
    speaker.play(sum(pieces) // BLOCK + 30)
    position = speaker.playback.position
    assert position.heard_samples == len(samples)
    assert 1 <= position.starved <= 1 + len(pieces)
    body = speaker.heard[: np.flatnonzero(speaker.heard)[-1] - BLOCK]
    assert bend(body) <= bend(samples) * 1.3


def test_an_hour_long_answer_stays_in_the_tape_it_began_with() -> None:
    playback = Playback(RATE_HZ)
    playback.begin(1)
    total, sent, compared = 3600 * RATE_HZ, 0, 0
    block = np.zeros(RATE_HZ, np.float32)
    while compared < total:
        ahead = np.arange(sent, min(total, compared + 3 * RATE_HZ))
        sent += playback.append((ahead % 1999 - 999).astype(np.float32) / 999.0)
        if sent == total:
            playback.end()
        taken = playback.render(block)
        expected = (np.arange(compared, compared + taken) % 1999 - 999).astype(np.float32) / 999.0
        np.testing.assert_array_equal(block[:taken], expected)
        compared += taken
        assert playback.position.appended_samples - playback.position.head_sample <= TAPE_S * RATE_HZ
    assert playback.position.finished
    assert playback.starved == 0


@given(
    steps=st.lists(
        st.tuples(st.sampled_from(["append", "play", "back", "pause"]), st.integers(1, 12 * RATE_HZ)),
        max_size=30,
    )
)
def test_what_the_head_may_go_back_to_is_never_overwritten(steps: list[tuple[str, int]]) -> None:
    """A tape whose samples tell their own place: whatever sounds at full gain is what belongs there."""
    playback = Playback(RATE_HZ)
    playback.begin(1)
    out = np.zeros(4096, np.float32)
    for step, amount in steps:
        position = playback.position
        if step == "append":
            places = np.arange(position.appended_samples, position.appended_samples + amount)
            free = playback.free_samples
            assert playback.append(places.astype(np.float32) + 1.0) == min(free, amount)
        elif step == "pause":
            playback.pause()
        elif step == "back":
            playback.resume(position.head_sample - amount)
        else:
            for _ in range(-(-amount // len(out))):
                head = playback.position.head_sample
                taken = playback.render(out)
                places = np.arange(playback.position.head_sample - taken, playback.position.head_sample) + 1.0
                assert np.all(out[:taken] <= places), "only what belongs there, at full gain or less"
                if taken and out[0] == places[0] and out[taken - 1] == places[-1]:
                    np.testing.assert_array_equal(out[:taken], places)
                if playback.position.head_sample == head:
                    break
        position = playback.position
        kept = min(position.head_sample, int(KEPT_BEHIND_S * RATE_HZ))
        ahead = position.appended_samples - position.head_sample
        assert playback.free_samples <= TAPE_S * RATE_HZ - ahead
        if step != "back":
            assert playback.free_samples <= max(0, TAPE_S * RATE_HZ - ahead - kept)


def test_volume_and_duck_multiply_and_never_amplify() -> None:
    speaker = playing(np.ones(4 * RATE_HZ, np.float32))
    playback = speaker.playback
    for change, expected_db in (
        (lambda: playback.set_volume_db(6.0), 0.0),
        (lambda: playback.set_volume_db(-6.0), -6.0),
        (lambda: playback.duck(12.0), -18.0),
        (lambda: playback.resume(), -6.0),
        (lambda: playback.set_volume_db(float("-inf")), LEAST_VOLUME_DB),
        (lambda: playback.set_volume_db(0.0), 0.0),
    ):
        change()
        speaker.play(4)
        assert 20 * np.log10(speaker.heard[-1]) == pytest.approx(expected_db, abs=0.01)
    playback.set_volume_db(-6.0)
    playback.begin(2)
    playback.append(ONES)
    speaker.play(2)
    assert 20 * np.log10(speaker.heard[-1]) == pytest.approx(-6.0, abs=0.01), "the volume outlives a response"


def test_a_volume_of_nothing_lets_the_answer_take_its_course() -> None:
    speaker = playing(sound(0.5), ended=True)
    speaker.playback.set_volume_db(-200.0)
    speaker.play(60)
    assert speaker.playback.position.finished


def test_without_a_loudspeaker_the_head_moves_on_and_nothing_was_heard() -> None:
    speaker = playing(sound(0.5), ended=True)
    speaker.play(10)
    for _ in range(60):
        speaker.playback.render(np.zeros(BLOCK, np.float32), audible=False)
    position = speaker.playback.position
    assert position.finished
    assert position.heard_samples == 10 * BLOCK
    assert position.passed_samples == position.appended_samples


def test_what_passed_without_a_loudspeaker_is_told_from_what_was_heard_before_and_after() -> None:
    speaker = playing(sound(1.0))
    speaker.play(10)
    for _ in range(20):
        speaker.playback.render(np.zeros(BLOCK, np.float32), audible=False)
    away = speaker.playback.position
    assert [away.was_heard(block * BLOCK) for block in (5, 10, 25)] == [True, False, False]
    speaker.play(5)
    back = speaker.playback.position
    assert (back.heard_samples, back.passed_samples) == (35 * BLOCK, 35 * BLOCK)
    assert [back.was_heard(block * BLOCK) for block in (5, 10, 29, 30, 34)] == [
        True,
        False,
        False,
        True,
        True,
    ]
    assert back.starved == 0


def test_one_thread_renders_while_another_gives_every_order() -> None:
    """Whatever is interleaved: only samples of the tape sound, counts never run ahead of what is there."""
    playback = Playback(RATE_HZ)
    stop = threading.Event()
    wrong: list[str] = []

    def render() -> None:
        out = np.zeros(BLOCK, np.float32)
        while not stop.is_set():
            playback.render(out)
            if out.max() > 1.0 or out.min() < 0.0:
                wrong.append(f"{out.min()} to {out.max()}")

    callback = threading.Thread(target=render)
    callback.start()
    rng = np.random.default_rng(1)
    try:
        for response in range(1, 150):
            playback.begin(response, held=bool(rng.integers(2)))
            for _ in range(int(rng.integers(1, 12))):
                playback.append(ONES[: int(rng.integers(1, len(ONES)))])
                obey(playback, str(rng.choice(["pause", "resume", "back", "duck", "unduck"])))
                playback.release()
                position = playback.position
                assert position.response == response
                assert 0 <= position.heard_samples <= position.appended_samples
                assert position.head_sample <= position.appended_samples
            playback.end() if rng.integers(2) else playback.drop()
    finally:
        stop.set()
        callback.join()
    assert wrong == []
