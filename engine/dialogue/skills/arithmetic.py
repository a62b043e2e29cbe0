"""Sums. Runs on the dialogue thread; the reading and computing is `engine.dialogue.calculator`'s."""

from __future__ import annotations

import re

from engine.dialogue.calculator import Unanswerable, read, told_number
from engine.dialogue.plan import Plan, Situation
from engine.dialogue.utterance import Utterance

_ASKED = re.compile(
    r"^(?:what (?:do (?:you|i|we) get (?:if|when) (?:you|i|we)|is|are|does|do)"
    r"|how much (?:is|are|does|do|would|will)|calculate|compute|work out|figure out|solve|evaluate|what would"
    r"|count|the result of|the answer to|and|how many is|what about|do the math|math|a tip of|tip(?: of)?)\s+"
)
_AMOUNT = r"(\d+(?:\.\d+)?)(?: (?:dollars?|euros?|pounds?|quid|bucks))?"
_IN_WORDS = (
    (
        re.compile(rf"^{_AMOUNT} (?:with|and|plus) (?:a |an )?(\d+(?:\.\d+)?) ?(?:percent|%) tip$"),
        r"\1 + \2%",
    ),
    (re.compile(rf"^(?:a )?(\d+(?:\.\d+)?) ?(?:percent|%) tip on {_AMOUNT}$"), r"\1% of \2"),
    (
        re.compile(
            rf"^(?:split|divide|share) (?:a bill of |a |the )?{_AMOUNT} (?:between|among|amongst|by|with|into|in) "
            r"(\d+)(?: (?:people|persons|ways|of us|friends|kids|children|parts|equal parts|groups))?$"
        ),
        r"\1 / \2",
    ),
)
"""Sums that are told as a story."""

_END = re.compile(r"\s*(?:=|equals?|make|makes|come to|be|is|give|equal to)?\s*(?:what)?\s*\??$")


class ArithmeticSkill:
    """Plus, minus, times, divided by, powers, roots, percent."""

    name = "arithmetic"
    examples = ("What is seven times eight?", "What is twelve percent of eighty?")
    spoken = (
        "what is <number> <operation> <number> [<operation> <number>]",
        "what's <number> <operation> <number> [<operation> <number>]",
        "how much is <number> <operation> <number>",
        "<number> <operation> <number>",
        "(what is | what's) [the] square root of <number>",
        "what is <number> squared",
        "what is half of <number>",
        "what is <number> percent of <number>",
        "what's <number> percent of <number>",
    )
    prefixes: tuple[str, ...] = ()

    def plan(self, heard: Utterance, situation: Situation) -> Plan | None:
        """The value of a sum, or the sentence that says why it has none."""
        text = heard.figures
        while (shorter := _ASKED.sub("", text)) != text:
            text = shorter
        text = _END.sub("", text).replace("$", "").strip()
        text = re.sub(r"^the (?=\d)", "", text)
        for pattern, sum_of in _IN_WORDS:
            text = pattern.sub(sum_of, text)
        try:
            found = read(text)
        except Unanswerable as why:
            return Plan(str(why))
        if found is None:
            return None
        value = told_number(found.value)
        told = found.told[:1].upper() + found.told[1:]
        if re.match(r"(Add|Subtract|Multiply|Divide)\b", told) or len(told) > 80:
            return Plan(f"That makes {value}.")
        return Plan(f"{told} is {value}.")
