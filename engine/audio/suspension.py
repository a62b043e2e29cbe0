"""Whether the machine slept: two clocks, of which one stands still meanwhile, are compared at every look.

`slept_s` is pure; `clocks_now` reads the system. Any thread. Imports nothing of Sotto.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

SLEPT_S = 3.0
"""What is shorter was no sleep: a clock that was set right, a machine that was busy."""

STOPPED_S = 5.0
"""A thread that looks many times a second and was not run for so long stood still with everything around it."""


@dataclass(frozen=True, slots=True)
class Clocks:
    """One look: the clock that stands still while the machine sleeps, and one that goes on. Seconds."""

    awake_s: float
    always_s: float


def clocks_now() -> Clocks:
    """The clocks of this machine. Linux has one that counts sleep; elsewhere the wall clock stands for it."""
    boot = getattr(time, "CLOCK_BOOTTIME", None)
    if boot is None:
        return Clocks(time.monotonic(), time.time())
    return Clocks(time.monotonic(), time.clock_gettime(boot))


def slept_s(before: Clocks, now: Clocks) -> float:
    """How long the machine, or this whole process, stood still between two looks; 0 where it did not.

    A wall clock that is set forward while all goes on looks like sleep where there is no steady clock; that costs one
    look at the devices. One that is set back never does.
    """
    awake = now.awake_s - before.awake_s
    asleep = now.always_s - before.always_s - awake
    if asleep >= SLEPT_S:
        return asleep + (awake if awake >= STOPPED_S else 0.0)
    return awake if awake >= STOPPED_S else 0.0


def in_words(seconds: float) -> str:
    """A duration as people say it."""
    if seconds < 90:
        return f"{max(1, round(seconds))} seconds"
    if seconds < 5400:
        return f"{round(seconds / 60)} minutes"
    return f"{round(seconds / 3600)} hours"
