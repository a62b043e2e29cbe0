"""Eight numbers of how a clause was spoken."""

from __future__ import annotations

import numpy as np
import pytest

from engine.memory import clause_prosody
from engine.memory.prosody import FEATURES

FRAME_S = 0.06


def named(track: np.ndarray, units: int = 12) -> dict[str, float]:
    """FEATURES of a track (T, 3) by name."""
    features = clause_prosody(track.astype(np.float32), units, FRAME_S)
    assert features.shape == (8,)
    assert features.dtype == np.float32
    return dict(zip(FEATURES, features.tolist(), strict=True))


def track(pitch: np.ndarray, voiced: float = 1.0, energy: float = 0.5) -> np.ndarray:
    return np.stack((pitch, np.full_like(pitch, voiced), np.full_like(pitch, energy)), axis=1)


def test_a_rising_clause() -> None:
    features = named(track(np.linspace(0.0, 1.0, 20)))
    assert features["f0_mean"] == pytest.approx(0.5)
    assert features["f0_slope"] == pytest.approx(1.0)
    assert features["f0_spread"] == pytest.approx(np.linspace(0, 1, 20).std(), abs=1e-5)
    assert features["final_slope"] == pytest.approx(4 / 19)
    assert features["energy_mean"] == pytest.approx(0.5)
    assert features["energy_spread"] == pytest.approx(0.0, abs=1e-6)
    assert features["rate"] == pytest.approx(1.0)
    assert features["voicing"] == pytest.approx(1.0)


def test_only_voiced_frames_have_a_pitch() -> None:
    half = track(np.full(10, 9.0))
    half[::2] = (0.25, 0.0, 0.5)
    assert named(half)["f0_mean"] == 4.0  # clipped: nine octaves are a mistake of the tracker
    half[::2, 1], half[1::2, 1] = 1.0, 0.0
    features = named(half)
    assert features["f0_mean"] == pytest.approx(0.25)
    assert features["voicing"] == pytest.approx(0.5)


@pytest.mark.parametrize("frames", [0, 1, 2])
def test_very_short_and_silent_clauses_have_numbers_too(frames: int) -> None:
    silent = named(track(np.zeros(frames), voiced=0.0, energy=-2.0))
    assert all(np.isfinite(value) for value in silent.values())
    assert silent["f0_mean"] == silent["f0_slope"] == silent["voicing"] == 0.0
