"""Pitch and energy of how speech ended."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.hearing import RECOGNISER_RATE_HZ
from engine.session.melody import Melody, Pitch, Tracker

BLOCK = RECOGNISER_RATE_HZ // 100


def voice(f0_hz: NDArray[np.float64], gain: NDArray[np.float64] | float = 0.1) -> NDArray[np.float32]:
    """A buzz of twelve falling harmonics with the given F0 at every sample."""
    phase = 2 * np.pi * np.cumsum(f0_hz) / RECOGNISER_RATE_HZ
    sound = sum(np.sin(k * phase) / k for k in range(1, 13))
    return np.asarray(gain * sound, np.float32)


def heard(samples: NDArray[np.float32], noise: float = 0.0) -> Melody:
    tracker = Tracker()
    noisy = samples + noise * np.random.default_rng(1).standard_normal(len(samples)).astype(np.float32)
    for start in range(0, len(noisy) - BLOCK + 1, BLOCK):
        tracker.hear(noisy[start : start + BLOCK], voice=True)
    return tracker.melody()


def sweep(from_hz: float, to_hz: float, seconds: float) -> NDArray[np.float64]:
    return np.geomspace(from_hz, to_hz, int(seconds * RECOGNISER_RATE_HZ))


@pytest.mark.parametrize("f0_hz", [75.0, 110.0, 160.0, 220.0, 330.0, 400.0])
def test_the_pitch_of_a_steady_voice(f0_hz: float) -> None:
    pitch = Pitch()
    samples = voice(np.full(pitch.window_samples, f0_hz))
    assert 2.0 ** pitch.of(samples) == pytest.approx(f0_hz, rel=0.01)


def test_noise_and_silence_have_no_pitch() -> None:
    pitch = Pitch()
    noise = np.random.default_rng(0).standard_normal((50, pitch.window_samples)).astype(np.float32)
    assert sum(pitch.of(window) != 0.0 for window in noise) <= 2
    assert pitch.of(np.zeros(pitch.window_samples, np.float32)) == 0.0


@pytest.mark.parametrize("noise", [0.0, 0.015])
def test_a_falling_end_and_a_rising_end(noise: float) -> None:
    body = np.full(RECOGNISER_RATE_HZ // 2, 140.0)
    fall = heard(voice(np.concatenate((body, sweep(140.0, 95.0, 0.3)))), noise)
    rise = heard(voice(np.concatenate((body, sweep(140.0, 210.0, 0.3)))), noise)
    level = heard(voice(np.concatenate((body, body))), noise)
    assert fall.falls
    assert not fall.rises
    assert rise.rises
    assert not rise.falls
    assert not level.falls
    assert not level.rises
    assert fall.step < -3.0 < 3.0 < rise.step
    assert rise.above_floor > 3.0


def test_the_energy_of_the_end() -> None:
    f0 = np.full(RECOGNISER_RATE_HZ, 120.0)
    fading = heard(voice(f0, np.concatenate((np.full(12_000, 0.1), np.geomspace(0.1, 0.01, 4_000)))))
    assert fading.energy_step < -6.0
    assert fading.energy_below > 6.0


def test_a_drawn_out_last_syllable_is_a_long_stretch() -> None:
    syllable, gap = voice(np.full(1_600, 120.0)), np.zeros(1_600, np.float32)
    short = np.concatenate((syllable, gap) * 4)
    drawn = np.concatenate((short, voice(np.full(6_400, 120.0))))
    assert heard(short).last_stretch_ms < 200.0 < heard(drawn).last_stretch_ms


def test_too_little_voice_tells_nothing() -> None:
    melody = heard(voice(np.full(1_200, 120.0)))
    assert not melody.falls
    assert not melody.rises
    assert melody.step == 0.0


def test_a_new_turn_forgets_the_last_one() -> None:
    tracker = Tracker()
    for _ in range(60):
        tracker.hear(voice(np.full(BLOCK, 120.0)), voice=True)
    tracker.begin()
    assert tracker.melody() == Melody()


def test_how_speech_ended_stays_when_silence_follows() -> None:
    tracker = Tracker()
    speech = voice(np.concatenate((np.full(8_000, 140.0), sweep(140.0, 95.0, 0.3))))
    for start in range(0, len(speech), BLOCK):
        tracker.hear(speech[start : start + BLOCK], voice=True)
    before = tracker.melody()
    for _ in range(80):
        tracker.hear(np.zeros(BLOCK, np.float32), voice=False)
    assert tracker.melody().step == pytest.approx(before.step)
    assert before.falls
