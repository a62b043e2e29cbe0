"""Which texts are for training, validation and test, decided by hashes of the text and of its words alone.

Pure functions. The list of frequent words is a file of the repository, so that the split never depends on the machine.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterable
from pathlib import Path

FREQUENT_WORDS = 1500
MIN_HELD_OUT_LETTERS = 4
HELD_OUT_ONE_IN = 40
VALID_PERCENT = 1.0
FREQUENT_WORDS_FILE = Path(__file__).resolve().parents[2] / "resources" / "evaluation" / "frequent-words.txt"


def hashed_fraction(*parts: object) -> float:
    """A number in [0, 1) from the SHA-256 of the parts: the same on every machine and in every process."""
    digest = hashlib.sha256("\x1f".join(str(part) for part in parts).encode("utf-8")).digest()
    return int.from_bytes(digest[:8], "big") / 2.0**64


@functools.cache
def frequent_words() -> frozenset[str]:
    """The 1500 most frequent words of the text sources, which are never held out."""
    return frozenset(FREQUENT_WORDS_FILE.read_text(encoding="utf-8").split())


@functools.lru_cache(maxsize=65536)
def held_out(word: str) -> bool:
    """Whether `word` (lower case) must never be heard in training."""
    if len(word) < MIN_HELD_OUT_LETTERS or word in frequent_words():
        return False
    return int(hashlib.sha256(word.encode("utf-8")).hexdigest(), 16) % HELD_OUT_ONE_IN == 0


def split_of(text: str, words: Iterable[str]) -> str:
    """ "test" for a text with a held-out word, else "valid" for about 1 % of texts by hash, else "train"."""
    if any(held_out(word) for word in words):
        return "test"
    return "valid" if hashed_fraction("split", text) < VALID_PERCENT / 100 else "train"
