"""Volume, rate, repeat, stop, falling asleep: what the user says about the talking itself. Runs on the dialogue thread."""

from __future__ import annotations

import re

from engine.dialogue import ChangeRate, ChangeVolume, FallAsleep, StopSpeaking
from engine.dialogue.plan import Plan, Situation
from engine.dialogue.utterance import Utterance

_STEP_DB = 6.0
_BIG_STEP_DB = 12.0
_STEP_RATE = 1.2

_STOP = re.compile(
    r"(?:stop|quiet|be quiet|silence|hush|shush|shut up|shh+|enough|that is enough|stop talking|stop it|stop that|stop speaking|be silent"
    r"|never mind|nevermind|forget it|cancel|cancel that|hold on|wait|no stop|stop stop|okay stop|ok stop|pause|zip it)(?: now| it)?"
)
_SLEEP = re.compile(
    r"(?:good ?bye|bye|bye bye|good night|goodnight|see you(?: later| soon| tomorrow)?|go to sleep|sleep|stop listening|talk to you later|that is all|that will be all|i am done|we are done|end (?:the )?conversation|see ya|cya|fall asleep|no that is all|exit|quit)"
)
_REPEAT = re.compile(
    r"(?:repeat(?: that| it| the answer| yourself| your answer| what you said| the last (?:one|thing|answer))?|say (?:that|it) again|again|come again|once more|one more time|what did you (?:just )?say|what was that|pardon(?: me)?|sorry what|what|excuse me|i did not (?:hear|catch|get|understand) (?:that|you|it)|say again|what did you say again|i beg your pardon|huh|sorry|could not hear you|i could not hear(?: that| you)?|read that again|read it again)"
)
_LOUDER = re.compile(
    r"(?:(?P<much>much |a lot |way )?(?:louder|more volume)|(?:speak|talk|be)(?: up| (?:a bit |a little )?louder)|speak up(?: a bit)?|volume up|(?:turn|crank|put|bring) (?:it |the volume |your volume |the sound |yourself )?up(?: the (?:volume|sound))?(?: a (?:bit|little|lot))?|(?:increase|raise|up) (?:the |your )?volume|a (?:bit|little) louder|make it louder|you are too quiet|too quiet|i can not hear you|i can barely hear you|more volume|turn the volume up)"
)
_SOFTER = re.compile(
    r"(?:(?P<much>much |a lot |way )?(?:softer|quieter)|(?:speak|talk|be)(?: more)? (?:a bit |a little )?(?:softer|quieter|softly|quietly)|volume down|(?:turn|put|bring) (?:it |the volume |your volume |the sound )?down(?: the (?:volume|sound))?(?: a (?:bit|little|lot))?|(?:decrease|lower|reduce) (?:the |your )?(?:volume|voice)|a (?:bit|little) (?:softer|quieter)|make it quieter|you are too loud|too loud|less volume|not so loud|keep it down|lower)"
)
_FASTER = re.compile(
    r"(?:(?:speak|talk|go|read)? ?(?:a bit |a little |much )?(?:faster|quicker|more quickly)|speed up|hurry up|(?:increase|raise) (?:the |your )?(?:rate|speed|speaking rate|speech rate)|you are (?:too slow|talking too slowly|speaking too slowly)|too slow|speak quickly|pick up the pace)"
)
_SLOWER = re.compile(
    r"(?:(?:speak|talk|go|read)? ?(?:a bit |a little |much )?(?:slower|more slowly)|slow down|(?:decrease|lower|reduce) (?:the |your )?(?:rate|speed|speaking rate|speech rate)|you are (?:too fast|talking too fast|speaking too fast)|too fast|speak slowly|not so fast)"
)


class ControlsSkill:
    """How Sotto talks, and whether it does."""

    name = "controls"
    examples = ("Louder.", "Speak slower.", "Repeat that.", "Stop.")
    spoken = (
        "stop",
        "stop talking",
        "be quiet",
        "quiet",
        "never mind",
        "cancel",
        "repeat [that]",
        "say that again",
        "what did you say",
        "pardon",
        "[a little] louder",
        "speak up",
        "volume up",
        "turn it up",
        "[a little] (softer | quieter)",
        "volume down",
        "turn it down",
        "[speak] (slower | faster)",
        "slow down",
        "speed up",
        "goodbye",
        "good night",
        "go to sleep",
        "that's all",
    )
    prefixes: tuple[str, ...] = ()

    def plan(self, heard: Utterance, situation: Situation) -> Plan | None:
        """What is to change about the talking."""
        words = heard.words
        if _STOP.fullmatch(words):
            return Plan("", effects=(StopSpeaking(),))
        if _SLEEP.fullmatch(words):
            return Plan("Good night." if "night" in words else "Goodbye.", effects=(FallAsleep(),))
        if _REPEAT.fullmatch(words):
            said = [past.assistant_text for past in situation.history if past.assistant_text.strip()]
            return Plan(said[-1] if said else "I have not said anything yet.")
        if found := _LOUDER.fullmatch(words):
            return Plan("Is this better?", effects=(ChangeVolume(_step(found)),))
        if found := _SOFTER.fullmatch(words):
            return Plan("Is this better?", effects=(ChangeVolume(-_step(found)),))
        if _FASTER.fullmatch(words):
            return Plan("I'll speak faster.", effects=(ChangeRate(_STEP_RATE),))
        if _SLOWER.fullmatch(words):
            return Plan("I'll speak slower.", effects=(ChangeRate(1 / _STEP_RATE),))
        return self._level(heard)

    def _level(self, heard: Utterance) -> Plan | None:
        """A volume by number or name."""
        if re.fullmatch(
            r"(?:full|maximum|max) volume|volume (?:to )?(?:full|max|maximum)|as loud as (?:you can|possible)",
            heard.words,
        ):
            return Plan("This is as loud as I can.", effects=(ChangeVolume(60.0),))
        if re.fullmatch(
            r"(?:set |turn )?(?:the )?volume (?:up |down )?(?:to |at )?\d+(?: ?%| percent)?", heard.figures
        ):
            return Plan("I can only go louder or softer in steps. Say louder, or softer.")
        return None


def _step(found: re.Match[str]) -> float:
    return _BIG_STEP_DB if found.groupdict().get("much") or "a lot" in found[0] else _STEP_DB
