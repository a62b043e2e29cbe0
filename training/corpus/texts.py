"""Sentences to speak: WordNet's examples, fortunes, and random word sequences for phonetic coverage.

Pure functions over files of Debian's wordnet-base and fortunes packages. Must not import torch.
"""

from __future__ import annotations

import functools
import random
import re
from collections import Counter
from pathlib import Path

from engine.errors import SottoError
from training.corpus import lexicon

WORDNET = Path("/usr/share/wordnet")
FORTUNES = Path("/usr/share/games/fortunes")
FORTUNE_FILES = (
    "art computers cookie education food fortunes goedel humorists kids law linuxcookie literature love magic "
    "medicine miscellaneous news people pets platitudes pratchett riddles science sports startrek tao wisdom work"
)
MAX_SENTENCE_WORDS = 32


class TextsUnavailable(SottoError):
    """A text source is not installed."""


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text.replace("`", "'").replace("’", "'")).strip(" '")


def _closed(sentence: str) -> str:
    sentence = sentence.rstrip(" ,;:-")
    return sentence if sentence[-1:] in (".", "?", "!") else sentence + "."


def wordnet_sentences() -> list[str]:
    """Example sentences in the glosses of WordNet's data files, in file order."""
    if not WORDNET.is_dir():
        raise TextsUnavailable(
            "WordNet is not installed: apt-get install wordnet-base (make setup installs it)."
        )
    found = []
    for part in ("noun", "verb", "adj", "adv"):
        for line in (WORDNET / f"data.{part}").read_text(encoding="latin-1").splitlines():
            gloss = line.partition("|")[2]
            found += [_plain(example) for example in re.findall(r'"([^"]+)"', gloss)]
    return found


def fortune_sentences() -> list[str]:
    """Whole sentences of the fortunes, without attributions."""
    if not FORTUNES.is_dir():
        raise TextsUnavailable(
            "fortunes are not installed: apt-get install fortunes (make setup installs it)."
        )
    found = []
    for name in FORTUNE_FILES.split():
        path = FORTUNES / name
        if not path.is_file():
            continue
        for fortune in re.split(r"^%.*$", path.read_text(encoding="utf-8", errors="replace"), flags=re.M):
            lines = fortune.split("\n")
            body = [line for line in lines if not re.match(r"\s+--|\t\t|.*[<>\[\]|]", line)]
            if len(body) >= 2 and any(re.match(r"\s{4}", line) for line in body[1:]):
                continue  # verse, tables and dialogue
            for sentence in re.split(r"(?<=[.?!])[\"')]*\s+(?=[\"'(]?[A-Z])", " ".join(body)):
                sentence = _plain(sentence.replace('"', " "))
                if re.fullmatch(r"[A-Z].*[.?!]", sentence):
                    found.append(sentence)
    return found


@functools.cache
def natural_sentences() -> tuple[str, ...]:
    """Every usable sentence of the sources: plain, all words in the dictionary, 2 to 32 words, no duplicates."""
    usable: dict[str, None] = {}
    for raw in wordnet_sentences() + fortune_sentences():
        if not raw:
            continue
        sentence = _closed(raw)
        if 2 <= len(lexicon.words_of(sentence)) <= MAX_SENTENCE_WORDS:
            usable[sentence] = None
    return tuple(usable)


@functools.cache
def word_counts() -> Counter[str]:
    """How often each word occurs in the natural sentences."""
    counts: Counter[str] = Counter()
    for sentence in natural_sentences():
        counts.update(lexicon.words_of(sentence))
    return counts


def most_frequent(count: int | None = None) -> list[str]:
    """The words of the natural sentences, the most frequent first."""
    ranked = sorted(word_counts().items(), key=lambda item: (-item[1], item[0]))
    return [word for word, _ in ranked[:count]]


@functools.cache
def _word_pools() -> tuple[list[str], list[str]]:
    return most_frequent(4000), most_frequent()


def random_sequence(draw: random.Random) -> str:
    """Three to eight words in no order, half of them frequent, with a pause mark inside now and then."""
    frequent, every = _word_pools()
    words = [draw.choice(frequent if draw.random() < 0.5 else every) for _ in range(draw.randint(3, 8))]
    if len(words) >= 5 and draw.random() < 0.4:
        cut = draw.randint(2, len(words) - 2)
        mark = draw.choice([",", ",", ";", ":", " -"])
        words[cut - 1] += mark
    return " ".join(words).capitalize() + draw.choice([".", ".", "?", "!"])
