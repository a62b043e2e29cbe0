"""What a stream's callback leaves behind for the conversation's thread: samples, their place and their time.

`Track.put` runs on the callback: it copies into preallocated memory and counts. `Track.take` runs on one other thread.
Single producer, single consumer, no locks. Imports numpy and soxr.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import soxr
from numpy.typing import NDArray

from engine.audio.ring import SampleRing

QUALITY = "MQ"
"""soxr's steps differ in what waits inside: at 44.1 kHz 10 ms with this one, 15 ms with the next better; both are below
-110 dB."""


@dataclass(frozen=True, slots=True, eq=False)
class TrackBlock:
    """What one callback had: (S,) samples, the place of the first one on the stream's own count, the monotonic second
    at which it was at the converter, and whether the driver had lost samples before it."""

    position: int
    at_s: float
    samples: NDArray[np.float32]
    flagged: bool


class Track:
    """Blocks of one stream on their way to a reader. A block that finds no room is lost whole, and leaves a gap
    between the positions of its neighbours."""

    def __init__(self, capacity_samples: int, capacity_blocks: int) -> None:
        self._ring = SampleRing(capacity_samples)
        self._rows = np.zeros((capacity_blocks, 4))  # position, second, samples, flag
        self._written = self._read = 0
        self.position = 0
        """Samples that came, the lost ones with them."""
        self.callbacks = 0
        """Calls of `put`: a watchdog's sign of life."""
        self.lost_samples = 0
        """Samples that found no room."""
        self.flagged = 0
        """Blocks before which the driver had lost or lacked samples."""

    def put(self, block: NDArray[np.float32], at_s: float, flagged: bool) -> None:
        """Callback's side: keep (S,), or count it as lost."""
        size = len(block)
        self.callbacks += 1
        self.flagged += flagged
        if size <= self._ring.free_samples and self._written - self._read < len(self._rows):
            self._ring.write(block)
            row = self._rows[self._written % len(self._rows)]
            row[0], row[1], row[2], row[3] = self.position, at_s, size, flagged
            self._written += 1  # last, so that the reader never sees a row before it is there
        else:
            self.lost_samples += size
        self.position += size

    def take(self) -> TrackBlock | None:
        """Reader's side: the oldest block that is left, or None."""
        if self._read == self._written:
            return None
        position, at_s, size, flagged = self._rows[self._read % len(self._rows)].tolist()
        samples = np.empty(int(size), np.float32)
        self._ring.read_into(samples)
        self._read += 1  # last, so that the callback never overwrites a row that is being read
        return TrackBlock(int(position), at_s, samples, bool(flagged))


class TrackReader:
    """A track at the conversation's rate, whatever the device's is. Positions and stamps are converted too."""

    def __init__(self, track: Track, device_rate_hz: int, rate_hz: int) -> None:
        self._track = track
        self._rates = device_rate_hz, rate_hz
        self._resampler: soxr.ResampleStream | None = None
        self._expected = -1  # the device's position that goes on without a gap
        self._position = 0

    def take(self) -> TrackBlock | None:
        """The oldest block that is left, or None. It may be empty while the resampler fills."""
        block = self._track.take()
        device_rate_hz, rate_hz = self._rates
        if block is None or device_rate_hz == rate_hz:
            return block
        nominal = block.position * rate_hz / device_rate_hz
        if self._resampler is None or block.position != self._expected:
            self._resampler = soxr.ResampleStream(
                device_rate_hz, rate_hz, 1, dtype="float32", quality=QUALITY
            )
            self._position = round(nominal)
        self._expected = block.position + len(block.samples)
        samples = self._resampler.resample_chunk(block.samples)
        at_s = block.at_s + (self._position - nominal) / rate_hz
        converted = TrackBlock(self._position, at_s, samples, block.flagged)
        self._position += len(samples)
        return converted


class Regrouper:
    """Pieces of any size become blocks of one size; what is missing between pieces becomes a jump of the place.

    A block that a gap cuts short is filled up with silence, so that each block is whole and no sample is moved.
    """

    def __init__(self, block_samples: int) -> None:
        self._size = block_samples
        self._waiting = np.zeros(0, np.float32)
        self._position = 0

    def put(self, position: int, samples: NDArray[np.float32]) -> list[tuple[int, NDArray[np.float32]]]:
        """Add (S,) whose first sample has this place; gives the blocks (place, samples) that are whole now.

        What lies before the samples already taken is dropped: time goes one way.
        """
        done: list[tuple[int, NDArray[np.float32]]] = []
        expected = self._position + len(self._waiting)
        if position < expected:
            samples, position = samples[expected - position :], expected
        if not len(samples):
            return done
        if position > expected and len(self._waiting):
            missing = min(position - expected, self._size - len(self._waiting))
            self._waiting = np.pad(self._waiting, (0, missing))
            self._split(done)
        if not len(self._waiting):
            self._position = max(self._position, position)
        self._waiting = np.concatenate([self._waiting, samples])
        self._split(done)
        return done

    def _split(self, done: list[tuple[int, NDArray[np.float32]]]) -> None:
        while len(self._waiting) >= self._size:
            done.append((self._position, self._waiting[: self._size].copy()))
            self._waiting = self._waiting[self._size :]
            self._position += self._size
