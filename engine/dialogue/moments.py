"""Clock times and calendar dates in words: "half past seven", "next friday", "the 25th of december", "easter".

Pure, any thread. Dates are read relative to a given day.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, time, timedelta

MONTHS = "january february march april may june july august september october november december".split()
WEEKDAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
_MONTH_OF = (
    {name: number for number, name in enumerate(MONTHS, 1)}
    | {name[:3]: number for number, name in enumerate(MONTHS, 1)}
    | {"sept": 9, "febuary": 2, "feburary": 2}
)
_WEEKDAY_OF = {name: number for number, name in enumerate(WEEKDAYS)} | {
    "mon": 0,
    "tue": 1,
    "tues": 1,
    "wed": 2,
    "weds": 2,
    "thu": 3,
    "thur": 3,
    "thurs": 3,
    "fri": 4,
    "sat": 5,
    "sun": 6,
    "wensday": 2,
    "wednsday": 2,
}
_MONTH = "(?:" + "|".join(sorted(_MONTH_OF, key=len, reverse=True)) + ")"
WEEKDAY = "(?:" + "|".join(sorted(_WEEKDAY_OF, key=len, reverse=True)) + ")"
_DAY = r"(?:the )?(?:20 second|second|\d{1,2}(?:st|nd|rd|th)?)"
_YEAR = r"(?:\d{4}|(?:1[0-9]|20) \d{2}|20 0 \d)"
HOLIDAYS = (
    "christmas eve|christmas day|christmas|xmas|boxing day|new years eve|new years day|new years|new year"
    "|halloween|valentines day|valentines|saint patricks day|st patricks day|april fools day|independence day"
    "|easter sunday|easter monday|easter|good friday|pentecost|thanksgiving day|thanksgiving|labor day|labour day"
    "|mothers day|fathers day|black friday|leap day"
)
DATE = (
    rf"(?:the )?(?:today|tonight|tomorrow|yesterday|day after tomorrow|day before yesterday"
    rf"|(?:(?:next|this|last|on|coming|this coming) )?{WEEKDAY}"
    rf"(?: (?:the )?\d{{1,2}}(?:st|nd|rd|th)?(?: of {_MONTH})?)?(?: {_MONTH})?"
    rf"|{_MONTH} {_DAY}(?:,? {_YEAR})?|{_DAY}(?: of)? {_MONTH}(?:,? {_YEAR})?"
    rf"|\d{{4}}-\d{{1,2}}-\d{{1,2}}|\d{{1,2}}[/.]\d{{1,2}}[/.]\d{{4}}"
    rf"|(?:(?:next|this|last) )?(?:{HOLIDAYS})(?: day)?(?: (?:in |of )?\d{{4}}|(?: this| next| last) year)?"
    rf"|end of the year|end of the month|end of year|next month|new month)"
)
"""A regular expression for a date in `figures`; no groups that capture."""

CLOCK = (
    r"(?:(?:half past|quarter past|quarter to|a quarter past|a quarter to) \d{1,2}(?: o clock)?"
    r"|\d{1,2}(?: minutes)? (?:past|to|after) \d{1,2}"
    r"|\d{1,2}[:.]\d{2}|\d{1,2} (?:0|o|oh) \d|\d{1,2} [0-5]\d|\d{3,4} hours|\d{1,2} o clock|\d{1,2}"
    r"|noon|midday|midnight)"
    r"(?: ?(?:am|pm|in the morning|in the afternoon|in the evening|at night|tonight|this evening|this morning"
    r"|this afternoon|hundred hours))?"
)
"""A regular expression for a clock time in `figures`; no groups that capture."""


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day. `open`: it may be twelve hours later as well, since neither half of the day was named."""

    hour: int
    minute: int
    open: bool


