"""Tables that a model draws with bars, read row by row.

Pure, any thread. The heading is not read on its own: each cell gets its column's name.
"""

from __future__ import annotations

import re
from collections.abc import Callable

MOST_ROWS = 12
"""Nobody listens to more; how many are left out is said."""
_SEPARATOR = re.compile(r"\s*\|?(?:\s*:?-{1,}:?\s*\|)*\s*:?-{1,}:?\s*\|?\s*")
_NOTHING = ("", "-", "–", "—", "―", "n/a", "N/A", "\u00a0")
_SHORT_DAYS = {
    "Mon": "Monday", "Tue": "Tuesday", "Tues": "Tuesday", "Wed": "Wednesday", "Thu": "Thursday", "Thur": "Thursday",
    "Thurs": "Thursday", "Fri": "Friday", "Sat": "Saturday", "Sun": "Sunday", "Jan": "January", "Feb": "February",
    "Mar": "March", "Apr": "April", "Jun": "June", "Jul": "July", "Aug": "August", "Sep": "September",
    "Sept": "September", "Oct": "October", "Nov": "November", "Dec": "December",
}  # fmt: skip
_ENDINGS = ".,;:!?…"


class Table:
    """Feed whole lines; what comes back is sentences. One after another may be read."""

    def __init__(self, clean: Callable[[str], str]) -> None:
        self._clean = clean
        self._heading: list[str] | None = None
        self._has_separator = False
        self._rows = 0

    def row(self, line: str) -> list[str]:
        """The sentences of one line."""
        if _SEPARATOR.fullmatch(line) and "-" in line:
            self._has_separator = True
            return []
        cells = [self._cell(cell) for cell in _split(line)]
        if self._heading is None:
            self._heading = cells
            return []
        said: list[str] = []
        if not self._has_separator:
            said += self._plain(self._heading)
            self._heading = cells
            return said
        self._rows += 1
        return self._read(cells) if self._rows <= MOST_ROWS else []

    def end(self) -> list[str]:
        """The table is over: what was held back, how much was left out."""
        said: list[str] = []
        if self._heading is not None and (not self._has_separator or not self._rows):
            said = self._plain(self._heading)
        left_out = self._rows - MOST_ROWS
        if left_out > 0:
            said = [f"And {left_out} more {'row' if left_out == 1 else 'rows'}."]
        self._heading, self._has_separator, self._rows = None, False, 0
        return said

    def _cell(self, written: str) -> str:
        text = written.strip()
        marks = re.sub(r"[\ufe0f*\s]", "", text)
        if marks in ("✓", "✔", "✅", "☑"):
            return "yes"
        if marks in ("✗", "✘", "❌", "✖", "☒"):
            return "no"
        if text.removesuffix(".") in _SHORT_DAYS:
            return _SHORT_DAYS[text.removesuffix(".")]
        said = " ".join(self._clean(text).split())
        return "" if said in _NOTHING else said

    def _plain(self, cells: list[str]) -> list[str]:
        return _sentence(", ".join(cell for cell in cells if cell))

    def _read(self, cells: list[str]) -> list[str]:
        heading = self._heading or []
        named = [
            (heading[index] if index < len(heading) else "", cell) for index, cell in enumerate(cells) if cell
        ]
        if not named:
            return []
        first, rest = named[0][1], named[1:]
        if not cells[0]:
            rest, first = named, ""
        if len(cells) == 2 or len(rest) == 0:
            values = [value for _, value in rest]
        else:
            values = [f"{name} {value}".strip() if name else value for name, value in rest]
        told = ", ".join(values)
        if not told:
            return _sentence(first)
        return _sentence(f"{first.rstrip(':')}: {told}" if first else told)


def _sentence(text: str) -> list[str]:
    text = text.strip()
    if not text:
        return []
    return [text if text[-1] in _ENDINGS else f"{text}."]


def _split(line: str) -> list[str]:
    """The cells between the bars; a bar that is escaped or stands in code belongs to its cell."""
    cells: list[str] = [""]
    in_code = False
    inner = line.strip()
    inner = inner.removeprefix("|")
    if inner.endswith("|") and not inner.endswith("\\|"):
        inner = inner[:-1]
    index = 0
    while index < len(inner):
        character = inner[index]
        if character == "\\" and inner[index + 1 : index + 2] == "|":
            cells[-1] += "|"
            index += 2
            continue
        in_code ^= character == "`"
        if character == "|" and not in_code:
            cells.append("")
        else:
            cells[-1] += character
        index += 1
    return cells
