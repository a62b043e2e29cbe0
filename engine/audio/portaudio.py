"""The only file that uses sounddevice: what PortAudio has, its streams, its start and end.

Streams call back on PortAudio's own thread. Importing this module is cheap; PortAudio starts on first use. It reads
the list of devices once, when it starts: `refresh` makes it look again, which needs every stream closed.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import ModuleType

from engine.errors import SottoError


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