def clock_of(text: str) -> Clock | None:
    """What CLOCK matched, as a time; None for one that does not exist, such as 25:00."""
    half = re.search(
        r"(am|pm|in the morning|in the afternoon|in the evening|at night|tonight|this \w+)$", text
    )
    if text.startswith(("noon", "midday")):
        return Clock(12, 0, False)
    if text.startswith("midnight"):
        return Clock(0, 0, False)
    body = (text[: half.start()] if half else text).strip()
    if found := re.fullmatch(r"(?:a )?(half|quarter) (past|to) (\d{1,2})(?: o clock)?", body):
        minutes = {"half": 30, "quarter": 15}[found[1]]
        hour, minute = int(found[3]), minutes
        if found[2] == "to":
            hour, minute = (hour - 1) or 12, 60 - minutes
    elif found := re.fullmatch(r"(\d{1,2})(?: minutes)? (past|to|after) (\d{1,2})", body):
        hour, minute = int(found[3]), int(found[1])
        if found[2] == "to":
            hour, minute = (hour - 1) or 12, 60 - minute
    elif found := re.fullmatch(r"(\d{1,2})(\d{2}) hours", body):
        return Clock(int(found[1]), int(found[2]), False) if _exists(int(found[1]), int(found[2])) else None
    elif found := re.fullmatch(r"(\d{1,2})(?:[:. ](?:(?:0|o|oh) )?(\d{1,2}))?(?: o clock)?", body):
        hour, minute = int(found[1]), int(found[2] or 0)
    else:
        return None
    return _in_half(hour, minute, half[1] if half else "")


def _in_half(hour: int, minute: int, half: str) -> Clock | None:
    if not _exists(hour, minute):
        return None
    if not half:
        return Clock(hour, minute, 1 <= hour <= 12)
    if half in ("am", "in the morning", "this morning"):
        return Clock(0 if hour == 12 else hour, minute, False) if hour <= 12 else None
    if hour == 12:
        return Clock(0 if half in ("at night", "tonight") else 12, minute, False)
    return Clock(hour + 12 if hour < 12 else hour, minute, False)


def _exists(hour: int, minute: int) -> bool:
    return 0 <= hour <= 23 and 0 <= minute <= 59


