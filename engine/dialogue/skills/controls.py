"""Volume, rate, repeat, stop, falling asleep: what is said about the talking itself. Runs on the dialogue thread."""

from __future__ import annotations

from engine.dialogue import ChangeRate, ChangeVolume, FallAsleep, StopSpeaking
from engine.dialogue.phrasing import Phrases
from engine.dialogue.plan import Plan, Situation
from engine.dialogue.utterance import Utterance

_STEP_DB = 6.0
_BIG_STEP_DB = 12.0
_LOUDEST_DB = 60.0
_STEP_RATE = 1.2

_STOP = Phrases("""
    [no | ok | okay | please] (stop | quiet | silence | hush | shush | enough | wait | pause | cancel) \
        [now | it | that]
    stop (talking | speaking | it | that | stop) [now]
    [just] be (quiet | silent) [now]
    shut up
    shh
    that is enough
    [please] wait a (moment | minute | second)
    (never mind | nevermind | forget it | forget about it | hold on | zip it)
""")
_SLEEP = Phrases("""
    (good bye | goodbye | bye | bye bye | good night | goodnight | see ya | cya) [then | for now]
    see you [later | soon | tomorrow]
    [go to | fall a] sleep
    fall asleep
    stop listening [to me]
    talk to you later
    [no] that (is | will be) all [for now]
    (i am | we are) done
    end [the | this] conversation
    (exit | quit)
""")
_REPEAT = Phrases("""
    [can you] repeat [that | it | yourself | the answer | your answer | what you said | the last (one | \
        thing | answer)]
    (say | read) (that | it) again
    (again | come again | once more | one more time | say again | huh | what)
    what did you [just] say [again]
    what was that [again]
    (pardon | pardon me | excuse me | sorry what | i beg your pardon)
    [sorry] i did not (hear | catch | get | understand) (that | you | it)
    [sorry] [i] could not hear [that | you]
""")
_LOUDER = Phrases("""
    [make it | speak | talk | be] [a bit | a little | a little bit | slightly] louder
    speak up [a bit | a little]
    [turn | crank | put | bring] [it | the volume | your volume | the sound] up [a bit | a little | a notch]
    turn up the (volume | sound)
    volume up
    (increase | raise) [the | your] volume
    [a bit | a little] more volume
    [you are] [a bit | a little | much] too quiet
    i can (not | barely | hardly) hear you
""")
_MUCH_LOUDER = Phrases("""
    [make it | speak | talk | be] (much | a lot | way) louder
    turn it (all the way | way) up
    [turn | put] [the] volume [up] [to] (full | max | maximum)
    (full | max | maximum) volume
    as loud as (you can | possible)
""")
_SOFTER = Phrases("""
    [make it | speak | talk | be] [a bit | a little | a little bit | slightly] [more] \
        (softer | quieter | softly | quietly)
    [turn | put | bring] [it | the volume | your volume | the sound] down [a bit | a little | a notch]
    turn down the (volume | sound)
    volume down
    (decrease | lower | reduce) [the | your] (volume | voice)
    less volume
    [you are] [a bit | a little | much | way] too loud
    (not so loud | keep it down | keep your voice down | lower your voice)
""")
_MUCH_SOFTER = Phrases("""
    [make it | speak | talk | be] (much | a lot | way) (softer | quieter)
""")
_FASTER = Phrases("""
    [make it | speak | talk | go | read] [a bit | a little | much | a lot] (faster | quicker | more quickly | quickly)
    (speed up | hurry up | speed it up | pick up the pace)
    (increase | raise) [the | your] [speaking | speech] (rate | speed)
    [you are | you] [a bit | a little | much] [talking | speaking | talk | speak] [way] too (slow | slowly)
""")
_SLOWER = Phrases("""
    [make it | speak | talk | go | read] [a bit | a little | much | a lot] (slower | more slowly | slowly)
    slow [it] down [a bit | a little]
    (decrease | lower | reduce) [the | your] [speaking | speech] (rate | speed)
    [you are | you] [a bit | a little | much | way] [talking | speaking | talk | speak] [way] too (fast | quickly)
    not so fast
""")
_LEVEL = Phrases("""
    [set | turn | change | put] [the | your] volume [up | down] [to | at] <number> [percent | %]
    volume <number> [percent | %]
""")


class ControlsSkill:
    """How Sotto talks, and whether it does."""

    name = "controls"
    examples = ("Louder.", "Speak slower.", "Repeat that.", "Stop.")
    spoken = (
        "stop [talking]",
        "wait [a (moment | minute | second)]",
        "hold on",
        "[be] quiet",
        "never mind",
        "cancel",
        "repeat [that]",
        "say that again",
        "what did you say",
        "pardon",
        "[a little] louder",
        "speak up",
        "volume (up | down)",
        "turn it (up | down)",
        "[a little] (softer | quieter)",
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
        if _STOP.match(words):
            return Plan("", effects=(StopSpeaking(),))
        if _SLEEP.match(words):
            return Plan("Good night." if "night" in words else "Goodbye.", effects=(FallAsleep(),))
        if _REPEAT.match(words):
            said = [past.assistant_text for past in situation.history if past.assistant_text.strip()]
            return Plan(said[-1] if said else "I have not said anything yet.")
        for phrases, text, effect in (
            (_LOUDER, "Is this better?", ChangeVolume(_STEP_DB)),
            (_SOFTER, "Is this better?", ChangeVolume(-_STEP_DB)),
            (_MUCH_SOFTER, "Is this better?", ChangeVolume(-_BIG_STEP_DB)),
            (_MUCH_LOUDER, "This is louder.", ChangeVolume(_LOUDEST_DB if "max" in words else _BIG_STEP_DB)),
            (_FASTER, "I'll speak faster.", ChangeRate(_STEP_RATE)),
            (_SLOWER, "I'll speak slower.", ChangeRate(1 / _STEP_RATE)),
        ):
            if phrases.match(words):
                return Plan(text, effects=(effect,))
        if _LEVEL.match(heard.figures):
            return Plan("I can only go louder or softer in steps. Say louder, or softer.")
        return None
