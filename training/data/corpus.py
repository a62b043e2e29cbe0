"""Reads a corpus of speech: utterances with their alignment, audio through memory maps opened on first use.

Worker processes of the recipes; a `Corpus` may be pickled, it then opens its maps anew. Must not import torch.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.config import CodecConfig
from engine.errors import SottoError

SUPPORTED_VERSION = 1


class AlignedUnit(NamedTuple):
    """A unit as it was spoken; `end_s` counts from the start of the utterance."""

    symbol: str
    stress: int
    word_start: bool
    end_s: float


@dataclass(frozen=True, slots=True)
class ClauseAlignment:
    """A clause with the times of its units, the last of which is its pause."""

    text: str
    words: tuple[str, ...]
    units: tuple[AlignedUnit, ...]


@dataclass(frozen=True, slots=True)
class Utterance:
    """One utterance; `clauses` is empty for audio without an alignment in our phones.

    `start` and `samples` locate it in its shard. `dialogue` and `role` ("user", "agent") are empty for single ones.
    """

    id: str
    shard: int
    start: int
    samples: int
    speaker: str
    text: str
    split: str
    clauses: tuple[ClauseAlignment, ...]
    dialogue: str = ""
    role: str = ""


def _clause(row: dict[str, Any]) -> ClauseAlignment:
    units = tuple(AlignedUnit(*unit) for unit in row["units"])
    return ClauseAlignment(row["text"], tuple(row["words"]), units)


class Corpus:
    """A folder written by `python -m training corpus`. Finished shards only; more may be written meanwhile.

    Raises SottoError when the folder is no corpus, is of another version or of another sample rate.
    """

    def __init__(self, directory: Path | str) -> None:
        self.directory = Path(directory)
        self._audio: dict[int, NDArray[np.int16]] = {}
        path = self.directory / "corpus.json"
        try:
            card = json.loads(path.read_text(encoding="utf-8"))
            version, rate_hz = card["version"], card["sample_rate_hz"]
        except FileNotFoundError as error:
            raise SottoError(f"{self.directory} is not a corpus: it has no corpus.json.") from error
        except (ValueError, KeyError, TypeError) as error:
            raise SottoError(f"{path} is damaged; make the corpus again.") from error
        if version != SUPPORTED_VERSION:
            raise SottoError(
                f"{self.directory} is a corpus of version {version}; this one reads {SUPPORTED_VERSION}."
            )
        if rate_hz != CodecConfig().sample_rate_hz:
            raise SottoError(
                f"{self.directory} has audio at {rate_hz} Hz instead of {CodecConfig().sample_rate_hz} Hz."
            )
        self.card: dict[str, Any] = card

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_audio": {}}

    @cached_property
    def shards(self) -> tuple[int, ...]:
        """Indices of the shards that were finished when this was first asked."""
        return tuple(sorted(int(path.stem.split("-")[1]) for path in self.directory.glob("shard-*.jsonl")))

    def shard(self, index: int) -> tuple[Utterance, ...]:
        """The utterances of one shard."""
        path = self.directory / f"shard-{index:05d}.jsonl"
        found = []
        try:
            for line in path.read_text(encoding="utf-8").splitlines():
                row = json.loads(line)
                clauses = tuple(_clause(clause) for clause in row.pop("clauses"))
                found.append(Utterance(shard=index, clauses=clauses, **row))
        except (ValueError, KeyError, TypeError) as error:
            raise SottoError(f"{path} is damaged; delete it and make the corpus again.") from error
        return tuple(found)

    @cached_property
    def utterances(self) -> tuple[Utterance, ...]:
        """All utterances of the finished shards, in order."""
        return tuple(utterance for index in self.shards for utterance in self.shard(index))

    def select(self, split: str, aligned: bool = False) -> tuple[Utterance, ...]:
        """Utterances of one split ("train", "valid", "test"), on demand only those with an alignment."""
        return tuple(u for u in self.utterances if u.split == split and (u.clauses or not aligned))

    def audio(self, utterance: Utterance) -> NDArray[np.float32]:
        """float32 samples (S,) in -1..1 of one utterance."""
        if utterance.shard not in self._audio:
            path = self.directory / f"shard-{utterance.shard:05d}.npy"
            self._audio[utterance.shard] = np.load(path, mmap_mode="r")
        stored = self._audio[utterance.shard][utterance.start : utterance.start + utterance.samples]
        return stored.astype(np.float32) / np.float32(32768.0)

    def dialogues(self) -> Iterator[tuple[Utterance, ...]]:
        """The turns of each dialogue, in order."""
        turns: list[Utterance] = []
        for utterance in self.utterances:
            if turns and utterance.dialogue != turns[0].dialogue:
                yield tuple(turns)
                turns = []
            if utterance.dialogue:
                turns.append(utterance)
        if turns:
            yield tuple(turns)
