"""Number words: cardinals, ordinals, years, decimals, digits and roman numerals in English.

Pure functions on any thread; imports nothing of the engine.
"""

from __future__ import annotations

import re

_SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
).split()
_TENS = "zero ten twenty thirty forty fifty sixty seventy eighty ninety".split()
_SCALES = ("", "thousand", "million", "billion", "trillion", "quadrillion")
_ORDINALS = {
    "one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth",
    "nine": "ninth", "twelve": "twelfth",
}  # fmt: skip
_ROMAN = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}
_ROMAN_NUMERAL = re.compile(r"M{0,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})")
MAX_CARDINAL_DIGITS = 15


def _below_thousand(value: int) -> list[str]:
    words = []
    if value >= 100:
        words += [_SMALL[value // 100], "hundred"]
        value %= 100
        if value:
            words.append("and")
    if value >= 20:
        words.append(_TENS[value // 10])
        value %= 10
    if value:
        words.append(_SMALL[value])
    return words


def cardinal(value: int) -> list[str]:
    """1234 -> one thousand two hundred and thirty four. Values of 10^18 and more are read digit by digit."""
    if value < 0:
        return ["minus", *cardinal(-value)]
    if value < 20:
        return [_SMALL[value]]
    if value >= 10**18:
        return digits(str(value))
    words: list[str] = []
    for scale in reversed(range(len(_SCALES))):
        group = value // 1000**scale % 1000
        if group:
            if words and scale == 0 and group < 100:
                words.append("and")
            words += _below_thousand(group)
            if scale:
                words.append(_SCALES[scale])
    return words


def ordinal(value: int) -> list[str]:
    """21 -> twenty first."""
    *front, last = cardinal(value)
    if last in _ORDINALS:
        return [*front, _ORDINALS[last]]
    return [*front, f"{last[:-1]}ieth" if last.endswith("y") else f"{last}th"]


def digits(text: str) -> list[str]:
    """Each decimal digit of a text by itself; other characters are passed over."""
    return [_SMALL[int(character)] for character in text if character in "0123456789"]


def pairs(value: int) -> list[str]:
    """A four-digit number as two halves: 1984 -> nineteen eighty four, 1905 -> nineteen oh five."""
    high, low = divmod(value, 100)
    if low == 0:
        return [*cardinal(high), "hundred"]
    return [*cardinal(high), *(["oh"] if low < 10 else []), *cardinal(low)]


def year(value: int) -> list[str]:
    """2026 -> twenty twenty six, 2005 -> two thousand and five, 1900 -> nineteen hundred, 987 -> as a cardinal."""
    if not 1010 <= value <= 9999 or (value // 100 % 10 == 0 and value % 100 < 10):
        return cardinal(value)
    return pairs(value)


def decade(value: int) -> list[str]:
    """1990 -> nineteen nineties, 80 -> eighties, 2000 -> two thousands."""
    *front, last = year(value)
    return [*front, f"{last[:-1]}ies" if last.endswith("y") else f"{last}s"]


def number(text: str) -> list[str]:
    """A written number, "1,234.50" or "007" or ".5": words, with leading zeros and long ones digit by digit."""
    whole, _, fraction = text.replace(",", "").partition(".")
    if (len(whole) > 1 and whole[0] == "0") or len(whole) > MAX_CARDINAL_DIGITS:
        words = digits(whole)
    else:
        words = cardinal(int(whole)) if whole else []
    return [*words, "point", *digits(fraction)] if fraction else words


def code_number(text: str) -> list[str]:
    """Digits in a name such as A320 or 747: short ones as numbers, longer ones in the pairs people say."""
    value = int(text)
    if (text[0] == "0" and len(text) > 1) or len(text) > 4:
        return digits(text)
    if len(text) == 3 and value % 100:
        low = value % 100
        return [_SMALL[value // 100], *(["oh"] if low < 10 else []), *cardinal(low)]
    return year(value) if len(text) == 4 else cardinal(value)


def roman(text: str) -> int:
    """The value of an upper-case roman numeral, 0 when it is none."""
    if not text or not _ROMAN_NUMERAL.fullmatch(text):
        return 0
    values = [_ROMAN[letter] for letter in text]
    return sum(-v if v < after else v for v, after in zip(values, [*values[1:], 0], strict=True))
