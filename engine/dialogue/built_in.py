"""The built-in dialogue: skills asked in order, plans made without effects, deeds done on commit.

`reply` and `announcements` run on the dialogue thread, `commit` and `cancel` on any. Must not import the speech model,
devices or front ends.
"""

from __future__ import annotations

import contextlib
import random
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from functools import partial
from typing import Protocol
from zoneinfo import ZoneInfo

from engine.dialogue import Asked, Effect, Exchange, Reply
from engine.dialogue.bells import Bells, elapsed_s
from engine.dialogue.plan import Alarm, AlarmRang, Deed, Forget, Memory, Plan, Remember, SetAlarm, Situation
from engine.dialogue.skills import built_in_skills
from engine.dialogue.skills.facts import told_fact
from engine.dialogue.skills.units import UnitsSkill
from engine.dialogue.utterance import readings
from engine.errors import SottoError
from engine.event_values import RememberedFact
from engine.events import Event
from engine.fact_events import MOST_TOLD, FactsTold

UNSURE_BELOW = 0.35
"""Words heard with less confidence than this are asked for again, unless the closed grammar confirmed them."""

HEARD_WITHIN_S = 15.0
"""An announcement that is neither committed nor cancelled in this time is made anew."""

NOT_KEPT = "I can't keep anything now, since there is no record of conversations."


class Keepsakes(Memory, Protocol):
    """What skills read, and where deeds are done (`engine.store` has one)."""

    def carry_out(self, deeds: tuple[Deed, ...], now: datetime) -> None:
        """Do all of them, or none. Raises SottoError with one sentence."""


class PlannedReply:
    """A plan on its way to be heard."""

    def __init__(
        self, plan: Plan, carry_out: Callable[[Plan], None], drop: Callable[[], None] | None = None
    ) -> None:
        self._plan = plan
        self._carry_out = carry_out
        self._drop = drop
        self._lock = threading.Lock()
        self._state = "open"

    @property
    def source(self) -> str:
        """The skill's name."""
        return self._plan.source

    @property
    def plan(self) -> Plan:
        """What was planned."""
        return self._plan

    def pieces(self) -> Iterator[str]:
        """The whole answer at once."""
        if self._plan.text and self._state != "cancelled":
            yield self._plan.text

    def commit(self) -> tuple[Effect, ...]:
        """Do what the answer says, once; nothing after a cancel."""
        with self._lock:
            if self._state != "open":
                return ()
            self._state = "committed"
        self._carry_out(self._plan)
        return self._plan.effects

    def cancel(self) -> None:
        """It will not be heard. Harmless after a commit."""
        with self._lock:
            if self._state != "open":
                return
            self._state = "cancelled"
        if self._drop is not None:
            self._drop()

    def supersede(self) -> None:
        """Another reply takes its place: this one, where it was not committed, will have no words."""
        with self._lock:
            if self._state == "open":
                self._state = "cancelled"


