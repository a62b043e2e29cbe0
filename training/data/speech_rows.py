"""Rows of tokens for the speech model: utterances one after the other, with text, spans and targets.

A row is what a conversation looks like from inside: earlier utterances are its history. Imports numpy and torch.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.config import SpeechModelConfig
from engine.errors import SottoError
from engine.memory import clause_prosody
from engine.model import AGENT, START, USER, Rows
from engine.text import symbol_id
from training.data.durations import PHONE_CLASSES

IntArray = NDArray[np.int64]
FAR = 1 << 30


@dataclass(frozen=True, slots=True)
class TokenUtterance:
    """One tokenised utterance: codes (T, K), prosody (T, 3); per unit: symbol, stress, word start, clause, quarters."""

    id: str
    text: str
    split: str
    speaker: str
    role: str
    dialogue: str
    codes: NDArray[np.uint8]
    prosody: NDArray[np.float16]
    units: IntArray
    phones: IntArray

    @property
    def frames(self) -> int:
        """Frames of audio."""
        return len(self.codes)


def read_tokens(folder: Path) -> list[TokenUtterance]:
    """All utterances of a token folder that have an alignment. Raises SottoError when there are none."""
    found = []
    for index in sorted(folder.glob("tokens-?????.jsonl")):
        stem = index.with_suffix("")
        codes = np.load(stem.with_suffix(".codes.npy"))
        prosody = np.load(stem.with_suffix(".prosody.npy"))
        with index.open(encoding="utf-8") as lines:
            for row in map(json.loads, lines):
                units = [
                    (symbol_id(s), stress, first, clause, quarters, PHONE_CLASSES[s])
                    for clause, c in enumerate(row["clauses"])
                    for s, stress, first, quarters in c["units"]
                ]
                if not units:
                    continue
                table = np.asarray(units, dtype=np.int64)
                span = slice(row["start"], row["start"] + row["frames"])
                found.append(
                    TokenUtterance(
                        row["id"], row["text"], row["split"], row["speaker"], row["role"], row["dialogue"],
                        codes[span], prosody[span], table[:, :5], table[:, 5],
                    )
                )  # fmt: skip
    if not found:
        raise SottoError(f"{folder} holds no tokens; make them with `python -m training tokenise`")
    return found


@dataclass(frozen=True, slots=True)
class SpeechBatch:
    """Rows with their targets: codes (B, T, K), agent (B, T) where they count, durations (B, U) in quarters (0: none),
    phones (B, T, Q) classes, -1 unknown."""

    rows: Rows
    codes: Tensor
    agent: Tensor
    durations: Tensor
    phones: Tensor


def jitter(durations: IntArray, rng: np.random.Generator) -> IntArray:
    """Move a quarter across a random half of every other boundary; the total stays, each unit keeps one at least."""
    moved = durations.copy()
    first = int(rng.integers(0, 2))
    for left in range(first, len(moved) - 1, 2):
        shift = int(rng.integers(-1, 3))  # -1, 0, 1 or 2; the last two of them mean none
        if shift == 1 and moved[left + 1] > 1:
            moved[left] += 1
            moved[left + 1] -= 1
        elif shift == -1 and moved[left] > 1:
            moved[left] -= 1
            moved[left + 1] += 1
    return moved


class RowBuilder:
    """Packs utterances into rows of a fixed number of frames."""

    def __init__(self, config: SpeechModelConfig, speakers: dict[str, int], frames: int) -> None:
        self.config, self.speakers, self.frames = config, speakers, frames

    def build(
        self, rows: Iterable[Iterable[TokenUtterance]], rng: np.random.Generator, augment: bool
    ) -> SpeechBatch:
        """One batch; a row's last utterance is cut where the row is full."""
        built = [self._row(list(row), rng, augment) for row in rows]
        most_units = max(len(r["units"]) for r in built)
        most_clauses = max(len(r["clause_end"]) for r in built)

        def stack(name: str, length: int, fill: float) -> Tensor:
            arrays = []
            for row in built:
                array = row[name]
                padding = [(0, length - len(array))] + [(0, 0)] * (array.ndim - 1)
                arrays.append(np.pad(array, padding, constant_values=fill))
            return torch.from_numpy(np.stack(arrays))

        frames = self.frames
        units = stack("units", most_units, 0)
        clauses = stack("unit_clause", most_units, -1)
        codes, agent = stack("codes", frames, 0), stack("agent", frames, 0)
        result = Rows(
            previous=stack("previous", frames, -1),
            kind=stack("kind", frames, AGENT),
            speaker=stack("speaker", frames, 0),
            quarter_unit=stack("quarter_unit", frames, -1),
            elapsed=stack("elapsed", frames, 0),
            remaining=stack("remaining", frames, 0),
            clause=stack("clause", frames, -1),
            visible=stack("visible", frames, -1),
            units={
                "symbol": units[..., 0],
                "stress": units[..., 1],
                "word_start": units[..., 2],
                "owner": units[..., 3],
                "speaker": units[..., 4],
                "clause": clauses,
            },
            clause_end=stack("clause_end", most_clauses, FAR),
            prosodic_slots=stack("prosodic_slots", most_clauses, 0.0),
        )
        return SpeechBatch(
            result, codes, agent.bool(), stack("durations", most_units, 0), stack("phones", frames, -1)
        )

    def _row(
        self, utterances: list[TokenUtterance], rng: np.random.Generator, augment: bool
    ) -> dict[str, NDArray]:  # type: ignore[type-arg]
        parts: dict[str, list[NDArray]] = {}  # type: ignore[type-arg]
        frame = unit = clause = 0
        last_agent: NDArray[np.int64] | None = None
        for utterance in utterances:
            piece = self._utterance(utterance, unit, clause, frame, last_agent, rng, augment)
            for name, array in piece.items():
                parts.setdefault(name, []).append(array)
            if utterance.role != "user":
                last_agent = utterance.codes[-1].astype(np.int64)
            frame += utterance.frames
            unit += len(utterance.units)
            clause += int(utterance.units[-1, 3]) + 1
        row = {name: np.concatenate(arrays) for name, arrays in parts.items()}
        per_frame = (
            "previous",
            "kind",
            "speaker",
            "quarter_unit",
            "elapsed",
            "remaining",
            "clause",
            "visible",
        )
        for name in (*per_frame, "codes", "agent", "phones"):
            row[name] = row[name][: self.frames]
        if augment:
            row["previous"] = corrupt(row["previous"], self.config, rng)
        return row

    def _utterance(
        self,
        utterance: TokenUtterance,
        unit: int,
        clause: int,
        frame: int,
        last_agent: NDArray[np.int64] | None,
        rng: np.random.Generator,
        augment: bool,
    ) -> dict[str, NDArray]:  # type: ignore[type-arg]
        config = self.config
        frames, per_frame = utterance.frames, config.quarters_per_frame
        codes = utterance.codes.astype(np.int64)
        table = utterance.units
        speaker = self.speakers[utterance.speaker]
        user = utterance.role == "user"
        durations = jitter(table[:, 4], rng) if augment and not user else table[:, 4]
        ends = np.cumsum(durations)
        starts = ends - durations
        spoken = np.repeat(np.arange(len(table)), durations)[: frames * per_frame]
        place = np.arange(frames * per_frame)
        clause_of_frame = table[spoken, 3].reshape(frames, per_frame)[:, 0]
        if user:
            previous = codes.copy()
            previous[:, config.semantic_codebooks :] = -1
            kind = np.full(frames, USER)
            visible = np.full(frames, clause - 1)
        else:
            first = last_agent if last_agent is not None else np.full(codes.shape[1], -1)
            previous = np.concatenate((first[None], codes[:-1]))
            kind = np.full(frames, AGENT)
            kind[0] = AGENT if last_agent is not None else START
            visible = clause_of_frame + clause
        clause_ends, slots = self._clauses(utterance, clause_of_frame)
        quarter_shape = (frames, per_frame)
        owner = np.full(len(table), int(user))
        return {
            "codes": codes,
            "agent": np.full(frames, int(not user)),
            "previous": previous,
            "kind": kind,
            "speaker": np.full(frames, speaker),
            "quarter_unit": np.full(quarter_shape, -1) if user else (spoken + unit).reshape(quarter_shape),
            "elapsed": (place - starts[spoken]).reshape(quarter_shape),
            "remaining": (ends[spoken] - 1 - place).reshape(quarter_shape),
            "clause": clause_of_frame + clause,
            "visible": visible,
            "phones": utterance.phones[spoken].reshape(quarter_shape),
            "units": np.stack(
                (table[:, 0], table[:, 1], table[:, 2], owner, np.full(len(table), speaker)), axis=1
            ),
            "unit_clause": table[:, 3] + clause,
            "durations": np.zeros(len(table), dtype=np.int64) if user else table[:, 4],
            "clause_end": frame + clause_ends,
            "prosodic_slots": slots,
        }

    def _clauses(
        self, utterance: TokenUtterance, clause_of_frame: IntArray
    ) -> tuple[IntArray, NDArray[np.float32]]:
        """Frames (C,) after which each clause is over, and its prosody (C, 8)."""
        ends, slots = [], []
        for index in range(int(utterance.units[-1, 3]) + 1):
            inside = np.flatnonzero(clause_of_frame == index)
            # A user's words and manner are known when the turn is over.
            over = utterance.role == "user" or not len(inside)
            ends.append(utterance.frames if over else int(inside[-1]) + 1)
            track = utterance.prosody[inside].astype(np.float32)
            units = int((utterance.units[:, 3] == index).sum())
            slots.append(clause_prosody(track, units, self.config.frame_s))
        return np.asarray(ends, dtype=np.int64), np.stack(slots)


