"""Dates: today's, that of a holiday, what weekday a day is, how long until it. Runs on the dialogue thread."""

from __future__ import annotations

import calendar
import re
from datetime import date, timedelta

from engine.dialogue.moments import MONTHS, date_of, told_date
from engine.dialogue.phrasing import Phrases, slot
from engine.dialogue.plan import Plan, Situation
from engine.dialogue.utterance import Utterance

_SMALL_WORDS = frozenset("of day next last this year after before tomorrow yesterday end month in".split())
_UNIT = "days?|weeks?|months?|years?|hours?|minutes?|weekends?|sleeps?|nights?"
_TODAY = Phrases("""
    (what | which) (day | date | weekday) [of the week | of the month] is (it | today) [today | now]
    what is [the | todays | the current] (day | date) [of the week | today | now]
    what (day | date) [is | it is] [it] today
    what (day | date) it is [today]
    what is today [date]
    what is todays date
    what the (day | date) is [today]
    [todays | the | the current] date [today]
    what day are we [on]
    [what is] [the] (date and time | time and date | day and time | time and day)
""")
_NOW_UNIT = Phrases(
    """
    (what | which) <unit:calendar> (is it | is this | it is | are we in) [now | currently]
    what is the [current] <unit:calendar>
    (what | which) <unit:calendar> of the year (is it | is this | are we in)
    what [is the] <unit:calendar> number [is it | is this]
""",
    {"calendar": "year|month|week"},
)
_SHIFTED = Phrases(
    """
    what [is | was | will] [the] (date | day) [of the week] [is it | will it be | was it | is | was] \
        [in] <n:count> <unit> [<which>]
    what [is | was | will] [the] (date | day) [of the week] [be | is] <n:count> <unit> <which>
    when is [in] <n:count> <unit> [<which>]
    what [day | date] is <n:count> <unit> <which> <base:date>
    what (day | date) [is it | will it be | was it | is | was] <n:count> <unit> <which> <base:date>
    what [is | was] the (day | date) <n:count> <unit> <which> <base:date>
""",
    {
        "count": r"\d+|an?",
        "unit": "days?|weeks?|months?|years?|fortnights?",
        "which": "ago|from now|from today|time|later|before now|after|from|before",
    },
)
_BETWEEN = Phrases(
    """
    how (many <unit> | long) [are there | is it | are | is there] (between | from) <a:date> \
        (and | to | until | till) <b:date>
""",
    {"unit": _UNIT},
)
_SINCE = Phrases(
    """
    how (many <unit> | long | long ago) [is it | has it been | have passed | ago] (since | was | is it since) <date>
    how (many <unit> | long) [has] [it] [been] since <date>
""",
    {"unit": _UNIT},
)
_UNTIL = Phrases(
    """
    how (many [more] <unit> | long | far away | far | soon | much longer) \
        [is it | is there | are there | are left | is left | left | do we have | have we got] \
        (until | till | til | to | before | is) <date> [away]
    how (many <unit> | long) [do | must] [i | we] [have] [to] wait (until | till | for) <date>
    (days | countdown | time) [left] (until | till | to | before) <date>
    <date> is [in] how many <unit> [away]
""",
    {"unit": _UNIT},
)
_WHAT_DAY = Phrases(
    """
    (what | which) (day | weekday | date) [of the week] (is | was) [it on | it] <date> [on]
    (what | which) (day | weekday | date) [of the week] (will | does | did) [be | it be on] \
        <date> [be | fall on | fall | land on] [on]
    (what | which) (day | date) [of the week] is it on <date>
    what (is | was) [the] (date | day) [on | of | for] <date>
    when (is | was) <date> [this year]
    what is <day:own> date
    what (day | date) (is | was) <day:own>
    when (will | does) <date> [be | fall | happen]
    <date> is (what | which) (day | date | weekday)
    on (what | which) day (does | did | will) <date> [fall | be]
    on (what | which) day (is | was) <date>
    (what | which) (day | weekday | date) [of the week] (will | does | is) <date> [be | fall | fall on | land on] \
        [on] this year
""",
    {"own": "tomorrows|yesterdays"},
)
_LEFT = Phrases(
    """
    how (many <unit> | much) (are | is) (left | remaining) (in | of | until the end of) [the | this] <span:span>
    how (many <unit> | much) (are | is) (left | remaining) this <span:span>
    how (many <unit> | much [time]) [do we have] (left | remaining) (in | of) [the | this] <span:span>
    how (many <unit> | long) (until | till | to) the end of the <span:span>
""",
    {"unit": _UNIT, "span": "year|month|week"},
)
_LEAP = Phrases(
    """
    (is | was | will) [it | this | next] [year] [be] [<year>] [be] a leap year
    [when | what | which] [is | year is] [the] next leap year [is]
""",
    {"year": r"\d{4}|20 \d\d"},
)
_MONTH_LENGTH = Phrases(
    """
    how many days [are | are there | does | has] [in] <m:month> [<y:year>] [have | got]
    how many days [are] in <m:month> <y:year>
    how long is <m:month> [<y:year>]
""",
    {
        "month": "|".join((*MONTHS, "this month", "this year", "the year", "a year", "a leap year")),
        "year": r"\d{4}|20 \d\d",
    },
)


