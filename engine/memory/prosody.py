"""Eight numbers that sum up how a clause was spoken; the same for user and agent, since both come from the codec."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FEATURES = (
    "f0_mean",
    "f0_spread",
    "f0_slope",
    "energy_mean",
    "energy_spread",
    "rate",
    "voicing",
    "final_slope",
)
FINAL_FRAMES = 5


def _slope(track: NDArray[np.float32]) -> float:
    """Change over the whole track by least squares."""
    if len(track) < 2:
        return 0.0
    place = np.linspace(-0.5, 0.5, len(track), dtype=np.float32)
    return float((place * (track - track.mean())).sum() / (place * place).sum())


def clause_prosody(track: NDArray[np.float32], units: int, frame_s: float) -> NDArray[np.float32]:
    """FEATURES (8,) of a clause from its codec prosody `track` (T, 3) and its number of units.

    Pitch in octaves about 128 Hz, energy in 20 dB about -40 dBFS, rate in tens of units a second.
    """
    if not len(track):
        return np.zeros(len(FEATURES), dtype=np.float32)
    voiced = track[:, 1] > 0.5
    pitch = track[voiced, 0]
    energy = track[:, 2]
    features = [
        pitch.mean() if len(pitch) else 0.0,
        pitch.std() if len(pitch) else 0.0,
        _slope(pitch),
        energy.mean(),
        energy.std(),
        units / (len(track) * frame_s) / 10.0,
        voiced.mean(),
        _slope(pitch[-FINAL_FRAMES:]),
    ]
    return np.clip(np.asarray(features, dtype=np.float32), -4.0, 4.0)
