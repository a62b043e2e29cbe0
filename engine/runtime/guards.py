"""Guards on free running: what a frame says and sounds like is held against what was planned for it.

Pure and cheap: a few comparisons of values that are there anyway, no model and no clock. Numpy only; any thread.

The limits lie well outside of what the bundled voice does. On 240 held-out sentences (13,268 frames, two seeds) its
loudest frame had -16.0 dBFS, it stayed below -50 dBFS within words for 3 frames at most, kept one first code for 4
within words, and the evidence of wrong phones never grew beyond 10 quarters; a clause's phones lasted 5.2 to 10.3
quarters in the mean, and the longest one 21.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from engine.errors import ConfigError
from engine.text import PHONES, Clause, Unit

Kind = Literal["numbers", "loudness", "silence", "repetition", "babble", "durations"]

WHAT: dict[Kind, str] = {
    "numbers": "computed numbers that are no sound",
    "loudness": "grew far too loud",
    "silence": "fell silent within a word",
    "repetition": "was caught in one sound",
    "babble": "spoke other sounds than those of the text",
    "durations": "planned lengths that no speech has",
}

PAUSE_CLASS = len(PHONES)
"""The codec's class of silence, after those of the phones."""

_CLASSES = {phone: index for index, phone in enumerate(PHONES)}


@dataclass(frozen=True, slots=True)
class GuardLimits:
    """What no frame of a sound voice exceeds; a voice whose manner differs may say so on its card.

    repeat_frames: one first code while the text goes on to another phone, and another · silence_frames below
    `silence_dbfs` where only phones are planned · loudest_dbfs of a frame · wrong_share of quarters whose phone is not
    the planned one that is still borne, and wrong_quarters of evidence above it · shortest and longest mean of a
    clause's phones in quarters of a frame, at the usual rate · longest_phone_quarters of a single one.
    """

    repeat_frames: int = 12
    silence_frames: int = 10
    silence_dbfs: float = -50.0
    loudest_dbfs: float = -6.0
    wrong_share: float = 0.5
    wrong_quarters: float = 30.0
    shortest_mean_quarters: float = 2.0
    longest_mean_quarters: float = 24.0
    longest_phone_quarters: int = 48

    def __post_init__(self) -> None:
        if min(self.repeat_frames, self.silence_frames) < 2:
            raise ConfigError("a guard needs at least two frames to see a repetition or a silence")
        if not 0.0 <= self.wrong_share <= 1.0:
            raise ConfigError("wrong_share is a share, from 0 to 1")


@dataclass(frozen=True, slots=True)
class Alarm:
    """What went wrong, and for how many frames up to the one just seen."""

    kind: Kind
    frames: int


@dataclass(frozen=True, slots=True)
class Trouble:
    """What the guards did about an alarm: `ended` leaves the rest of the clause out, else it was spoken anew from
    where it went wrong."""

    kind: Kind
    clause: Clause
    ended: bool

    @property
    def message(self) -> str:
        """The sentence for the user."""
        words = " ".join(self.clause.words)
        done = (
            "the rest of these words was left out; try another seed, or verify the voice with sotto voices verify"
            if self.ended
            else "it took them up again"
        )
        return f"The voice {WHAT[self.kind]} at {shortened(words)!r}, and {done}."


def shortened(words: str, longest: int = 60) -> str:
    """`words`, cut where they are too many for a sentence."""
    return words if len(words) <= longest else words[: longest - 1].rstrip() + "…"


def planned_phones(units: Sequence[Unit]) -> NDArray[np.int64]:
    """The codec's phone class of each unit (U,); all pauses are silence."""
    return np.array([_CLASSES.get(unit.symbol, PAUSE_CLASS) for unit in units])


def words_spoken(clause: Clause, units: int) -> tuple[str, ...]:
    """The words of a clause that are whole once its first `units` units were spoken."""
    starts = [index for index, unit in enumerate(clause.units) if unit.word_start]
    ends = [*starts[1:], len(clause.units) - 1][: len(clause.words)]
    return tuple(word for word, end in zip(clause.words, ends, strict=False) if end <= units)


