"""When the words of a clause sound, from the clause's plan; so that what was heard is known to the word.

Pure, any thread. Numpy only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.text import Clause


@dataclass(frozen=True, slots=True)
class SpokenWord:
    """One word of speech: where it starts and ends in samples of the response, at the voice's rate.

    `text` is the written form with what stands around it, so that the texts of all words are the clause's text. Of the
    words of "3:45" the middle one carries it, since it counts as heard when half of it was.
    """

    text: str
    start_sample: int
    end_sample: int
    ends_clause: bool = False


def timed_words(
    clause: Clause, quarters: NDArray[np.int64], first_sample: int, quarter_samples: int
) -> tuple[SpokenWord, ...]:
    """The words of a clause that begins at `first_sample` and whose units last `quarters` (U,) each."""
    begins = np.concatenate([[0], np.cumsum(quarters)]) * quarter_samples + first_sample
    starts = [index for index, unit in enumerate(clause.units) if unit.word_start]
    stops = [*starts[1:], len(clause.units) - 1]
    texts = _texts(clause, len(starts))
    return tuple(
        SpokenWord(text, int(begins[start]), int(begins[stop]), index + 1 == len(starts))
        for index, (text, start, stop) in enumerate(zip(texts, starts, stops, strict=True))
    )


def _texts(clause: Clause, words: int) -> Sequence[str]:
    """The clause's text, shared out among so many words."""
    ends = list(clause.ends[:words])
    if len(ends) < words:  # a clause made without knowing its written form
        return [f" {word}" for word in (*clause.words, *[""] * words)[:words]]
    texts = [""] * words
    place = first = 0
    while first < words:
        last = first
        while last + 1 < words and ends[last + 1] == ends[first]:
            last += 1
        texts[(first + last) // 2] = clause.text[place : ends[first]]
        place, first = max(place, ends[first]), last + 1
    texts[-1] += clause.text[place:]
    return texts
