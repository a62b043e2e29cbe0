"""A model's text as words to compare: lower case, without marks; numbers spelled out as the closed grammar has them.

Pure. Imports nothing heavy.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from engine.text.numbers import cardinal, digits

Words = tuple[str, ...]

_SPOKEN_SIGNS = {"%": " percent ", "+": " plus ", "’": "'"}
_WORD = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+(?:'[^\W\d_]+)*|\d+")
_ANNOTATION = re.compile(r"\[[^\]]*\]|\([^)]*\)|\*[^*]*\*|[♪♫]+")
"""What models write for sounds that are no words: [Music], (laughs), *cough*."""


def spoken_text(text: str) -> str:
    """The text without what was not said."""
    return " ".join(_ANNOTATION.sub(" ", text).split())


def plain_words(text: str) -> Words:
    """ "What's 5 plus 3?" is what's, 5, plus, 3."""
    lowered = text.lower()
    for sign, spoken in _SPOKEN_SIGNS.items():
        lowered = lowered.replace(sign, spoken)
    return tuple(word.replace(",", "") for word in _WORD.findall(lowered))


def spelled_as_command(words: Words, accepts: Callable[[Words], bool]) -> Words | None:
    """The words with numbers spelled out such that the grammar accepts them; None where it accepts no spelling."""
    spelled = tuple(part for word in words for part in _spelled(word))
    for tried in (words, spelled, tuple(word for word in spelled if word != "and")):
        if tried and accepts(tried):
            return tried
    return None


def _spelled(word: str) -> list[str]:
    whole, point, fraction = word.partition(".")
    if not whole.isascii() or not whole.isdigit():
        return [word]
    return cardinal(int(whole)) + (["point", *digits(fraction)] if point else [])
