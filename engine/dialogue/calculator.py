"""Sums in words and signs: read by a small parser of its own, computed exactly where that is possible, bounded always.

Pure, any thread. Nothing is ever evaluated as Python. A sum that is none is None; one that cannot be told is
`Unanswerable` with a sentence.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from fractions import Fraction

Number = Fraction | float

MAX_DIGITS = 300
"""A number longer than this is told by its length; one much longer is not even made."""

_MAX_TOKENS = 200


class Unanswerable(Exception):
    """A sum without an answer: the sentence to say."""


_FRACTIONS = tuple(
    (pattern, signs)
    for part, names in (
        (2, "half"),
        (3, "3rd|third"),
        (4, "quarter|4th|fourth"),
        (5, "5th"),
        (8, "8th"),
        (10, "10th"),
    )
    for pattern, signs in (
        (rf"\b(?:a|1) (?:{names})\b(?! of)", f"( 1 / {part} )"),
        (rf"\b(\d+) (?:{names})s\b(?! of)", rf"( \1 / {part} )"),
    )
)
_PHRASES = (
    (r"\bto the power of\b|\braised to(?: the)?(?: power)?(?: of)?\b|\*\*", "^"),
    (r"\bto the (\d+)(?:st|nd|rd|th)(?: power)?\b", r"^ \1"),
    (r"\bsquared\b", "^ 2"),
    (r"\bcubed\b", "^ 3"),
    (r"\b(?:the )?cube root(?: of)?\b", " cbrt "),
    (r"\b(?:the )?(?:square root|squareroot|sqrt|root)(?: of)?\b|√", " sqrt "),
    (r"\bmultiplied (?:by|with)\b|\btimes\b|×|\btimed by\b", "*"),
    (r"\bdivided by\b|\bdivide by\b|\bover\b|÷", "/"),
    (r"\bplus\b|\badded to\b", "+"),
    (r"\bminus\b|\bless\b|\btake away\b|\bnegative\b|\bsubtract\b", "-"),
    (r"\bmodulo\b|\bmod\b", "mod"),
    (r"\b(?:percent|per cent|pct)\b|%", "%"),
    (r"\b(?:one |a |1 )?half of\b|\bhalf\b(?= \d)", "0.5 *"),
    *_FRACTIONS,
    (r"\b(?:a |1 )?(?:quarter|fourth|4th) of\b", "1 / 4 *"),
    (r"\b3 quarters of\b", "3 / 4 *"),
    (r"\b(?:a |1 )?(?:third|3rd) of\b", "1 / 3 *"),
    (r"\b2 thirds of\b", "2 / 3 *"),
    (r"\b(?:a |1 )?(?:fifth|5th) of\b", "1 / 5 *"),
    (r"\b(?:a |1 )?(?:tenth|10th) of\b", "1 / 10 *"),
    (r"\b(?:double|twice)\b", "2 *"),
    (r"\b(?:triple|thrice)\b", "3 *"),
    (r"\bfactorial of (\d+)\b", r"\1 !"),
    (r"\bfactorial\b", "!"),
    (r"(?<=\d) ?x ?(?=[\d(])", " * "),
    (r"\bpi\b|π", " pi "),
    (r"\bdozen\b", "* 12"),
)
_FORMS = (
    (r"(?:the )?sum of (.+) and (.+)", r"( \1 ) + ( \2 )"),
    (r"(?:the )?product of (.+) and (.+)", r"( \1 ) * ( \2 )"),
    (r"(?:the )?difference (?:between|of) (.+) and (.+)", r"diff ( \1 ) ( \2 )"),
    (r"(?:the )?quotient of (.+) and (.+)", r"( \1 ) / ( \2 )"),
    (r"(?:the )?remainder (?:of|when) (.+?)(?: is)? (?:divided by|over) (.+)", r"( \1 ) mod ( \2 )"),
    (r"subtract (.+) from (.+)", r"( \2 ) - ( \1 )"),
    (r"add (.+) (?:and|to|with) (.+)", r"( \1 ) + ( \2 )"),
    (r"multiply (.+) (?:and|by|with) (.+)", r"( \1 ) * ( \2 )"),
    (r"divide (.+) (?:by|with) (.+)", r"( \1 ) / ( \2 )"),
    (r"(.+) (?:percent|per cent|%) off(?: of)? (.+)", r"( \2 ) * ( 1 - ( \1 ) / 100 )"),
    (r"(.+) (?:percent|per cent|%) (?:tip )?(?:of|on) (.+)", r"( \1 ) / 100 * ( \2 )"),
    (r"(.+)% (?:tip )?(?:of|on) (.+)", r"( \1 ) / 100 * ( \2 )"),
    (r"how (?:many times|often) (?:does|do|will|can) (\S+) (?:go|fit) in(?:to)? (\S+)", r"( \2 ) / ( \1 )"),
    (r"(?:the )?square of (.+)", r"( \1 ) ^ 2"),
    (r"(?:the )?cube of (.+)", r"( \1 ) ^ 3"),
)
_SIGNS = {
    "*": "times",
    "/": "divided by",
    "+": "plus",
    "-": "minus",
    "^": "to the power of",
    "mod": "modulo",
    "%": "percent",
    "!": "factorial",
    "sqrt": "the square root of",
    "cbrt": "the cube root of",
}


@dataclass(frozen=True, slots=True)
class Sum:
    """A sum that was understood: how to say it, and its value."""

    told: str
    value: Number


def read(text: str) -> Sum | None:
    """The sum in `figures`, or None where it is none (a lone number is none). Raises Unanswerable."""
    if len(text) > 4 * _MAX_TOKENS:
        return None
    if average := re.fullmatch(r"(?:the )?(?:average|mean) of (-?[\d.]+(?:(?: and|,)? -?[\d.]+)+)", text):
        values = [Fraction(one) for one in re.findall(r"-?\d+(?:\.\d+)?", average[1])]
        return Sum(text, sum(values, Fraction(0)) / len(values))
    source = _in_signs(text)
    tokens = re.findall(r"\d+(?:\.\d+)?|\.\d+|\*\*|sqrt|cbrt|mod|diff|pi|[+\-*/^%()!]", source)
    if len(tokens) > _MAX_TOKENS or "".join(tokens) != source.replace(" ", ""):
        return None
    if not any(token in (*_SIGNS, "diff") for token in tokens) or not re.search(r"\d|pi", source):
        return None
    if len(tokens) == 2 and tokens[0] in "+-":
        return None
    parser = _Parser(tokens)
    try:
        value = parser.whole()
    except _NoSum:
        return None
    return Sum(_told(text, tokens), value)


def _in_signs(text: str) -> str:
    for form, signs in _FORMS:
        if re.fullmatch(form, text):
            text = re.sub(f"^{form}$", signs, text)
            break
    for phrase, sign in _PHRASES:
        text = re.sub(phrase, lambda found, sign=sign: f" {found.expand(sign)} ", text)  # type: ignore[misc]
    return re.sub(r"\bof\b", "*", text) if "%" in text else text


def _told(text: str, tokens: list[str]) -> str:
    """How the sum is said back: with words for signs, or as the user said it where that is clearer."""
    text = re.sub(r"\b3rd\b", "third", re.sub(r"(?<=\d)% (of|off|on)\b", r" percent \1", text))
    if not re.search(r"[*/^+()%!×÷√-]|\dx\d", text):
        return text
    if "(" in text or "diff" in tokens:
        return re.sub(r"\s+", " ", text)
    return " ".join(_SIGNS.get(token, token) for token in tokens).replace("percent times", "percent of")


class _NoSum(Exception):
    """The tokens are no sum."""


class _Parser:
    """Precedence from weak to strong: + −, × ÷ mod, sign, power (from the right), what follows (! %), roots."""

    def __init__(self, tokens: list[str]) -> None:
        self._tokens = [{"**": "^"}.get(token, token) for token in tokens]
        self._at = 0
        self._depth = 0

    def whole(self) -> Number:
        """The value of all tokens."""
        value = self._sum()
        if self._at < len(self._tokens):
            raise _NoSum
        return value

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _take(self) -> str:
        token = self._peek()
        self._at += 1
        return token

    def _sum(self) -> Number:
        self._depth += 1
        if self._depth > 40:
            raise Unanswerable("That sum has too many brackets for me.")
        value = self._product()
        while self._peek() in ("+", "-") and self._peek():
            sign = self._take()
            before = self._at
            right = self._product()
            if self._tokens[self._at - 1] == "%" and self._at - before == 2:
                right = _times(value, right)  # 80 + 10 % is 88, as on any calculator
            value = _plus(value, right if sign == "+" else -right)
        self._depth -= 1
        return value

    def _product(self) -> Number:
        value = self._signed()
        while self._peek() in ("*", "/", "mod") and self._peek():
            sign, right = self._take(), self._signed()
            if sign == "*":
                value = _times(value, right)
            elif right == 0:
                raise Unanswerable("Nothing can be divided by zero.")
            elif sign == "/":
                value = value / right
            else:
                value = value % right
        return value

    def _signed(self) -> Number:
        if self._peek() == "-":
            self._take()
            return -self._signed()
        if self._peek() in ("sqrt", "cbrt"):
            return _root(self._take(), self._signed())
        value = self._followed()
        if self._peek() == "^":
            self._take()
            value = _power(value, self._signed())
        return value

    def _followed(self) -> Number:
        value = self._atom()
        while self._peek() in ("!", "%") and self._peek():
            value = _factorial(value) if self._take() == "!" else value / 100
        return value

    def _atom(self) -> Number:
        token = self._take()
        if token == "(":
            value = self._sum()
            if self._take() != ")":
                raise _NoSum
            return value
        if token == "diff":
            return _size(_plus(self._atom(), -self._atom()))
        if token == "pi":
            return math.pi
        if token and (token[0].isdigit() or token[0] == "."):
            if len(token) > MAX_DIGITS:
                raise Unanswerable("That number is too long for me.")
            return Fraction(token)
        raise _NoSum


def _too_long(digits: float) -> Unanswerable:
    size = f"{digits:,.0f}" if digits < 1e6 else f"more than {_rounded(digits)}"
    return Unanswerable(f"That number has {size} digits, which is too long to tell.")


def _rounded(value: float) -> str:
    for name, size in (("trillion", 1e12), ("billion", 1e9), ("million", 1e6)):
        if value >= size:
            return f"{math.floor(value / size):,} {name}" if value < 1e18 else "a million trillion"
    return f"{value:,.0f}"


def _bounded(value: Number) -> Number:
    if isinstance(value, float):
        if not math.isfinite(value):
            raise Unanswerable("That number is too large to tell.")
        return value
    bits = max(value.numerator.bit_length(), value.denominator.bit_length())
    if bits > 4 * MAX_DIGITS:
        raise _too_long(bits * math.log10(2))
    return value


def _size(value: Number) -> Number:
    return -value if value < 0 else value


def _plus(left: Number, right: Number) -> Number:
    return _bounded(left + right)


def _times(left: Number, right: Number) -> Number:
    return _bounded(left * right)


def _power(base: Number, exponent: Number) -> Number:
    if base == 0 and exponent < 0:
        raise Unanswerable("Nothing can be divided by zero.")
    if base in (0, 1):
        return base if exponent != 0 else Fraction(1)
    whole = isinstance(exponent, Fraction) and exponent.denominator == 1
    if not whole and base < 0:
        raise Unanswerable("That has no answer among the real numbers.")
    if isinstance(base, Fraction) and whole:
        digits = min(Fraction(_size(exponent)), Fraction(10**18)) * Fraction(
            max(_log10(abs(base.numerator)), _log10(base.denominator))
        )
        if digits > MAX_DIGITS:
            if abs(base) < 1 or exponent < 0:
                raise Unanswerable("That is too close to zero to tell.")
            raise _too_long(min(float(digits), 1e18))
        return Fraction(base ** int(exponent))
    try:
        return _bounded(float(base) ** float(exponent))
    except OverflowError as error:
        raise Unanswerable("That number is too large to tell.") from error


def _log10(value: int) -> float:
    return math.log10(value) if value else 0.0


def _root(kind: str, value: Number) -> Number:
    if kind == "cbrt":
        root = math.copysign(abs(float(value)) ** (1 / 3), float(value))
        near = round(root)
        return Fraction(near) if near**3 == value else root
    if value < 0:
        raise Unanswerable("A negative number has no real square root.")
    if isinstance(value, Fraction):
        top, bottom = math.isqrt(value.numerator), math.isqrt(value.denominator)
        if top * top == value.numerator and bottom * bottom == value.denominator:
            return Fraction(top, bottom)
    try:
        return math.sqrt(value)
    except OverflowError as error:
        raise Unanswerable("That number is too large to tell.") from error


def _factorial(value: Number) -> Number:
    if not isinstance(value, Fraction) or value.denominator != 1 or value < 0:
        raise Unanswerable("A factorial needs a whole number that is not negative.")
    if value > 170:
        raise _too_long(math.lgamma(float(min(value, Fraction(10**15))) + 1) / math.log(10))
    return Fraction(math.factorial(int(value)))


def told_number(value: Number) -> str:
    """A number for the ear: whole ones in full up to a quadrillion, others to six significant digits or more."""
    if isinstance(value, Fraction) and value.denominator == 1:
        whole = int(value)
        return f"{whole:,}" if abs(whole) < 10**15 else f"about {_scientific(Fraction(whole))}"
    size = _size(value)
    if size >= 10**15 or (value != 0 and size < Fraction(1, 10**6)):
        return f"about {_scientific(value)}"
    decimals = max(2, 6 - len(str(abs(int(value))))) if size >= 1 else 6
    text = f"{float(value):,.{decimals}f}".rstrip("0").rstrip(".")
    exact = isinstance(value, Fraction) and Fraction(text.replace(",", "")) == value
    return text if exact else f"about {text}"


def _scientific(value: Number) -> str:
    if isinstance(value, Fraction):
        sign = "minus " if value < 0 else ""
        value = abs(value)
        exponent = math.floor(_log10(value.numerator) - _log10(value.denominator))
        mantissa = float(value / Fraction(10) ** exponent)
    else:
        sign = "minus " if value < 0 else ""
        exponent = math.floor(math.log10(abs(value)))
        mantissa = abs(value) / 10.0**exponent
    if round(mantissa, 2) >= 10:
        mantissa, exponent = mantissa / 10, exponent + 1
    power = f"minus {-exponent}" if exponent < 0 else str(exponent)
    return f"{sign}{mantissa:.2f} times 10 to the power of {power}"
