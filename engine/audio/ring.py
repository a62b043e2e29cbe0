"""A preallocated ring of float32 samples between one writing and one reading thread.

The reader may be an audio callback: it copies and counts, takes no lock, allocates no audio memory.
Imports numpy only.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


class SampleRing:
    """Single producer, single consumer. Positions only grow; each is written by one side and read by the other."""

    def __init__(self, capacity_samples: int) -> None:
        if capacity_samples < 1:
            raise ValueError("a ring needs room for at least one sample")
        self._buffer = np.zeros(capacity_samples, np.float32)
        self._written = 0
        self._read = 0

    @property
    def capacity_samples(self) -> int:
        """Samples that fit."""
        return len(self._buffer)

    @property
    def written_samples(self) -> int:
        """Samples ever written."""
        return self._written

    @property
    def read_samples(self) -> int:
        """Samples ever read."""
        return self._read

    @property
    def queued_samples(self) -> int:
        """Samples written and not yet read."""
        return self._written - self._read

    @property
    def free_samples(self) -> int:
        """Samples that fit now."""
        return self.capacity_samples - self.queued_samples

    def write(self, samples: NDArray[np.float32]) -> int:
        """Writer's side: copy as much of (S,) as fits and return that number."""
        count = min(len(samples), self.free_samples)
        start = self._written % self.capacity_samples
        first = min(count, self.capacity_samples - start)
        self._buffer[start : start + first] = samples[:first]
        self._buffer[: count - first] = samples[first:count]
        self._written += count  # last, so that the reader never sees a sample before it is there
        return count

    def read_into(self, target: NDArray[np.float32]) -> int:
        """Reader's side: fill (S,) from its start, zero the rest, and return the samples that were there."""
        count = min(len(target), self.queued_samples)
        start = self._read % self.capacity_samples
        first = min(count, self.capacity_samples - start)
        target[:first] = self._buffer[start : start + first]
        target[first:count] = self._buffer[: count - first]
        target[count:] = 0.0
        self._read += count
        return count
