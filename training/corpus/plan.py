"""What will be spoken: the list of utterances of a corpus, cut into shards, all decided before any sound is made.

Deterministic in its arguments; a rerun plans the same shards. Must not import torch.
"""

from __future__ import annotations

import functools
import random
from collections.abc import Iterator
from dataclasses import dataclass

from training.corpus import lexicon, speakers, splits, templates, texts
from training.corpus.utterance import PAUSE_MS

SECONDS_PER_PHONE = {"rms": 0.093, "slt": 0.083, "kal16": 0.080, "espeak": 0.075}
"""Measured on 150 sentences; used to plan the length of shards."""
RANDOM_SHARE = 0.15
TEMPLATE_SHARE = 0.12
TEST_SHARE = 0.01
MAX_UTTERANCE_S = 11.0
MIN_UTTERANCE_S = 2.2
MAX_CLAUSES = 3

CODEC_SHARES = {"rms": 0.35, "slt": 0.25, "kal16": 0.10, "warp": 0.125, "espeak": 0.175}
WARPED_SPEAKERS = 120
ESPEAK_SPEAKERS = 150


@dataclass(frozen=True)
class Spec:
    """One utterance to make. `dialogue` and `role` ("user" or "agent") are empty outside dialogues."""

    id: str
    speaker: str
    text: str
    split: str
    dialogue: str = ""
    role: str = ""


@dataclass(frozen=True)
class _Sentence:
    text: str
    clauses: int
    phones: int
    pause_s: float
    split: str


@functools.cache
def _measured(text: str) -> _Sentence | None:
    found = lexicon.phrases(text)
    if not found or len(found) > MAX_CLAUSES + 1:
        return None
    words = lexicon.words_of(text)
    return _Sentence(
        text,
        clauses=len(found),
        phones=sum(map(lexicon.phone_count, words)),
        pause_s=sum(PAUSE_MS[phrase.mark] for phrase in found) / 1000.0,
        split=splits.split_of(text, words),
    )


def seconds_of(text: str, speaker: str) -> float:
    """Estimated length of a text spoken by a speaker."""
    measured = _measured(text)
    if measured is None:
        raise ValueError(f"cannot be spoken: {text!r}")
    return measured.phones * SECONDS_PER_PHONE[_family(speaker)] + measured.pause_s


def _family(speaker: str) -> str:
    return speaker.partition("-warp")[0].partition(":")[0]


class _SentenceStream:
    """An endless stream of sentences: natural ones shuffled without repeats until all are used, templates, random."""

    def __init__(self, seed: int) -> None:
        self._draw = random.Random(seed)
        self._natural: list[str] = []

    def __iter__(self) -> Iterator[_Sentence]:
        while True:
            measured = _measured(self._next())
            if measured is not None:
                yield measured

    def _next(self) -> str:
        kind = self._draw.random()
        if kind < RANDOM_SHARE:
            return texts.random_sequence(self._draw)
        if kind < RANDOM_SHARE + TEMPLATE_SHARE:
            return self._draw.choice(templates.exchange(self._draw))
        if not self._natural:
            self._natural = list(texts.natural_sentences())
            self._draw.shuffle(self._natural)
        return self._natural.pop()


class UtteranceStream:
    """Utterance texts of one to three clauses: short sentences are joined with others of the same split.

    The share of test texts (those with a held-out word) is kept near one per cent of the seconds.
    """

    def __init__(self, seed: int) -> None:
        self._sentences = iter(_SentenceStream(seed))
        self._draw = random.Random(seed + 1)
        self._open: dict[str, list[_Sentence]] = {}
        self._target: dict[str, int] = {}
        self._spent = {"train": 0.0, "valid": 0.0, "test": 0.0}

    def take(self, speaker: str) -> tuple[str, str, float]:
        """(text, split, estimated seconds) of the next utterance for this speaker."""
        rate = SECONDS_PER_PHONE[_family(speaker)]
        while True:
            sentence = next(self._sentences)
            split = sentence.split
            if split == "test" and self._spent["test"] > TEST_SHARE * sum(self._spent.values()):
                continue
            length = sentence.phones * rate + sentence.pause_s
            if length > MAX_UTTERANCE_S:
                continue
            pending = self._open.setdefault(split, [])
            waiting_s = sum(other.phones * rate + other.pause_s for other in pending)
            if pending and (
                waiting_s + length > MAX_UTTERANCE_S
                or sum(other.clauses for other in pending) + sentence.clauses > MAX_CLAUSES
            ):
                self._open[split] = [sentence]
                return self._closed(pending, split, waiting_s)
            pending.append(sentence)
            self._target.setdefault(split, self._draw.choice((1, 1, 2, 3)))
            if (
                waiting_s + length >= MIN_UTTERANCE_S
                and sum(o.clauses for o in pending) >= self._target[split]
            ):
                self._open[split] = []
                return self._closed(pending, split, waiting_s + length)

    def _closed(self, sentences: list[_Sentence], split: str, seconds: float) -> tuple[str, str, float]:
        self._target.pop(split, None)
        self._spent[split] += seconds
        return " ".join(sentence.text for sentence in sentences), split, seconds


def _cut(
    stream: Iterator[tuple[str, str, str, float]], hours: float, shard_minutes: float
) -> list[list[Spec]]:
    shards: list[list[Spec]] = [[]]
    total = filled = 0.0
    for speaker, text, split, seconds in stream:
        if filled >= shard_minutes * 60.0:
            shards.append([])
            filled = 0.0
        shards[-1].append(Spec(f"{len(shards) - 1:05d}-{len(shards[-1]):04d}", speaker, text, split))
        filled += seconds
        total += seconds
        if total >= hours * 3600.0:
            break
    return shards


def single_speaker(speaker: str, hours: float, shard_minutes: float, seed: int) -> list[list[Spec]]:
    """Utterances of one speaker."""

    def stream() -> Iterator[tuple[str, str, str, float]]:
        source = UtteranceStream(seed)
        while True:
            yield (speaker, *source.take(speaker))

    return _cut(stream(), hours, shard_minutes)


def many_speakers(hours: float, shard_minutes: float, seed: int) -> list[list[Spec]]:
    """Utterances of all speakers, mixed so that each shard has the shares of `CODEC_SHARES`."""

    def speaker_of(kind: str, turn: int) -> str:
        if kind == "warp":
            return speakers.warped_name(("rms", "slt")[turn % 2], turn % WARPED_SPEAKERS)
        return speakers.espeak_name(turn % ESPEAK_SPEAKERS) if kind == "espeak" else kind

    def stream() -> Iterator[tuple[str, str, str, float]]:
        source = UtteranceStream(seed)
        spent = dict.fromkeys(CODEC_SHARES, 0.0)
        turns = dict.fromkeys(CODEC_SHARES, 0)
        while True:
            kind = min(spent, key=lambda name: spent[name] / CODEC_SHARES[name])
            speaker = speaker_of(kind, turns[kind])
            text, split, seconds = source.take(speaker)
            turns[kind] += 1
            spent[kind] += seconds
            yield speaker, text, split, seconds

    return _cut(stream(), hours, shard_minutes)
