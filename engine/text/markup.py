"""Signs and mark-up: what punctuation, operators, emphasis, tags and stage directions become in speech.

Rules take a regex match over folded text and return spoken words and pause marks: [] is silence, None lets the
next rule try. Any thread; imports no numpy, torch or Qt.
"""

from __future__ import annotations

import re

from engine.text import numbers as n
from engine.text import vocabulary as v
from engine.text import words as w
from engine.text.segment import strongest

SYMBOLS = tuple(key for key in v.SYMBOLS_SAID if len(key) == 1)


def say_nothing(match: re.Match[str]) -> list[str] | None:
    """Mark-up without a sound."""
    return []


def say_pause(match: re.Match[str]) -> list[str] | None:
    """A short pause: before a parenthesis, between table cells."""
    return [","]


def say_arrow(match: re.Match[str]) -> list[str] | None:
    """-> and its like."""
    return [","]


def say_dash(match: re.Match[str]) -> list[str] | None:
    """A dash between words."""
    return ["-"]


def say_closing(match: re.Match[str]) -> list[str] | None:
    """A closing parenthesis, if one was opened within the segment."""
    opening = match.string.rfind("(", 0, match.start())
    is_aside = opening == 0 or (opening > 0 and not match.string[opening - 1].isalnum())
    return [","] if is_aside and match.string[match.end() :].strip() else []


def say_punctuation(match: re.Match[str]) -> list[str] | None:
    """Marks within a segment: the strongest counts; a lone dot or colon inside a word is silent."""
    after = match.string[match.end() : match.end() + 1]
    before = match.string[max(0, match.start() - 1) : match.start()]
    if match[0] in (".", ":") and after.isalnum() and not (before.isalnum() and after.isupper()):
        return []
    pause = strongest(match[0])
    if "..." in match[0] and not set(match[0]) & set("?!"):
        pause = ","
    return [pause] if pause else []


def say_stage_direction(match: re.Match[str]) -> list[str] | None:
    """*laughs*, (sighs softly), [pause]: silent. Anything else in such brackets is text."""
    words = re.findall(r"[a-z']+", match["body"].lower())
    while words and words[0] in v.STAGE_ADVERBS:
        words = words[1:]
    is_stage = bool(words) and words[0] in v.STAGE_WORDS and len(words) <= 6
    if (match[0][0] == "*" and match[0][1] == "*") or re.search(r"[.!?:;,]\s", match["body"]):
        return None
    if (
        match[0][0] == "("
        and words[:1]
        and words[0] in ("takes", "looks", "turns", "waves", "music", "hums", "thinking")
    ):
        return None
    return [] if is_stage else None


def say_symbol(match: re.Match[str]) -> list[str] | None:
    """A sign with a name."""
    return v.SYMBOLS_SAID[match[0]].split()


def say_times(match: re.Match[str]) -> list[str] | None:
    """Multiplication."""
    return ["times"]


def say_divided(match: re.Match[str]) -> list[str] | None:
    """Division."""
    return ["divided", "by"]


def say_minus(match: re.Match[str]) -> list[str] | None:
    """Subtraction."""
    return ["minus"]


def say_plus(match: re.Match[str]) -> list[str] | None:
    """Addition, or "18+"; silent elsewhere."""
    before = match.string[: match.start()].rstrip()[-1:]
    return ["plus"] if before.isalnum() or before == ")" else []


def say_equals(match: re.Match[str]) -> list[str] | None:
    """Equality."""
    return ["equals"]


def say_not_equal(match: re.Match[str]) -> list[str] | None:
    """Inequality."""
    return v.SYMBOLS_SAID["≠"].split()


def say_comparison(match: re.Match[str]) -> list[str] | None:
    """< > <= >= between numbers and letters; a menu path, "Settings > Sound", has pauses."""
    before, after = match.string[: match.start()], match.string[match.end() :]
    is_formula = re.search(r"(?:\d|\b[A-Za-z]|\)) ?$", before) and re.match(
        r" ?-?(?:\d|[A-Za-z]\b|\()", after
    )
    if len(match[0]) == 1 and not is_formula:
        return [","] if match[0] == ">" else []
    said = {"<": "is less than", ">": "is greater than", "<=": v.SYMBOLS_SAID["≤"], ">=": v.SYMBOLS_SAID["≥"]}
    return said[match[0]].split()


def say_to(match: re.Match[str]) -> list[str] | None:
    """A dash between two times."""
    return ["to"]


def say_of(match: re.Match[str]) -> list[str] | None:
    """f(x)."""
    return ["of"]


def say_at(match: re.Match[str]) -> list[str] | None:
    """A lone at sign."""
    return ["at"]


def say_and(match: re.Match[str]) -> list[str] | None:
    """rock 'n' roll."""
    return ["and"]


def say_per(match: re.Match[str]) -> list[str] | None:
    """$5/month, 10 requests/s."""
    return ["per", *([v.PER[match[0][1:]]] if len(match[0]) > 1 else [])]


def say_et_al(match: re.Match[str]) -> list[str] | None:
    """et al."""
    return ["and", "others"]


def say_clipped(match: re.Match[str]) -> list[str] | None:
    """Words that begin with an apostrophe: 'em, 'tis."""
    return [match[0].lower()]


def say_bare_decimal(match: re.Match[str]) -> list[str] | None:
    """.5."""
    return n.number(match["number"])


def say_dot_name(match: re.Match[str]) -> list[str] | None:
    """.NET, .gitignore."""
    return ["dot", *w.name_parts(match[0][1:])]


def say_signed_name(match: re.Match[str]) -> list[str] | None:
    """C++, C#, R&D, AT&T."""
    name = match[0]
    if name == "C++":
        return ["c", "plus", "plus"]
    if name.endswith("#"):
        return [name[0].lower(), "sharp"]
    first, _, second = name.partition("&")
    return [*w.letters(first), "and", *w.letters(second)]
