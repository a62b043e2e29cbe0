"""Clocks are found behind stamps that jump, wander and lie, and the reference follows them calmly."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.audio.clock import LEAP_S, MOST_DRIFT, Alignment, ClockFit
from engine.audio.reference import LEAD_S, Reference
from engine.audio.track import Track, TrackReader

RATE_HZ = 48_000
BLOCK = RATE_HZ // 100


def stamp(
    fit: ClockFit, seconds: float, offset_s: float, drift: float, seed: int, jitter_s: float = 0.003
) -> None:
    """Stamps as sound servers give them: a settling start, jitter, bursts, one in thirty far off."""
    rng = np.random.default_rng(seed)
    for position in range(0, int(seconds * RATE_HZ), BLOCK):
        nominal_s = position / RATE_HZ
        settling_s = 0.02 * np.exp(-nominal_s / 0.4)
        wild_s = rng.uniform(0.0, 0.2) if rng.random() < 1 / 30 else 0.0
        noise_s = rng.uniform(-jitter_s, jitter_s) + settling_s + wild_s
        fit.add(position, offset_s + nominal_s * (1.0 + drift) + noise_s)


@settings(max_examples=15)
@given(
    offset_s=st.floats(-1e6, 1e6),
    drift=st.floats(-200e-6, 200e-6),
    seed=st.integers(0, 1000),
)
def test_a_clock_is_found_within_a_millisecond(offset_s: float, drift: float, seed: int) -> None:
    fit = ClockFit(RATE_HZ)
    stamp(fit, 30.0, offset_s, drift, seed)
    for second in (25.0, 30.0):
        truth_s = offset_s + second * (1.0 + drift)
        assert fit.time_of(second * RATE_HZ) == pytest.approx(truth_s, abs=1e-3)
    assert fit.drift == pytest.approx(drift, abs=40e-6)


@settings(max_examples=15)
@given(drift=st.floats(-0.01, 0.01), seed=st.integers(0, 1000), position=st.floats(0.0, 1e9))
def test_times_and_positions_are_each_others_inverse(drift: float, seed: int, position: float) -> None:
    fit = ClockFit(RATE_HZ)
    stamp(fit, 12.0, 3.0, drift, seed)
    assert abs(fit.drift) <= MOST_DRIFT
    assert fit.position_at(fit.time_of(position)) == pytest.approx(position, abs=0.01)
    assert fit.time_of(position + 1) > fit.time_of(position)


def test_after_a_gap_a_clock_begins_anew() -> None:
    fit = ClockFit(RATE_HZ)
    stamp(fit, 20.0, 0.0, 0.0, seed=1)
    fit.restart()
    for position in range(20 * RATE_HZ, 22 * RATE_HZ, BLOCK):
        fit.add(position, position / RATE_HZ + 0.5)
    assert fit.time_of(22 * RATE_HZ) == pytest.approx(22.5, abs=1e-3)


def test_an_alignment_settles_then_moves_no_faster_than_clocks_drift() -> None:
    alignment = Alignment(RATE_HZ)
    rng = np.random.default_rng(2)
    offsets = np.array([alignment.follow(1000.0 + rng.uniform(-48, 48), 0.01) for _ in range(3000)])
    settled = offsets[1000:]
    assert np.abs(settled - 1000.0).max() < 15.0
    assert np.abs(np.diff(settled)).max() < 0.1, "a tenth of a sample in a block"


def test_an_alignment_follows_drift() -> None:
    alignment = Alignment(RATE_HZ)
    per_block = 100e-6 * BLOCK
    errors = [alignment.follow(n * per_block, 0.01) - n * per_block for n in range(12_000)]
    assert max(abs(error) for error in errors[6000:]) < 0.003 * RATE_HZ


def test_an_alignment_leaps_for_a_lost_buffer_and_not_for_a_single_late_stamp() -> None:
    alignment = Alignment(RATE_HZ)
    for _ in range(3000):
        alignment.follow(0.0, 0.01)
    far = 2 * LEAP_S * RATE_HZ
    assert alignment.follow(far, 0.01) == 0.0
    assert abs(alignment.follow(0.0, 0.01)) < 1.0
    for _ in range(50):
        now = alignment.follow(far, 0.01)
    assert now == far


@settings(max_examples=10)
@given(
    latency_ms=st.integers(0, 90),
    drift=st.floats(-100e-6, 100e-6),
    seed=st.integers(0, 100),
)
def test_the_reference_is_what_sounded_then(latency_ms: int, drift: float, seed: int) -> None:
    """The loudspeaker plays a slow sweep whose value tells its time; its clock drifts against the microphone's."""
    track = Track(5 * RATE_HZ, 2000)
    reference = Reference(TrackReader(track, RATE_HZ, RATE_HZ), RATE_HZ)
    microphone = ClockFit(RATE_HZ)
    rng = np.random.default_rng(seed)
    latency = latency_ms / 1000.0
    errors = []
    for n in range(800):
        at_s = 7.0 + n * 0.01
        start = n * BLOCK
        wave = ((np.arange(start, start + BLOCK) / RATE_HZ) % 1.0).astype(
            np.float32
        )  # seconds, as a sawtooth
        dac_s = 7.0 + latency + n * 0.01 * (1.0 + drift)
        track.put(wave, dac_s + rng.uniform(-0.001, 0.001), False)
        microphone.add(start, at_s + rng.uniform(-0.001, 0.001))
        reference.collect()
        block = reference.at(max(0, start - 20 * BLOCK), BLOCK, microphone)
        if n > 500:
            heard_s = (n - 20) * 0.01
            played = ((heard_s - latency) / (1.0 + drift) + LEAD_S) % 1.0
            errors.append(abs((float(block[0]) - played + 0.5) % 1.0 - 0.5))
    assert np.median(errors) < 0.001


def test_where_nothing_was_played_the_reference_is_silent() -> None:
    track = Track(RATE_HZ, 100)
    reference = Reference(TrackReader(track, RATE_HZ, RATE_HZ), RATE_HZ)
    microphone = ClockFit(RATE_HZ)
    assert not reference.at(0, BLOCK, microphone).any(), "no stamp has come"
    microphone.add(0, 100.0)
    track.put(np.ones(BLOCK, np.float32), 0.0, False)
    reference.collect()
    assert not reference.at(0, BLOCK, microphone).any(), "what sounded lies a minute back"
