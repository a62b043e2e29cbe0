"""The two open streams of a conversation: their callbacks, and what those leave behind.

A callback copies, counts, and renders the playback into preallocated memory; the rest is read from its track elsewhere.
"""

from __future__ import annotations

import abc

import numpy as np
from numpy.typing import NDArray

from engine.audio.ahead import RenderAhead
from engine.audio.choice import Direction
from engine.audio.devices import stream_rate_hz
from engine.audio.playback import Playback
from engine.audio.portaudio import AudioDevice, DeviceStream, supports
from engine.audio.track import Track, TrackReader
from engine.config import AudioConfig

INPUT_LATENCY_S = 0.02
OUTPUT_LATENCY_S = 0.04
"""Audio the devices hold: two and four blocks. Less underruns on a busy machine, more is heard as a late answer."""

TRACK_S = 5.0
"""What a callback may leave behind unread: a conversation's thread that is held up for longer loses sound."""


class OpenStream(abc.ABC):
    """What both directions share: a device stream, its track, its rate."""

    def __init__(self, direction: Direction, device: AudioDevice, config: AudioConfig) -> None:
        self.rate_hz = stream_rate_hz(
            config.rate_hz, device.default_rate_hz, lambda rate_hz: supports(direction, device, rate_hz)
        )
        block_samples = round(self.rate_hz * config.block_ms / 1000.0)
        self.track = Track(int(TRACK_S * self.rate_hz), int(4 * TRACK_S * 1000.0 / config.block_ms))
        self.reader = TrackReader(self.track, self.rate_hz, config.rate_hz)
        self._stream = DeviceStream(
            direction,
            device,
            self.rate_hz,
            block_samples,
            INPUT_LATENCY_S if direction == "input" else OUTPUT_LATENCY_S,
            self._callback,
        )

    @property
    def device(self) -> AudioDevice:
        """PortAudio's device."""
        return self._stream.device

    @property
    def is_active(self) -> bool:
        """Whether PortAudio believes that it runs."""
        return self._stream.is_active

    def start(self) -> None:
        """Let the callbacks come. Raises SoundDeviceError."""
        self._stream.start()

    def close(self) -> None:
        """Give the device back. Harmless twice."""
        self._stream.close()

    @abc.abstractmethod
    def _callback(self, block: NDArray[np.float32], at_s: float, flagged: bool) -> None:
        """A block at its converter at `at_s`: copied and counted, nothing else."""


class OpenInput(OpenStream):
    """A microphone that records into its track."""

    def __init__(self, device: AudioDevice, config: AudioConfig) -> None:
        super().__init__("input", device, config)

    def _callback(self, block: NDArray[np.float32], at_s: float, flagged: bool) -> None:
        self.track.put(block[:, 0], at_s, flagged)


class OpenOutput(OpenStream):
    """A loudspeaker that plays the playback once it is `live`, and silence before; the track gets what it played."""

    def __init__(self, device: AudioDevice, config: AudioConfig, playback: Playback) -> None:
        self._playback = playback
        self.live = False
        super().__init__("output", device, config)
        self._mono = np.zeros(self.rate_hz, np.float32)
        self._ahead = None if self.rate_hz == config.rate_hz else RenderAhead(playback, self.rate_hz, config)

    def start(self) -> None:
        """Let the callbacks come. Raises SoundDeviceError."""
        super().start()
        if self._ahead is not None:
            self._ahead.start()

    def close(self) -> None:
        """Give the device back. Harmless twice."""
        self.live = False
        super().close()
        if self._ahead is not None:
            self._ahead.stop()

    def _callback(self, block: NDArray[np.float32], at_s: float, flagged: bool) -> None:
        mono = self._mono[: len(block)]
        if self._ahead is not None:
            self._ahead.live = self.live
            self._ahead.ring.read_into(mono)
        elif self.live:
            self._playback.render(mono)
        else:
            mono[:] = 0.0
        block[:] = mono[:, None]
        self.track.put(mono, at_s, flagged)
