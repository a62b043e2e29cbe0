"""A loudspeaker and a clock of a test alone: what plays and what a frame takes is counted, not waited for."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.audio.devices import QUEUE_MS, START_MS
from engine.model import FrameInput, FrameRunner, Sampling, StreamState


class VirtualClock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


class VirtualLoudspeaker:
    """Plays on a virtual clock as the real sink does: from START_MS on, with a queue of QUEUE_MS, counting its gaps."""

    def __init__(self, clock: VirtualClock, sample_rate_hz: int) -> None:
        self.underruns = 0
        self._clock, self._rate_hz = clock, sample_rate_hz
        self._queued_ms, self._plays, self._at_s = 0.0, False, 0.0

    def write(self, samples: NDArray[np.float32]) -> None:
        """Take (S,) samples; where the queue is full, time passes until they fit."""
        self._play()
        self._queued_ms += 1000.0 * len(samples) / self._rate_hz
        self._plays = self._plays or self._queued_ms >= START_MS
        if self._queued_ms > QUEUE_MS:
            self._clock.now_s += (self._queued_ms - QUEUE_MS) / 1000.0
            self._play()

    def reserve_ms(self) -> float:
        """What waits to be played now."""
        self._play()
        return self._queued_ms

    def _play(self) -> None:
        passed_ms = 1000.0 * (self._clock.now_s - self._at_s)
        self._at_s = self._clock.now_s
        if not self._plays:
            return
        if passed_ms > self._queued_ms + 1e-6:
            self.underruns += 1
        self._queued_ms = max(0.0, self._queued_ms - passed_ms)


class CostlyFrames:
    """A frame runner whose choice of codes costs what the test says; counts its frames."""

    def __init__(self, frames: FrameRunner, spend: Callable[[int, int], None]) -> None:
        self._frames, self._spend = frames, spend
        self.made = 0

    def step(self, state: StreamState, inputs: FrameInput) -> tuple[Tensor, Tensor]:
        """See `FrameRunner`."""
        return self._frames.step(state, inputs)

    def choose(self, hidden: Tensor, sampling: Sampling, noise: Tensor, books: int) -> Tensor:
        """See `FrameRunner`."""
        self._spend(self.made, books)
        self.made += 1
        return self._frames.choose(hidden, sampling, noise, books)


class CaughtFrames:
    """A frame runner that gives one first code over and over for frames `first` to `last` that it makes."""

    def __init__(self, frames: FrameRunner, first: int, last: int) -> None:
        self._frames, self._caught = frames, range(first, last + 1)
        self.made = 0

    def step(self, state: StreamState, inputs: FrameInput) -> tuple[Tensor, Tensor]:
        """See `FrameRunner`."""
        return self._frames.step(state, inputs)

    def choose(self, hidden: Tensor, sampling: Sampling, noise: Tensor, books: int) -> Tensor:
        """See `FrameRunner`."""
        codes = self._frames.choose(hidden, sampling, noise, books)
        if self.made in self._caught:
            codes[0] = torch.tensor(1)
        self.made += 1
        return codes