class HeardPhones:
    """The codec's linear phone probe over the semantic books as sums of table rows: what a frame says, from its codes.

    `tables` (S, E, Q, classes): what each entry of each semantic book adds. `bias` (Q, classes).
    """

    def __init__(self, tables: NDArray[np.float32], bias: NDArray[np.float32]) -> None:
        self._tables, self._bias = tables, bias
        self._books = np.arange(len(tables))

    def __call__(self, codes: NDArray[np.int64]) -> NDArray[np.int64]:
        """Classes (Q,) of `codes` (K,), whose semantic ones are all present."""
        rows = self._tables[self._books, codes[: len(self._books)]]
        heard: NDArray[np.int64] = (rows.sum(axis=0) + self._bias).argmax(axis=-1)
        return heard


class SpeechGuard:
    """Watches one stream of speech, frame by frame and across clauses. Remembers a few counts."""

    def __init__(self, limits: GuardLimits, heard: HeardPhones) -> None:
        self.limits, self._heard = limits, heard
        self.restart()

    def restart(self) -> None:
        """Forget what was seen: speech begins anew."""
        self._silent = 0
        self._code, self._repeated = -1, 0
        self._repeated_phones: set[int] = set()
        self._evidence, self._wrong_since = 0.0, 0

    def durations(self, quarters: NDArray[np.int64], clause: Clause, rate: float) -> Alarm | None:
        """Whether the lengths (U,) planned for a clause's units are none of speech."""
        limits = self.limits
        phones = rate * quarters[[not unit.is_pause for unit in clause.units]]
        fitting = limits.shortest_mean_quarters <= phones.mean() <= limits.longest_mean_quarters
        if fitting and phones.max() <= limits.longest_phone_quarters:
            return None
        return Alarm("durations", 0)

    def frame(
        self, codes: NDArray[np.int64], planned: NDArray[np.int64], samples: NDArray[np.float32]
    ) -> Alarm | None:
        """Whether speech has gone wrong by this frame: its `codes` (K,), the classes `planned` for its quarters (Q,)
        and its `samples` (S,)."""
        energy = float(np.dot(samples, samples))
        if not math.isfinite(energy):
            return Alarm("numbers", 1)
        level_dbfs = 10.0 * math.log10(energy / len(samples) + 1e-12)
        if level_dbfs > self.limits.loudest_dbfs:
            return Alarm("loudness", 1)
        return (
            self._silence(level_dbfs, planned)
            or self._repetition(codes, planned)
            or self._babble(codes, planned)
        )

    def _silence(self, level_dbfs: float, planned: NDArray[np.int64]) -> Alarm | None:
        if level_dbfs >= self.limits.silence_dbfs or (planned == PAUSE_CLASS).any():
            self._silent = 0
            return None
        self._silent += 1
        return Alarm("silence", self._silent) if self._silent >= self.limits.silence_frames else None

    def _repetition(self, codes: NDArray[np.int64], planned: NDArray[np.int64]) -> Alarm | None:
        """A first code that stays although three phones at least were planned; a pause may be as even as it likes."""
        if codes[0] != self._code or (planned == PAUSE_CLASS).any():
            self._code, self._repeated = int(codes[0]), 0
            self._repeated_phones.clear()
        self._repeated += 1
        self._repeated_phones.update(planned.tolist())
        if self._repeated < self.limits.repeat_frames or len(self._repeated_phones) < 3:
            return None
        return Alarm("repetition", self._repeated)

    def _babble(self, codes: NDArray[np.int64], planned: NDArray[np.int64]) -> Alarm | None:
        """A cumulative sum (Page 1954): each wrong quarter is evidence, each planned one takes the borne share off."""
        speech = planned != PAUSE_CLASS
        wrong = int(((self._heard(codes) != planned) & speech).sum())
        self._evidence += wrong - self.limits.wrong_share * int(speech.sum())
        self._wrong_since += 1
        if self._evidence <= 0.0:
            self._evidence, self._wrong_since = 0.0, 0
        if self._evidence < self.limits.wrong_quarters:
            return None
        return Alarm("babble", self._wrong_since)
