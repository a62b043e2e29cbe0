"""Alignment on the grid of quarter frames: durations of units, and the phone spoken in each quarter.

Pure functions. Must not import torch.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from engine.config import CodecConfig
from engine.text import PAUSES, PHONES
from training.data.corpus import Utterance

PAUSE_CLASS = len(PHONES)
"""Class of silence in `quarter_labels`: the one after the phones."""
UNKNOWN_CLASS = -1
PHONE_CLASSES = {phone: index for index, phone in enumerate(PHONES)} | dict.fromkeys(PAUSES, PAUSE_CLASS)
"""Class of every unit's symbol; all pauses are one."""


def quarters(utterance: Utterance, config: CodecConfig | None = None) -> tuple[tuple[int, ...], ...]:
    """Duration of every unit of every clause in quarters of a frame, at least 1 each.

    The *end times* are rounded, so that errors never add up: the sum is the rounded length of the utterance.
    """
    config = config or CodecConfig()
    per_second = config.sample_rate_hz / config.quarter_samples
    before = 0
    durations = []
    for clause in utterance.clauses:
        row = []
        for unit in clause.units:
            end = max(before + 1, math.floor(unit.end_s * per_second + 0.5))
            row.append(end - before)
            before = end
        durations.append(tuple(row))
    return tuple(durations)


def quarter_labels(utterance: Utterance, count: int, config: CodecConfig | None = None) -> NDArray[np.int64]:
    """Class of the unit that speaks in each of the first `count` quarters: int64 (count,).

    0..39 for PHONES, 40 for pauses, -1 past the end and everywhere in audio without an alignment.
    """
    labels = np.full(count, UNKNOWN_CLASS, np.int64)
    before = 0
    for clause, row in zip(utterance.clauses, quarters(utterance, config), strict=True):
        for unit, duration in zip(clause.units, row, strict=True):
            labels[before : before + duration] = PHONE_CLASSES[unit.symbol]
            before += duration
    return labels
