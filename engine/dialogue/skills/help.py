"""What Sotto can do, told briefly, and by topic. Runs on the dialogue thread."""

from __future__ import annotations

import re

from engine.dialogue.plan import Plan, Situation
from engine.dialogue.utterance import Utterance

_HELP = re.compile(
    r"(?:help|help me|i need help|what can (?:you|i) (?:do|say|ask|ask you|say to you|help me with|help with|do for me)(?: for me)?(?: here)?|what do you (?:do|know|understand)|what can i (?:say|ask)(?: you)?"
    r"|what are you (?:able to do|capable of|good (?:at|for))|how (?:do|can) (?:i use you|you help(?: me)?|i use this|this work|does this work|do you work)|how does this work"
    r"|what (?:commands|skills|features|things|else) (?:do you (?:have|know|understand)|can you do|are there|can i (?:say|use))|show (?:me )?(?:the )?(?:commands|help|skills)|list (?:your )?(?:commands|skills)|commands|what are your (?:skills|features|abilities|capabilities)|give me some examples|examples|what is possible|how may i use you|what all can you do|can you help(?: me)?|give me help)"
)
_TOPIC = re.compile(
    r"(?:help(?: me)? (?:with|on|about)|how do i (?:use|set|make|take|add)|how do (?:your )?) ?(?:a |an |the |my |up a )?(?P<topic>\w+)(?: work| up)?"
)
_ALSO = {
    "timer": "timers",
    "timers": "timers",
    "alarm": "timers",
    "alarms": "timers",
    "reminder": "timers",
    "reminders": "timers",
    "note": "notes",
    "notes": "notes",
    "list": "lists",
    "lists": "lists",
    "shopping": "lists",
    "dates": "date",
    "date": "date",
    "time": "time",
    "maths": "arithmetic",
    "math": "arithmetic",
    "sums": "arithmetic",
    "arithmetic": "arithmetic",
    "units": "units",
    "conversions": "units",
    "conversion": "units",
    "memory": "memory",
    "facts": "memory",
    "definitions": "words",
    "words": "words",
    "spelling": "words",
    "dice": "chance",
    "coins": "chance",
    "volume": "controls",
}
_SUMMARY = (
    "I can tell the time and the date, set timers, alarms and reminders, do sums, convert units,"
    " take notes, keep lists, remember things, explain words, toss a coin, and speak louder or slower."
    " For instance: {examples}"
)


class HelpSkill:
    """Help. `examples_of` gives each skill's examples, by its name."""

    name = "help"
    examples = ("What can you do?",)
    spoken = ("help", "what can you do", "what can I say", "what can I ask you")
    prefixes: tuple[str, ...] = ()

    def __init__(self, examples_of: dict[str, tuple[str, ...]]) -> None:
        self._examples_of = examples_of

    def plan(self, heard: Utterance, situation: Situation) -> Plan | None:
        """A summary with examples, or the examples of one topic."""
        if _HELP.fullmatch(heard.words):
            shown = [
                self._examples_of[name][0]
                for name in ("time", "timers", "arithmetic")
                if name in self._examples_of
            ]
            return Plan(_SUMMARY.format(examples=" ".join(shown)))
        found = _TOPIC.fullmatch(heard.words)
        if found and (examples := self._examples_of.get(_ALSO.get(found["topic"], ""))):
            return Plan("Say, for instance: " + " ".join(examples))
        return None
