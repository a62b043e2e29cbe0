"""English number words as digits: "twenty five" → "25", "three point one four" → "3.14", "a hundred and two" → "102".

Pure, any thread. "second" stays a word, since it is a unit of time; "twelve thirty" stays two numbers, since it may be
a clock time or a year.
"""

from __future__ import annotations

import re

_UNITS = dict(zip("zero one two three four five six seven eight nine".split(), range(10), strict=True))
_TEENS = dict(
    zip(
        "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split(),
        range(10, 20),
        strict=True,
    )
)
_TENS = dict(
    zip(
        "twenty thirty forty fifty sixty seventy eighty ninety".split(),
        range(20, 100, 10),
        strict=True,
    )
) | {"fourty": 40}
_SCALES = {"thousand": 1000, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_ORDINALS = {
    "first": 1,
    "third": 3,
    "fourth": 4,
    "fifth": 5,
    "sixth": 6,
    "seventh": 7,
    "eighth": 8,
    "ninth": 9,
    "tenth": 10,
    "eleventh": 11,
    "twelfth": 12,
    "thirteenth": 13,
    "fourteenth": 14,
    "fifteenth": 15,
    "sixteenth": 16,
    "seventeenth": 17,
    "eighteenth": 18,
    "nineteenth": 19,
    "twentieth": 20,
    "thirtieth": 30,
}
_SMALL = _UNITS | _TEENS | _TENS
NUMBER_WORDS = frozenset(_SMALL) | frozenset(_SCALES) | {"hundred", "point"}


def as_digits(words: str) -> str:
    """`words` (lower case, single spaces) with each run of number words as one number."""
    tokens, out, at = words.split(), [], 0
    while at < len(tokens):
        if found := _number_at(tokens, at):
            text, at = found
            out.append(text)
        elif tokens[at] in _ORDINALS:
            out.append(_ordinal(_ORDINALS[tokens[at]]))
            at += 1
        else:
            out.append(tokens[at])
            at += 1
    return " ".join(out)


def _number_at(tokens: list[str], at: int) -> tuple[str, int] | None:
    """The number that begins at a token, and where it ends."""
    start = at
    word = tokens[at]
    following = tokens[at + 1] if at + 1 < len(tokens) else ""
    if word in ("a", "an") and following in ("hundred", *_SCALES):
        at += 1
        value = 1
    elif word in _SMALL:
        value, at = _below_hundred(tokens, at)
    elif word in ("hundred", "thousand", "million", "billion"):
        value = 1
    elif re.fullmatch(r"\d+(\.\d+)?", word) and following in ("hundred", *_SCALES):
        return _scaled_figure(word, tokens, at + 1)
    else:
        return None
    total = 0
    while at < len(tokens):
        if tokens[at] == "hundred" and value < 100:
            value *= 100
            at += 1
            rest = at + 1 if at + 1 < len(tokens) and tokens[at] == "and" else at
            if rest < len(tokens) and tokens[rest] in _SMALL:
                small, at = _below_hundred(tokens, rest)
                value += small
        elif tokens[at] in _SCALES:
            total += value * _SCALES[tokens[at]]
            value = 0
            at += 1
            rest = at + 1 if at + 1 < len(tokens) and tokens[at] == "and" else at
            if rest < len(tokens) and tokens[rest] in _SMALL and total % 1000 == 0:
                value, at = _below_hundred(tokens, rest)
        else:
            break
    total += value
    tens = total >= 20 and total % 10 == 0 and total % 100 != 10
    if tens and at < len(tokens) and _ORDINALS.get(tokens[at], 10) < 10:
        return _ordinal(total + _ORDINALS[tokens[at]]), at + 1
    if at + 1 < len(tokens) and tokens[at] == "point" and tokens[at + 1] in _SMALL:
        decimals, at = _decimals(tokens, at + 1)
        if at < len(tokens) and tokens[at] in _SCALES:
            return _scaled_figure(f"{total}.{decimals}", tokens, at)
        return f"{total}.{decimals}", at
    return (str(total), at) if at > start else None


def _scaled_figure(figure: str, tokens: list[str], at: int) -> tuple[str, int]:
    """ "2.5 million" and "3 hundred"."""
    scale = 100 if tokens[at] == "hundred" else _SCALES[tokens[at]]
    whole, _, decimals = figure.partition(".")
    value = int(whole + decimals) * scale
    exact = divmod(value, 10 ** len(decimals))
    return (str(exact[0]) if exact[1] == 0 else str(value / 10 ** len(decimals))), at + 1


def _below_hundred(tokens: list[str], at: int) -> tuple[int, int]:
    """A number below a hundred at a token, and where it ends."""
    value = _SMALL[tokens[at]]
    at += 1
    if value >= 20 and at < len(tokens) and _UNITS.get(tokens[at], 0) > 0:
        return value + _UNITS[tokens[at]], at + 1
    return value, at


def _decimals(tokens: list[str], at: int) -> tuple[str, int]:
    """The digits behind the point: "one four" and "fourteen" are both 14."""
    digits = ""
    while at < len(tokens) and tokens[at] in _SMALL:
        value, at = _below_hundred(tokens, at)
        digits += str(value)
    return digits, at


def _ordinal(value: int) -> str:
    ending = "th" if value % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(value % 10, "th")
    return f"{value}{ending}"
