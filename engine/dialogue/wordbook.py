"""Meanings of words: WordNet's own files where they are installed, else a small selection that ships.

Runs on the dialogue thread. The files are searched where they lie and never read as a whole.
"""

from __future__ import annotations

import gzip
import mmap
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from engine.paths import resources_dir

WORDNET_FOLDERS = (
    Path("/usr/share/wordnet"),
    Path("/usr/share/wordnet/dict"),
    Path("/usr/local/share/wordnet/dict"),
    Path("/opt/homebrew/opt/wordnet/dict"),
    Path("/usr/local/opt/wordnet/dict"),
    Path("C:/Program Files (x86)/WordNet/2.1/dict"),
)
"""Where packages of Debian, Fedora, Homebrew and Princeton's installer put it."""

SMALL_BOOK = "definitions.tsv.gz"
_KINDS = (("noun", "n"), ("verb", "v"), ("adj", "a"), ("adv", "r"))
_LONGEST_GLOSS = 160


@dataclass(frozen=True, slots=True)
class Meaning:
    """The most frequent meaning of a word. `kind`: n, v, a or r (adverb); `lemma` is the form that was found. Where it
    has no synonym, `synonyms` are words of nearly the same meaning."""

    lemma: str
    kind: str
    gloss: str
    synonyms: tuple[str, ...] = ()
    opposites: tuple[str, ...] = ()


class Wordbook(Protocol):
    """A dictionary."""

    @property
    def is_large(self) -> bool:
        """Whether a word that is not in it is rare indeed."""

    def meaning(self, term: str) -> Meaning | None:
        """The meaning of a word or its base form; lower case, spaces between parts."""


def open_wordbook() -> Wordbook:
    """The best that is installed."""
    for folder in WORDNET_FOLDERS:
        if all((folder / f"{part}.{kind}").is_file() for part in ("index", "data") for kind, _ in _KINDS):
            return WordNet(folder)
    return SmallBook(resources_dir() / "text" / SMALL_BOOK)


class WordNet:
    """WordNet's database files (wndb(5WN)): sorted index lines, and synsets at byte offsets."""

    is_large = True

    def __init__(self, folder: Path) -> None:
        self._index = {kind: _mapped(folder / f"index.{name}") for name, kind in _KINDS}
        self._data = {kind: _mapped(folder / f"data.{name}") for name, kind in _KINDS}

    def meaning(self, term: str) -> Meaning | None:
        """See `Wordbook`."""
        for form in base_forms(term):
            if found := self._best(form):
                return found
        return None

    def _best(self, term: str) -> Meaning | None:
        """The first sense of the part of speech in which the word was tagged most often in texts."""
        best: tuple[int, str, int] | None = None
        for kind, index in self._index.items():
            line = _line_of(index, term.replace(" ", "_").encode("ascii", "ignore") + b" ")
            if line is None:
                continue
            fields = line.split()
            pointers = int(fields[3])
            tagged, offset = int(fields[5 + pointers]), int(fields[6 + pointers])
            if best is None or tagged > best[0]:
                best = (tagged, kind, offset)
        return self._read(term, best[1], best[2]) if best else None

    def _read(self, term: str, kind: str, offset: int) -> Meaning:
        data = self._data[kind]
        line = data[offset : data.find(b"\n", offset)].decode("ascii", "replace")
        head, _, gloss = line.partition(" | ")
        fields = head.split()
        words = _words_of(fields)
        others = tuple(word for word in words if word.lower() != term)
        return Meaning(
            term,
            kind,
            short(gloss),
            others or tuple(self._pointed(fields, kind, "&", 0)),
            tuple(self._pointed(fields, kind, "!", [word.lower() for word in words].index(term) + 1)),
        )

    def _pointed(self, fields: list[str], kind: str, symbol: str, word: int) -> Iterator[str]:
        """The words that one of a synset (0: the whole of it) points to by a symbol, first of each of their synsets."""
        at = 5 + 2 * int(fields[3], 16)
        for place in range(at, at + 4 * int(fields[at - 1]), 4):
            mark, offset, _, ends = fields[place : place + 4]
            if mark == symbol and int(ends[:2], 16) in (0, word):
                data = self._data[kind]
                line = data[int(offset) : data.find(b"\n", int(offset))].decode("ascii", "replace")
                yield _words_of(line.split())[max(0, int(ends[2:], 16) - 1)]


def _words_of(fields: list[str]) -> list[str]:
    """The words of a synset's line."""
    words = (fields[4 + 2 * number] for number in range(int(fields[3], 16)))
    return [re.sub(r"\(.*\)$", "", word).replace("_", " ") for word in words]


class SmallBook:
    """The selection that ships: word, kind, gloss and synonyms, one a line."""

    is_large = False

    def __init__(self, path: Path) -> None:
        self._entries: dict[str, Meaning] = {}
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                lemma, kind, gloss, synonyms = line.rstrip("\n").split("\t")
                self._entries[lemma] = Meaning(lemma, kind, gloss, tuple(filter(None, synonyms.split(","))))

    def meaning(self, term: str) -> Meaning | None:
        """See `Wordbook`."""
        return next((self._entries[form] for form in base_forms(term) if form in self._entries), None)


def base_forms(term: str) -> tuple[str, ...]:
    """The term, and what it may be an inflected form of."""
    forms = [term]
    for ending, base in (
        ("ies", "y"),
        ("es", ""),
        ("s", ""),
        ("ied", "y"),
        ("ed", "e"),
        ("ed", ""),
        ("ing", ""),
        ("ing", "e"),
        ("men", "man"),
    ):
        if term.endswith(ending) and len(term) > len(ending) + 2:
            stem = term.removesuffix(ending)
            forms.append(stem + base)
            if ending in ("ed", "ing") and len(stem) > 3 and stem[-1] == stem[-2]:
                forms.append(stem[:-1])
    return tuple(dict.fromkeys(forms))


def short(gloss: str) -> str:
    """The gloss without examples and asides, cut at a word where it is long."""
    plain = re.split(r';\s*"', gloss.strip())[0]
    plain = re.sub(r"\s*\([^()]*\)", "", plain).strip(" ;")
    first = plain if len(plain) <= _LONGEST_GLOSS else plain.split(";")[0]
    if len(first) > _LONGEST_GLOSS:
        first = first[:_LONGEST_GLOSS].rpartition(" ")[0]
    return first.replace("`", "'").strip(" ;,") or gloss.strip()[:_LONGEST_GLOSS]


def _mapped(path: Path) -> mmap.mmap:
    with path.open("rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def _line_of(index: mmap.mmap, key: bytes) -> str | None:
    """The line that begins with the key, by halving the sorted file."""
    low, high = 0, len(index)
    while low < high:
        middle = (low + high) // 2
        start = index.rfind(b"\n", 0, middle) + 1
        end = index.find(b"\n", start)
        end = len(index) if end < 0 else end
        line = index[start:end]
        if line.startswith(key):
            return line.decode("ascii")
        if line < key:
            low = end + 1
        else:
            high = start
    return None
