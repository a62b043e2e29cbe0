"""The time, here and in other cities. Runs on the dialogue thread."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from engine.dialogue.moments import clock_of, told_time
from engine.dialogue.phrasing import Phrases, slot
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
_ASKS_TIME = Phrases("""
    what time (is it | it is | do we have | have you got | do you have) [right] [now | here | today | currently]
    what is the [current | exact | local] time [right] [now | here]
    what the [current] time is [now]
    [tell | check | show | say] [me] [the] [current | local] time [now]
    tell me what time it is
    [do | have] you [have | got] the time
    got the time
    what does the clock say
    (how late | what hour) is it
    time is it
    what is the hour
    is it [already] (past | after | before | nearly | almost) <clock> [yet | already]
""")
_TIME_IN = Phrases("""
    what (time is it | time it is | is the time | is the current time | is the local time | the time is) \
        [now | right now] (in | over in | for) <place:text> [now | right now]
    [tell] [me] [the] [current] time [now | right now] in <place:text> [now | right now]
    (how late | what hour) is it in <place:text> [now | right now]
    what is <place:text> time [now | right now]
    what time (do they have | would it be | is that) in <place:text> [now | right now]
    <place:text> (time | local time)
""")
_ALSO_IN = Phrases("""
    [and] (what about | how about | and) in <place:text>
    and (what about | how about) <place:text>
""")
_DIFFERENCE = Phrases("""
    what is the time difference (between | from) <one:text> (and | to) <other:text>
    how (many hours | far) (ahead | behind) [of here | of us] is <one:text>
    how (many hours | far) [ahead of here | behind here | ahead | behind] is <one:text> (from | of) (here | us | me)
    [what is] [the] time difference (to | with | of) <one:text>
""")
_HERE = frozenset(("here", "us", "me", "home", "my place", "where i am"))
_UNTIL = Phrases(
    """
    how (long | much time | many <unit:part>) [is it | is there | are there | is left | are left | left | do i have] \
        (until | till | til | to | before) [it is] <clock>
""",
    {"part": "hours|minutes"},
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
        if _ASKS_TIME.match(heard.figures):
            return Plan(f"It is {told_time(situation.wall.time())}.")
        if found := _UNTIL.match(heard.figures):
            return self._until(found, situation)
        if found := _TIME_IN.match(heard.words):
            return self._elsewhere(found["place"], situation, asked_plainly="in" in heard.words.split())
        if found := _DIFFERENCE.match(heard.words):
            return self._difference(found["one"], slot(found, "other") or "here", situation)
        if found := _ALSO_IN.match(heard.words):
            return self._elsewhere(found["place"], situation, asked_plainly=False)
        return None

    def _until(self, found: re.Match[str], situation: Situation) -> Plan | None:
        clock = clock_of(found["clock"])
        if clock is None:
            return None
        minutes_now = situation.wall.hour * 60 + situation.wall.minute
        again = timedelta(hours=12) if clock.open else timedelta(days=1)
        ahead = (clock.hour * 60 + clock.minute - minutes_now) % (again // timedelta(minutes=1))
        hours, minutes = divmod(ahead, 60)
        if slot(found, "unit") == "minutes":
            hours, minutes = 0, ahead
        then = clock.hour * 60 + clock.minute if not clock.open else minutes_now + ahead
        at = told_time(datetime(2000, 1, 1, then // 60 % 24, then % 60).time())
        return Plan(f"{_length(hours, minutes)} until {at}." if ahead else f"It is {at} now.")

    def _elsewhere(self, place: str, situation: Situation, asked_plainly: bool) -> Plan | None:
        place = place.rpartition(" in ")[2]  # "for my friends in Chicago"
        zone = self._zone_of(place)
        if zone is None:
            if not asked_plainly or len(place.split()) > 3:
                return None
            return Plan(f"I don't know the time zone of {place.title()}.", certain=False)
        there = situation.now.astimezone(zone)
        days = (there.date() - situation.now.date()).days
        day = {1: " tomorrow", -1: " yesterday"}.get(days, "")
        return Plan(f"In {_named(place)}, it is {told_time(there.time())}{day}.")

    def _difference(self, one: str, other: str, situation: Situation) -> Plan | None:
        """How far the clocks of two places are apart now."""
        places = (one.strip(), other.strip())
        offsets = []
        for place in places:
            zone = situation.now.tzinfo if place in _HERE else self._zone_of(place)
            if zone is None:
                return Plan(f"I don't know the time zone of {place.title()}.", certain=False)
            offsets.append(situation.now.astimezone(zone).utcoffset() or timedelta())
        minutes = round((offsets[0] - offsets[1]).total_seconds() / 60.0)
        first = "Your place" if places[0] in _HERE else _named(places[0])
        against = "you" if places[1] in _HERE else _named(places[1])
        if not minutes:
            return Plan(f"{first} has the same time as {against}.")
        apart = _length(*divmod(abs(minutes), 60))
        return Plan(f"{first} is {apart} {'ahead of' if minutes > 0 else 'behind'} {against}.")

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


def _length(hours: int, minutes: int) -> str:
    """A length of hours and minutes, of which one is not 0."""
    return " and ".join(
        f"{count} {unit}" + ("" if count == 1 else "s")
        for count, unit in ((hours, "hour"), (minutes, "minute"))
        if count
    )


def _named(place: str) -> str:
    if place in ("utc", "gmt"):
        return place.upper()
    return re.sub(r"\b(The|De)\b", lambda found: found[0].lower(), place.title()).replace("the Uk", "the UK")