def easter(year: int) -> date:
    """Western Easter Sunday (Meeus, Astronomical Algorithms, chapter 8)."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    moon = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 22 * moon) // 451
    month, day = divmod(h + moon - 7 * m + 114, 31)
    return date(year, month, day + 1)


def _nth(year: int, month: int, weekday: int, nth: int) -> date:
    """The nth such weekday of a month; from the end where negative."""
    if nth > 0:
        first = date(year, month, 1)
        return first + timedelta((weekday - first.weekday()) % 7 + 7 * (nth - 1))
    last = date(year + month // 12, month % 12 + 1, 1) - timedelta(1)
    return last - timedelta((last.weekday() - weekday) % 7)


def holiday(name: str, year: int) -> date | None:
    """The day of a holiday in a year; those that countries keep on different days follow the United States."""
    fixed = {
        "christmas eve": (12, 24),
        "christmas": (12, 25),
        "xmas": (12, 25),
        "boxing": (12, 26),
        "new years eve": (12, 31),
        "new years": (1, 1),
        "new year": (1, 1),
        "halloween": (10, 31),
        "valentines": (2, 14),
        "saint patricks": (3, 17),
        "st patricks": (3, 17),
        "april fools": (4, 1),
        "independence": (7, 4),
    }
    name = name.removesuffix(" day")
    if name in fixed:
        return date(year, *fixed[name])
    if name == "leap":
        return date(year, 2, 29) if _is_leap(year) else None
    shift = {"easter": 0, "easter sunday": 0, "easter monday": 1, "good friday": -2, "pentecost": 49}
    if name in shift:
        return easter(year) + timedelta(shift[name])
    moving = {
        "thanksgiving": (11, 3, 4),
        "black friday": (11, 3, 4),
        "labor": (9, 0, 1),
        "labour": (9, 0, 1),
        "mothers": (5, 6, 2),
        "fathers": (6, 6, 3),
    }
    if name in moving:
        return _nth(year, *moving[name]) + timedelta(name == "black friday")
    return None


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def date_of(text: str, today: date, past: bool = False) -> date | None:
    """What DATE matched, as a day: the coming one where it names no year (the last one with `past`). None for a day
    that does not exist."""
    text = text.removeprefix("the ").removeprefix("on ").strip()
    days = {
        "today": 0,
        "tonight": 0,
        "tomorrow": 1,
        "yesterday": -1,
        "day after tomorrow": 2,
        "day before yesterday": -2,
    }
    if text in days:
        return today + timedelta(days[text])
    if text in ("end of the year", "end of year"):
        return date(today.year, 12, 31)
    if text in ("end of the month", "next month", "new month"):
        first = date(today.year + today.month // 12, today.month % 12 + 1, 1)
        return first - timedelta(text == "end of the month")
    if found := re.fullmatch(rf"((?:next|this|last|coming|this coming) )?({WEEKDAY})", text):
        return _weekday(found[1] or "", _WEEKDAY_OF[found[2]], today, past)
    if found := re.fullmatch(
        rf"((?:next|this|last) )?({HOLIDAYS})(?: day)?(?: (?:in |of )?(\d{{4}})| (this|next|last) year)?",
        text,
    ):
        return _holiday_of(found, today, past)
    return _calendar_date(re.sub(rf"^{WEEKDAY} (?=.*\d)", "", text), today, past)


def _weekday(which: str, weekday: int, today: date, past: bool) -> date:
    ahead = (weekday - today.weekday()) % 7
    if which.startswith("last") or (past and not which):
        return today - timedelta((today.weekday() - weekday) % 7 or 7)
    if which.startswith("next"):  # the one of next week, as most people mean it
        return today - timedelta(today.weekday()) + timedelta(7 + weekday)
    return today + timedelta(ahead or 7)


def _holiday_of(found: re.Match[str], today: date, past: bool) -> date | None:
    name = found[2]
    if found[3]:
        return holiday(name, int(found[3]))
    if found[4]:
        return holiday(name, today.year + {"this": 0, "next": 1, "last": -1}[found[4]])
    back = past or (found[1] or "").startswith("last")
    years = range(today.year, today.year - 9, -1) if back else range(today.year, today.year + 9)
    for year in years:
        day = holiday(name, year)
        if day is not None and (day < today if back else day >= today):
            return day
    return None


def _calendar_date(text: str, today: date, past: bool) -> date | None:
    if found := re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", text):
        return _day(int(found[1]), int(found[2]), int(found[3]))
    if found := re.fullmatch(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})", text):
        first, second, year = int(found[1]), int(found[2]), int(found[3])
        return _day(year, second, first) if second <= 12 else _day(year, first, second)
    if found := re.fullmatch(rf"({_MONTH}) ({_DAY})(?:,? ({_YEAR}))?", text):
        month, day, year_text = found[1], found[2], found[3]
    elif found := re.fullmatch(rf"({_DAY})(?: of)? ({_MONTH})(?:,? ({_YEAR}))?", text):
        month, day, year_text = found[2], found[1], found[3]
    else:
        return None
    number = {"second": 2, "20 second": 22}.get(day.removeprefix("the "))
    if number is None:
        number = int(re.sub(r"\D", "", day))
    if year_text:
        return _day(
            int(re.sub(r"^(\d\d) (\d\d)$", r"\1\2", year_text).replace(" ", "0")), _MONTH_OF[month], number
        )
    for year in range(today.year, today.year - 9, -1) if past else range(today.year, today.year + 9):
        there = _day(year, _MONTH_OF[month], number)
        if there is not None and (there <= today if past else there >= today):
            return there
    return None


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:  # the 31st of April, the year 0
        return None


def told_date(day: date, today: date | None = None) -> str:
    """A day for the ear: "Friday, 25 December 2026"; without the year where it is this one."""
    year = "" if today is not None and day.year == today.year else f" {day.year}"
    return f"{WEEKDAYS[day.weekday()].capitalize()}, {day.day} {MONTHS[day.month - 1].capitalize()}{year}"


def told_time(moment: time) -> str:
    """A time for the ear: "7:05 AM"."""
    return f"{moment.hour % 12 or 12}:{moment.minute:02d} {'AM' if moment.hour < 12 else 'PM'}"
