"""How an utterance looks by its words alone: finished, dangling, a filler, the beginning of a longer command.

Pure, any thread. Knows no recogniser and no sound.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from engine.session.command_forms import CommandForms

Look = Literal[
    "command", "extendable", "beginning", "sentence", "short", "trailing", "dangling", "filler", "nothing"
]
"""command: whole, and nothing that matters may follow · extendable: whole, yet it may go on ("… in Paris") ·
beginning: a command lacks words ("set a timer for") · sentence: open text that looks finished · short: the same, but of
few words · trailing: open text that seldom ends here ("he said that") · dangling: that hardly can ("and then I") ·
filler: "um" · nothing: no words yet."""

LOOKS: tuple[Look, ...] = (
    "command", "extendable", "beginning", "sentence", "short", "trailing", "dangling", "filler", "nothing",
)  # fmt: skip

FILLERS = frozenset("um uh er erm hmm hm mm ah eh uhm umm".split())
_NUMERALS = frozenset(
    "zero oh one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million "
    "point".split()
)
"""Nobody rests between "seven" and "hundred": where only these may follow, the command is whole."""

_COURTESIES = frozenset("please thanks thank now sotto again for me".split())
"""Nothing is lost when the answer comes before these."""

_SELDOM = frozenset("and plus minus times multiplied divided over".split())
"""They may follow a whole timer or sum and seldom do: waiting for them would make every one of these slow."""

_COARSE = frozenset("hour hours".split())
"""Behind these "and thirty minutes" is not so seldom, and nobody minds a timer of an hour that is answered later."""

DANGLING = frozenset(
    "a an the my your our their every and or but because if when while although unless until since whether as "
    "of to from with into onto i he she we they i'm i'll i've i'd you're he's she's we're they're we'll you'll they'll "
    "let's there's that's what's am was were be been being has had would shall should could may might must "
    "very really quite either neither than going gonna wants need needs let get put ask tell".split()
)
"""Words after which English sentences hardly ever end."""

TRAILING = frozenset(
    "these those his its some any each no so though that then also in on at for by about over under between "
    "through during without within after before you it who which what where how whose is are do does did have will can "
    "isn't just even only too not never almost another both want wanted got make made take said say think like".split()
)
"""Words after which they seldom end, yet may: "what is it for", "I know what you are"."""

_QUESTION = frozenset(
    "what who how where when why which yes no thank is are do does did can could will".split()
)

_BEYOND = _NUMERALS | _COURTESIES | _SELDOM
"""Words that are not waited for behind a whole command."""

FEW_WORDS = 5
"""Open text of no more words than this is more often the beginning of something than all of it."""


SURE_OPENING = 2
"""Words of an opening such as "remember that" that are believed. Recognisers hear "put" in many a beginning."""


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
    said = _without_fillers(words)
    if forms is not None and (forms.follow(said) or forms.awaits_open_text(said)):
        # whole by the grammar, yet not by the recogniser: it believes other words
        return Wording(_extendable(said, forms) if forms.may_end(said) else "beginning", words)
    broken = _dangling(words)
    if broken is not None:
        return Wording(broken, words)
    if forms is not None and forms.opens_with_prefix(said, SURE_OPENING):
        return Wording("sentence", words)  # "take a note, buy milk" is no less whole for being short
    return Wording("short" if len(words) <= FEW_WORDS else "sentence", words)


def _without_fillers(words: tuple[str, ...]) -> tuple[str, ...]:
    """ "um, what time" is "what time"; fillers alone stay."""
    first = next((index for index, word in enumerate(words) if word not in FILLERS), 0)
    return words[first:]


def _completed(words: tuple[str, ...], forms: CommandForms | None) -> Look:
    if forms is None:
        return "command"
    refined = words[-1] in _COARSE and "and" in forms.next_words(words)
    return _extendable(words, forms) if refined or _goes_on(words, forms) else "command"


def _extendable(words: tuple[str, ...], forms: CommandForms) -> Look:
    """A verb alone ("cancel") is more often the beginning of a command than all of it."""
    return "short" if len(words) == 1 and _goes_on(words, forms) else "extendable"


def _goes_on(words: tuple[str, ...], forms: CommandForms) -> bool:
    return bool(forms.next_words(words) - _BEYOND)


def _dangling(words: tuple[str, ...]) -> Look | None:
    """Whether open text breaks off, and how surely. A short question may well end in "it", "is" or "for"."""
    if words[-1] in DANGLING:
        return "dangling"
    if words[-1] in TRAILING and not (words[0] in _QUESTION and 3 <= len(words) <= 6):
        return "trailing"
    return None
