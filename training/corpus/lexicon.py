"""Plain sentences, whose every word is in the dictionary, to the clauses that the front end speaks them as.

Pure Python, any thread. Must not import torch.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

from engine.text import PAUSES, Clause, Dictionary, Frontend

_TOKEN = re.compile(r"[A-Za-z]+(?:'[A-Za-z]+)*'?|[,;:.?!-]")
_ALLOWED = re.compile(r"[A-Za-z' ,;:.?!-]+")
_ABBREVIATIONS = "mr mrs ms dr st jr sr prof rev gen col capt lt sgt vs inc ltd co vol etc"
MAX_CLAUSE_WORDS = 16


@dataclass(frozen=True, slots=True)
class Phrase:
    """The words between two pauses, lower case, and the mark of the second."""

    words: tuple[str, ...]
    mark: str


@functools.cache
def _dictionary() -> Dictionary:
    return Dictionary.load()


@functools.cache
def _frontend() -> Frontend:
    return Frontend.load()


@functools.lru_cache(maxsize=65536)
def phone_count(word: str) -> int:
    """Phones of a word in the dictionary; 0 when it is not there."""
    return len(_dictionary().lookup(word) or ())


def phrases(text: str) -> list[Phrase] | None:
    """The phrases of a plain sentence, or None where a word is unknown or the writing is not plain."""
    if not _ALLOWED.fullmatch(text):
        return None
    text = re.sub(r"--+", " - ", text)
    text = re.sub(r"(?<=[A-Za-z])-(?=[A-Za-z])", " ", text)
    found: list[Phrase] = []
    words: list[str] = []
    for token in [*_TOKEN.findall(text), "."]:
        if token not in PAUSES:
            if len(token) > 1 and token.isupper():
                return None
            word = token.lower() if phone_count(token.lower()) else token.lower().rstrip("'")
            if not phone_count(word) or (len(word) == 1 and word not in ("a", "i")):
                return None
            words.append(word)
        elif words:
            if len(words) > MAX_CLAUSE_WORDS or (token == "." and words[-1] in _ABBREVIATIONS.split()):
                return None
            found.append(Phrase(tuple(words), token))
            words = []
    return found or None


def words_of(text: str) -> tuple[str, ...]:
    """The words of a plain sentence; () where it is not plain."""
    return tuple(word for phrase in phrases(text) or () for word in phrase.words)


def clauses(text: str) -> list[Clause] | None:
    """What the front end speaks `text` as, or None where its words are not those that are written."""
    found = _frontend().clauses(text) if phrases(text) else []
    spoken = [word for clause in found for word in clause.words]
    same = [word.rstrip("'") for word in spoken] == [word.rstrip("'") for word in words_of(text)]
    return found if found and same else None
