"""Which device is meant: by name and host API, or the system's default. Values and pure functions.

Thread-agnostic. Imports neither PortAudio nor PulseAudio.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Direction = Literal["input", "output"]

WHAT = {"input": "microphone", "output": "loudspeaker"}


@dataclass(frozen=True, slots=True)
class SoundDevice:
    """A microphone or a loudspeaker. `label` is what is shown and remembered; `key` is the host's own name for it."""

    direction: Direction
    name: str
    host_api: str
    key: str
    is_default: bool
    is_real: bool = True
    """False for what only repeats or swallows sound: a loudspeaker's monitor, the dummy of a server without devices."""

    @property
    def label(self) -> str:
        """Name and host API, as the user's settings remember it."""
        return f"{self.name} ({self.host_api})"

    def answers_to(self, wanted: str) -> bool:
        """Whether it is the one that is remembered under this label, key or name."""
        return wanted in (self.label, self.key, self.name)


def choose(devices: Sequence[SoundDevice], wanted: str | None) -> SoundDevice | None:
    """The device whose label, name or key is `wanted`; else the default one; else the first; None where none is real.

    A device that is not real is taken only when it is named.
    """
    if wanted is not None and (found := find(devices, wanted)) is not None:
        return found
    real = [device for device in devices if device.is_real]
    return next((device for device in real if device.is_default), real[0] if real else None)


def find(devices: Sequence[SoundDevice], wanted: str) -> SoundDevice | None:
    """The device that is meant by a label, else by a key, else by a name; None where it is not there."""
    for names in (
        [device.label for device in devices],
        [device.key for device in devices],
        [device.name for device in devices],
    ):
        if found := [device for device, name in zip(devices, names, strict=True) if name == wanted]:
            return next((device for device in found if device.is_default), found[0])
    return None
