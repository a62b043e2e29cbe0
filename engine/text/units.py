"""The units a voice speaks: phones and pauses, with stress and word starts as attributes.

Plain values only: importable everywhere (window, engine, training); must not import numpy, torch or Qt.
"""

from __future__ import annotations

from dataclasses import dataclass, field

PHONES: tuple[str, ...] = (
    "aa", "ae", "ah", "ao", "aw", "ax", "ay", "b", "ch", "d",
    "dh", "eh", "er", "ey", "f", "g", "hh", "ih", "iy", "jh",
    "k", "l", "m", "n", "ng", "ow", "oy", "p", "r", "s",
    "sh", "t", "th", "uh", "uw", "v", "w", "y", "z", "zh",
)  # fmt: skip
VOWELS: frozenset[str] = frozenset(
    ("aa", "ae", "ah", "ao", "aw", "ax", "ay", "eh", "er", "ey", "ih", "iy", "ow", "oy", "uh", "uw")
)
PAUSES: tuple[str, ...] = (",", ";", ":", "-", ".", "?", "!")

# "<ambiguous>" is kept for homographs that the model is to choose from context; no corpus writes it yet.
SYMBOLS: tuple[str, ...] = ("<pad>", "<ambiguous>", *PHONES, *PAUSES)
_IDS = {symbol: index for index, symbol in enumerate(SYMBOLS)}

MAX_CLAUSE_UNITS = 120
MAX_CLAUSE_WORDS = 24


@dataclass(frozen=True, slots=True)
class Unit:
    """One phone or pause.

    stress: 0 none, 1 primary, 2 secondary (vowels only). word_start: the first phone of a word.
    """

    symbol: str
    stress: int = 0
    word_start: bool = False

    @property
    def is_pause(self) -> bool:
        return self.symbol in PAUSES


@dataclass(frozen=True, slots=True)
class Clause:
    """What is spoken between two pauses.

    text: the slice of the input it came from, white space included; the slices of all clauses of a text,
    joined, give the text back wherever nothing was stripped as unspeakable. words: the spoken words, lower
    case. units: the phones of the words in order, then exactly one pause unit, the last. ends: for each word where
    in `text` the written form that it comes from ends; the words of "3:45" share one end.
    """

    text: str
    words: tuple[str, ...]
    units: tuple[Unit, ...]
    ends: tuple[int, ...] = field(default=(), compare=False)


def symbol_id(symbol: str) -> int:
    """Index of a symbol in SYMBOLS, the row of the text embedding. Raises KeyError for an unknown one."""
    return _IDS[symbol]
