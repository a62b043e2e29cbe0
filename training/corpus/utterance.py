"""One utterance of the corpus: clauses joined with pauses of our own, and the end time of every unit.

Worker processes. Deterministic in the text and the speaker. Must not import torch.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.text import Clause
from training.corpus import lexicon
from training.corpus.speakers import SAMPLE_RATE_HZ, Samples, is_aligned, speak_clause, speak_text
from training.corpus.splits import hashed_fraction

PAUSE_MS = {",": 180.0, "-": 200.0, ";": 280.0, ":": 280.0, ".": 400.0, "?": 400.0, "!": 400.0}
PAUSE_JITTER = 0.15
LEAD_MS = 30.0
FADE_MS = 5.0
TAIL_MS = 15.0
"""Of flite's closing silence so much is kept, faded out, so that the last phone is not cut off; it is the pause's."""
DITHER_DBFS = -75.0

UnitRow = tuple[str, int, bool, float]
"""symbol, stress (0 none, 1 primary, 2 secondary), whether it starts a word, end time in seconds."""


@dataclass(frozen=True)
class ClauseRow:
    """A clause as it stands in a shard: its text, words, and units with end times within the utterance."""

    text: str
    words: tuple[str, ...]
    units: tuple[UnitRow, ...]


@dataclass(frozen=True)
class Rendered:
    """int16 samples (S,) at 24 kHz, and the clauses with times (none without an alignment)."""

    samples: NDArray[np.int16]
    clauses: tuple[ClauseRow, ...]


def pause_ms(mark: str, text: str, index: int) -> float:
    """Length of the pause after clause `index` of `text`: by mark, with up to 15 % of jitter from the text's hash."""
    return PAUSE_MS[mark] * (1.0 + PAUSE_JITTER * (2.0 * hashed_fraction("pause", text, index) - 1.0))


def _samples_of(ms: float) -> int:
    return round(ms * SAMPLE_RATE_HZ / 1000.0)


def _clause_audio(speaker: str, clause: Clause, pause_samples: int) -> tuple[Samples, list[int]] | None:
    """Samples of one clause with its pause, and the end sample of each unit within them."""
    aligned = speak_clause(speaker, clause)
    if aligned is None:
        return None
    ends = [round(segment.end_s * SAMPLE_RATE_HZ) for segment in aligned.segments[:-1]]
    start = max(0, ends[0] - _samples_of(LEAD_MS))
    stop = min(ends[-1], len(aligned.samples))
    speech = aligned.samples[start : min(stop + _samples_of(TAIL_MS), len(aligned.samples))].copy()
    fade_in = _samples_of(FADE_MS)
    speech[:fade_in] *= np.linspace(0.0, 1.0, fade_in, dtype=np.float32)
    tail = max(len(speech) - (stop - start), fade_in)
    speech[-tail:] *= np.linspace(1.0, 0.0, tail, dtype=np.float32)
    samples = np.zeros(stop - start + pause_samples, np.float32)
    samples[: len(speech)] = speech
    return samples, [min(end, stop) - start for end in ends[1:]] + [len(samples)]


def _finished(samples: Samples, speaker: str, text: str) -> NDArray[np.int16]:
    """Dither, a guard against clipping, 16 bits."""
    seed = int(hashed_fraction("dither", speaker, text) * 2**53)
    noise = np.random.default_rng(seed).standard_normal(len(samples), dtype=np.float32)
    samples = samples + noise * np.float32(10 ** (DITHER_DBFS / 20))
    peak = float(np.abs(samples).max(initial=0.0))
    if peak > 0.99:
        samples = samples * np.float32(0.99 / peak)
    return np.round(samples * 32767.0).astype(np.int16)


def render(speaker: str, text: str) -> Rendered | None:
    """Speak `text`. None where a word is unknown or flite's segments disagree with our units."""
    if not is_aligned(speaker):
        return Rendered(_finished(speak_text(speaker, text), speaker, text), ())
    parts: list[Samples] = []
    rows: list[ClauseRow] = []
    offset = 0
    for index, clause in enumerate(lexicon.clauses(text) or []):
        pause = _samples_of(pause_ms(clause.units[-1].symbol, text, index))
        audio = _clause_audio(speaker, clause, pause)
        if audio is None:
            return None
        samples, ends = audio
        units = tuple(
            (unit.symbol, unit.stress, unit.word_start, (offset + end) / SAMPLE_RATE_HZ)
            for unit, end in zip(clause.units, ends, strict=True)
        )
        rows.append(ClauseRow(clause.text.strip(), clause.words, units))
        parts.append(samples)
        offset += len(samples)
    if not rows:
        return None
    return Rendered(_finished(np.concatenate(parts), speaker, text), tuple(rows))
