"""Whether what a decoder found was really said: evidence of one utterance, weighed into a confidence.

Pure. Weights: `python -m benchmarks.commands_fit limit`; decision 15 says on what. Imports nothing heavy.
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


def features(evidence: Evidence) -> tuple[float, ...]:
    """What the weights are for. Noise blurs scores and drowns the open decoder first: both count by how clean it is."""
    noisy = max(0.0, min(1.0, (25.0 - evidence.snr_db) / 15.0))
    difference = evidence.grammar_score - evidence.phone_score
    return (
        difference,
        evidence.grammar_score,
        max(evidence.worst_word, -8.0),
        evidence.agreement,
        evidence.agreement * noisy,
        difference * noisy,
        noisy,
        min(evidence.words, 6) / 6.0,
        min(evidence.frames, 300) / 300.0,
    )


WEIGHTS = (3.0, 0.0, 0.0, 6.0, 0.0, 0.0, 0.0, 0.0, 0.0)
BIAS = 4.2


def confidence(evidence: Evidence) -> float:
    """0 to 1: how sure it is that the grammar's words were said."""
    logit = BIAS + sum(w * value for w, value in zip(WEIGHTS, features(evidence), strict=True))
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, logit))))


ACCEPT = 0.5
"""Least confidence at which the grammar's words are taken."""
