"""The sound devices: what there is, and an output stream that plays a voice. The only file that uses sounddevice.

The stream's callback runs on PortAudio's thread: it copies from a ring and counts, nothing else. Everything else
runs on the thread that speaks. Importing this module is cheap; PortAudio starts on first use.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType, TracebackType
from typing import Any, Self

import numpy as np
import soxr
from numpy.typing import NDArray

from engine.audio.ring import SampleRing
from engine.errors import SottoError

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


class SoundDeviceError(SottoError):
    """There is nothing to play on, or it is busy, or it stopped."""


@dataclass(frozen=True, slots=True)
class AudioDevice:
    """One device that plays or records, as PortAudio names it; `channels` and the default are of that direction."""

    index: int
    name: str
    host_api: str
    channels: int
    default_rate_hz: int
    is_default: bool


def _portaudio() -> ModuleType:
    """sounddevice, or a sentence where its library is missing or does not start: it is started by the import."""
    try:
        import sounddevice
    except OSError as error:
        raise SoundDeviceError(
            "PortAudio is not installed, so nothing can be played; install it (Debian: apt-get install libportaudio2)"
            " or write a file with --out."
        ) from error
    except Exception as error:
        if (
            type(error).__name__ != "PortAudioError"
        ):  # the class went with the module that could not be imported
            raise
        raise _broken(error) from error
    module: ModuleType = sounddevice
    return module


def _broken(error: Exception) -> SoundDeviceError:
    return SoundDeviceError(
        f"The sound system does not answer ({_reason(error)}); check its settings, or write a file with --out."
    )


def output_devices() -> tuple[AudioDevice, ...]:
    """Every device that can play. Raises SoundDeviceError where PortAudio is missing or fails."""
    return _devices("max_output_channels", 1)


def input_devices() -> tuple[AudioDevice, ...]:
    """Every device that can record. Raises SoundDeviceError where PortAudio is missing or fails."""
    return _devices("max_input_channels", 0)


def _devices(channels: str, direction: int) -> tuple[AudioDevice, ...]:
    audio = _portaudio()
    try:
        apis = audio.query_hostapis()
        default = audio.default.device[direction]
        found = audio.query_devices()
    except audio.PortAudioError as error:
        raise _broken(error) from error
    return tuple(
        AudioDevice(
            index=device["index"],
            name=device["name"],
            host_api=apis[device["hostapi"]]["name"],
            channels=device[channels],
            default_rate_hz=int(device["default_samplerate"]),
            is_default=device["index"] == default,
        )
        for device in found
        if device[channels] > 0
    )


def default_output() -> AudioDevice:
    """The device that plays unless another is named. Raises SoundDeviceError where there is none."""
    for device in output_devices():
        if device.is_default:
            return device
    raise SoundDeviceError("No sound device was found; connect one, or write a file with --out.")


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
        self._audio = _portaudio()
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
            self._stream.start()
        except self._audio.PortAudioError as error:
            raise SoundDeviceError(
                f"The sound device {self._device.name!r} cannot be opened, perhaps because another program holds it"
                f" ({_reason(error)}); close that program, or write a file with --out."
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


def _reason(error: Exception) -> str:
    """PortAudio's own words, without what was tried and the error's number."""
    words = str(error.args[0]).partition(" [")[0] if error.args else ""
    return words.rpartition(": ")[2] or "no reason given"
