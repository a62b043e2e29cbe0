"""The only file that uses sounddevice: what PortAudio has, its streams, its start and end.

Streams call back on PortAudio's own thread. Importing this module is cheap; PortAudio starts on first use. It reads
the list of devices once, when it starts: `refresh` makes it look again, which needs every stream closed.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.audio.choice import Direction
from engine.errors import SottoError

BlockCallback = Callable[[NDArray[np.float32], float, bool], None]
"""Takes (frames, channels), the monotonic second at which its first frame was or will be at the converter, and whether
PortAudio says that it lost or lacked samples. Fills the array where the stream is an output."""


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


def library() -> ModuleType:
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
        raise broken(error) from error
    module: ModuleType = sounddevice
    return module


def broken(error: Exception) -> SoundDeviceError:
    """The sentence for a PortAudio that does not answer."""
    return SoundDeviceError(
        f"The sound system does not answer ({reason(error)}); check its settings, or write a file with --out."
    )


def output_devices() -> tuple[AudioDevice, ...]:
    """Every device that can play. Raises SoundDeviceError where PortAudio is missing or fails."""
    return _devices("max_output_channels", 1)


def input_devices() -> tuple[AudioDevice, ...]:
    """Every device that can record. Raises SoundDeviceError where PortAudio is missing or fails."""
    return _devices("max_input_channels", 0)


def _devices(channels: str, direction: int) -> tuple[AudioDevice, ...]:
    audio = library()
    try:
        apis = audio.query_hostapis()
        default = audio.default.device[direction]
        found = audio.query_devices()
    except audio.PortAudioError as error:
        raise broken(error) from error
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


def reason(error: Exception) -> str:
    """PortAudio's own words, without what was tried and the error's number."""
    words = str(error.args[0]).partition(" [")[0] if error.args else ""
    return words.rpartition(": ")[2] or "no reason given"


def devices_of(direction: Direction) -> tuple[AudioDevice, ...]:
    """The devices of one direction, as the list had them when PortAudio started or was last refreshed."""
    return input_devices() if direction == "input" else output_devices()


_open_streams: set[int] = set()


def register(stream: Any) -> None:
    """A stream was opened: `refresh` would kill it."""
    _open_streams.add(id(stream))


def unregister(stream: Any) -> None:
    """A stream was closed. Harmless twice."""
    _open_streams.discard(id(stream))


def refresh() -> bool:
    """Make PortAudio look for devices again; gives whether it did, which it cannot while a stream is open.

    Raises SoundDeviceError where PortAudio does not start again.
    """
    if _open_streams:
        return False
    if "sounddevice" not in sys.modules:
        library()  # it looks as it is imported
        return True
    audio = library()
    try:
        if audio._initialized:  # sounddevice has no public way; a failed start before leaves nothing to end
            audio._terminate()
        audio._initialize()
    except audio.PortAudioError as error:
        raise broken(error) from error
    return True


def supports(direction: Direction, device: AudioDevice, rate_hz: int) -> bool:
    """Whether the device can be opened at this rate with one channel."""
    audio = library()
    check = audio.check_input_settings if direction == "input" else audio.check_output_settings
    try:
        check(device=device.index, channels=1, dtype="float32", samplerate=rate_hz)
    except audio.PortAudioError:
        return False
    return True


class DeviceStream:
    """One open device. The callback runs on PortAudio's thread from `start` on. Raises SoundDeviceError.

    PortAudio counts time on a clock of its own; the callback is given `time.monotonic` instead, so that both streams
    and everybody else share one.
    """

    def __init__(
        self,
        direction: Direction,
        device: AudioDevice,
        rate_hz: int,
        block_samples: int,
        latency_s: float,
        callback: BlockCallback,
    ) -> None:
        self._audio = library()
        self.device = device
        self.rate_hz = rate_hz
        self._callback = callback
        is_input = direction == "input"
        kind = self._audio.InputStream if is_input else self._audio.OutputStream
        try:
            self._stream = kind(
                samplerate=rate_hz,
                device=device.index,
                channels=1 if is_input else min(2, device.channels),
                dtype="float32",
                blocksize=block_samples,
                latency=latency_s,
                callback=self._on_input if is_input else self._on_output,
            )
        except self._audio.PortAudioError as error:
            raise self._busy(error) from error
        register(self._stream)
        self._latency_s = float(self._stream.latency)

    def start(self) -> None:
        """Let the callbacks come."""
        try:
            self._stream.start()
        except self._audio.PortAudioError as error:
            self.close()
            raise self._busy(error) from error

    @property
    def is_active(self) -> bool:
        """Whether PortAudio believes that it runs; a stalled device looks active too."""
        try:
            return bool(self._stream.active)
        except self._audio.PortAudioError:
            return False

    def close(self) -> None:
        """Give the device back, dropping what it still holds. Harmless twice."""
        self._stream.close(ignore_errors=True)
        unregister(self._stream)

    def _on_input(self, block: NDArray[np.float32], frames: int, at: Any, status: Any) -> None:
        passed_s = at.currentTime - at.inputBufferAdcTime if at.inputBufferAdcTime else self._latency_s
        self._callback(block, time.monotonic() - passed_s, bool(status.input_overflow))

    def _on_output(self, block: NDArray[np.float32], frames: int, at: Any, status: Any) -> None:
        ahead_s = at.outputBufferDacTime - at.currentTime if at.outputBufferDacTime else self._latency_s
        self._callback(block, time.monotonic() + ahead_s, bool(status.output_underflow))

    def _busy(self, error: Exception) -> SoundDeviceError:
        return SoundDeviceError(
            f"The sound device {self.device.name!r} cannot be opened, perhaps because another program holds it"
            f" ({reason(error)}); close that program or choose another device."
        )
