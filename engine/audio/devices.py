"""The sound devices: what there is, and an output stream that plays a voice.

The stream's callback runs on PortAudio's thread: it copies from a ring and counts, nothing else. Everything else
runs on the thread that speaks. Importing this module is cheap; PortAudio starts on first use.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

import numpy as np
import soxr
from numpy.typing import NDArray

from engine.audio.portaudio import (
    AudioDevice,
    SoundDeviceError,
    default_output,
    input_devices,
    library,
    output_devices,
    reason,
    register,
    unregister,
)
from engine.audio.ring import SampleRing

__all__ = [
    "AudioDevice",
    "OutputStream",
    "SoundDeviceError",
    "default_output",
    "input_devices",
    "output_devices",
    "stream_rate_hz",
]

QUEUE_MS = 500.0
"""Audio made ahead of the loudspeaker: rides out a slow frame, and keeps a stop within one callback anyway."""

START_MS = 60.0
"""Audio queued before the stream starts, so that one late second frame is not an underrun."""

BLOCK_MS = 20.0
"""Audio a callback is asked for: small blocks keep a sound server's own buffer short."""

DEVICE_MS = 100.0
"""Audio held by the device: PortAudio's "low" (about 10 ms) underruns on a busy machine whose callback is Python."""

STALL_S = 3.0
"""A stream whose callback takes nothing for this long while audio waits is dead: PortAudio itself reports nothing."""

_POLL_S = 0.01


def stream_rate_hz(voice_rate_hz: int, device_rate_hz: int, supports: Callable[[int], bool]) -> int:
    """The rate to open a device at: the voice's own where the device takes it, else the device's default."""
    return voice_rate_hz if supports(voice_rate_hz) else device_rate_hz


class OutputStream:
    """Plays mono float32 samples (S,) at `sample_rate_hz` on `device` (None: the default one).

    `write` blocks while the queue is full; `finish` blocks until everything was played. Both return early when
    `cancelled` is set. Raises SoundDeviceError where there is no device, it is busy or it stops.
    """

    def __init__(
        self, sample_rate_hz: int, cancelled: threading.Event, device: AudioDevice | None = None
    ) -> None:
        self._audio = library()
        self._device = device or default_output()
        self._voice_rate_hz = sample_rate_hz
        self._rate_hz = stream_rate_hz(sample_rate_hz, self._device.default_rate_hz, self._supports)
        self._cancelled = cancelled
        self._resampler = (
            soxr.ResampleStream(sample_rate_hz, self._rate_hz, 1, dtype="float32")
            if self._rate_hz != sample_rate_hz
            else None
        )
        self._ring = SampleRing(int(self._rate_hz * QUEUE_MS / 1000.0))
        self._channels = min(2, self._device.channels)
        self._draining = False
        self._starved = False
        self._speech_end: int | None = None  # the ring's position, once it is known
        self._underruns = 0
        self._stream: Any = None

    @property
    def played_samples(self) -> int:
        """Samples, at the voice's rate, that the device has taken."""
        taken = self._ring.read_samples
        if self._speech_end is not None:
            taken = min(taken, self._speech_end)
        return round(taken * self._voice_rate_hz / self._rate_hz)

    @property
    def queued_ms(self) -> float:
        """Audio that was made and that the device has not taken yet."""
        return 1000.0 * self._ring.queued_samples / self._rate_hz

    @property
    def underruns(self) -> int:
        """Gaps: times the audio ran out before its end was announced."""
        return self._underruns

    def write(self, samples: NDArray[np.float32]) -> None:
        """Queue (S,) samples; returns once they are in the ring, or at once when cancelled."""
        self._queue(samples if self._resampler is None else self._resampler.resample_chunk(samples))
        if self._stream is None and self._ring.queued_samples >= self._rate_hz * START_MS / 1000.0:
            self._start()

    def finish(self) -> None:
        """Play what is queued to its last sample, or fall silent at once when cancelled."""
        if self._resampler is not None:
            self._queue(self._resampler.resample_chunk(np.zeros(0, np.float32), last=True))
        if self._stream is None and self._ring.queued_samples:
            self._start()
        if self._stream is not None:
            # PortAudio's own stop loses what an ALSA plug-in still holds, so silence pushes the speech out first
            self._speech_end = self._ring.written_samples
            self._queue(np.zeros(int(self._rate_hz * (self._stream.latency + BLOCK_MS / 1000.0)), np.float32))
        self._draining = True
        self._wait_until(lambda: self._ring.queued_samples == 0)

    def close(self) -> None:
        """Give the device back; silent at once if it still plays. Harmless twice."""
        if self._stream is not None:
            self._stream.abort(ignore_errors=True)
            self._stream.close(ignore_errors=True)
            unregister(self._stream)
            self._stream = None

    def _queue(self, samples: NDArray[np.float32]) -> None:
        while len(samples) and not self._cancelled.is_set():
            samples = samples[self._ring.write(samples) :]
            if len(samples):
                if self._stream is None:
                    self._start()
                self._wait_until(lambda: self._ring.free_samples > 0)

    def _wait_until(self, reached: Callable[[], bool]) -> None:
        """Wait for the callback, which may signal nothing: look every few milliseconds, notice a dead stream."""
        last_read, looks_without_progress = self._ring.read_samples, 0
        while not reached() and not self._cancelled.wait(_POLL_S):
            looks_without_progress += 1
            if self._ring.read_samples != last_read:
                last_read, looks_without_progress = self._ring.read_samples, 0
            if looks_without_progress * _POLL_S > STALL_S or not self._is_active():
                raise SoundDeviceError(
                    f"The sound device {self._device.name!r} stopped taking audio;"
                    " check it, or write a file with --out."
                )

    def _is_active(self) -> bool:
        try:
            return bool(self._stream.active)
        except self._audio.PortAudioError:
            return False

    def _start(self) -> None:
        try:
            self._stream = self._audio.OutputStream(
                samplerate=self._rate_hz,
                device=self._device.index,
                channels=self._channels,
                dtype="float32",
                blocksize=round(self._rate_hz * BLOCK_MS / 1000.0),
                latency=DEVICE_MS / 1000.0,
                callback=self._callback,
            )
            register(self._stream)
            self._stream.start()
        except self._audio.PortAudioError as error:
            raise SoundDeviceError(
                f"The sound device {self._device.name!r} cannot be opened, perhaps because another program holds it"
                f" ({reason(error)}); close that program, or write a file with --out."
            ) from error

    def _supports(self, rate_hz: int) -> bool:
        try:
            self._audio.check_output_settings(
                device=self._device.index, channels=1, dtype="float32", samplerate=rate_hz
            )
        except self._audio.PortAudioError:
            return False
        return True

    def _callback(self, block: NDArray[np.float32], frames: int, time: Any, status: Any) -> None:
        """PortAudio's thread: block is (frames, channels)."""
        got = self._ring.read_into(block[:, 0])
        if self._channels > 1:
            block[:, 1] = block[:, 0]
        starved = got < frames and not self._draining
        if (starved and not self._starved) or status.output_underflow:
            self._underruns += 1
        self._starved = starved

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
