"""Word errors and their uncertainty: edit counts, bootstrap intervals, Wilson intervals.

Pure functions. Must not import torch.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BOOTSTRAP_ROUNDS = 2000
_Z95 = 1.959963984540054


@dataclass(frozen=True)
class WordErrors:
    """Edits that turn a reference into what was heard."""

    substitutions: int
    deletions: int
    insertions: int
    reference_words: int

    @property
    def edits(self) -> int:
        return self.substitutions + self.deletions + self.insertions

    @property
    def rate(self) -> float:
        """Edits per reference word; may exceed 1."""
        return self.edits / max(1, self.reference_words)


def word_errors(reference: Sequence[str], heard: Sequence[str]) -> WordErrors:
    """Fewest edits between two word sequences (Levenshtein, 1966); among equals, fewest insertions."""
    row = [
        (index, 0, 0, index) for index in range(len(heard) + 1)
    ]  # edits, substitutions, deletions, insertions
    for wanted in reference:
        previous, row = row, [(row[0][0] + 1, row[0][1], row[0][2] + 1, row[0][3])]
        for column, word in enumerate(heard, start=1):
            edits, substituted, deleted, inserted = previous[column - 1]
            wrong = int(word != wanted)
            options = [(edits + wrong, substituted + wrong, deleted, inserted)]
            edits, substituted, deleted, inserted = previous[column]
            options.append((edits + 1, substituted, deleted + 1, inserted))
            edits, substituted, deleted, inserted = row[-1]
            options.append((edits + 1, substituted, deleted, inserted + 1))
            row.append(min(options, key=lambda option: (option[0], option[3])))
    _, substitutions, deletions, insertions = row[-1]
    return WordErrors(substitutions, deletions, insertions, len(reference))


def edit_distance(first: Sequence[Hashable], second: Sequence[Hashable]) -> int:
    """Fewest substitutions, deletions and insertions between two sequences (Levenshtein, 1966)."""
    row = list(range(len(second) + 1))
    for i, a in enumerate(first, start=1):
        previous, row[0] = row[0], i
        for j, b in enumerate(second, start=1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (a != b))
    return row[-1]


@dataclass(frozen=True)
class Interval:
    """An estimate with its 95 % interval."""

    value: float
    low: float
    high: float


def _resampled(edits: NDArray[np.float64], words: NDArray[np.float64]) -> NDArray[np.float64]:
    draws = np.random.default_rng(0).integers(0, len(words), (BOOTSTRAP_ROUNDS, len(words)))
    return np.asarray(edits[draws].sum(axis=1) / words[draws].sum(axis=1))


def bootstrap(errors: Sequence[WordErrors]) -> Interval:
    """Word error rate over all sentences, with a bootstrap over sentences."""
    edits = np.array([error.edits for error in errors], float)
    words = np.array([error.reference_words for error in errors], float)
    low, high = np.percentile(_resampled(edits, words), (2.5, 97.5))
    return Interval(float(edits.sum() / words.sum()), float(low), float(high))


def paired_difference(errors: Sequence[WordErrors], baseline: Sequence[WordErrors]) -> Interval:
    """Word error rate of `errors` less that of `baseline` on the same sentences (paired bootstrap)."""
    edits = np.array([a.edits - b.edits for a, b in zip(errors, baseline, strict=True)], float)
    words = np.array([b.reference_words for b in baseline], float)
    low, high = np.percentile(_resampled(edits, words), (2.5, 97.5))
    return Interval(float(edits.sum() / words.sum()), float(low), float(high))


def wilson(count: int, of: int) -> Interval:
    """A share with its 95 % score interval (Wilson, 1927)."""
    if of == 0:
        return Interval(0.0, 0.0, 1.0)
    share, z2 = count / of, _Z95**2
    middle = (share + z2 / (2 * of)) / (1 + z2 / of)
    half = _Z95 * math.sqrt(share * (1 - share) / of + z2 / (4 * of**2)) / (1 + z2 / of)
    return Interval(share, max(0.0, middle - half), min(1.0, middle + half))
