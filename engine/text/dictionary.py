"""The pronouncing dictionary: CMUdict in our phone set, held as raw lines and parsed word by word.

Runs on any thread (read-only once loaded). Must not import numpy, torch or Qt: it is on the start-up path.
"""

from __future__ import annotations

import gzip
from functools import cache, lru_cache
from pathlib import Path

from engine.errors import SottoError
from engine.paths import resources_dir
from engine.text.units import PHONES, Unit

RESOURCES = resources_dir() / "text"
_PHONES = frozenset(PHONES)


@lru_cache(maxsize=20_000)
def parse_phones(phones: str) -> tuple[Unit, ...]:
    """Units of one word from "ax b aw1 t": a trailing digit is the stress. Raises ValueError for no phone."""
    units: list[Unit] = []
    for token in phones.split():
        symbol, stress = (token[:-1], int(token[-1])) if token[-1].isdigit() else (token, 0)
        if symbol not in _PHONES:
            raise ValueError(f"{symbol!r} is not one of the {len(PHONES)} phones")
        units.append(Unit(symbol, stress, word_start=not units))
    return tuple(units)


def _entries(text: str) -> dict[str, str]:
    return dict(line.split(" ", 1) for line in text.splitlines())


class Dictionary:
    """Words to phones.

    The file has one word a line, "word ph1 o n e", alternatives as "word(2)"; plain or gzip by its name.
    """

    def __init__(self, entries: dict[str, str]) -> None:
        self._entries = entries

    @classmethod
    def load(cls, path: Path | None = None) -> Dictionary:
        """Read a dictionary (default: the bundled CMUdict), about 0.1 s. Raises SottoError when unreadable."""
        path = path or RESOURCES / "cmudict.txt.gz"
        try:
            stored = path.read_bytes()
            text = (gzip.decompress(stored) if path.suffix == ".gz" else stored).decode("utf-8")
            return cls(_entries(text))
        except (OSError, EOFError, ValueError) as cause:
            raise SottoError(f"The pronouncing dictionary {path} cannot be read: {cause}.") from cause

    def extended(self, other: Dictionary) -> Dictionary:
        """Both dictionaries in one; entries of the other win."""
        return Dictionary({**self._entries, **other._entries})

    def __contains__(self, word: object) -> bool:
        return word in self._entries

    def __len__(self) -> int:
        return len(self._entries)

    def words(self) -> list[str]:
        """All words, in file order, without the alternatives."""
        return [word for word in self._entries if not word.endswith(")")]

    def phones(self, word: str, variant: int = 1) -> str | None:
        """The pronunciation as text ("ax b aw1 t"), or None. variant 2 is the second one, and so on."""
        return self._entries.get(word if variant == 1 else f"{word}({variant})")

    def lookup(self, word: str, variant: int = 1) -> tuple[Unit, ...] | None:
        """The units of a lower-case word, or None when it has no such entry."""
        phones = self.phones(word, variant)
        return None if phones is None else parse_phones(phones)


@cache
def bundled_dictionary() -> Dictionary:
    """The shipped dictionary, read once a process: CMUdict, then our own additions."""
    return Dictionary.load().extended(Dictionary.load(RESOURCES / "lexicon.txt"))
