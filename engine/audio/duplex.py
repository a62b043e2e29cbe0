"""The contract of a microphone and a loudspeaker that work at once, whatever is behind them: devices or files.

Values and protocols only; imports numpy. A block is `AudioConfig.block_ms` long. Time is the microphone's sample count.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from engine.audio.playback import Playback


@dataclass(frozen=True, slots=True, eq=False)
class CaptureBlock:
    """One block of the microphone, mono float32 (block_samples,), and what the loudspeaker gave at that time.

    `at_sample` is the place of the first sample on the microphone's clock; where samples were lost it jumps by their
    number. `reference` is what was played, after volume, duck and fades, laid on the same clock as well as the devices'
    time stamps allow: zeros where nothing was.
    """

    at_sample: int
    samples: NDArray[np.float32]
    reference: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class DeviceNotice:
    """Something happened to a device: a sentence for the user, what to do. `lost` and `recovered` come in pairs."""

    direction: Literal["input", "output", "both"]
    kind: Literal["lost", "recovered", "changed", "xrun"]
    message: str
    mend: str = ""


@dataclass(frozen=True, slots=True)
class DuplexCounts:
    """Totals since the start: blocks lost before they were read, callbacks that found nothing to play."""

    lost_input_samples: int = 0
    input_overflows: int = 0
    output_underflows: int = 0


class Duplex(Protocol):
    """A microphone and a loudspeaker. One thread reads; `playback` says what sounds."""

    @property
    def playback(self) -> Playback:
        """What the loudspeaker plays; the same object for as long as the devices are open."""

    @property
    def is_simulated(self) -> bool:
        """Whether time stands still between two reads (files), so that computing takes none of it."""

    @property
    def counts(self) -> DuplexCounts:
        """Losses so far."""

    def start(self) -> None:
        """Open the devices. Raises SoundDeviceError with one sentence where there is none or it is busy."""

    def read(self, timeout_s: float) -> CaptureBlock | None:
        """The next block; None when none came in time, or at the end of a file (`ended`)."""

    @property
    def ended(self) -> bool:
        """No block will ever come again."""

    def choose(self, input_device: str | None, output_device: str | None) -> None:
        """Other devices from now on (None: the system's); a notice says when they are used. Files stay."""

    def notices(self) -> tuple[DeviceNotice, ...]:
        """What happened to the devices since the last call."""

    def close(self) -> None:
        """Give the devices back. Harmless twice."""

    def abandon(self) -> None:
        """Close where nothing came of it: no recording is left."""
