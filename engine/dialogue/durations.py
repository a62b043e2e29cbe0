"""Lengths of time in words: "an hour and a half", "90 seconds", "1h30", "2 weeks"; and how to tell one.

Pure, any thread.
"""

from __future__ import annotations

import re

_UNIT_S = {
    "s": 1,
    "sec": 1,
    "secs": 1,
    "second": 1,
    "seconds": 1,
    "m": 60,
    "min": 60,
    "mins": 60,
    "minute": 60,
    "minutes": 60,
    "minuts": 60,
    "h": 3600,
    "hr": 3600,
    "hrs": 3600,
    "hour": 3600,
    "hours": 3600,
    "day": 86400,
    "days": 86400,
    "week": 604800,
    "weeks": 604800,
    "fortnight": 1209600,
    "fortnights": 1209600,
    "month": 2629800,
    "months": 2629800,
    "year": 31557600,
    "years": 31557600,
    "decade": 315576000,
    "decades": 315576000,
    "century": 3155760000,
    "centuries": 3155760000,
}
_UNIT = "|".join(sorted(_UNIT_S, key=len, reverse=True))
_NUMBER = r"-?\d+(?:\.\d+)?|minus \d+(?:\.\d+)?|negative \d+(?:\.\d+)?"
_AMOUNT = (
    rf"{_NUMBER}|half an?|half|a quarter of an|quarter of an|three quarters of an|3 quarters of an|an?"
    "|a couple(?: of)?|a few|a dozen|one"
)
_PART = rf"(?:(?:{_AMOUNT})(?: and a half)?\s*(?:{_UNIT})(?: and a half| and a quarter)?)"
_HOUR_AND = r"(?:an|a|\d+) hours?(?: and)? (?:[1-5]?\d)(?! ?(?:" + _UNIT + r"))"
DURATION = rf"(?:{_HOUR_AND}|{_PART}(?:\s*(?:and |, )?\s*{_PART})*|\d+h\s?\d+(?:m|min)?|half hour)"
"""A regular expression for a duration in an utterance's `figures`; contains no groups that capture."""

_PARTS = re.compile(rf"({_AMOUNT})( and a half)?\s*({_UNIT})\b( and a half| and a quarter)?")
_WORDS = {
    "half a": 0.5,
    "half an": 0.5,
    "half": 0.5,
    "a quarter of an": 0.25,
    "quarter of an": 0.25,
    "three quarters of an": 0.75,
    "3 quarters of an": 0.75,
    "a": 1.0,
    "an": 1.0,
    "one": 1.0,
    "a couple": 2.0,
    "a couple of": 2.0,
    "a few": 3.0,
    "a dozen": 12.0,
}


def seconds_of(text: str) -> float | None:
    """The length in seconds of what DURATION matched; None where it is none. Months and years are mean ones."""
    if compact := re.fullmatch(r"(\d+)h\s?(\d+)(?:m|min)?", text):
        return 3600.0 * int(compact[1]) + 60.0 * int(compact[2])
    if minutes := re.fullmatch(r"(an|a|\d+) hours?(?: and)? ([1-5]?\d)", text):  # "an hour and twenty"
        return 3600.0 * (int(minutes[1]) if minutes[1].isdigit() else 1) + 60.0 * int(minutes[2])
    total, seen = 0.0, False
    for amount, before, unit, after in _PARTS.findall(text):
        value = _WORDS.get(amount)
        if value is None:
            value = float(re.sub(r"minus |negative ", "-", amount))
        value += {" and a half": 0.5, " and a quarter": 0.25}.get(before or after, 0.0)
        total, seen = total + value * _UNIT_S[unit], True
    return total if seen else None


def told(seconds: float) -> str:
    """A length for the ear, in at most two units: "1 hour and 30 minutes"."""
    rest = round(seconds)
    if rest < 1:
        return "less than a second"
    parts: list[str] = []
    for name, size in (("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1)):
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count:,} {name}" + ("" if count == 1 else "s"))
    return " and ".join(parts[:2])


def adjective(seconds: float) -> str:
    """The length before a noun: "5 minute", "1 hour 30 minute"."""
    return re.sub(r"s\b", "", told(seconds).replace(" and ", " "))
