"""Dates: today's, that of a holiday, what weekday a day is, how long until it. Runs on the dialogue thread."""

from __future__ import annotations

import calendar
import re
from datetime import date, timedelta

from engine.dialogue.moments import DATE, MONTHS, WEEKDAY, WEEKDAYS, date_of, told_date
from engine.dialogue.plan import Plan, Situation
from engine.dialogue.utterance import Utterance

_TODAY = re.compile(
    r"(?:what|which) (?:day|date|weekday)(?: of the week)? is (?:it|today)(?: today| now)?"
    r"|what is (?:the )?(?:date|day)(?: of the week)?(?: today| now)?|what is (?:todays?|the current) (?:date|day)"
    r"|what (?:is )?(?:day|date)(?: is)?(?: it)? today|what is today(?:s date)?|todays date|(?:the |current )?date(?: today)?"
    r"|what day it is(?: today)?|what (?:the )?date(?: it)? is(?: today)?|what day of the (?:week|month) is (?:it|today)"
    r"|(?:what is )?(?:the )?date and time|(?:what is )?(?:the )?(?:time and date|day and time)|what day are we|what day is it"
)
_YEAR = re.compile(
    r"(?:what|which) (year|month|week) (?:is it|is this|it is|are we in)(?: now| currently)?|what is the (year|month)|what is the current (year|month|week)|what (week) of the year is (?:it|this)|what (?:is the )?(week) number(?: is (?:it|this))?"
)
_WHAT_DAY = re.compile(
    rf"(?:what|which) (?:day|weekday)(?: of the week)? (?:is|was|will|does|did)(?: be)? (?P<a>{DATE})(?: be| fall on| on)?"
    rf"|(?:what|which) (?:day|weekday|date)(?: of the week)? (?:is|was) (?P<g>{DATE})"
    rf"|what (?:is |was )?(?:the )?date (?:is |was |will )?(?:it )?(?:on |of |for )?(?P<b>{DATE})(?: be)?"
    rf"|what is (?P<c>{DATE})s? date|when (?:is|was|will|does)(?: be)? (?P<d>{DATE})(?: be| fall| happen)?"
    rf"|what date does (?P<e>{DATE}) fall(?: on)?|what day does (?P<f>{DATE}) fall(?: on)?|(?P<h>{DATE}) is (?:what|which) day"
)
_COUNT = (
    r"how (?:many (?P<unit>days?|weeks?|months?|years?|hours?|minutes?|weekends?|sleeps?)|long|far away|soon)"
)
_UNTIL = re.compile(
    rf"{_COUNT}(?: more)?(?: is it| is there| are there| are left| is left| left| do we have| till we get)?"
    rf"(?: until| till| til| to| before|'til| away is| is) (?P<date>{DATE})(?: away)?"
    rf"|(?:days|countdown) (?:until|till|to) (?P<bare>{DATE})"
)
_SINCE = re.compile(
    rf"{_COUNT}(?: is it| has it been| have passed| ago)?(?: since| was| is it since) (?P<date>{DATE})"
)
_BETWEEN = re.compile(
    rf"{_COUNT}(?: are there| is it| are| is there)?(?: between| from) (?P<a>{DATE}) (?:and|to|until|till) (?P<b>{DATE})"
)
_SHIFT_UNIT = r"(?P<unit>days?|weeks?|months?|years?|fortnights?)"
_SHIFTED = re.compile(
    rf"(?:what (?:is |was |will )?(?:the )?(?:date|day)(?: of the week)?(?: is it| will it be| was it| is| was| it is| be| will be)?"
    rf"|when is|what day is it|what is the date)(?: in)? (?P<n>\d+|an?|1) {_SHIFT_UNIT}"
    rf"(?: (?P<which>ago|from now|from today|time|later|before now|(?:after|from|before) (?P<base>{DATE})))?"
)
_LEAP = re.compile(
    r"(?:is|was|will) (?:(\d{4}|20 \d\d)|this(?: year)?|it|next year)(?: be)? a leap year|(?:when is )?(?:the )?next leap year(?: is)?|is this year a leap year|when is the next leap year"
)
_MONTH_LENGTH = re.compile(
    rf"how many days (?:are there |are |does |has |is )?(?:in )?(?P<m>{'|'.join(MONTHS)}|this month|(?:this|the) year|a year|a leap year)(?: have)?(?: (?P<y>\d{{4}}))?(?: have)?"
)


