"""Which day and time "seven", "every weekday at eight" or "tomorrow evening" is, seen from now. Pure, any thread."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

from engine.dialogue.moments import WEEKDAY, Clock, date_of, told_date


def repeats(when: str) -> tuple[int, ...]:
    """The weekdays on which it comes again."""
    if re.search(r"every day|daily|each day|every morning|every evening", when):
        return tuple(range(7))
    if "weekday" in when:
        return tuple(range(5))
    if "weekend" in when:
        return (5, 6)
    if found := re.fullmatch(rf"(?:on )?(?:every ({WEEKDAY})|({WEEKDAY})s)", when):
        day = date_of(found[1] or found[2], date(2024, 1, 1))
        return (day.weekday(),) if day else ()
    return ()


def next_wall(clock: Clock, when: str, again: tuple[int, ...], now: datetime) -> datetime | None:
    """The next naive local time that fits; None when it is over."""
    morning = "morning" in when
    late = re.search(r"evening|tonight|afternoon", when) is not None
    hour = (
        clock.hour % 12 + 12
        if late and clock.open
        else (clock.hour % 12 if morning and clock.open else clock.hour)
    )
    times = [(hour, clock.minute)]
    day_named = re.sub(
        r"^(?:on )?(?:the )?|(?:this |in the |tomorrow )?(?:morning|evening|afternoon)$|every .*", "", when
    ).strip()
    if when.startswith("tomorrow"):
        day_named = "tomorrow"
    if clock.open and not morning and not late and not again and (not day_named or day_named == "today"):
        times.append(((clock.hour + 12) % 24, clock.minute))  # "wake me at seven" is the next seven
    if day_named and not again and day_named != "tonight":
        day = date_of(day_named, now.date())
        if day is None:
            return None
        fitting = [datetime.combine(day, datetime.min.time()).replace(hour=h, minute=m) for h, m in times]
        return min((wall for wall in fitting if wall > now), default=None)
    days = [now.date() + timedelta(ahead) for ahead in range(8)]
    walls = [
        datetime.combine(day, datetime.min.time()).replace(hour=h, minute=m)
        for day in days
        if not again or day.weekday() in again
        for h, m in times
    ]
    return min(wall for wall in walls if wall > now)


def told_repeats(days: tuple[int, ...]) -> str:
    names = {tuple(range(7)): "every day", tuple(range(5)): "on weekdays", (5, 6): "on weekends"}
    if days in names:
        return names[days]
    return "every " + " and ".join(told_date(date(2024, 1, 1) + timedelta(day)).split(",")[0] for day in days)
