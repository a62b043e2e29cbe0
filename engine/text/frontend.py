"""From written text to the clauses of units that the voice speaks, for whole texts and for text as it streams in.

Runs on any thread once loaded. Must not import torch or Qt; numpy only when a word needs letter-to-sound.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from engine.text.dictionary import RESOURCES, Dictionary, bundled_dictionary, parse_phones
from engine.text.homographs import pronunciation
from engine.text.normalise import Spoken, speak_segment
from engine.text.segment import Segment, Segmenter, stronger
from engine.text.units import MAX_CLAUSE_UNITS, MAX_CLAUSE_WORDS, VOWELS, Clause, Unit
from engine.text.vocabulary import CONJUNCTIONS, PREPOSITIONS

if TYPE_CHECKING:
    from engine.text.letter_to_sound import LetterToSound

_ENDINGS = {"'s": "", "n't": " ax n t", "'ll": " ax l", "'ve": " ax v", "'re": " er", "'d": " d", "'m": " m"}
_SIBILANTS = ("s", "z", "sh", "zh", "ch", "jh")
_VOICELESS = ("p", "t", "k", "f", "th")
_MAX_WORD_UNITS = 40


class Frontend:
    """Dictionary, homograph rules and letter-to-sound; one instance serves any number of texts."""

    def __init__(self, dictionary: Dictionary, letter_to_sound: Path) -> None:
        self._dictionary = dictionary
        self._letter_to_sound_path = letter_to_sound
        self._cached = lru_cache(maxsize=20_000)(self._phones_of)

    @classmethod
    def load(cls) -> Frontend:
        """The default front end, from the bundled resources. Raises SottoError when they cannot be read."""
        return cls(bundled_dictionary(), RESOURCES / "letter_to_sound.npz")

    @cached_property
    def _letter_to_sound(self) -> LetterToSound:
        from engine.text.letter_to_sound import LetterToSound  # numpy, for unknown words only

        return LetterToSound.load(self._letter_to_sound_path)

    def pronounce(self, word: str) -> tuple[Unit, ...]:
        """The units of one lower-case spoken word by itself; () when it has no letters.

        Known words as in the dictionary, others by their stem and ending or by letter-to-sound.
        """
        return parse_phones(self._cached(word))

    def _phones_of(self, word: str) -> str:
        known = self._dictionary.phones(word)
        if known is not None:
            return known
        for ending, phones in _ENDINGS.items():
            if word.endswith(ending) and len(word) > len(ending):
                stem = self._cached(word.removesuffix(ending))
                return stem + (phones or _plural_ending(stem)) if stem else ""
        return self._letter_to_sound.phones(word)

    def clauses(self, text: str) -> list[Clause]:
        """The clauses of a text; [] when nothing in it can be spoken (the caller's error to raise)."""
        return list(self.iter_clauses(text))

    def iter_clauses(self, text: str) -> Iterator[Clause]:
        """The same one by one: the first clause of a long text is there at once."""
        segmenter = Segmenter()
        for segment in segmenter.feed(text):
            yield from self.clauses_of(segment)
        for segment in segmenter.finish():
            yield from self.clauses_of(segment)

    def clauses_of(self, segment: Segment) -> Iterator[Clause]:
        """The clauses of one segment: one, unless pauses stand inside it or it is too long."""
        phrases = list(_phrases(segment))
        start = segment.start
        for index, (spoken, pause) in enumerate(phrases):
            is_last = index + 1 == len(phrases)
            end = segment.end if is_last else _boundary(spoken[-1], phrases[index + 1][0][0])
            yield from self._clauses_of_phrase(segment, spoken, pause, start, end)
            start = end

    def _clauses_of_phrase(
        self, segment: Segment, spoken: list[Spoken], pause: str, start: int, end: int
    ) -> Iterator[Clause]:
        words = [item.word for item in spoken]
        units = [self._in_context(words, index) for index in range(len(words))]
        spans = list(_spans(words, units))
        for first, last in spans:
            is_last = last == len(words)
            stop = end if is_last else _boundary(spoken[last - 1], spoken[last])
            said = [unit for word_units in units[first:last] for unit in word_units]
            if said:
                text = segment.text[start - segment.start : stop - segment.start]
                ends = tuple(item.end - start for item in spoken[first:last])
                yield Clause(text, tuple(words[first:last]), (*said, Unit(pause if is_last else ",")), ends)
                start = stop

    def _in_context(self, words: list[str], index: int) -> tuple[Unit, ...]:
        if words[index] == "the" and index + 1 < len(words):
            following = self.pronounce(words[index + 1])
            return parse_phones("dh iy" if following and following[0].symbol in VOWELS else "dh ax")
        chosen = pronunciation(words, index)
        return parse_phones(chosen) if chosen else self.pronounce(words[index])[:_MAX_WORD_UNITS]


class ClauseStream:
    """Text as it is written, token by token, to clauses as soon as each is certain to be complete.

    Whatever the chunks, the clauses are those of the whole text. A clause waits for its mark, white space, and the
    next character (a few more after "U.S." and the like, where only the next word tells).
    """

    def __init__(self, frontend: Frontend) -> None:
        self._frontend = frontend
        self._segmenter = Segmenter()

    def feed(self, text: str) -> list[Clause]:
        """The clauses that are complete now."""
        return [
            clause for segment in self._segmenter.feed(text) for clause in self._frontend.clauses_of(segment)
        ]

    def flush(self) -> list[Clause]:
        """The rest; the stream is then ready for another text."""
        segmenter, self._segmenter = self._segmenter, Segmenter()
        return [clause for segment in segmenter.finish() for clause in self._frontend.clauses_of(segment)]


def _plural_ending(phones: str) -> str:
    last = phones.split()[-1]
    return " ih z" if last in _SIBILANTS else " s" if last in _VOICELESS else " z"


def _phrases(segment: Segment) -> Iterator[tuple[list[Spoken], str]]:
    """The words between pauses with the pause that ends them; the segment's own mark ends the last."""
    phrase: list[Spoken] = []
    pause = ""
    for spoken in speak_segment(segment):
        if spoken.is_pause:
            pause = stronger(pause, spoken.word)
        else:
            if pause and phrase:
                yield phrase, pause
                phrase = []
            pause = ""
            phrase.append(spoken)
    if phrase:
        yield phrase, segment.pause or ("." if segment.is_last else pause or ",")


def _boundary(before: Spoken, after: Spoken) -> int:
    """Where the text of one clause ends and the next begins: at the next word, but never inside a written token."""
    return after.start if after.start > before.start else before.end


def _spans(words: list[str], units: list[tuple[Unit, ...]]) -> Iterator[tuple[int, int]]:
    """Cuts a phrase that is too long at words: before a conjunction, else a preposition, else where it is full."""
    first = 0
    while first < len(words):
        last, length = first, 1  # the pause
        while (
            last < len(words)
            and last - first < MAX_CLAUSE_WORDS
            and length + len(units[last]) <= MAX_CLAUSE_UNITS
        ):
            length += len(units[last])
            last += 1
        if last < len(words):
            last = _breath(words, first, last)
        yield first, last
        first = last


def _breath(words: list[str], first: int, last: int) -> int:
    for openers in (CONJUNCTIONS, PREPOSITIONS):
        for index in range(last, (first + last) // 2, -1):
            if words[index] in openers:
                return index
    return last
