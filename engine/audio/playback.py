"""What the loudspeaker plays: the tape of one response, a head on it, a gain. The callback renders it.

`render` runs on the audio callback (or on the thread that reads a file in simulated time): it copies, applies a gain
that moves monotonically to its target, and counts. Everything else runs on the conversation's thread. No locks: each
field has one writer, and what the conversation wants reaches the callback as one value, replaced whole. Imports numpy.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

TAPE_S = 30.0
"""What one tape holds: audio made ahead, and behind the head what a resumed answer may go back to."""

KEPT_BEHIND_S = 10.0
"""Audio behind the head that is never overwritten."""

FADE_MS = 15.0
"""A change of gain takes this long, also a small one: a lowered answer that stopped faster in proportion did so while
the next sound began at its full height, which is a click. Longer is heard as a late stop."""

LEAST_VOLUME_DB = -60.0
"""Quieter is not asked for: the gain of a tape that plays stays above zero, so that its head moves on."""

ROUNDING = 1.0001
"""A fade is steeper by this, so that it ends with its last sample whatever the sums of its steps round to."""

RENDER_SAMPLES = 4096
"""Longer renders are done in pieces of this size, for which the room is there beforehand."""


@dataclass(frozen=True, slots=True)
class PlaybackPosition:
    """Where the tape stands. `response` 0: none. `heard_samples` is the furthest sample of the response that sounded,
    `head_sample` the next one to play (less after going back), `appended_samples` how much there is, `ended` whether
    that is all. `sounding`: samples are being taken from the tape at a gain above zero. `starved` counts the times
    that any tape ran dry after its first sample and before its end. `passed_samples` is the furthest sample that was
    taken, heard or not; nobody heard the last stretch from `unheard_from` to before `unheard_until`."""

    response: int
    heard_samples: int
    head_sample: int
    appended_samples: int
    ended: bool
    sounding: bool
    starved: int
    passed_samples: int = 0
    unheard_from: int = 0
    unheard_until: int = 0

    def was_heard(self, sample: float) -> bool:
        """Whether a sample that passed came from the loudspeaker; of the last stretch without one it is known."""
        return sample <= self.heard_samples and not self.unheard_from <= sample < self.unheard_until

    @property
    def finished(self) -> bool:
        """All of it was played."""
        return self.ended and self.head_sample >= self.appended_samples


@dataclass(slots=True, eq=False)
class _Tape:
    """One response's audio. The conversation's thread writes the first group of fields, the callback the second."""

    samples: NDArray[np.float32]
    response: int
    appended: int = 0
    ended: bool = False

    head: int = 0
    heard: int = 0
    passed: int = 0
    unheard_from: int = 0
    unheard_until: int = 0
    gain: float = 0.0
    aim: float | None = None  # what the gain moves to by `slope` a sample; None: to be found anew
    slope: float = 0.0
    fresh: bool = True  # nothing has sounded: it starts at its full gain, since it begins in silence
    dry: bool = True  # counted once a gap, and not before the first sample
    jumps_done: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class _Order:
    """What the conversation's thread wants."""

    tape: _Tape
    mode: Literal["hold", "play", "pause", "drop"] = "hold"
    target: float = 0.0
    jumps: int = 0
    go_to: int = 0

    @property
    def is_dropped(self) -> bool:
        """Silent for good."""
        return self.mode == "drop" and self.tape.gain == 0.0


