"""The built-in skills as a dialogue with a language model sees them: sure answers, a tool, and a last resort.

Asked on the thread that asks the dialogue, and on the dialogue thread for the tool. Imports nothing heavy.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from engine.dialogue import Asked, Effect, Exchange, Reply
from engine.dialogue.built_in import BuiltInDialogue
from engine.dialogue.skills import built_in_skills
from engine.dialogue.tools import Tool, ToolFailed

TOOL = "sotto_skills"
_MOST_EXAMPLES = 16
_LONGEST_REQUEST = 400


class BuiltInSkills:
    """`now` tells the calendar time of a tool's call.

    `late` gets the effects on speech of what a model did by the tool; None: a model cannot have any.
    """

    def __init__(
        self,
        built_in: BuiltInDialogue,
        late: Callable[[tuple[Effect, ...]], None] | None = None,
        now: Callable[[], datetime] = lambda: datetime.now().astimezone(),
    ) -> None:
        self._built_in = built_in
        self._examples = tuple(example for skill in built_in_skills() for example in skill.examples[:2])
        self._late = late
        self._now = now

    def confirmed(self, asked: Asked, history: tuple[Exchange, ...]) -> Reply | None:
        """The answer of a skill that surely is meant, None where none is."""
        return self._built_in.confirmed(asked, history)

    def reply(self, asked: Asked, history: tuple[Exchange, ...]) -> Reply:
        """An answer in any case."""
        return self._built_in.reply(asked, history)

    def tools(self) -> tuple[Tool, ...]:
        """One tool for all skills: they understand sentences, which a small model writes better than many schemas."""
        examples = "; ".join(self._examples[:_MOST_EXAMPLES])
        request = {
            "type": "string",
            "description": "One short English command, as the user would say it.",
            "minLength": 1,
            "maxLength": _LONGEST_REQUEST,
        }
        parameters = {
            "type": "object",
            "properties": {"request": request},
            "required": ["request"],
            "additionalProperties": False,
        }
        description = (
            "Timers, alarms, reminders, notes, lists, remembered facts, time, dates, sums, units, volume, speaking"
            f" rate of this assistant. Examples of a request: {examples}."
        )
        return (Tool(TOOL, description, parameters, "inside", self._run, changes=self._changes),)

    def announcements(self, now: datetime) -> tuple[Reply, ...]:
        """What is to be said unasked."""
        return self._built_in.announcements(now)

    def close(self) -> None:
        """End what runs behind them."""
        self._built_in.close()

    def _asked(self, values: dict[str, Any]) -> Asked:
        return Asked(str(values["request"]), spoken=False, at=self._now())

    def _changes(self, values: dict[str, Any]) -> bool:
        plan = self._built_in.plan(self._asked(values))
        return bool(plan.deeds or plan.effects)

    async def _run(self, values: dict[str, Any]) -> str:
        """What the skill answers, after its deeds are done."""
        asked = self._asked(values)
        if not self._built_in.plan(asked).certain:
            raise ToolFailed(
                "No skill understands this request; answer without it, or say it like the examples."
            )
        reply = self._built_in.reply(asked, ())
        if self._late is None and self._built_in.plan(self._asked(values)).effects:
            raise ToolFailed(
                "Only the user can change how this assistant speaks, by saying for instance: louder."
            )
        effects = reply.commit()
        if self._late is not None and effects:
            self._late(effects)
        return " ".join(reply.pieces())
