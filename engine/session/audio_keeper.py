"""Keeps the sound of turns as WAV files, where the user wants that: what was said, and what was made to be heard.

Called on the dialogue's thread for deeds, so that a slow disk delays nothing. Imports numpy.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.audio.wavfile import WavWriter
from engine.errors import SottoError
from engine.hearing import RECOGNISER_RATE_HZ
from engine.session.record import Record


@dataclass(frozen=True, slots=True)
class AudioKeeper:
    """One conversation's sounds, in one folder. Raises SottoError where it cannot be written."""

    folder: Path
    rate_hz: int
    record: Record

    def user(self, turn: int, sound: list[NDArray[np.float32]]) -> None:
        """What the recogniser heard of a turn, at its rate."""
        self._write(turn, "user", sound, RECOGNISER_RATE_HZ)

    def assistant(self, turn: int, sound: list[NDArray[np.float32]]) -> None:
        """All that was made of an answer, whether it was heard or not."""
        self._write(turn, "assistant", sound, self.rate_hz)

    def _write(self, turn: int, side: str, sound: list[NDArray[np.float32]], rate_hz: int) -> None:
        if not sound:
            return
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise SottoError(
                f"The sound of the conversation cannot be kept in {self.folder} ({error.strerror}); choose another"
                " folder, or do not keep it."
            ) from error
        path = self.folder / f"turn_{turn:05d}_{side}.wav"
        with WavWriter(path, rate_hz) as writer:
            for samples in sound:
                writer.write(samples)
        self.record.recorded(turn, side, path)
