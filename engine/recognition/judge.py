"""Whether what a decoder found was really said: evidence of one utterance, weighed into a confidence.

Pure. Weights: `python -m benchmarks.commands_fit limit`; decision 15 says on what. Imports nothing heavy.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

ACCEPT = 0.5
"""Least confidence at which words are taken."""

_CLEAN_DB, _NOISY_DB = 25.0, 10.0


@dataclass(frozen=True, slots=True)
class Sound:
    """What any words have to be held against.

    `snr_db` is the level of speech over the noise, `variation_db` how much that level goes up and down (speech does),
    `phone_s` the mean length of a phone in the phone loop's path, `phone_score` that path's mean score a frame: an
    acoustic log-likelihood against the best senone of the frame.
    """

    snr_db: float
    variation_db: float
    phone_s: float
    phone_score: float

    @property
    def noisy(self) -> float:
        """0 in a quiet room, 1 where noise blurs scores and has drowned the open decoder."""
        return max(0.0, min(1.0, (_CLEAN_DB - self.snr_db) / (_CLEAN_DB - _NOISY_DB)))


@dataclass(frozen=True, slots=True)
class CommandEvidence:
    """What speaks for the words of the closed grammar.

    `score` is the mean of its words a frame, `worst_word` the least difference of one word's to the phone loop's over
    the same frames, `agreement` the share of words that the open decoder found as well, `phone_s` the mean length of a
    phone of its words.
    """

    score: float
    worst_word: float
    agreement: float
    words: int
    phone_s: float


@dataclass(frozen=True, slots=True)
class OpenEvidence:
    """What speaks for the open decoder's words: `likeness` of their phones to the phone loop's, 0 to 1."""

    likeness: float
    words: int
    phone_s: float


def command_features(evidence: CommandEvidence, sound: Sound) -> tuple[float, ...]:
    """What the command's weights are for."""
    noisy = sound.noisy
    return (
        max(evidence.score, -10.0),
        max(evidence.score, -10.0) * noisy,
        max(evidence.worst_word, -8.0),
        evidence.agreement,
        evidence.agreement * noisy,
        noisy,
        min(evidence.words, 6) / 6.0,
        *_sound_features(sound),
        _unlikely_length(evidence.phone_s),
    )


def open_features(evidence: OpenEvidence, sound: Sound) -> tuple[float, ...]:
    """What the open words' weights are for."""
    return (
        evidence.likeness,
        evidence.likeness * sound.noisy,
        sound.noisy,
        min(evidence.words, 6) / 6.0,
        *_sound_features(sound),
        _unlikely_length(evidence.phone_s),
    )


def _sound_features(sound: Sound) -> tuple[float, ...]:
    return (
        max(sound.phone_score, -8.0),
        min(sound.variation_db, 12.0) / 12.0,
        _unlikely_length(sound.phone_s),
    )


_USUAL_PHONE_S = 0.09


def _unlikely_length(phone_s: float) -> float:
    """How far from a phone's usual length, in doublings, at most 3."""
    return min(3.0, abs(math.log2(max(phone_s, 1e-3) / _USUAL_PHONE_S)))


@dataclass(frozen=True, slots=True)
class Weights:
    """A logistic regression."""

    values: tuple[float, ...]
    bias: float

    def confidence(self, features: tuple[float, ...]) -> float:
        """0 to 1."""
        logit = self.bias + sum(weight * value for weight, value in zip(self.values, features, strict=True))
        return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, logit))))


COMMAND = Weights((2.095, 0.144, 0.353, 3.181, 0.563, 2.423, -0.691, 0.646, 1.358, -1.138, -2.809), 14.324)
OPEN = Weights((3.491, -0.101, -2.57, 3.075, -0.23, 2.607, -0.415, -2.098), -4.786)


def command_confidence(evidence: CommandEvidence, sound: Sound) -> float:
    """0 to 1: how sure it is that the grammar's words were said."""
    return COMMAND.confidence(command_features(evidence, sound))


def open_confidence(evidence: OpenEvidence, sound: Sound) -> float:
    """0 to 1: how sure it is that most of the open decoder's words were said."""
    return OPEN.confidence(open_features(evidence, sound))


def agreement(one: Sequence[str], other: Sequence[str]) -> float:
    """Share of the words common to both and in the same order, 0 to 1; 0 where both are empty."""
    most = max(len(one), len(other))
    return _common(one, other) / most if most else 0.0


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """Length of the longest common subsequence."""
    row = [0] * (len(other) + 1)
    for item in one:
        before = 0
        for at, theirs in enumerate(other):
            row[at + 1], before = (before + 1 if item == theirs else max(row[at], row[at + 1])), row[at + 1]
    return row[-1]