class CalendarSkill:
    """Days, weeks and what lies between them."""

    name = "date"
    examples = ("What day is it?", "How many days until Christmas?", "What day is the 3rd of May?")
    spoken = (
        "what day is it [today]",
        "what's the date [today]",
        "what is the date [today]",
        "what is today's date",
        "what year is it",
        "what month is it",
        "what day is <day>",
        "when is <holiday>",
        "how many (days | weeks) until <day>",
        "how long until <day>",
        "what day was yesterday",
        "what's the date tomorrow",
        "what is the date tomorrow",
    )
    prefixes: tuple[str, ...] = ()

    def plan(self, heard: Utterance, situation: Situation) -> Plan | None:
        """An answer about dates."""
        today, text = situation.now.date(), heard.figures
        if _TODAY.fullmatch(text):
            time = situation.wall.strftime("%I:%M %p").lstrip("0")
            return Plan(f"Today is {told_date(today)}." + (f" It is {time}." if "time" in text else ""))
        if found := _YEAR.fullmatch(text):
            return Plan(_unit_of_today(next(filter(None, found.groups())), today))
        for pattern, answer in (
            (_SHIFTED, _shifted),
            (_BETWEEN, _between),
            (_SINCE, _since),
            (_UNTIL, _until),
            (_WHAT_DAY, _what_day),
            (_LEAP, _leap),
            (_MONTH_LENGTH, _month_length),
        ):
            if found := pattern.fullmatch(text):
                return answer(found, today)
        return None


def _unit_of_today(unit: str, today: date) -> str:
    if unit == "year":
        return f"It is {today.year}."
    if unit == "month":
        return f"It is {MONTHS[today.month - 1].capitalize()}."
    return f"It is week {today.isocalendar().week} of the year."


def _no_such_day(text: str) -> Plan:
    return Plan(f"There is no such day as {text.removeprefix('the ')}.")


def _what_day(found: re.Match[str], today: date) -> Plan | None:
    text = next(filter(None, found.groups()))
    past = re.search(r"\b(was|did)\b", found[0]) is not None
    day = date_of(text, today, past)
    if day is None:
        return _no_such_day(text)
    verb = "is" if day >= today else "was"
    name = _subject(text)
    return Plan(f"{name} {verb} {told_date(day, today)}.")


def _subject(text: str) -> str:
    """The day as the user named it, at the start of a sentence."""
    plain = text.removeprefix("the ")
    named = re.sub(rf"\b({'|'.join(MONTHS)}|{WEEKDAY})\b", lambda one: one[0].capitalize(), plain)
    named = re.sub(
        r"\b(years|valentines|fools|mothers|fathers|patricks)\b", lambda one: one[0][:-1] + "'s", named
    )
    named = re.sub(
        r"\bof [a-z]+\b|\b(christmas|easter|halloween|new year'?s?|eve|boxing|day|good|thanksgiving|valentine's|saint|patrick's|april|fool's|independence)\b",
        lambda one: one[0] if one[0].startswith("of ") else one[0].title().replace("'S", "'s"),
        named,
    )
    if text.startswith("the ") or re.match(r"\d{1,2}(st|nd|rd|th)", plain):
        return "The " + named
    return named[:1].upper() + named[1:]


def _until(found: re.Match[str], today: date) -> Plan | None:
    text = found["date"] or found["bare"]
    day = date_of(text, today)
    if day is None:
        return _no_such_day(text)
    if day < today:
        return Plan(f"{_subject(text)} was {_count(today - day, found['unit'])} ago.")
    if day == today:
        return Plan(f"{_subject(text)} is today.")
    left = _count(day - today, found["unit"])
    verb = "is" if left.startswith("1 ") else "are"
    if text in ("tomorrow", "day after tomorrow"):
        return Plan(f"There {verb} {left} until {text}.")
    return Plan(f"There {verb} {left} until {told_date(day, today)}.")


