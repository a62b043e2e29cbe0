"""Playback for a loudspeaker that does not take the conversation's rate: rendered and resampled a little ahead.

Has a thread of its own, since a callback only copies; the price is that a pause sounds AHEAD_S later.
"""

from __future__ import annotations

import threading

import numpy as np
import soxr

from engine.audio.playback import Playback
from engine.audio.ring import SampleRing
from engine.audio.track import QUALITY
from engine.config import AudioConfig

AHEAD_S = 0.03
"""What waits for the device: three of its blocks."""


class RenderAhead:
    """Fills `ring` at the device's rate: with the playback while it is `live`, with silence else."""

    def __init__(self, playback: Playback, device_rate_hz: int, config: AudioConfig) -> None:
        self.ring = SampleRing(int(device_rate_hz * 4 * AHEAD_S))
        self.live = False
        self._playback, self._device_rate_hz, self._config = playback, device_rate_hz, config
        self._resampler = soxr.ResampleStream(
            config.rate_hz, device_rate_hz, 1, dtype="float32", quality=QUALITY
        )
        self._block = np.zeros(config.block_samples, np.float32)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sotto-resampling", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End. Harmless before `start` and twice."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def fill(self) -> None:
        """Render until AHEAD_S waits."""
        while self.ring.queued_samples < AHEAD_S * self._device_rate_hz:
            if self.live:
                self._playback.render(self._block)
            else:
                self._block[:] = 0.0
            self.ring.write(self._resampler.resample_chunk(self._block))

    def _run(self) -> None:
        while not self._stop.wait(self._config.block_ms / 2000.0):
            self.fill()
