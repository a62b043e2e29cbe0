"""Where a response's audio goes: back as events, into a WAV file, or to the loudspeaker.

All three run on the engine thread and share one protocol; `check` is cheap and comes before a voice is loaded,
so that a mistake shows at once. PortAudio is touched by the loudspeaker alone.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from engine.audio.devices import OutputStream, default_output
from engine.audio.wavfile import WavWriter, check_target
from engine.commands import Destination


class Sink(Protocol):
    """One response's way out. `open` once, `write` often, then `finish` (all is well) or `discard`."""

    underruns: int

    def check(self) -> None:
        """Raise SottoError where this sink cannot work."""

    def open(self, sample_rate_hz: int) -> None:
        """Get ready for mono audio at this rate."""

    def write(self, samples: NDArray[np.float32], frame_index: int) -> None:
        """Take (S,) samples; may block while the way out is full."""

    def reserve_ms(self) -> float | None:
        """Audio taken and not yet played, by the count of samples; None where nothing is played as it is made."""

    def finish(self) -> None:
        """Return when everything has arrived: was heard, or stands in the file."""

    def discard(self) -> None:
        """Leave nothing behind. Harmless after `finish` or before `open`."""


class EventSink:
    """Hands every chunk to `emit(samples, sample_rate_hz, frame_index)`, which may block."""

    def __init__(self, emit: Callable[[NDArray[np.float32], int, int], None]) -> None:
        self.underruns = 0
        self._emit = emit
        self._sample_rate_hz = 0

    def check(self) -> None:
        """Nothing can be wrong with events."""

    def open(self, sample_rate_hz: int) -> None:
        """Remember the rate."""
        self._sample_rate_hz = sample_rate_hz

    def write(self, samples: NDArray[np.float32], frame_index: int) -> None:
        """Emit (S,) samples."""
        self._emit(samples, self._sample_rate_hz, frame_index)

    def reserve_ms(self) -> None:
        """Whoever takes events plays them when he likes."""
        return None

    def finish(self) -> None:
        """Everything has left already."""

    def discard(self) -> None:
        """Nothing is held."""


class FileSink:
    """A WAV file that appears when it is whole."""

    def __init__(self, path: Path) -> None:
        self.underruns = 0
        self._path = path
        self._writer: WavWriter | None = None

    def check(self) -> None:
        """Raise SottoError where the file could not be written."""
        check_target(self._path)

    def open(self, sample_rate_hz: int) -> None:
        """Start the temporary file."""
        self._writer = WavWriter(self._path, sample_rate_hz)

    def write(self, samples: NDArray[np.float32], frame_index: int) -> None:
        """Append (S,) samples."""
        assert self._writer is not None, "open comes before write"
        self._writer.write(samples)

    def reserve_ms(self) -> None:
        """A file waits."""
        return None

    def finish(self) -> None:
        """Give the file its name."""
        assert self._writer is not None, "open comes before finish"
        self._writer.commit()

    def discard(self) -> None:
        """Remove the temporary file."""
        if self._writer is not None:
            self._writer.abort()


class LoudspeakerSink:
    """The default output device."""

    def __init__(self, cancelled: threading.Event) -> None:
        self.underruns = 0
        self._cancelled = cancelled
        self._stream: OutputStream | None = None

    def check(self) -> None:
        """Raise SoundDeviceError where there is none."""
        default_output()

    def open(self, sample_rate_hz: int) -> None:
        """Prepare the stream; it starts with the first audio."""
        self._stream = OutputStream(sample_rate_hz, self._cancelled)

    def write(self, samples: NDArray[np.float32], frame_index: int) -> None:
        """Queue (S,) samples, at the pace of the device."""
        assert self._stream is not None, "open comes before write"
        self._stream.write(samples)

    def reserve_ms(self) -> float:
        """What waits in the queue."""
        assert self._stream is not None, "open comes before reserve_ms"
        return self._stream.queued_ms

    def finish(self) -> None:
        """Return when the last sample was heard."""
        assert self._stream is not None, "open comes before finish"
        self._stream.finish()
        self.underruns = self._stream.underruns
        self._stream.close()

    def discard(self) -> None:
        """Fall silent at once."""
        if self._stream is not None:
            self._stream.close()


def sink_for(
    destination: Destination,
    cancelled: threading.Event,
    emit: Callable[[NDArray[np.float32], int, int], None],
) -> Sink:
    """The sink of a Say command."""
    if destination == "events":
        return EventSink(emit)
    if destination == "loudspeaker":
        return LoudspeakerSink(cancelled)
    assert isinstance(destination, Path)
    return FileSink(destination)
