"""Written text to spoken words: one pass of rules over each segment, every word knowing where it came from.

Any thread; the dictionary is read on first use. Imports no numpy, torch or Qt.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from engine.text import words as w
from engine.text.folding import fold
from engine.text.rules import RULES
from engine.text.segment import Segment, Segmenter, stronger
from engine.text.units import PAUSES


@dataclass(frozen=True, slots=True)
class Spoken:
    """A word, or a pause mark, and where the written form begins and ends in the whole text."""

    word: str
    start: int
    end: int

    @property
    def is_pause(self) -> bool:
        return self.word in PAUSES


# The common case first: a lower-case word that no rule could make anything else of.
_PLAIN = re.compile(r"[a-z]{2,}(?=[ \n,;!?]|$)(?! [x×*/^=<>+-] | al\.)")
_LINE_START = re.compile(r"\s*(?:[-*+•]\s+(?:\[[ xX]\]\s)?|#{1,6}\s+|>\s?)+|\s*[-*_=|: ]{3,}$")


def speak_segment(segment: Segment) -> Iterator[Spoken]:
    """The words of one segment in order with the pauses inside it; the pause at its end is the caller's."""
    folded = fold(segment.text)
    text = folded.text
    index = 0
    opening = _LINE_START.match(text)
    if opening:
        index = opening.end()
    while index < len(text):
        plain = _PLAIN.match(text, index)
        said: list[str] | None
        if plain:
            said, end = [plain[0]], plain.end()
        else:
            said, end = _apply_rules(text, index)
        start_index = segment.start + folded.source_index(index)
        end_index = segment.start + folded.source_index(end)
        for word in said or ():
            for settled in (word,) if word in PAUSES else w.lower_word(word):
                yield Spoken(settled, start_index, end_index)
        index = end


def _apply_rules(text: str, index: int) -> tuple[list[str] | None, int]:
    """What the first rule that fits says at index, and where it ends; a character without a rule is passed over."""
    for pattern, speak in RULES.get(text[index], ()):
        match = pattern.match(text, index)
        if match and match.end() > index:
            said = speak(match)
            if said is not None:
                return said, match.end()
    return None, index + 1


def segments(text: str) -> Iterator[Segment]:
    """All segments of a whole text, lazily."""
    segmenter = Segmenter()
    yield from segmenter.feed(text)
    yield from segmenter.finish()


def normalise(text: str) -> str:
    """Spoken lower-case words and pause marks, "hello, world!"; "" when nothing can be spoken."""
    parts: list[str] = []
    pause = ""
    for segment in segments(text):
        is_silent = True
        for spoken in speak_segment(segment):
            is_silent = False
            if spoken.is_pause:
                pause = stronger(pause, spoken.word) if parts else ""
                continue
            if parts:
                parts.append({"": " ", "-": " - "}.get(pause, f"{pause} "))
            pause = ""
            parts.append(spoken.word)
        if parts and not (is_silent and pause):
            pause = stronger(pause, segment.pause)
    return "".join(parts) + (f" {pause}" if pause == "-" else pause)


def has_speakable(text: str) -> bool:
    """Whether a text holds at least one word that can be spoken."""
    return any(not spoken.is_pause for segment in segments(text) for spoken in speak_segment(segment))
