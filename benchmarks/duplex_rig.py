"""One duplex stream that speaks into the virtual microphone and records the virtual loudspeaker, on one clock.

Its callback runs on PortAudio's thread and copies; the rest runs on the benchmark's. A second recorder beside it would
change the loudspeaker's delay.
"""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from benchmarks.virtual_card import LOOP, RIG_LISTENS_TO, RIG_SPEAKS_INTO, environment, wait_for
from engine.audio.portaudio import library
from engine.errors import SottoError

RATE_HZ = 48_000
BLOCK = 480
_LATENCY_S = 0.2
"""The rig's own buffers, which are measured and taken off: long ones ride out a busy machine."""


class Rig:
    """A context manager. Places are samples since its start, the same for what is spoken and what is heard; what is
    spoken at a place is heard `delay_samples` later where it goes straight round."""

    def __init__(self, longest_s: float, source: str = RIG_LISTENS_TO) -> None:
        self._heard = np.zeros(round(longest_s * RATE_HZ), np.int16)
        self._spoken = np.zeros(len(self._heard), np.int16)
        self.place = 0
        self.troubles = 0
        self._source = source
        self._stream: Any = None

    def say(self, samples: NDArray[np.float32], at: int | None = None) -> int:
        """Speak mono (S,) from a place (None: in a moment) on; gives the place."""
        begin = self.place + 4 * BLOCK if at is None else at
        if begin < self.place + BLOCK or begin + len(samples) > len(self._spoken):
            raise SottoError("The rig was asked to speak in the past, or beyond its end.")
        self._spoken[begin : begin + len(samples)] = np.round(32767.0 * np.clip(samples, -1.0, 1.0))
        return begin

    def heard(self, begin: int, end: int | None = None) -> NDArray[np.float32]:
        """What was recorded."""
        stop = self.place if end is None else min(end, self.place)
        return self._heard[begin:stop].astype(np.float32) / 32768.0

    def wait_until(self, place: int) -> None:
        """Let time pass."""
        wait_for(lambda: self.place >= place, "the rig", patience_s=30.0 + (place - self.place) / RATE_HZ)

    def _callback(self, heard: Any, spoken: Any, frames: int, times: Any, status: Any) -> None:
        end = self.place + frames
        self.troubles += bool(status)
        if end > len(self._heard):
            spoken[:] = 0
            return
        self._heard[self.place : end] = heard[:, 0]
        spoken[:, 0] = self._spoken[self.place : end]
        self.place = end

    def __enter__(self) -> Self:
        with environment({"PULSE_SINK": RIG_SPEAKS_INTO, "PULSE_SOURCE": self._source}):
            self._stream = library().Stream(
                samplerate=RATE_HZ,
                blocksize=BLOCK,
                channels=1,
                dtype="int16",
                device="pulse",
                latency=_LATENCY_S,
                callback=self._callback,
            )
            self._stream.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stream.abort(ignore_errors=True)
        self._stream.close(ignore_errors=True)


def rig_delay(rounds: int = 5) -> int:
    """Samples from what a rig speaks to the same in what it records, with nothing but the sound server between."""
    click = np.zeros(480, np.float32)
    click[:48] = 0.5 * np.hanning(48)
    with Rig(longest_s=5.0 + rounds, source=LOOP) as rig:
        rig.wait_until(RATE_HZ)
        delays = []
        for _ in range(rounds):
            at = rig.say(click)
            rig.wait_until(at + RATE_HZ // 2)
            heard = rig.heard(at)
            delays.append(int(np.argmax(np.correlate(heard, click, "valid"))))
    if max(delays) - min(delays) > RATE_HZ // 100:
        raise SottoError(
            f"The rig's own delay moves by {1000 * (max(delays) - min(delays)) / RATE_HZ:.0f} ms, so nothing can be"
            " measured with it; try again on a quiet machine."
        )
    return int(np.median(delays))
