"""The time, here and in other cities. Runs on the dialogue thread."""

from __future__ import annotations

import re
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from engine.dialogue.moments import CLOCK, clock_of, told_time
from engine.dialogue.plan import Plan, Situation
from engine.dialogue.utterance import Utterance

_CITIES = {
    "new york": "America/New_York",
    "boston": "America/New_York",
    "washington": "America/New_York",
    "miami": "America/New_York",
    "atlanta": "America/New_York",
    "philadelphia": "America/New_York",
    "houston": "America/Chicago",
    "dallas": "America/Chicago",
    "texas": "America/Chicago",
    "california": "America/Los_Angeles",
    "san francisco": "America/Los_Angeles",
    "seattle": "America/Los_Angeles",
    "las vegas": "America/Los_Angeles",
    "hawaii": "Pacific/Honolulu",
    "alaska": "America/Anchorage",
    "england": "Europe/London",
    "britain": "Europe/London",
    "the uk": "Europe/London",
    "the united kingdom": "Europe/London",
    "scotland": "Europe/London",
    "edinburgh": "Europe/London",
    "manchester": "Europe/London",
    "ireland": "Europe/Dublin",
    "germany": "Europe/Berlin",
    "munich": "Europe/Berlin",
    "hamburg": "Europe/Berlin",
    "frankfurt": "Europe/Berlin",
    "france": "Europe/Paris",
    "spain": "Europe/Madrid",
    "barcelona": "Europe/Madrid",
    "italy": "Europe/Rome",
    "milan": "Europe/Rome",
    "austria": "Europe/Vienna",
    "switzerland": "Europe/Zurich",
    "geneva": "Europe/Zurich",
    "greece": "Europe/Athens",
    "poland": "Europe/Warsaw",
    "turkey": "Europe/Istanbul",
    "sweden": "Europe/Stockholm",
    "norway": "Europe/Oslo",
    "denmark": "Europe/Copenhagen",
    "finland": "Europe/Helsinki",
    "portugal": "Europe/Lisbon",
    "the netherlands": "Europe/Amsterdam",
    "ukraine": "Europe/Kyiv",
    "kiev": "Europe/Kyiv",
    "russia": "Europe/Moscow",
    "japan": "Asia/Tokyo",
    "osaka": "Asia/Tokyo",
    "china": "Asia/Shanghai",
    "beijing": "Asia/Shanghai",
    "korea": "Asia/Seoul",
    "south korea": "Asia/Seoul",
    "india": "Asia/Kolkata",
    "delhi": "Asia/Kolkata",
    "new delhi": "Asia/Kolkata",
    "mumbai": "Asia/Kolkata",
    "bangalore": "Asia/Kolkata",
    "thailand": "Asia/Bangkok",
    "israel": "Asia/Jerusalem",
    "tel aviv": "Asia/Jerusalem",
    "abu dhabi": "Asia/Dubai",
    "egypt": "Africa/Cairo",
    "kenya": "Africa/Nairobi",
    "south africa": "Africa/Johannesburg",
    "cape town": "Africa/Johannesburg",
    "new zealand": "Pacific/Auckland",
    "argentina": "America/Argentina/Buenos_Aires",
    "rio": "America/Sao_Paulo",
    "rio de janeiro": "America/Sao_Paulo",
    "montreal": "America/Toronto",
    "utc": "UTC",
    "gmt": "UTC",
    "greenwich": "UTC",
}
_ASKS_TIME = (
    r"what time (?:is it|it is|do we have|have you got|do you have)(?: right)?(?: now)?(?: here)?"
    r"|what is the (?:current |exact |local )?time(?: right)?(?: now)?(?: here)?|what the time is(?: now)?"
    r"|(?:the |current |local )?time(?: now)?|what is the clock(?: saying)?|what does the clock say"
    r"|(?:how late|what hour) is it|(?:have you|do you have|you) (?:got )?the time|have you got the time|got the time"
    r"|(?:what )?time is it(?: now)?|what is the hour|check the time|say the time|tell the time|tell me the time"
    r"|tell me what time it is|what time is it today|show (?:me )?the time"
)
_TIME_IN = re.compile(
    r"(?:what (?:is the (?:current |local )?time|time is it|time it is)|(?:the |current )?time|how late is it"
    r"|what is the (?:current )?time and date|what the time is|and|what about|how about)"
    r"(?: now| right now| currently)? (?:in|for|over in) (.+?)(?: now| right now| at the moment)?"
    r"|what is (?:the )?(.+?) time(?: now| right now)?"
)
_UNTIL = re.compile(
    rf"(?:how (?:long|much time)|how many (?P<unit>hours|minutes))(?: is it| is there| are there| is left| are left)?"
    rf"(?: until| till| to| before)(?: it is)? (?P<clock>{CLOCK})"
)


