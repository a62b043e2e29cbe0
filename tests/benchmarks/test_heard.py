"""The analysis of interrupted answers, on recordings whose cut is known."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.duplex import _gaps_in_tone, _silences
from benchmarks.duplex_rig import RATE_HZ
from benchmarks.heard import Cut, _examined
from benchmarks.user_lines import speech_bounds
from engine.events import ItemTruncated

CUT_S, DUCK_S, OFFSET_S, USER_S = 2.3, 2.0, 0.7, 2.5


def speech(duration_s: float, seed: int = 0) -> NDArray[np.float32]:
    """Noise that comes and goes four times a second."""
    rng = np.random.default_rng(seed)
    count = round(duration_s * RATE_HZ)
    swell = 0.55 + 0.45 * np.sin(2 * np.pi * 4.0 * np.arange(count) / RATE_HZ)
    return (0.1 * swell * rng.standard_normal(count)).astype(np.float32)


def examined(told_ms: float, cut_fade_s: float = 0.015) -> Cut:
    """An answer of 5 s, lowered at DUCK_S and cut at CUT_S, of which a recording from OFFSET_S on is laid."""
    made = speech(5.0)
    gain = np.ones(len(made), np.float32)
    gain[round(DUCK_S * RATE_HZ) :] = 0.25
    cut, fade = round(CUT_S * RATE_HZ), round(cut_fade_s * RATE_HZ)
    if fade:
        gain[cut - fade : cut] *= np.linspace(1.0, 0.0, fade, dtype=np.float32)
    gain[cut:] = 0.0
    heard = np.zeros(round(7.0 * RATE_HZ), np.float32)
    begin = round(OFFSET_S * RATE_HZ)
    heard[begin : begin + len(made)] = gain * made
    told = ItemTruncated(item_id="assistant_1", audio_end_ms=told_ms, heard_text="one two")
    return _examined(heard, made, round(USER_S * RATE_HZ), told, "qwxzqwxz")


@pytest.mark.parametrize(("told_ms", "error_ms"), [(2300.0, 0.0), (2200.0, 100.0), (2450.0, 150.0)])
def test_the_cut_is_found_and_what_is_told_held_against_it(told_ms: float, error_ms: float) -> None:
    cut = examined(told_ms)
    assert cut.first_ms == pytest.approx(1000 * CUT_S, abs=20)
    assert cut.error_ms == pytest.approx(error_ms, abs=25)
    assert cut.words_found is None


def test_delays_count_from_the_users_first_sample() -> None:
    cut = examined(2300.0)
    assert cut.silent_ms == pytest.approx(1000 * (OFFSET_S + CUT_S - USER_S), abs=20)
    assert cut.ducked_ms == pytest.approx(1000 * (OFFSET_S + DUCK_S - USER_S), abs=25)


def test_a_fade_has_no_click() -> None:
    assert examined(2300.0).bend_ratio <= 1.0


def test_gaps_are_counted_where_there_is_nothing_at_all() -> None:
    tone = np.round(8000 * np.sin(2 * np.pi * 440 * np.arange(RATE_HZ) / RATE_HZ)).astype(np.int16)
    assert _gaps_in_tone(tone) == 0
    torn = np.concatenate([tone, np.zeros(RATE_HZ // 50, np.int16), tone])
    assert _gaps_in_tone(torn) == 1
    sound = speech(1.0)
    assert len(_silences(sound)) == 0
    assert len(_silences(np.concatenate([sound, np.zeros(RATE_HZ // 20, np.float32), sound]))) == 1


def test_a_line_ends_with_its_speech() -> None:
    padded = np.concatenate([np.zeros(RATE_HZ, np.float32), speech(1.0), np.zeros(RATE_HZ, np.float32)])
    begin, end = speech_bounds(padded)
    assert (begin / RATE_HZ, end / RATE_HZ) == (pytest.approx(1.0, abs=0.02), pytest.approx(2.0, abs=0.02))