class BuiltInDialogue:
    """Answers from the built-in skills. `keepsakes` None: nothing is kept, and `why_none` is what the user is told.

    `zone` None: the system's; `seed` None: chance is chance; `clock` gives elapsed seconds; `tell` hears what is
    remembered, now and whenever that changes.
    """

    def __init__(
        self,
        keepsakes: Keepsakes | None = None,
        why_none: str = NOT_KEPT,
        *,
        zone: tzinfo | None = None,
        seed: int | None = None,
        clock: Callable[[], float] = elapsed_s,
        tell: Callable[[Event], None] | None = None,
    ) -> None:
        self._tell = tell
        self._keepsakes = keepsakes
        self._why_none = why_none
        self._zone = zone
        self._chance = random.Random(seed)
        self._skills = built_in_skills()
        self._is_warm = False
        self._bells = Bells(zone, clock)
        self._lock = threading.RLock()
        self._elapsed_s = clock
        self._ringing: dict[int, tuple[PlannedReply, float]] = {}
        self._undone: list[_Undone] = []
        self._troubles: list[str] = []
        self._tell_facts()

    def plan(self, asked: Asked, history: tuple[Exchange, ...] = ()) -> Plan:
        """The plan for an answer; one that is not `certain` may be bettered by another dialogue."""
        forms = readings(asked.text)
        if asked.spoken and not asked.from_grammar and asked.confidence < UNSURE_BELOW:
            return Plan("I'm not sure I heard that. Please say it again.", source="cannot", certain=False)
        situation = self._situation(asked.at, history)
        for heard in reversed(forms):
            for skill in self._skills[:-1]:
                try:
                    plan = skill.plan(heard, situation)
                except SottoError as error:  # the store could not be read
                    return Plan(str(error), source=skill.name)
                if plan is not None:
                    return _named(plan, skill.name)
        last = self._skills[-1]
        plan = last.plan(forms[-1], situation)
        assert plan is not None, "the last skill understands everything"
        return _named(plan, last.name)

    def reply(self, asked: Asked, history: tuple[Exchange, ...]) -> Reply:
        """See `Dialogue`."""
        return PlannedReply(self.plan(asked, history), self._carry_out)

    def confirmed(self, asked: Asked, history: tuple[Exchange, ...]) -> Reply | None:
        """The answer of a skill that surely is meant; None where another dialogue may know better."""
        plan = self.plan(asked, history)
        return PlannedReply(plan, self._carry_out) if plan.certain else None

    def announcements(self, now: datetime) -> tuple[Reply, ...]:
        """See `Dialogue`. Also tells, once, of what could not be kept, and tries that again."""
        self._warm()
        self._retry(now)
        with self._lock:
            troubles, self._troubles = self._troubles, []
        replies: list[Reply] = [
            PlannedReply(Plan(text, source="store"), self._carry_out) for text in troubles
        ]
        for alarm, plan in self._due(now):
            if (reply := self._ringing_reply(alarm, plan)) is not None:
                replies.append(reply)
        return tuple(replies)

    def _ringing_reply(self, alarm: Alarm, plan: Plan) -> PlannedReply | None:
        """None while another announcement of it is on its way to be heard."""
        now_s = self._elapsed_s()
        with self._lock:
            before = self._ringing.get(alarm.number)
            if before is not None and now_s - before[1] < HEARD_WITHIN_S:
                return None
            reply = PlannedReply(plan, self._rang, partial(self._not_heard, alarm.number))
            self._ringing[alarm.number] = (reply, now_s)
        if before is not None:
            before[0].supersede()
        return reply

    def close(self) -> None:
        """Try once more what could not be kept. The store is closed by whoever opened it."""
        self._retry(None)

    def _warm(self) -> None:
        """Import what is heavy here, where nobody waits for an answer."""
        if not self._is_warm:
            self._is_warm = True
            for skill in self._skills:
                if isinstance(skill, UnitsSkill):
                    skill.warm()

    def _due(self, now: datetime) -> tuple[tuple[Alarm, Plan], ...]:
        if self._keepsakes is None:
            return ()
        try:
            return self._bells.due(self._keepsakes.alarms(), now)
        except SottoError as error:
            self._tell_once(str(error))
            return ()

    def _not_heard(self, number: int) -> None:
        with self._lock:
            self._ringing.pop(number, None)

    def _rang(self, plan: Plan) -> None:
        self._carry_out(plan)
        for deed in plan.deeds:
            if isinstance(deed, AlarmRang) and not self._is_undone(plan):
                self._not_heard(deed.number)

    def _is_undone(self, plan: Plan) -> bool:
        with self._lock:
            return any(undone.plan is plan for undone in self._undone)

    def _situation(self, at: datetime, history: tuple[Exchange, ...]) -> Situation:
        zone = self._zone or (at.tzinfo if isinstance(at.tzinfo, ZoneInfo) else None)
        now = at.astimezone(zone)
        left: dict[int, float] = {}
        if self._keepsakes is not None:
            # a store that cannot be read is told of by the skill that needs it
            with contextlib.suppress(SottoError):
                left = self._bells.remaining_s(self._keepsakes.alarms(), now)
        return Situation(now, zone, history, self._keepsakes, self._why_none, self._chance, left)

    def _carry_out(self, plan: Plan) -> None:
        """Do the plan's deeds. One that fails is told of by the next announcement, and tried again."""
        if not plan.deeds or self._keepsakes is None:
            return
        now = datetime.now().astimezone()
        with self._lock:
            behind = bool(self._undone)
        if behind:
            self._retry(now)
        try:
            self._keepsakes.carry_out(plan.deeds, now)
            self._start_bells(plan)
            self._tell_facts(plan)
        except SottoError as error:
            with self._lock:
                self._undone.append(_Undone(plan, now))
            self._tell_once(f"I could not keep that yet. {error} I will try again.")

    def _start_bells(self, plan: Plan) -> None:
        """Timers run from now on by elapsed time, whatever the wall clock is set to. Raises SottoError."""
        assert self._keepsakes is not None, "deeds are done where there is a store"
        for deed in plan.deeds:
            if isinstance(deed, SetAlarm):
                at = datetime.fromtimestamp(deed.alarm.set_epoch_s, UTC)
                self._bells.remaining_s(self._keepsakes.alarms(), at)

    def _tell_facts(self, plan: Plan | None = None) -> None:
        """After a plan where it changed what is remembered, without one in any case."""
        changed = plan is None or any(isinstance(deed, Remember | Forget) for deed in plan.deeds)
        if self._tell is None or self._keepsakes is None or not changed:
            return
        # A store that cannot be read is told of by the skill that needs it.
        with contextlib.suppress(SottoError):
            facts = self._keepsakes.facts()
            told = tuple(
                RememberedFact(number=fact.number, sentence=told_fact(fact)) for fact in facts[-MOST_TOLD:]
            )
            self._tell(FactsTold(facts=told, count=len(facts)))

    def _retry(self, now: datetime | None) -> None:
        with self._lock:
            waiting, self._undone = self._undone, []
        for number, undone in enumerate(waiting):
            try:
                assert self._keepsakes is not None, "deeds wait for a store only"
                self._keepsakes.carry_out(undone.plan.deeds, undone.at)
            except SottoError:
                with self._lock:
                    self._undone = waiting[number:] + self._undone
                return
            for deed in undone.plan.deeds:
                if isinstance(deed, AlarmRang):
                    self._not_heard(deed.number)
            self._tell_facts(undone.plan)
            if now is not None:
                self._tell_once("What could not be kept before is kept now.")

    def _tell_once(self, sentence: str) -> None:
        with self._lock:
            if sentence not in self._troubles:
                self._troubles.append(sentence)


@dataclass(frozen=True, slots=True)
class _Undone:
    """A committed plan whose deeds are still to be done."""

    plan: Plan
    at: datetime


def _named(plan: Plan, source: str) -> Plan:
    return plan if plan.source else replace(plan, source=source)