class ClockSkill:
    """What time it is."""

    name = "time"
    examples = ("What time is it?", "What time is it in Tokyo?", "How long until 6 PM?")
    spoken = (
        "what time is it [now]",
        "what is the time",
        "what's the time",
        "[tell me] the time",
        "tell me what time it is",
        "do you have the time",
        "what time is it in <city>",
        "what's the time in <city>",
        "what is the time in <city>",
    )
    prefixes: tuple[str, ...] = ()
    spoken_cities = (
        "london",
        "paris",
        "berlin",
        "madrid",
        "rome",
        "moscow",
        "new york",
        "chicago",
        "los angeles",
        "san francisco",
        "boston",
        "toronto",
        "mexico city",
        "tokyo",
        "beijing",
        "hong kong",
        "singapore",
        "sydney",
        "delhi",
        "dubai",
        "cairo",
        "dublin",
        "vienna",
        "amsterdam",
    )

    def __init__(self) -> None:
        self._zones: dict[str, str] | None = None

    def plan(self, heard: Utterance, situation: Situation) -> Plan | None:
        """The time here, in a city, or how long until a time."""
        if re.fullmatch(_ASKS_TIME, heard.words):
            return Plan(f"It is {told_time(situation.wall.time())}.")
        if found := _UNTIL.fullmatch(heard.figures):
            return self._until(found, situation)
        if found := _TIME_IN.fullmatch(heard.words):
            place = found[1] or found[2]
            if place in ("the", "your", "my", "local", "current", "bed", "dinner", "lunch", "play", "real"):
                return None
            asked_plainly = "time" in heard.words or "late" in heard.words
            return self._elsewhere(place, situation, asked_plainly)
        return None

    def _until(self, found: re.Match[str], situation: Situation) -> Plan | None:
        clock = clock_of(found["clock"])
        if clock is None:
            return None
        minutes_now = situation.wall.hour * 60 + situation.wall.minute
        ahead = (clock.hour * 60 + clock.minute - minutes_now) % (720 if clock.open else 1440)
        hours, minutes = divmod(ahead, 60)
        if found["unit"] == "minutes":
            hours, minutes = 0, ahead
        parts = [
            f"{count} {unit}" + ("" if count == 1 else "s")
            for count, unit in ((hours, "hour"), (minutes, "minute"))
            if count
        ]
        then = clock.hour * 60 + clock.minute if not clock.open else minutes_now + ahead
        at = told_time(datetime(2000, 1, 1, then // 60 % 24, then % 60).time())
        return Plan(f"{' and '.join(parts)} until {at}." if parts else f"It is {at} now.")

    def _elsewhere(self, place: str, situation: Situation, asked_plainly: bool) -> Plan | None:
        zone = self._zone_of(place)
        if zone is None:
            if not asked_plainly or len(place.split()) > 3:
                return None
            return Plan(f"I don't know the time zone of {place.title()}.", certain=False)
        there = situation.now.astimezone(zone)
        days = (there.date() - situation.now.date()).days
        day = {1: " tomorrow", -1: " yesterday"}.get(days, "")
        return Plan(f"In {_named(place)}, it is {told_time(there.time())}{day}.")

    def _zone_of(self, place: str) -> ZoneInfo | None:
        if self._zones is None:
            ends = {
                name.rpartition("/")[2].replace("_", " ").lower(): name
                for name in sorted(available_timezones())
            }
            self._zones = {place: name for place, name in ends.items() if len(place) > 3} | _CITIES
        place = place.removesuffix(" city") if place not in self._zones else place
        name = self._zones.get(place) or self._zones.get(f"the {place}")
        try:
            return ZoneInfo(name) if name else None
        except ZoneInfoNotFoundError:  # a system without zone data
            return None


def _named(place: str) -> str:
    if place in ("utc", "gmt"):
        return place.upper()
    return re.sub(r"\b(The|De)\b", lambda found: found[0].lower(), place.title()).replace("the Uk", "the UK")
