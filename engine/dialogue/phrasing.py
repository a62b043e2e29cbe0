"""What may be said, as short lines: `[optional]`, `(one | another)`, `<slot>`; compiled to regular expressions.

Pure, any thread. One line is one way to say a thing; a slot may hold another pattern's name as in `<a:date>`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from engine.dialogue.durations import DURATION
from engine.dialogue.moments import CLOCK, DATE, WEEKDAY

NUMBER = r"-?\d+(?:\.\d+)?"
_SLOTS = {
    "date": DATE,
    "clock": CLOCK,
    "length": DURATION,
    "weekday": WEEKDAY,
    "number": NUMBER,
    "word": r"[^\s]+",
    "text": r".+?",
}
PUT = "(add | put | write | stick | throw | drop | toss | chuck | pop | get | include)"
"""Ways to say that something goes onto something, for the lines of skills."""

DROP = "(delete | remove | erase | drop | clear | get rid of | throw away | throw out | bin | scrap | trash | scratch)"
"""Ways to say that something shall go."""

_TOKEN = re.compile(r"[\[\]()|]|<[^>]+>|[^\s\[\]()|<>]+")


class Phrases:
    """Lines compiled once. Words of a line are literal; what stands between them is one space."""

    def __init__(self, lines: str, slots: Mapping[str, str] | None = None) -> None:
        known = _SLOTS | dict(slots or {})
        patterns = [_compiled(line, known) for line in lines.strip().splitlines() if line.strip()]
        plain = [pattern for pattern in patterns if "(?P<" not in pattern]
        self._patterns = [re.compile("|".join(plain))] if plain else []
        self._patterns += [re.compile(pattern) for pattern in patterns if "(?P<" in pattern]

    def match(self, text: str) -> re.Match[str] | None:
        """The first line that the whole text fits. Groups are the slots; they end without a space."""
        spaced = text + " "
        for pattern in self._patterns:
            if found := pattern.fullmatch(spaced):
                return found
        return None


def slot(found: re.Match[str], name: str) -> str:
    """What a slot holds, empty where the line has none or it was left out."""
    return found.groupdict().get(name) or ""


def _compiled(line: str, known: Mapping[str, str]) -> str:
    out = []
    for token in _TOKEN.findall(line):
        if token in "[(":
            out.append("(?:")
        elif token == "]":
            out.append(")?")
        elif token in ")|":
            out.append(token)
        elif token.startswith("<"):
            name, _, kind = token[1:-1].partition(":")
            out.append(f"(?P<{name}>{known[kind or name]}) ")
        else:
            out.append(re.escape(token) + " ")
    return "(?:" + "".join(out) + ")"
