"""The built-in dialogue: skills asked in order, plans made without effects, deeds done on commit.

`reply` and `announcements` run on the dialogue thread, `commit` and `cancel` on any. Must not import the speech model,
devices or front ends.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo

from engine.dialogue import Asked, Effect, Exchange, Reply
from engine.dialogue.plan import Plan, Situation
from engine.dialogue.skills import built_in_skills
from engine.dialogue.utterance import readings

UNSURE_BELOW = 0.35
"""Words heard with less confidence than this are asked for again, unless the closed grammar confirmed them."""


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


class BuiltInDialogue:
    """Answers from the built-in skills. `zone` None: the system's; `seed` None: chance is chance."""

    def __init__(self, zone: tzinfo | None = None, seed: int | None = None) -> None:
        self._zone = zone
        self._chance = random.Random(seed)
        self._skills = built_in_skills()

    def plan(self, asked: Asked, history: tuple[Exchange, ...] = ()) -> Plan:
        """The plan for an answer; one that is not `certain` may be bettered by another dialogue."""
        forms = readings(asked.text)
        if asked.spoken and not asked.from_grammar and asked.confidence < UNSURE_BELOW:
            return Plan("I'm not sure I heard that. Please say it again.", source="cannot", certain=False)
        situation = self._situation(asked.at, history)
        for heard in reversed(forms):
            for skill in self._skills[:-1]:
                if plan := skill.plan(heard, situation):
                    return _named(plan, skill.name)
        last = self._skills[-1]
        plan = last.plan(forms[-1], situation)
        assert plan is not None, "the last skill understands everything"
        return _named(plan, last.name)

    def reply(self, asked: Asked, history: tuple[Exchange, ...]) -> Reply:
        """See `Dialogue`."""
        return PlannedReply(self.plan(asked, history), self._carry_out)

    def announcements(self, now: datetime) -> tuple[Reply, ...]:
        """See `Dialogue`."""
        return ()

    def close(self) -> None:
        """See `Dialogue`."""

    def _situation(self, at: datetime, history: tuple[Exchange, ...]) -> Situation:
        zone = self._zone or (at.tzinfo if isinstance(at.tzinfo, ZoneInfo) else None)
        now = at.astimezone(zone)
        return Situation(now, zone, history, None, "", self._chance, {})

    def _carry_out(self, plan: Plan) -> None:
        """Do the plan's deeds."""


def _named(plan: Plan, source: str) -> Plan:
    return plan if plan.source else Plan(plan.text, plan.deeds, plan.effects, plan.certain, source)
