"""How an utterance looks by its words alone: finished, dangling, a filler, the beginning of a longer command.

Pure, any thread. Knows no recogniser and no sound.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from engine.session.command_forms import CommandForms

Look = Literal["command", "extendable", "beginning", "sentence", "short", "dangling", "filler", "nothing"]
"""command: whole, and nothing that matters may follow · extendable: whole, yet it may go on ("… in Paris") ·
beginning: a command lacks words ("set a timer for") · sentence: open text that looks finished · short: open text of
few words · dangling: open text that cannot end here ("and then I") · filler: "um" · nothing: no words yet."""

LOOKS: tuple[Look, ...] = (
    "command", "extendable", "beginning", "sentence", "short", "dangling", "filler", "nothing",
)  # fmt: skip

FILLERS = frozenset("um uh er erm hmm hm mm ah eh uhm umm well like".split())
_NUMERALS = frozenset(
    "zero oh one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million "
    "point".split()
)
"""Nobody rests between "seven" and "hundred": where only these may follow, the command is whole."""

_COURTESIES = frozenset("please thanks thank now sotto again for me".split())
"""Nothing is lost when the answer comes before these."""

DANGLING = frozenset(
    "a an the this these those my your his her its our their some any every each no "
    "and or but so because if when while although though unless until since whether that than as then also "
    "of in on at to for from with by about into onto over under between through during without within after before "
    "i you he she we they who which what where how whose "
    "am is are was were be been being do does did have has had will would shall should can could may might must "
    "i'm i'll i've i'd you're he's she's it's we're they're we'll you'll they'll let's there's that's what's isn't "
    "very really quite just even only too not never almost another either neither both "
    "want wants wanted need needs going gonna get got make made take put let tell ask say said think".split()
)
"""Words after which English sentences seldom end. Some can ("I think I can"): they wait longer, and no harm is done."""

_DANGLE_SELDOM = frozenset(
    "that this before after over about in on you i too then also do did is are was have".split()
)
"""Of these a short question or answer may well end in one ("what is that", "how are you", "yes I did")."""

FEW_WORDS = 2


@dataclass(frozen=True, slots=True)
class Wording:
    """What the words say about the end of the turn; `words` as they are counted, lower case."""

    look: Look
    words: tuple[str, ...]


def words_of(text: str) -> tuple[str, ...]:
    """Lower-case words without marks."""
    return tuple(word for word in (raw.strip('.,;:?!"-…').lower() for raw in text.split()) if word)


def read(text: str, complete: bool, forms: CommandForms | None) -> Wording:
    """How `text` looks. `complete`: the recogniser's closed grammar accepts it as a whole command."""
    words = words_of(text)
    if not words:
        return Wording("nothing", words)
    if words[-1] in FILLERS and not (complete and forms is not None and forms.may_end(words)):
        return Wording("filler", words)
    if complete:
        return Wording(_completed(words, forms), words)
    if forms is not None and (forms.follow(words) or forms.awaits_open_text(words)):
        # whole by the grammar, yet not by the recogniser: it believes other words
        return Wording("extendable" if forms.may_end(words) else "beginning", words)
    if _dangles(words):
        return Wording("dangling", words)
    return Wording("short" if len(words) <= FEW_WORDS else "sentence", words)


def _completed(words: tuple[str, ...], forms: CommandForms | None) -> Look:
    if forms is None:
        return "command"
    return "extendable" if forms.next_words(words) - _NUMERALS - _COURTESIES else "command"


def _dangles(words: tuple[str, ...]) -> bool:
    last = words[-1]
    if last not in DANGLING:
        return False
    asks = words[0] in ("what", "who", "how", "where", "when", "why", "which", "yes", "no", "thank")
    return not (last in _DANGLE_SELDOM and asks and len(words) <= 6)