class CalendarSkill:
    """Days, weeks and what lies between them."""

    name = "date"
    examples = ("What day is it?", "How many days until Christmas?", "What day is the 3rd of May?")
    spoken = (
        "what day is it [today | tomorrow]",
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
        if _TODAY.match(text):
            time = situation.wall.strftime("%I:%M %p").lstrip("0")
            return Plan(f"Today is {told_date(today)}." + (f" It is {time}." if "time" in text else ""))
        if found := _NOW_UNIT.match(text):
            return Plan(_unit_of_today(slot(found, "unit"), today))
        for pattern, answer in (
            (_SHIFTED, _shifted),
            (_LEFT, _left),
            (_BETWEEN, _between),
            (_SINCE, _since),
            (_UNTIL, _until),
            (_WHAT_DAY, _what_day),
            (_LEAP, _leap),
            (_MONTH_LENGTH, _month_length),
        ):
            if found := pattern.match(text):
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
    text = slot(found, "date") or slot(found, "day").removesuffix("s")
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
    plain = re.sub(r"\b(year|valentine|fool|mother|father|patrick)s\b", r"\1's", plain)
    named = " ".join(
        word if word in _SMALL_WORDS or word[0].isdigit() else word.capitalize() for word in plain.split()
    )
    if text.startswith("the ") or plain[0].isdigit():
        return "The " + named
    return named[:1].upper() + named[1:]


def _until(found: re.Match[str], today: date) -> Plan | None:
    text = found["date"]
    day = date_of(text, today)
    if day is None:
        return _no_such_day(text)
    if day < today:
        return Plan(f"{_subject(text)} was {_count(today - day, slot(found, 'unit'))} ago.")
    if day == today:
        return Plan(f"{_subject(text)} is today.")
    left = _count(day - today, slot(found, "unit"))
    verb = "is" if left.startswith("1 ") else "are"
    if text in ("tomorrow", "day after tomorrow"):
        return Plan(f"There {verb} {left} until {text}.")
    return Plan(f"There {verb} {left} until {told_date(day, today)}.")


def _left(found: re.Match[str], today: date) -> Plan:
    """Days until the span is over, today not counted."""
    span = found["span"].strip()
    ends = {
        "year": date(today.year, 12, 31),
        "month": date(today.year, today.month, calendar.monthrange(today.year, today.month)[1]),
        "week": today + timedelta(6 - today.weekday()),
    }
    left = _count(ends[span] - today, slot(found, "unit"))
    return Plan(f"{left[:1].upper()}{left[1:]} {'is' if left.startswith('1 ') else 'are'} left this {span}.")


def _since(found: re.Match[str], today: date) -> Plan | None:
    day = date_of(found["date"], today, past=True)
    if day is None:
        return _no_such_day(found["date"])
    if day > today:
        return Plan(f"{_subject(found['date'])} is still {_count(day - today, slot(found, 'unit'))} away.")
    return Plan(f"It has been {_count(today - day, slot(found, 'unit'))} since {told_date(day, today)}.")


def _between(found: re.Match[str], today: date) -> Plan | None:
    first = date_of(found["a"], today)
    second = date_of(found["b"], first or today)
    if first is None or second is None:
        return _no_such_day(found["a"] if first is None else found["b"])
    length = _count(abs(second - first), slot(found, "unit"))
    return Plan(f"From {told_date(first, today)} to {told_date(second, today)} it is {length}.")


def _count(between: timedelta, unit: str | None) -> str:
    days = between.days
    unit = (unit or "day").rstrip("s")
    if unit in ("hour", "minute"):
        return f"about {between // timedelta(**{f'{unit}s': 1}):,} {unit}s"
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
    which = slot(found, "which")
    if not which and " in " not in found[0]:
        return None
    base_text = slot(found, "base")
    base = date_of(base_text, today) if base_text else today
    if base is None:
        return _no_such_day(base_text)
    count = 1 if found["n"] in ("a", "an") else int(found["n"])
    sign = -1 if which == "ago" or which.startswith("before") else 1
    day = shifted(base, sign * count, slot(found, "unit").rstrip("s"))
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
    named = slot(found, "year").replace(" ", "")
    year = int(named) if named else today.year + ("next year" in found[0])
    verb = "is" if year >= today.year else "was"
    if calendar.isleap(year):
        return Plan(f"Yes, {year} {verb} a leap year.")
    return Plan(f"No, {year} {verb} not a leap year.")


def _month_length(found: re.Match[str], today: date) -> Plan | None:
    given = slot(found, "y").replace(" ", "")
    year, name = int(given or today.year), found["m"]
    if name == "a year":
        return Plan("A year has 365 days, a leap year 366.")
    if name == "a leap year":
        return Plan("A leap year has 366 days.")
    if name.endswith("year"):
        return Plan(f"{year} has {366 if calendar.isleap(year) else 365} days.")
    month = today.month if name == "this month" else MONTHS.index(name) + 1
    if month == 2 and not given and name != "this month":
        return Plan("February has 28 days, 29 in a leap year.")
    days = calendar.monthrange(year, month)[1]
    return Plan(f"{MONTHS[month - 1].capitalize()} has {days} days.")
