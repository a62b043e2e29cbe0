"""What Sotto cannot do, said honestly: by topic where it is a known wish, plainly otherwise. Runs on the dialogue thread.

Every plan here is uncertain: a language model or a tool may know better.
"""

from __future__ import annotations

import re

from engine.dialogue.plan import Plan, Situation
from engine.dialogue.utterance import Utterance

_TOPICS: tuple[tuple[str, str], ...] = (
    (r"\b(weather|forecast|temperature (?:outside|today|tomorrow)|rain(?:ing|y)?|snow(?:ing)?|sunny|umbrella|humid(?:ity)?|how (?:hot|cold|warm) is it)\b", "I can't know the weather: I have no connection to the outside."),
    (r"\b(news|headlines|election|stock|stocks|share price|bitcoin|exchange rate|market)\b", "I can't get news or prices: I have no connection to the outside."),
    (r"\b(?:dollars?|euros?|pounds sterling|yen|rupees|francs|usd|eur|gbp|currency)\b.*\b(?:in|to|into)\b|[$€£]", "I can't convert money: I don't know today's rates."),
    (r"\b(play|song|music|playlist|radio|podcast|spotify|album)\b", "I can't play music."),
    (r"\b(call|phone|dial|ring up|text|sms|whatsapp|message|e ?mail|send)\b", "I can't make calls or send messages."),
    (r"\b(turn (?:on|off)|switch (?:on|off)|lights?|lamp|thermostat|heating|heater|tv|television|dim|lock the|open the door|garage|vacuum)\b", "I can't control devices in your home."),
    (r"\b(search|google|look up|website|internet|wikipedia|browse|online|youtube)\b", "I can't search the web: I have no connection to the outside."),
    (r"\b(directions|navigate|route|traffic|nearest|near me|nearby|bus|train|flight|how do i get to|how far is)\b", "I can't give directions or travel information."),
    (r"\b(order|buy|book|reserve|restaurant|pizza|ticket|taxi|uber|hotel)\b", "I can't order or book anything."),
    (r"\b(calendar|appointment|meeting|schedule|event)\b", "I have no calendar. I can set a reminder instead: say, remind me."),
    (r"\b(translate|translation|how do you say|in (?:french|german|spanish|italian|japanese|chinese|latin))\b", "I can't translate."),
    (r"\b(open|launch|start|close|run|shut ?down|restart|reboot|screenshot|delete (?:the|my) files?|battery|wifi|bluetooth|brightness)\b", "I can't control programs or this computer."),
    (r"\b(score|game|match|football|soccer|who won|league|cup)\b", "I can't know results: I have no connection to the outside."),
    (r"\b(recipe|cook|bake|write (?:me )?an?|poem|story|essay|code|summari[sz]e|draw|picture|photo|image|game)\b", "I can't do that: it needs a language model, which you can set up in the settings."),
    (r"\b(advice|should i|doctor|medicine|lawyer|legal|invest)\b", "I can't give advice on that."),
)  # fmt: skip
_COMPILED = tuple((re.compile(pattern), answer) for pattern, answer in _TOPICS)
_QUESTION = re.compile(
    r"(?:who|what|when|where|why|how|which|whose|is|are|was|were|do|does|did|can|could|will|would|should|has|have)\b"
)


class CannotSkill:
    """The last one asked: says that it can't, and never makes anything up."""

    name = "cannot"
    examples: tuple[str, ...] = ()
    spoken: tuple[str, ...] = ("what's the weather [like] [today | tomorrow]", "play [some] music")
    prefixes: tuple[str, ...] = ()

    def plan(self, heard: Utterance, situation: Situation) -> Plan:
        """An honest "I can't"."""
        if not heard.words:
            return Plan("I did not get any words.", certain=False)
        for pattern, answer in _COMPILED:
            if pattern.search(heard.words):
                return Plan(answer, certain=False)
        if len(heard.raw) > 2000:
            return Plan("That is too long for me to understand. Try one short sentence.", certain=False)
        if _QUESTION.match(heard.words):
            return Plan("I don't know that. Ask me what I can do.", certain=False)
        return Plan("I didn't understand that. Ask me what I can do.", certain=False)