def _since(found: re.Match[str], today: date) -> Plan | None:
    day = date_of(found["date"], today, past=True)
    if day is None:
        return _no_such_day(found["date"])
    if day > today:
        return Plan(f"{_subject(found['date'])} is still {_count(day - today, found['unit'])} away.")
    return Plan(f"It has been {_count(today - day, found['unit'])} since {told_date(day, today)}.")


def _between(found: re.Match[str], today: date) -> Plan | None:
    first = date_of(found["a"], today)
    second = date_of(found["b"], first or today)
    if first is None or second is None:
        return _no_such_day(found["a"] if first is None else found["b"])
    return Plan(
        f"From {told_date(first, today)} to {told_date(second, today)} it is {_count(abs(second - first), found['unit'])}."
    )


def _count(between: timedelta, unit: str | None) -> str:
    days = between.days
    unit = (unit or "day").rstrip("s")
    if unit in ("hour", "minute"):
        return f"about {days * (24 if unit == 'hour' else 1440):,} {unit}s"
    if unit in ("day", "sleep"):
        return f"{days:,} {unit}" + ("" if days == 1 else "s")
    if unit in ("week", "weekend"):
        weeks, rest = divmod(days, 7)
        return _and((weeks, "week"), (rest, "day"))
    if unit == "month":
        return f"about {days / 30.4369:.1f} months".replace(".0 ", " ")
    return f"about {days / 365.2425:.1f} years".replace(".0 ", " ")


def _and(*parts: tuple[int, str]) -> str:
    told = [f"{count} {unit}" + ("" if count == 1 else "s") for count, unit in parts if count]
    return " and ".join(told) or f"0 {parts[-1][1]}s"


def _shifted(found: re.Match[str], today: date) -> Plan | None:
    which = found["which"] or ""
    if not which and " in " not in found[0]:
        return None
    base = date_of(found["base"], today) if found["base"] else today
    if base is None:
        return _no_such_day(found["base"])
    count = 1 if found["n"] in ("a", "an") else int(found["n"])
    sign = -1 if which == "ago" or which.startswith("before") else 1
    day = shifted(base, sign * count, found["unit"].rstrip("s"))
    if day is None:
        return Plan("That is further away than my calendar goes.")
    return Plan(f"That {'is' if day >= today else 'was'} {told_date(day)}.")


def shifted(base: date, count: int, unit: str) -> date | None:
    """So many units on from a day; the last day of a month where that month is shorter. None outside the calendar."""
    try:
        if unit in ("day", "week", "fortnight"):
            return base + timedelta(count * {"day": 1, "week": 7, "fortnight": 14}[unit])
        months = base.year * 12 + base.month - 1 + count * (12 if unit == "year" else 1)
        year, month = divmod(months, 12)
        return date(year, month + 1, min(base.day, calendar.monthrange(year, month + 1)[1]))
    except (ValueError, OverflowError, calendar.IllegalMonthError):
        return None


def _leap(found: re.Match[str], today: date) -> Plan | None:
    if "next leap" in found[0]:
        year = next(y for y in range(today.year + 1, today.year + 9) if calendar.isleap(y))
        return Plan(f"The next leap year is {year}.")
    year = int(found[1].replace(" ", "")) if found[1] else today.year + ("next year" in found[0])
    verb = "is" if year >= today.year else "was"
    return Plan(
        f"{'Yes' if calendar.isleap(year) else 'No'}, {year} {verb} {'' if calendar.isleap(year) else 'not '}a leap year."
    )


def _month_length(found: re.Match[str], today: date) -> Plan | None:
    year, name = int(found["y"] or today.year), found["m"]
    if name == "a year":
        return Plan("A year has 365 days, a leap year 366.")
    if name == "a leap year":
        return Plan("A leap year has 366 days.")
    if name.endswith("year"):
        return Plan(f"{year} has {366 if calendar.isleap(year) else 365} days.")
    month = today.month if name == "this month" else MONTHS.index(name) + 1
    days = (
        calendar.monthrange(year, month)[1]
        if calendar.isleap(year) or month != 2 or found["y"] or name == "this month"
        else 28
    )
    leap = ", 29 in a leap year" if month == 2 and days == 28 and not found["y"] else ""
    return Plan(f"{MONTHS[month - 1].capitalize()} has {days} days{leap}.")


DAYS_SPOKEN = (*WEEKDAYS, "today", "tomorrow")
