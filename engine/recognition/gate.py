"""Only speech is decoded: leading, trailing and long inner silence is held back.

Runs in the recogniser's process. It spares computing, and cepstral means that silence would pull down. Imports numpy.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.recognition.denoise import HOP

ACTIVE_DB = 3.0
"""A frame this far above the noise is speech, or sound at least."""

_ONSET_FRAMES = 3
_BEFORE_FRAMES = 15  # 120 ms: soft beginnings
_AFTER_FRAMES = 30  # 240 ms: soft ends, and the pause that decoders need to close a word
_PAUSE_FRAMES = 10  # 80 ms: longer than the closure of most stops
_LEAST_ACTIVE_FRAMES = 10  # 80 ms: no word is shorter


class SpeechGate:
    """One utterance. Frames are HOP samples."""

    def __init__(self) -> None:
        self._held = np.zeros(0, np.float32)
        self._in_row = 0
        self._open_for = 0
        self._active_db: list[float] = []
        self._active_power = 0.0

    @property
    def speech_dbfs(self) -> float:
        """Mean level of the frames that are speech; very low where there are none."""
        mean = self._active_power / max(1, len(self._active_db))
        return 10.0 * float(np.log10(mean + 1e-10))

    @property
    def pauses(self) -> bool:
        """Whether the last frames let through were silence already: the word before them is over."""
        return self._open_for <= _AFTER_FRAMES - _PAUSE_FRAMES

    @property
    def heard_speech(self) -> bool:
        """Whether anything was long enough to be a word."""
        return len(self._active_db) >= _LEAST_ACTIVE_FRAMES

    @property
    def snr_db(self) -> float:
        """Median level of the frames that are speech over the noise; 0 where there are none."""
        return float(np.median(self._active_db)) if self._active_db else 0.0

    @property
    def variation_db(self) -> float:
        """How much the level of those frames goes up and down (standard deviation)."""
        return float(np.std(self._active_db)) if self._active_db else 0.0

    def passed(self, samples: NDArray[np.float32], levels_db: NDArray[np.float64]) -> NDArray[np.float32]:
        """What of these frames (F x HOP samples, levels (F,)) is to be decoded, in order."""
        through = []
        for index, level_db in enumerate(levels_db):
            frame = samples[index * HOP : (index + 1) * HOP]
            active = level_db >= ACTIVE_DB
            self._in_row = self._in_row + 1 if active else 0
            if active:
                self._active_db.append(float(level_db))
                self._active_power += float(np.mean(np.square(frame)))
            if self._in_row >= _ONSET_FRAMES or (active and self._open_for > 0):
                self._open_for = _AFTER_FRAMES
                through.append(self._held)
                self._held = np.zeros(0, np.float32)
            if self._open_for > 0:
                self._open_for -= 1
                through.append(frame)
            else:
                self._held = np.concatenate([self._held, frame])[-_BEFORE_FRAMES * HOP :]
        return np.concatenate(through) if through else np.zeros(0, np.float32)
