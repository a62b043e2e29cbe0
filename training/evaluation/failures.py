"""What counts as a failed sentence, each kind measurable, and which sentences failed.

Pure functions of measurements. Must not import torch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from training.evaluation.errors import WordErrors

KINDS = ("no end", "silence", "repetition", "truncation", "babble")
MIN_DURATION_RATIO = 0.6
MAX_DURATION_RATIO = 1.6
MIN_ACTIVE_RATIO = 0.2
BABBLE_WER = 0.8
LONGEST_REPEAT = 4


@dataclass(frozen=True)
class Take:
    """One spoken sentence: what was wanted, what was heard, and how its sound compares with the source's."""

    reference: tuple[str, ...]
    heard: tuple[str, ...]
    errors: WordErrors
    duration_ratio: float
    active_ratio: float
    reached_limit: bool = False


def repeated_run(words: Sequence[str]) -> tuple[str, ...]:
    """The longest run of one to four words that is said twice in a row; () if there is none."""
    for length in range(LONGEST_REPEAT, 0, -1):
        for start in range(len(words) - 2 * length + 1):
            run = tuple(words[start : start + length])
            if run == tuple(words[start + length : start + 2 * length]):
                return run
    return ()


def failure(take: Take) -> str | None:
    """The kind of failure of a take, or None. The first that applies:

    "no end": generation hit the limit of the evaluation. "silence": less than a fifth of the source's active speech.
    "repetition": a run of words heard twice in a row, not so in the text, with as many insertions. "truncation":
    shorter than 0.6 of the source, or of its active speech. "babble": longer than 1.6 of the source, or at
    least 80 % of the words wrong.
    """
    if take.reached_limit:
        return "no end"
    if take.active_ratio < MIN_ACTIVE_RATIO:
        return "silence"
    run = repeated_run(take.heard)
    if run and run != repeated_run(take.reference) and take.errors.insertions >= len(run):
        return "repetition"
    if min(take.duration_ratio, take.active_ratio) < MIN_DURATION_RATIO:
        return "truncation"
    if take.duration_ratio > MAX_DURATION_RATIO or take.errors.rate >= BABBLE_WER:
        return "babble"
    return None
