"""What Sotto can do, told briefly, and by topic. Runs on the dialogue thread."""

from __future__ import annotations

from engine.dialogue.phrasing import Phrases, slot
from engine.dialogue.plan import Plan, Situation
from engine.dialogue.utterance import Utterance

_HELP = Phrases("""
    help [me] [please]
    i need [some] help
    can you help [me]
    give me (help | some examples | an example)
    what [all] can you do [for me | here | else]
    what else can you do
    what [all] you can do [for me]
    what can you (help [me] with | do for me) [today | now]
    what can i (say | ask | do) [to | with] [you] [here]
    what do you (do | know | understand)
    what are you (able to do | capable of | good at | good for | for)
    how (do | can) i use (you | this)
    how can you help [me]
    how (does this | do you) work
    what (commands | skills | features | things) (do you | can i | are) (have | know | understand | there | say | use)
    what (commands | skills | features | things) can you do
    (show | list) [me] [the | your] (commands | skills | features | help)
    what are your (commands | skills | features | abilities | capabilities)
    (commands | examples | what is possible)
""")
_TOPIC = Phrases("""
    help [me] (with | on | about) [a | an | the | my] <topic:word>
    how do i (use | set | make | take | add | create | start) [up] [a | an | the | my | your] <topic:word>
    how do [your] <topic:word> work
    how (do | can) i (add | put | write | take) <what:text> (to | on | from | off) [a | my | the | your] <topic:word>
    how (do | can) i <what:text> [a | an | the | my] <topic:word>
""")
_TOPICS = {
    "timers": "timer timers alarm alarms reminder reminders remind countdown snooze",
    "notes": "note notes",
    "lists": "list lists shopping groceries",
    "date": "date dates calendar day days",
    "time": "time clock",
    "arithmetic": "maths math sum sums arithmetic calculations",
    "units": "unit units conversion conversions",
    "memory": "memory fact facts",
    "words": "definition definitions word words spelling",
    "chance": "dice die coin coins",
    "controls": "volume speed rate",
}
_ALSO = {word: topic for topic, words in _TOPICS.items() for word in words.split()}
_TELLING = frozenset(("timers", "notes", "lists", "arithmetic", "units", "chance"))
"""Topics whose words stand in few sentences about anything else."""

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

    def nearest(self, words: str) -> str:
        """How to say what some words seem to be about, "" where they name nothing that there is a skill for."""
        topics = (_ALSO.get(word) for word in words.split())
        examples = next((self._examples_of[topic] for topic in topics if topic in _TELLING), ())
        return f" Say, for instance: {' '.join(examples[:2])}" if examples else ""

    def plan(self, heard: Utterance, situation: Situation) -> Plan | None:
        """A summary with examples, or the examples of one topic."""
        if _HELP.match(heard.words):
            topics = [name for name in ("time", "timers", "arithmetic") if name in self._examples_of]
            return Plan(_SUMMARY.format(examples=" ".join(self._examples_of[name][0] for name in topics)))
        found = _TOPIC.match(heard.words)
        if found and (examples := self._examples_of.get(_ALSO.get(slot(found, "topic"), ""))):
            return Plan("Say, for instance: " + " ".join(examples))
        return None