def corrupt(previous: IntArray, config: SpeechModelConfig, rng: np.random.Generator) -> IntArray:
    """History as free running will meet it: 10 % of codes wrong, 3 % of frames lost, fewer books on 30 % of rows."""
    damaged = previous.copy()
    wrong = (rng.random(previous.shape) < 0.1) & (previous >= 0)
    damaged[wrong] = rng.integers(0, config.codebook_size, int(wrong.sum()))
    damaged[rng.random(len(previous)) < 0.03] = -1
    if rng.random() < 0.3:
        kept = config.semantic_codebooks if rng.random() < 0.5 else config.codebooks // 2
        damaged[:, kept:] = -1
    return damaged


class SpeechRows:
    """Draws training batches from a token folder, and gives the same held-out ones every time."""

    def __init__(self, utterances: list[TokenUtterance], builder: RowBuilder, rows: int) -> None:
        self.builder, self.rows = builder, rows
        self.train = [u for u in utterances if u.split == "train"]
        self.valid = [u for u in utterances if u.split == "valid"] or self.train[-8:]
        self.test = [u for u in utterances if u.split == "test"] or self.valid
        self.turns: dict[str, list[TokenUtterance]] = {}
        for utterance in self.train:
            if utterance.dialogue:
                self.turns.setdefault(utterance.dialogue, []).append(utterance)

    def draw(self, rng: np.random.Generator) -> SpeechBatch:
        """A training batch, augmented."""
        return self.builder.build(
            [self._gather(self.train, rng) for _ in range(self.rows)], rng, augment=True
        )

    def held_out(self, count: int) -> list[SpeechBatch]:
        """Fixed batches of held-out utterances."""
        rng = np.random.default_rng(1)
        return [
            self.builder.build([self._gather(self.valid, rng) for _ in range(self.rows)], rng, augment=False)
            for _ in range(count)
        ]

    def _gather(self, pool: list[TokenUtterance], rng: np.random.Generator) -> list[TokenUtterance]:
        """Utterances for one row: single ones of one speaker, or a whole dialogue where the draw hits one."""
        chosen: list[TokenUtterance] = []
        frames = 0
        while frames < self.builder.frames:
            utterance = pool[int(rng.integers(0, len(pool)))]
            turns = self.turns.get(utterance.dialogue, [utterance])
            if chosen and not utterance.dialogue and utterance.speaker != chosen[0].speaker:
                continue
            chosen.extend(turns)
            frames += sum(turn.frames for turn in turns)
        return chosen
