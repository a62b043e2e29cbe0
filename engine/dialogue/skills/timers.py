"""Timers, alarms and reminders: set, asked about, cancelled. Runs on the dialogue thread.

When they are due is `engine.dialogue.bells`' affair.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta

from engine.dialogue.addressing import as_written, yours
from engine.dialogue.alarm_times import next_wall, repeats, told_repeats
from engine.dialogue.durations import adjective, seconds_of, told
from engine.dialogue.moments import Clock, clock_of, told_date, told_time
from engine.dialogue.phrasing import slot
from engine.dialogue.plan import Alarm, DropAlarms, Plan, SetAlarm, Situation
from engine.dialogue.skills.timer_phrases import (
    ALARM_WITHOUT,
    CANCEL,
    LEFT,
    MORE,
    MOVE,
    REMIND,
    REMIND_WITHOUT,
    SET_ALARM,
    SET_TIMER,
    SEVERAL,
    SNOOZE,
    TIMER_WITHOUT,
    WHICH,
)
from engine.dialogue.utterance import Utterance

LONGEST_TIMER_S = 366 * 86400.0
"""A year: who wants more means a date."""

MOST_ALARMS = 100
_LONGEST_LABEL = 200


class TimersSkill:
    """Things that speak up later."""

    name = "timers"
    examples = (
        "Set a timer for ten minutes.",
        "Wake me at seven.",
        "Remind me to call Anna at six PM.",
        "How much time is left?",
        "Cancel the timer.",
    )
    spoken = (
        "set a timer for <length>",
        "set a <small> minute timer",
        "start a timer for <length>",
        "timer for <length>",
        "<length> timer",
        "set an alarm for <clock> [tomorrow]",
        "wake me [up] at <clock> [tomorrow]",
        "how much time is left [on the timer]",
        "how long is left",
        "cancel the timer",
        "stop the timer",
        "cancel (the | my) alarm",
        "cancel all timers",
        "what alarms do I have",
        "what timers do I have",
        "snooze",
    )
    prefixes = ("remind me to", "remind me in", "remind me at", "remind me tomorrow")

    def plan(self, heard: Utterance, situation: Situation) -> Plan | None:
        """Set, told or cancelled."""
        text = heard.figures
        for phrases, act in (
            (SET_TIMER, self._timer),
            (SET_ALARM, self._alarm),
            (REMIND, self._reminder),
            (WHICH, self._which),
            (LEFT, self._left),
            (CANCEL, self._cancel),
            (SNOOZE, self._snooze),
            (MORE, self._more),
            (MOVE, self._move),
        ):
            if (found := phrases.match(text)) and (plan := act(found, situation, heard)):
                return plan
        if SEVERAL.match(text):
            return Plan("One timer at a time, please. Say, for instance: set a timer for ten minutes.")
        if TIMER_WITHOUT.match(text):
            return Plan("For how long? Say, for instance: set a timer for ten minutes.")
        if ALARM_WITHOUT.match(text):
            return Plan("For what time? Say, for instance: wake me at seven.")
        if found := REMIND_WITHOUT.match(text):
            what = slot(found, "what")
            return Plan(f"When? Say, for instance: remind me to {what or 'call Anna'} in ten minutes.")
        return None

    def _timer(self, found: re.Match[str], situation: Situation, heard: Utterance) -> Plan | None:
        seconds = seconds_of(found["length"])
        if seconds is None:
            return None
        label = slot(found, "label") or slot(found, "title")
        label = "" if label in _NO_LABELS else label
        if refusal := _refused(seconds) or _full(situation):
            return Plan(refusal)
        now = situation.now.timestamp()
        alarm = Alarm(0, "timer", label[:_LONGEST_LABEL], seconds, now + seconds, None, (), now)
        named = f"{label.capitalize()} timer" if label else "Timer"
        return Plan(f"{named} set for {told(seconds)}.", (SetAlarm(alarm),))

    def _alarm(self, found: re.Match[str], situation: Situation, heard: Utterance) -> Plan | None:
        clock = clock_of(found["clock"])
        if clock is None:
            return Plan(f"There is no such time as {found['clock']}.")
        if clock.open and 4 <= clock.hour <= 11 and re.match(r"(wake|get|i) ", found[0]):
            clock = Clock(clock.hour, clock.minute, False)  # nobody is woken at seven in the evening
        return self._at(clock, slot(found, "when") or slot(found, "day"), "alarm", "", situation)

    def _move(self, found: re.Match[str], situation: Situation, heard: Utterance) -> Plan | None:
        """The one alarm rings at another time."""
        if situation.memory is None:
            return Plan(situation.why_no_memory)
        alarms = [alarm for alarm in situation.memory.alarms() if alarm.kind == "alarm" and alarm.wall]
        if len(alarms) != 1:
            return Plan("There are several alarms. Cancel one, and set a new one.") if alarms else None
        clock = clock_of(found["clock"])
        if clock is None:
            return Plan(f"There is no such time as {found['clock']}.")
        if clock.open and alarms[0].wall and alarms[0].wall.hour < 12:
            clock = Clock(clock.hour % 12, clock.minute, False)  # it stays in the morning
        plan = self._at(clock, slot(found, "when") or slot(found, "day"), "alarm", alarms[0].label, situation)
        return replace(plan, deeds=(DropAlarms((alarms[0].number,)), *plan.deeds)) if plan.deeds else plan

    def _reminder(self, found: re.Match[str], situation: Situation, heard: Utterance) -> Plan | None:
        what = as_written(slot(found, "what"), heard)[:_LONGEST_LABEL]
        if length := slot(found, "length"):
            seconds = seconds_of(length)
            if seconds is None:
                return None
            if refusal := _refused(seconds) or _full(situation):
                return Plan(refusal)
            now = situation.now.timestamp()
            alarm = Alarm(0, "reminder", what, seconds, now + seconds, None, (), now)
            return Plan(f"I'll remind you in {told(seconds)}: {yours(what)}.", (SetAlarm(alarm),))
        when = slot(found, "when") or slot(found, "day")
        part = _PARTS_OF_DAY.get(when.split()[-1] if when else "", Clock(9, 0, False))
        clock = clock_of(found["clock"]) if slot(found, "clock") else part
        if clock is None:
            return Plan(f"There is no such time as {found['clock']}.")
        return self._at(clock, when, "reminder", what, situation)

    def _at(self, clock: Clock, when: str, kind: str, label: str, situation: Situation) -> Plan:
        if refusal := _full(situation):
            return Plan(refusal)
        days = repeats(when)
        wall = next_wall(clock, when, days, situation.wall)
        if wall is None:
            return Plan("That time is over already. Say a time that is still to come.")
        due = situation.instant(wall)
        alarm = Alarm(0, kind, label, 0.0, due.timestamp(), wall, days, situation.now.timestamp())
        at = told_time(wall.time())
        if days:
            text = f"{'Alarm set' if kind == 'alarm' else 'Reminder set'} for {at}, {told_repeats(days)}."
        else:
            text = f"{'Alarm set' if kind == 'alarm' else 'Reminder set'} for {at}{_told_day(wall.date(), situation)}."
        if label:
            text = text[:-1] + f": {yours(label)}."
        return Plan(text, (SetAlarm(alarm),))

    def _left(self, found: re.Match[str], situation: Situation, heard: Utterance) -> Plan | None:
        if situation.memory is None:
            return Plan(situation.why_no_memory)
        label = slot(found, "label")
        timers = [alarm for alarm in situation.memory.alarms() if not alarm.wall]
        chosen = [timer for timer in timers if not label or timer.label == label]
        if not chosen and label and "timer" not in found[0]:
            return None  # it may be about anything else
        if not chosen:
            return Plan(f"There is no {label} timer." if label and timers else "No timer is running.")
        if len(chosen) == 1:
            left = situation.remaining_s.get(chosen[0].number, 0.0)
            return Plan(f"{told(max(0.0, left)).capitalize()} left." if left > 0 else "It is up now.")
        return Plan(
            " ".join(
                f"{_called(timer).capitalize()}: {told(situation.remaining_s.get(timer.number, 0.0))} left."
                for timer in chosen[:5]
            )
        )

    def _which(self, found: re.Match[str], situation: Situation, heard: Utterance) -> Plan | None:
        if situation.memory is None:
            return Plan(situation.why_no_memory)
        kind = next((kind for kind in ("timer", "reminder", "alarm") if kind in found[0]), "")
        alarms = [alarm for alarm in situation.memory.alarms() if kind in ("", alarm.kind)]
        if not alarms:
            return Plan(f"No {kind or 'timer, alarm or reminder'} is set.")
        told_ones = [_described(alarm, situation) for alarm in alarms[:5]]
        more = f" And {len(alarms) - 5} more." if len(alarms) > 5 else ""
        told_all = "; ".join(told_ones)
        if not kind:
            return Plan(f"{told_all[:1].upper()}{told_all[1:]}.{more}")
        return Plan(f"{len(alarms)} {kind}{'s' if len(alarms) > 1 else ''}: {told_all}.{more}")

    def _cancel(self, found: re.Match[str], situation: Situation, heard: Utterance) -> Plan | None:
        if situation.memory is None:
            return Plan(situation.why_no_memory)
        said = found[0]
        alarms = situation.memory.alarms()
        kinds = [kind for kind in ("timer", "alarm", "reminder") if kind in said]
        if "wake" in said:
            kinds = ["alarm"]
        if not kinds:
            kinds = ["timer", "alarm", "reminder"]
        alarms = tuple(alarm for alarm in alarms if alarm.kind in kinds)
        chosen = _chosen(found, alarms, situation)
        noun = kinds[0] if len(kinds) == 1 else "timer or alarm"
        if not alarms:
            return Plan(f"No {noun} is set.")
        if not chosen:
            return Plan(f"There is no such {noun}.")
        everything = re.search(r"\b(all|every|both|everything|timers|alarms|reminders)\b", said) is not None
        if len(chosen) > 1 and not everything:
            ones = "; ".join(_described(alarm, situation) for alarm in chosen[:5])
            return Plan(f"There are {len(chosen)}: {ones}. Say which one, or cancel all {noun}s.")
        numbers = tuple(alarm.number for alarm in chosen)
        if len(chosen) == 1:
            return Plan(f"Cancelled {_described(chosen[0], situation)}.", (DropAlarms(numbers),))
        return Plan(f"Cancelled {len(chosen)} {noun}s.", (DropAlarms(numbers),))

    def _snooze(self, found: re.Match[str], situation: Situation, heard: Utterance) -> Plan | None:
        seconds = seconds_of(slot(found, "length")) if slot(found, "length") else 540.0
        if seconds is None or (refusal := _refused(seconds) or _full(situation)):
            return Plan(refusal) if seconds is not None and refusal else None
        now = situation.now.timestamp()
        alarm = Alarm(0, "timer", "snooze", seconds, now + seconds, None, (), now)
        return Plan(f"I'll be back in {told(seconds)}.", (SetAlarm(alarm),))

    def _more(self, found: re.Match[str], situation: Situation, heard: Utterance) -> Plan | None:
        if situation.memory is None:
            return Plan(situation.why_no_memory)
        label = slot(found, "label")
        timers = [a for a in situation.memory.alarms() if not a.wall and (not label or a.label == label)]
        length = slot(found, "length")
        if not length:
            return (
                Plan("I can't pause a timer. Cancel it, and set a new one.") if "timer" in found[0] else None
            )
        seconds = seconds_of(length)
        if not timers:
            none = f"There is no {label} timer." if label else "No timer is running."
            return Plan(none) if "timer" in found[0] else None
        if seconds is None or len(timers) > 1:
            return (
                Plan("There are several timers. Cancel one, and set a new one.") if len(timers) > 1 else None
            )
        left = situation.remaining_s.get(timers[0].number, 0.0) + seconds
        if refusal := _refused(left):
            return Plan(refusal)
        now = situation.now.timestamp()
        longer = Alarm(0, timers[0].kind, timers[0].label, left, now + left, None, (), now)
        return Plan(f"{told(left).capitalize()} now.", (DropAlarms((timers[0].number,)), SetAlarm(longer)))


_NO_LABELS = frozenset({"", "me", "please", "new", "it", "wake up"})
_PARTS_OF_DAY = {
    "morning": Clock(9, 0, False),
    "afternoon": Clock(15, 0, False),
    "evening": Clock(19, 0, False),
    "tonight": Clock(20, 0, False),
}


def _refused(seconds: float) -> str:
    if seconds <= 0:
        return "A timer must run for a second at least. Say, for instance: set a timer for five minutes."
    if seconds > LONGEST_TIMER_S:
        return "That is too long for me. I can set timers of up to a year."
    return ""


def _full(situation: Situation) -> str:
    if situation.memory is None:
        return situation.why_no_memory
    if len(situation.memory.alarms()) >= MOST_ALARMS:
        return f"There are {MOST_ALARMS} timers and alarms already. Cancel some first."
    return ""


def _told_day(day: date, situation: Situation) -> str:
    ahead = (day - situation.now.date()).days
    if ahead <= 1:
        return " today" if ahead == 0 else " tomorrow"
    return f" on {told_date(day, situation.now.date())}"


def _chosen(found: re.Match[str], alarms: tuple[Alarm, ...], situation: Situation) -> tuple[Alarm, ...]:
    label = slot(found, "label") or slot(found, "title")
    if label in ("tomorrows", "todays"):
        day = situation.now.date() + timedelta(label == "tomorrows")
        return tuple(alarm for alarm in alarms if alarm.wall and alarm.wall.date() == day)
    if label and label not in _NO_LABELS:
        return tuple(alarm for alarm in alarms if alarm.label.lower() == label)
    if length := slot(found, "length"):
        return tuple(alarm for alarm in alarms if alarm.duration_s == seconds_of(length))
    if (text := slot(found, "clock")) and (clock := clock_of(text)):
        hours = {clock.hour, (clock.hour + 12) % 24} if clock.open else {clock.hour}
        return tuple(a for a in alarms if a.wall and a.wall.hour in hours and a.wall.minute == clock.minute)
    return alarms


def _called(alarm: Alarm) -> str:
    if alarm.kind == "reminder":
        return f"the reminder {yours(alarm.label)}"
    if alarm.wall is not None:
        return "the alarm"
    return f"the {alarm.label} timer" if alarm.label else f"the {adjective(alarm.duration_s)} timer"


def _described(alarm: Alarm, situation: Situation) -> str:
    if alarm.wall is None:
        return _called(alarm)
    when = f"{told_time(alarm.wall.time())}"
    when += f", {told_repeats(alarm.repeats)}" if alarm.repeats else _told_day(alarm.wall.date(), situation)
    return f"{_called(alarm)} for {when}"
