"""How dates and times of day are said.

Rules take a regex match over folded text and return spoken words, or None to let the next rule try. Any thread;
imports no numpy, torch or Qt.
"""

from __future__ import annotations

import re

from engine.text import numbers as n
from engine.text import vocabulary as v

_MONTH_NAMES = "|".join(name.capitalize() for name in v.MONTH_NAMES)
_SHORT_MONTHS = "|".join(sorted(set(v.MONTHS) - {"May"}, key=len, reverse=True))
MONTH = rf"(?:(?:{_MONTH_NAMES})\b|(?:{_SHORT_MONTHS})\b\.?)"


def _date(day: int, month: int, year: str) -> list[str] | None:
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    spoken_year = n.year(int(year)) if len(year) != 2 else _short_year(year)
    return [v.MONTH_NAMES[month - 1], *n.ordinal(day), *spoken_year]


def _short_year(text: str) -> list[str]:
    return ["oh", *n.cardinal(int(text))] if text[0] == "0" else n.cardinal(int(text))


def say_iso_date(match: re.Match[str]) -> list[str] | None:
    """2026-11-23, with a time behind it or not."""
    said = _date(int(match["day"]), int(match["month"]), match["year"])
    if said and match["hour"]:
        said += [*_clock(int(match["hour"]), match["minute"], None)]
    return said


def say_numeric_date(match: re.Match[str]) -> list[str] | None:
    """23/11/2026, 11/23/2026, 23.11.2026; month first where both orders are possible and slashes are used."""
    first, second = int(match["first"]), int(match["second"])
    is_day_first = first > 12 or match["sign"] == "."
    if first > 12 and second > 12:
        return None
    return _date(*((first, second) if is_day_first else (second, first)), match["year"])


def say_month_day(match: re.Match[str]) -> list[str] | None:
    """March 5, Nov. 3rd, March 5, 2026, March 5-7."""
    day = int(match["day"])
    if not 1 <= day <= 31:
        return None
    said = [v.MONTHS[match["month"][:3]], *n.ordinal(day)]
    if match["last"]:
        said += ["to", *n.ordinal(int(match["last"]))]
    return [*said, *n.year(int(match["year"]))] if match["year"] else said


def say_month_slash_day(match: re.Match[str]) -> list[str] | None:
    """11/05: a leading zero tells a date from a fraction."""
    month, day = int(match["above"]), int(match["below"])
    return [v.MONTH_NAMES[month - 1], *n.ordinal(day)] if month and day else None


def say_month_range(match: re.Match[str]) -> list[str] | None:
    """The first month of Jan–Mar; the second is read by its own rule."""
    return [v.MONTHS[match["month"][:3]], "to"]


def say_month_year(match: re.Match[str]) -> list[str] | None:
    """March 2026."""
    return [v.MONTHS[match["month"][:3]], *n.year(int(match["year"]))]


def say_day_month(match: re.Match[str]) -> list[str] | None:
    """5 March 2026, 5th of March."""
    if not 1 <= int(match["day"]) <= 31:
        return None
    of = ["of"] if match["of"] else []
    said = (
        ["the", *n.ordinal(int(match["day"])), "of"]
        if not match["suffix"]
        else [*n.ordinal(int(match["day"])), *of]
    )
    if not match["suffix"] and match.string[: match.start()].rstrip().lower().endswith("the"):
        said = said[1:]
    said.append(v.MONTHS[match["month"][:3]])
    return [*said, *n.year(int(match["year"]))] if match["year"] else said


def _clock(hour: int, minute: str | None, half: str | None) -> list[str]:
    """half: "am" or "pm" or None."""
    half_said = {"a": ["ay", "m"], "p": ["p", "m"], "": []}[half[0].lower() if half else ""]
    value = int(minute) if minute else 0
    if value:
        return [*n.cardinal(hour), *(["oh"] if value < 10 else []), *n.cardinal(value), *half_said]
    if half_said:
        return [*n.cardinal(hour), *half_said]
    return [*n.cardinal(hour), "o'clock"] if hour <= 12 and hour else [*n.cardinal(hour), "hundred"]


def say_time(match: re.Match[str]) -> list[str] | None:
    """3:45 pm, 15:30, 12:00:05."""
    hour, minute = int(match["hour"]), match["minute"]
    if hour > 24 or int(minute) > 59:
        return [*n.cardinal(hour), "to", *n.number(minute)]
    said = _clock(hour, minute, match["half"])
    if match["second"]:
        said = [*n.cardinal(hour), *_short_year(minute), *_short_year(match["second"])]
    return said


def say_hour(match: re.Match[str]) -> list[str] | None:
    """3 pm, 11 a.m."""
    return _clock(int(match["hour"]), None, match["half"]) if 1 <= int(match["hour"]) <= 12 else None
