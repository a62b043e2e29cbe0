"""What Sotto cannot do, said honestly: by topic where it is a known wish, else plainly. Runs on the dialogue thread.

Every plan here is uncertain: a language model or a tool may know better.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from engine.dialogue.plan import Plan, Situation
from engine.dialogue.utterance import Utterance

_OUTSIDE = "I have no connection to the outside."
_TOPICS: tuple[tuple[str, str], ...] = (
    (
        "weather|forecast|raining|rain|rainy|snow|snowing|sunny|umbrella|humid|humidity|how hot is it|how cold is it",
        f"I can't know the weather: {_OUTSIDE}",
    ),
    ("news|headlines|election|stocks?|share price|bitcoin|market", f"I can't get news or prices: {_OUTSIDE}"),
    (
        "dollars?|euros?|yen|rupees|francs|usd|eur|gbp|currency|exchange rate|pounds sterling",
        "I can't convert money: I don't know today's rates.",
    ),
    ("play|song|music|playlist|radio|podcast|spotify|album", "I can't play music."),
    (
        "call|phone|dial|text|sms|whatsapp|message|e ?mail|emails|send",
        "I can't make calls or send messages.",
    ),
    (
        "turn on|turn off|switch on|switch off|lights?|lamp|thermostat|heating|heater|tv|television|dim|garage|vacuum",
        "I can't control devices in your home.",
    ),
    (
        "search|google|look up|website|internet|wikipedia|browse|online|youtube",
        f"I can't search the web: {_OUTSIDE}",
    ),
    (
        "directions|navigate|route|traffic|nearest|near me|nearby|bus|train|flight|how do i get to|how far is",
        "I can't give directions or travel information.",
    ),
    ("order|buy|book|reserve|restaurant|pizza|tickets?|taxi|uber|hotel", "I can't order or book anything."),
    (
        "calendar|appointments?|meetings?|schedule|events?",
        "I have no calendar. I can set a reminder instead: say, remind me.",
    ),
    (
        "translate|translation|how do you say|in (?:french|german|spanish|italian|chinese)",
        "I can't translate.",
    ),
    (
        "open|launch|close|run|shut ?down|restart|reboot|screenshot|battery|wifi|bluetooth|brightness",
        "I can't control programs or this computer.",
    ),
    ("score|match|football|soccer|who won|league|world cup", f"I can't know results: {_OUTSIDE}"),
    (
        "recipe|cook|bake|write me|write an?|poem|story|essay|code|summari[sz]e|draw|picture|photo|image|game",
        "I can't do that: it needs a language model, which you can set up in the settings.",
    ),
    ("advice|should i|doctor|medicine|lawyer|legal|invest", "I can't give advice on that."),
)
_COMPILED = tuple(
    (re.compile(rf"\b(?:{words})\b|[$€£]" if "euro" in words else rf"\b(?:{words})\b"), answer)
    for words, answer in _TOPICS
)
_QUESTION = re.compile(
    r"(?:who|what|when|where|why|how|which|whose|is|are|was|were|do|does|did|can|could|will|would|should|has|have)\b"
)
_LONG = 2000


class CannotSkill:
    """The last one asked: says that it can't, and never makes anything up. `nearest` knows how to say what words seem
    to be about."""

    name = "cannot"
    examples: tuple[str, ...] = ()
    spoken: tuple[str, ...] = ("what's the weather [like] [today | tomorrow]", "play [some] music")
    prefixes: tuple[str, ...] = ()

    def __init__(self, nearest: Callable[[str], str]) -> None:
        self._nearest = nearest

    def plan(self, heard: Utterance, situation: Situation) -> Plan:
        """An honest "I can't"."""
        if len(heard.raw) > _LONG:
            return Plan("That is too long for me to understand. Try one short sentence.", certain=False)
        if not heard.words:
            return Plan("I did not get any words.", certain=False)
        for pattern, answer in _COMPILED:
            if pattern.search(heard.words):
                return Plan(answer, certain=False)
        way = self._nearest(heard.words) or " Ask me what I can do."
        if _QUESTION.match(heard.words):
            return Plan(f"I don't know that.{way}", certain=False)
        return Plan(f"I didn't understand that.{way}", certain=False)
