"""What the loudspeaker plays: the tape of one response, a head on it, a gain. The callback renders it.

`render` runs on the audio callback (or on the thread that reads a file in simulated time): it copies, applies a gain
that moves monotonically to its target, and counts. Everything else runs on the conversation's thread. Imports numpy.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

TAPE_S = 30.0
"""What one tape holds: audio made ahead, and behind the head what a resumed answer may go back to."""

KEPT_BEHIND_S = 10.0
"""Audio behind the head that is never overwritten."""

FADE_MS = 15.0
"""A change of gain takes this long: shorter clicks, longer is heard as a late stop."""


@dataclass(frozen=True, slots=True)
class PlaybackPosition:
    """Where the tape stands. `response` 0: none. `heard_samples` is the furthest sample of the response that sounded,
    `head_sample` the next one to play (less after going back), `appended_samples` how much there is, `ended` whether
    that is all. `sounding`: samples are being taken from the tape at a gain above zero. `starved` counts renders that
    found too little on a tape that has not ended."""

    response: int
    heard_samples: int
    head_sample: int
    appended_samples: int
    ended: bool
    sounding: bool
    starved: int

    @property
    def finished(self) -> bool:
        """All of it was played."""
        return self.ended and self.head_sample >= self.appended_samples


@dataclass(slots=True)
class _Order:
    """What the conversation's thread wants; replaced whole, so that the callback sees one or the other."""

    target: float = 1.0
    pause_when_silent: bool = False
    drop_when_silent: bool = False
    go_to: int | None = None


class Playback:
    """One response at a time. Rates and samples are the devices'; samples (S,) are mono float32.

    `begin` a response (held: nothing sounds before `release`), `append`, `end`. `pause` fades out and stops the head;
    `resume` fades in, from an earlier sample where asked; `drop` fades out and forgets the rest.
    """

    def __init__(self, rate_hz: int) -> None:
        self.rate_hz = rate_hz
        self._tape = np.zeros(int(rate_hz * TAPE_S), np.float32)
        self._ramp = np.zeros(0, np.float32)
        self._step = 1000.0 / (FADE_MS * rate_hz)
        self._volume = self._duck = 1.0
        self._response = 0
        self._appended = self._head = self._heard = 0
        self._ended = False
        self._running = False
        self._gain = 0.0
        self._order = _Order(target=0.0)
        self.starved = 0

    def begin(self, response: int, held: bool = False) -> None:
        """A new tape. What was on the old one must have been dropped or played."""
        self._running = False
        self._response = response
        self._appended = self._head = self._heard = 0
        self._ended = False
        self._gain = 0.0
        self._duck = 1.0
        self._order = _Order(target=0.0)
        if not held:
            self.release()

    @property
    def free_samples(self) -> int:
        """Samples that `append` would take."""
        kept = min(self._head, int(self.rate_hz * KEPT_BEHIND_S))
        return len(self._tape) - (self._appended - self._head) - kept

    def append(self, samples: NDArray[np.float32]) -> int:
        """Take as much as fits; gives how much."""
        count = min(len(samples), self.free_samples)
        start = self._appended % len(self._tape)
        first = min(count, len(self._tape) - start)
        self._tape[start : start + first] = samples[:first]
        self._tape[: count - first] = samples[first:count]
        self._appended += count  # last, so that the callback never plays a sample before it is there
        return count

    def end(self) -> None:
        """No more will be appended."""
        self._ended = True

    def release(self) -> None:
        """Let a held response sound: at full gain at once, since it begins in silence."""
        self._gain = self._volume
        self._order = _Order(target=self._volume)
        self._running = True

    def set_volume_db(self, volume_db: float) -> None:
        """Gain of everything, at most 0 dB."""
        self._volume = min(1.0, 10.0 ** (volume_db / 20.0))
        self._aim()

    def duck(self, by_db: float) -> None:
        """Lower by so many decibels; 0 undoes it."""
        self._duck = 10.0 ** (-by_db / 20.0)
        self._aim()

    def pause(self) -> None:
        """Fade out; the head stops where silence is reached."""
        self._order = _Order(target=0.0, pause_when_silent=True)

    def resume(self, from_sample: int | None = None) -> None:
        """Go on, from an earlier sample of the response where asked (as far back as is kept)."""
        oldest = max(0, self._appended - len(self._tape), self._head - int(self.rate_hz * KEPT_BEHIND_S))
        go_to = None if from_sample is None else min(max(from_sample, oldest), self._head)
        self._duck = 1.0
        self._order = _Order(target=self._volume, go_to=go_to)
        self._running = True

    def drop(self) -> None:
        """Fade out, then forget what was not heard."""
        self._order = _Order(target=0.0, pause_when_silent=True, drop_when_silent=True)

    @property
    def position(self) -> PlaybackPosition:
        """Where it stands."""
        head, appended = self._head, self._appended
        sounding = self._running and self._gain > 0.0 and head < appended
        return PlaybackPosition(
            self._response, self._heard, head, appended, self._ended, sounding, self.starved
        )

    def _aim(self) -> None:
        if self._order.target > 0.0:
            self._order = _Order(target=self._volume * self._duck, go_to=self._order.go_to)

    def render(self, out: NDArray[np.float32]) -> int:
        """Fill (S,) with what is to sound now and give how many samples came from the tape."""
        order = self._order
        out[:] = 0.0
        if not self._running:
            return 0
        if order.go_to is not None:
            self._head, order.go_to = order.go_to, None
        count = min(len(out), self._appended - self._head)
        start = self._head % len(self._tape)
        first = min(count, len(self._tape) - start)
        out[:first] = self._tape[start : start + first]
        out[first:count] = self._tape[: count - first]
        if count < len(out) and not self._ended:
            self.starved += 1
        count = self._apply_gain(out, count, order)
        self._head += count
        self._heard = max(self._heard, self._head)
        if self._gain == 0.0 and order.pause_when_silent:
            self._running = False
            if order.drop_when_silent:
                self._appended, self._ended = self._head, True
        return count

    def _apply_gain(self, out: NDArray[np.float32], count: int, order: _Order) -> int:
        """Move the gain towards its target over `out`; gives how many samples still sound."""
        if self._gain == order.target:
            if order.target != 1.0:
                out[:count] *= np.float32(order.target)
            return count if order.target > 0.0 else 0
        if len(self._ramp) < len(out):
            self._ramp = np.arange(1, len(out) + 1, dtype=np.float32)
        up = order.target > self._gain
        gains = self._gain + (self._step if up else -self._step) * self._ramp[: len(out)]
        gains = np.minimum(gains, order.target) if up else np.maximum(gains, order.target)
        out *= gains
        self._gain = float(gains[-1])
        if self._gain == 0.0:
            return min(count, int(np.count_nonzero(gains)))
        return count
