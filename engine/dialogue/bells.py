"""When timers, alarms and reminders are due, and what is said then.

Timers go by elapsed time, which neither a clock set back nor daylight saving touches, as long as the process lives;
after a restart by the wall clock, but never longer than they were set for. Alarms go by the wall clock of wherever the
user is. Runs on the dialogue thread.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta, tzinfo

from engine.dialogue.addressing import yours
from engine.dialogue.durations import adjective, told
from engine.dialogue.moments import told_time
from engine.dialogue.plan import Alarm, AlarmRang, Plan

LATE_AFTER_S = 60.0
"""Something that is told later than this is told as late."""


def elapsed_s() -> float:
    """Seconds that go on during sleep and are never set. The origin is any."""
    if sys.platform == "linux":
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    if sys.platform == "darwin":
        return time.clock_gettime(time.CLOCK_MONOTONIC)  # unlike time.monotonic() it goes on during sleep
    return time.monotonic()


class Bells:
    """Watches what is set. `clock` gives elapsed seconds."""

    def __init__(self, zone: tzinfo | None = None, clock: Callable[[], float] = elapsed_s) -> None:
        self._zone = zone
        self._clock = clock
        self._timers: dict[tuple[int, float], float] = {}
        self._lock = threading.Lock()

    def remaining_s(self, alarms: tuple[Alarm, ...], now: datetime) -> dict[int, float]:
        """Seconds until each is due, negative where that was in the past."""
        left: dict[int, float] = {}
        with self._lock:
            here = self._clock()
            ends = {}
            for alarm in alarms:
                if alarm.wall is not None:
                    left[alarm.number] = self.instant(alarm.wall).timestamp() - now.timestamp()
                    continue
                key = (alarm.number, alarm.due_epoch_s)
                seconds = min(alarm.due_epoch_s - now.timestamp(), alarm.duration_s)
                ends[key] = self._timers.get(key, here + seconds)
                left[alarm.number] = ends[key] - here
            self._timers = ends
        return left

    def due(self, alarms: tuple[Alarm, ...], now: datetime) -> tuple[tuple[Alarm, Plan], ...]:
        """What is due now, and what is said of it, the longest overdue first."""
        left = self.remaining_s(alarms, now)
        ringing = sorted((alarm for alarm in alarms if left[alarm.number] <= 0), key=lambda a: left[a.number])
        return tuple((alarm, self._plan(alarm, -left[alarm.number], now)) for alarm in ringing)

    def instant(self, wall: datetime) -> datetime:
        """Naive local time as a moment; a time that daylight saving leaves out comes as late as it would without."""
        return wall.replace(tzinfo=self._zone) if self._zone is not None else wall.astimezone()

    def _plan(self, alarm: Alarm, late_s: float, now: datetime) -> Plan:
        again = self._again(alarm, now)
        return Plan(_words(alarm, late_s, now), (AlarmRang(alarm.number, again),), source="timers")

    def _again(self, alarm: Alarm, now: datetime) -> datetime | None:
        """The next time of one that repeats: after now, and after the day for which it rang, should the clock have been
        set back meanwhile."""
        if alarm.wall is None or not alarm.repeats:
            return None
        wall = alarm.wall + timedelta(1)
        while wall.weekday() not in alarm.repeats or self.instant(wall) <= now:
            wall += timedelta(1)
        return self.instant(wall)


def _words(alarm: Alarm, late_s: float, now: datetime) -> str:
    """What is said when it rings."""
    is_late = late_s > LATE_AFTER_S
    if alarm.kind == "reminder":
        late = f" This was due {told(late_s)} ago." if is_late else ""
        return f"Reminder: {yours(alarm.label)}.{late}"
    if alarm.kind == "timer":
        if alarm.label == "snooze":
            return f"It is {told_time(now.time())}. Time to get up."
        name = f"{alarm.label} timer" if alarm.label else f"{adjective(alarm.duration_s)} timer"
        return f"Your {name} ended {told(late_s)} ago." if is_late else f"Your {name} is up."
    assert alarm.wall is not None, "alarms have a wall time"
    if is_late:
        return (
            f"It is {told_time(now.time())}. Your alarm for {told_time(alarm.wall.time())} was due"
            f" {told(late_s)} ago."
        )
    return f"It is {told_time(now.time())}. This is your alarm."