class Playback:
    """One response at a time. Rates and samples are the devices'; samples (S,) are mono float32.

    `begin` a response (held: nothing sounds before `release`), `append`, `end`. `pause` fades out and stops the head;
    `resume` fades in, from an earlier sample where asked; `drop` fades out and forgets the rest.
    """

    def __init__(self, rate_hz: int) -> None:
        self.rate_hz = rate_hz
        self._kept = int(rate_hz * KEPT_BEHIND_S)
        self._fade_samples = int(np.ceil(FADE_MS * rate_hz / 1000.0))
        self._step = 1.0 / self._fade_samples
        self._volume = self._duck = 1.0
        self._order = _Order(_Tape(np.zeros(1, np.float32), response=0, ended=True))
        self._places = np.arange(1, RENDER_SAMPLES + 1, dtype=np.float32)
        self._gains = np.zeros(RENDER_SAMPLES, np.float32)
        self._limits = np.zeros(RENDER_SAMPLES, np.float32)
        self._last = self._order.tape  # what the callback rendered last: what may still have to fade out
        self.starved = 0

    def begin(self, response: int, held: bool = False) -> None:
        """A new tape. What still sounds of the old one fades out first; its position is read before."""
        tape = _Tape(np.zeros(int(self.rate_hz * TAPE_S), np.float32), response)
        self._duck = 1.0
        self._order = _Order(tape)
        if not held:
            self.release()

    @property
    def free_samples(self) -> int:
        """Samples that `append` would take."""
        order = self._order
        tape = order.tape
        # Where the head may still go back to counts, until it has; the callback moves the head first and tells then.
        pending = order.jumps != tape.jumps_done
        head = tape.head
        oldest = min(head, order.go_to) if pending else head
        return max(0, len(tape.samples) - (tape.appended - oldest) - min(oldest, self._kept))

    def append(self, samples: NDArray[np.float32]) -> int:
        """Take as much as fits; gives how much. After `drop` it takes everything and keeps nothing."""
        tape = self._order.tape
        if self._order.mode == "drop" or tape.ended:
            return len(samples)
        count = min(len(samples), self.free_samples)
        start = tape.appended % len(tape.samples)
        first = min(count, len(tape.samples) - start)
        tape.samples[start : start + first] = samples[:first]
        tape.samples[: count - first] = samples[first:count]
        tape.appended += count  # last, so that the callback never plays a sample before it is there
        return count

    def end(self) -> None:
        """No more will be appended."""
        self._order.tape.ended = True

    def release(self) -> None:
        """Let a held response sound: at full gain at once, since it begins in silence."""
        if self._order.mode == "hold":
            self._order = replace(self._order, mode="play", target=self._full_gain)

    def set_volume_db(self, volume_db: float) -> None:
        """Gain of everything, from LEAST_VOLUME_DB to 0 dB."""
        self._volume = 10.0 ** (min(0.0, max(LEAST_VOLUME_DB, volume_db)) / 20.0)
        self._aim()

    def duck(self, by_db: float) -> None:
        """Lower by so many decibels; 0 undoes it."""
        self._duck = 10.0 ** (-max(0.0, by_db) / 20.0)
        self._aim()

    def pause(self) -> None:
        """Fade out; the head stops where silence is reached. A held response stays held."""
        if self._order.mode == "play":
            self._order = replace(self._order, mode="pause", target=0.0)

    def resume(self, from_sample: int | None = None) -> None:
        """Go on, from an earlier sample of the response where asked (as far back as is kept). Undoes a duck."""
        order = self._order
        if order.mode not in ("play", "pause"):
            return
        self._duck = 1.0
        tape, jumps, go_to = order.tape, order.jumps, order.go_to
        if from_sample is not None:
            head = tape.head
            oldest = max(0, tape.appended - len(tape.samples), head - self._kept)
            jumps, go_to = jumps + 1, min(max(from_sample, oldest), head)
        self._order = replace(order, mode="play", target=self._full_gain, jumps=jumps, go_to=go_to)

    def drop(self) -> None:
        """Fade out, then forget what was not heard."""
        self._order = replace(self._order, mode="drop", target=0.0)

    @property
    def position(self) -> PlaybackPosition:
        """Where it stands."""
        order = self._order
        tape = order.tape
        dropped = order.is_dropped
        ended, head, appended = tape.ended or dropped, tape.head, tape.appended
        if dropped:  # also while it had gone back: what was heard before is not unheard
            head = appended = max(head, tape.passed)
        sounding = order.mode != "hold" and tape.gain > 0.0 and head < appended
        passed = min(tape.passed, appended)  # before what it is told apart by, which only grows
        return PlaybackPosition(
            tape.response,
            min(tape.heard, appended),
            head,
            appended,
            ended,
            sounding,
            self.starved,
            passed,
            tape.unheard_from,
            tape.unheard_until,
        )

    @property
    def _full_gain(self) -> float:
        """The gain while nothing fades, as the callback's arithmetic has it."""
        return float(np.float32(self._volume * self._duck))

    def _aim(self) -> None:
        if self._order.mode == "play":
            self._order = replace(self._order, target=self._full_gain)

    def render(self, out: NDArray[np.float32], audible: bool = True) -> int:
        """Fill (S,) with what is to sound now and give how many samples came from the tape.

        Where it is not `audible`, the loudspeaker being gone, the head moves on and nothing counts as heard.
        """
        taken = 0
        for start in range(0, len(out), RENDER_SAMPLES):
            taken += self._render_piece(out[start : start + RENDER_SAMPLES], audible)
        return taken

    def _render_piece(self, out: NDArray[np.float32], audible: bool) -> int:
        order, last = self._order, self._last
        if last is not order.tape:
            # One tape at a time: the sum of two would be louder than either, and clip.
            faded = self._copy(last, out, 0.0, audible)
            if last.gain > 0.0:
                return 0
            self._last, out = order.tape, out[faded:]
        return self._play(order, out, audible)

    def _play(self, order: _Order, out: NDArray[np.float32], audible: bool) -> int:
        tape, target = order.tape, order.target
        if order.mode == "hold":
            out[:] = 0.0
            return 0
        if order.jumps != tape.jumps_done:
            if tape.gain > 0.0:
                target = 0.0  # silent first, or the leap would click
            else:
                tape.head = order.go_to
                tape.jumps_done = order.jumps
        if tape.fresh and order.mode == "play" and tape.appended:
            tape.gain, tape.fresh, tape.dry = target, False, False
        return self._copy(tape, out, target, audible)

    def _copy(self, tape: _Tape, out: NDArray[np.float32], target: float, audible: bool) -> int:
        """From the tape into (S,), the gain moving to `target`; gives how many samples sounded."""
        out[:] = 0.0
        if tape.gain == 0.0 and target == 0.0:
            return 0
        ended = tape.ended  # before the count: once it has ended, the count is final
        head, available = tape.head, tape.appended - tape.head
        count = min(len(out), available)
        short = count < len(out)
        start = head % len(tape.samples)
        first = min(count, len(tape.samples) - start)
        out[:first] = tape.samples[start : start + first]
        out[first:count] = tape.samples[: count - first]
        # A tape that runs dry fades out on what it has; the next samples come in time as a rule, and undo it.
        running_dry = not ended and available < len(out) + self._fade_samples
        if tape.gain != target or running_dry:
            gains = self._move(tape, target, count, available if running_dry else None)
            out[:count] *= gains
            if count:
                tape.gain = float(gains[-1])
            if target == 0.0:
                count = int(np.count_nonzero(gains))
        elif target != 1.0:
            out[:count] *= np.float32(target)
        tape.head = head + count
        if audible:
            tape.heard = max(tape.heard, tape.head)
        elif tape.head > tape.passed:
            if tape.unheard_until != tape.passed:
                tape.unheard_from = tape.passed
            tape.unheard_until = tape.head
        tape.passed = max(tape.passed, tape.head)
        if short:
            self._note_end(tape, counts=audible and target > 0.0 and not ended)
        else:
            tape.dry = tape.fresh
        return count

    def _move(self, tape: _Tape, target: float, count: int, dry_after: int | None) -> NDArray[np.float32]:
        """The gain of each of `count` samples, monotone towards `target`, and zero at the last of `dry_after`."""
        gains, places = self._gains[:count], self._places[:count]
        if target != tape.aim:
            tape.aim, tape.slope = target, (target - tape.gain) * self._step * ROUNDING
        np.multiply(places, np.float32(tape.slope), out=gains)
        np.add(gains, np.float32(tape.gain), out=gains)
        bound = np.minimum if tape.slope > 0.0 else np.maximum
        bound(gains, np.float32(target), out=gains)
        if dry_after is not None:
            limits = self._limits[:count]
            np.subtract(np.float32(dry_after), places, out=limits)
            np.multiply(limits, np.float32(self._step), out=limits)
            np.maximum(limits, np.float32(0.0), out=limits)
            np.minimum(gains, limits, out=gains)
            tape.aim = None
        return gains

    def _note_end(self, tape: _Tape, counts: bool) -> None:
        """After a tape's last sample, for now or for ever, it is silent, and fades in where it goes on."""
        tape.gain, tape.aim = 0.0, None
        if counts and not tape.dry:
            self.starved += 1
            tape.dry = True
