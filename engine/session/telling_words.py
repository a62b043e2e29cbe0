"""What words said into an answer mean: stop, go on, or a turn of the user's own. And when two texts are the same.

Pure, any thread. Imports nothing.
"""

from __future__ import annotations

import re
from itertools import pairwise

STOP_WORDS = frozenset("stop wait cancel quiet enough silence".split())
STOP_PHRASES = (("shut", "up"), ("hold", "on"), ("be", "quiet"), ("never", "mind"), ("hang", "on"))

MURMURS = frozenset("mm mhm hmm hm uh huh um ah oh aha".split())
"""Sounds that say nothing even when the assistant is silent."""

BACKCHANNELS = MURMURS | frozenset(
    "yes yeah yep yup okay ok right sure good great nice fine cool wow really "
    "indeed exactly absolutely true alright perfect interesting thanks".split()
)
BACKCHANNEL_PHRASES = (
    ("i", "see"), ("got", "it"), ("go", "on"), ("all", "right"), ("of", "course"), ("uh", "huh"), ("mm", "hmm"),
    ("very", "good"), ("that's", "right"), ("i", "know"), ("thank", "you"),
)  # fmt: skip

WORDS_THAT_COMMIT = 2
"""So many recognised words that are no backchannel are a turn."""

_WORD = re.compile(r"[a-z0-9']+")


def words_of(text: str) -> tuple[str, ...]:
    """The words of a text as they are compared: lower case, no marks."""
    return tuple(_WORD.findall(text.lower()))


def same_words(one: str, other: str) -> bool:
    """Whether two texts differ in marks and capitals at most."""
    return words_of(one) == words_of(other)


def says_stop(text: str) -> bool:
    """Whether there is a word in it that is to silence the assistant at once."""
    words = words_of(text)
    return bool(STOP_WORDS.intersection(words)) or any(pair in STOP_PHRASES for pair in pairwise(words))


def own_words(text: str) -> int:
    """How many words there are without the backchannels."""
    words = list(words_of(text))
    count, index = 0, 0
    while index < len(words):
        if tuple(words[index : index + 2]) in BACKCHANNEL_PHRASES:
            index += 2
            continue
        count += words[index] not in BACKCHANNELS
        index += 1
    return count


def only_murmurs(text: str) -> bool:
    """Whether there is nothing but murmurs in it."""
    return MURMURS.issuperset(words_of(text))


def takes_the_turn(text: str) -> bool:
    """Whether these words, said into an answer, are to end it."""
    return says_stop(text) or own_words(text) >= WORDS_THAT_COMMIT


def joined(before: str, after: str) -> str:
    """Two stretches of one turn."""
    return f"{before} {after}".strip()
