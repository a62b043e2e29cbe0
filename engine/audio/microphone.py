"""One opened microphone, read: whole blocks on its own count, with the clock behind them.

Runs on the conversation's thread. Must not import devices: what it reads is a track, whoever fills it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.audio.clock import ClockFit
from engine.audio.track import Regrouper, TrackBlock, TrackReader
from engine.config import AudioConfig


class MicrophoneReader:
    """Regroups a track to the conversation's blocks. `lost_samples`: what the driver lost without counting it, which
    the time stamps tell after an overflow; the places of later blocks have jumped by as much."""

    def __init__(self, track: TrackReader, config: AudioConfig) -> None:
        self.fit = ClockFit(config.rate_hz)
        self.lost_samples = 0
        self._track, self._config = track, config
        self._regrouper = Regrouper(config.block_samples)

    def take(self) -> list[tuple[int, NDArray[np.float32]]]:
        """Whole blocks (place, samples) that have come since."""
        blocks: list[tuple[int, NDArray[np.float32]]] = []
        while (piece := self._track.take()) is not None:
            if piece.flagged and self.fit.is_ready:
                self._mend(piece)
            position = piece.position + self.lost_samples
            self.fit.add(position, piece.at_s)
            blocks += self._regrouper.put(position, piece.samples)
        return blocks

    def _mend(self, piece: TrackBlock) -> None:
        missing = round(self.fit.position_at(piece.at_s)) - (piece.position + self.lost_samples)
        if missing >= self._config.block_samples:
            self.lost_samples += missing
        self.fit.restart()
