"""Which words of an answer were heard, from the samples that were really played. A word counts when half of it sounded.

Pure, any thread. Imports nothing heavy.
"""

from __future__ import annotations

from collections.abc import Sequence

from engine.session.making import TimedWord


def words_heard(words: Sequence[TimedWord], heard_samples: int) -> int:
    """How many of `words`, which are in order, count as heard."""
    count = 0
    for word in words:
        if heard_samples < (word.start_sample + word.end_sample) / 2:
            break
        count += 1
    return count


def text_of(words: Sequence[TimedWord]) -> str:
    """Their text as it was written."""
    return "".join(word.text for word in words)


def resume_sample(words: Sequence[TimedWord], head_sample: int) -> int:
    """Where an answer that stopped at `head_sample` goes on: at the start of the last word that had begun."""
    begun = [word.start_sample for word in words if word.start_sample <= head_sample]
    return begun[-1] if begun else 0
