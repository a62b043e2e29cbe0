"""Coins, dice, numbers and choices by chance. Runs on the dialogue thread.

The outcome is part of the plan, so that it is the one that is heard.
"""

from __future__ import annotations

import re

from engine.dialogue.addressing import as_written
from engine.dialogue.phrasing import Phrases, slot
from engine.dialogue.plan import Plan, Situation
from engine.dialogue.utterance import Utterance

_MOST_DICE = 20
_MOST_SIDES = 1000
_MOST_CHOICES = 50
_LARGEST = 10**12

_COIN = Phrases("""
    (flip | toss | throw) [me] [a | the | one] coin [for me]
    (heads or tails | coin flip | coin toss | head or tail | coin)
    flip
""")
_COINS = Phrases(
    """
    (flip | toss | throw) <n:number> coins
    (flip | toss | throw) (a | the) coin <n:number> times
    (flip | toss | throw) (a | the) coin <twice:twice>
""",
    {"twice": "twice"},
)
_DICE = Phrases(
    """
    (roll | throw) [me] [a | the | some] (dice | die)
    (roll | throw) [me] <n:count> (dice | die)
    (roll | throw) [a | the] (dice | die) <n:count> times
    (roll | throw) [me] [a | <n:count>] <sides:count> sided (dice | die)
    [roll | throw] [a] <code:code>
    [roll] (dice | die | dice roll)
    roll
""",
    {"count": r"\d{1,6}", "code": r"\d{0,4}\s?d\s?\d{1,6}"},
)
_BELOW = "(under | below | less than | up to | of at most)"
_NUMBER = Phrases(f"""
    (pick | choose | give me | think of | say | generate | tell me) [a | any | me a] [random] number \
        [between | from] <low:number> (and | to) <high:number>
    [a] random number (between | from) <low:number> (and | to) <high:number>
    (pick | choose | give me | think of | say | generate) [a | any] [random] number [{_BELOW} <high:number>]
    [a] random number [{_BELOW} <high:number>]
    (pick | choose) [a number] (between | from) <low:number> (and | to) <high:number>
    [a] [random] number (between | from) <low:number> (and | to) <high:number>
""")
_CHOICE = Phrases("""
    (choose | pick | decide | select) [one] [between | from | one of | either | out of | randomly] <text>
    should (i | we) [have | take | eat | drink | do | get | wear | buy | go] <either:text> or <or:text>
    <either:text> or <or:text> which one [should i take]
    (random choice | choose randomly) [between | from] <text>
""")
_YES_OR_NO = Phrases("""
    (yes or no | decide for me | make a decision)
""")


class ChanceSkill:
    """What a coin, dice or a hat would decide."""

    name = "chance"
    examples = (
        "Flip a coin.",
        "Roll two dice.",
        "Pick a number between one and ten.",
        "Choose between tea and coffee.",
    )
    spoken = (
        "flip a coin",
        "toss a coin",
        "heads or tails",
        "roll a (dice | die)",
        "roll (two | three | four | five) dice",
        "[give me] a random number",
        "pick a number between <small> and <small>",
    )
    prefixes = ("choose between",)

    def plan(self, heard: Utterance, situation: Situation) -> Plan | None:
        """An outcome."""
        text, chance = heard.figures, situation.chance
        if _COIN.match(text):
            return Plan(chance.choice(("Heads.", "Tails.")))
        if found := _COINS.match(text):
            count = int(float(slot(found, "n") or 2))
            if not 1 <= count <= _MOST_DICE:
                return Plan(f"I can toss up to {_MOST_DICE} coins.")
            heads = sum(chance.random() < 0.5 for _ in range(count))
            return Plan(f"{heads} heads and {count - heads} tails.")
        if found := _DICE.match(text):
            return _rolled(found, situation)
        if found := _NUMBER.match(text):
            low, high = _whole(slot(found, "low") or "1"), _whole(slot(found, "high") or "100")
            if high is not None and re.search(r"\b(under|below|less than)\b", text):
                high -= 1
            if low is None or high is None:
                return Plan("I can pick whole numbers up to a trillion.")
            return Plan(f"{chance.randint(min(low, high), max(low, high)):,}.")
        if found := _CHOICE.match(heard.words):
            text = slot(found, "text") or f"{found['either']} or {found['or']}"
            return _chosen(as_written(text.strip(), heard), situation)
        if _YES_OR_NO.match(text):
            return Plan(chance.choice(("Yes.", "No.")))
        return None


def _rolled(found: re.Match[str], situation: Situation) -> Plan:
    count, sides = int(slot(found, "n") or 1), int(slot(found, "sides") or 6)
    if code := slot(found, "code"):
        before, _, after = code.replace(" ", "").partition("d")
        count, sides = int(before or 1), int(after)
    if not 1 <= count <= _MOST_DICE or not 2 <= sides <= _MOST_SIDES:
        return Plan(f"I have {_MOST_DICE} dice, with 2 to {_MOST_SIDES:,} sides.")
    rolled = [situation.chance.randint(1, sides) for _ in range(count)]
    if count == 1:
        return Plan(f"{rolled[0]}.")
    return Plan(f"{', '.join(map(str, rolled[:-1]))} and {rolled[-1]}, which makes {sum(rolled)}.")


def _chosen(text: str, situation: Situation) -> Plan | None:
    parts = re.split(r"\s*,\s*(?:or |and )?|\s+or\s+|\s+and\s+", text.strip(" ,.?!:"))
    options = [part.strip() for part in parts if part.strip()]
    if not 2 <= len(options) <= _MOST_CHOICES:
        return None
    one = situation.chance.choice(options)
    return Plan(f"{one[:1].upper()}{one[1:]}.")


def _whole(text: str) -> int | None:
    value = float(text)
    return int(value) if value.is_integer() and abs(value) <= _LARGEST else None
