"""What is known of a spoken turn, 10 ms by 10 ms, while it is heard: kept, so that ways to end it can be tried.

Worker processes. `Timed` ears know the words from the plan and serve tests; figures are about the engine's own.
Must not import torch or audio devices.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from engine.session.command_forms import CommandForms
from engine.session.melody import Melody, Tracker
from training.corpus.pausing import RATE_HZ, SpokenTurn

BLOCK_MS = 10.0


@dataclass(frozen=True, slots=True)
class Words:
    """The recogniser's newest: text, whether it is a whole command, and up to where it has heard, in ms."""

    text: str
    complete: bool
    until_ms: float


@dataclass(frozen=True, slots=True)
class Moment:
    """One block: silence since the last voiced sample as far as it is known (None: the user speaks, or has not begun),
    speech so far, and indices into the trace's `words` and `melodies` (-1: none yet). `stirring`: as `HeardBlock`'s."""

    at_ms: float
    silence_ms: float | None
    speech_ms: float
    words: int
    melody: int
    stirring: bool = False


@dataclass(frozen=True, slots=True)
class Trace:
    """A turn as it was heard. `kind`: command or open; times in ms of where it truly paused and ended."""

    identity: str
    kind: str
    voice: str
    text: str
    before: str
    intonation: str
    noisy: bool
    pause_ms: tuple[float, float]
    end_ms: float
    words: tuple[Words, ...] = ()
    melodies: tuple[Melody, ...] = ()
    moments: tuple[Moment, ...] = field(default=(), repr=False)


class Ears(Protocol):
    """Hears one turn from its first sample to its last."""

    def hear(self, turn: SpokenTurn) -> Trace:
        """The trace of it."""

    def close(self) -> None:
        """End what runs behind them."""


def described(turn: SpokenTurn, **heard: Any) -> Trace:
    """The trace of a turn with what was heard of it."""
    plan = turn.plan
    return Trace(
        plan.identity,
        plan.kind,
        plan.voice,
        " ".join(plan.words),
        " ".join(plan.words[: plan.before]),
        plan.intonation,
        plan.noisy,
        (1e3 * turn.pause_start_s, 1e3 * turn.pause_end_s),
        1e3 * turn.end_s,
        **heard,
    )


class Timed:
    """Ears that know the plan: the voice's end is told after `told_ms`, each word `late_ms` after it was spoken."""

    def __init__(self, forms: CommandForms, told_ms: float = 100.0, late_ms: float = 150.0) -> None:
        self._forms = forms
        self._told_ms, self._late_ms = told_ms, late_ms

    def hear(self, turn: SpokenTurn) -> Trace:
        """The trace of it, with the pitch of its real samples."""
        pauses = (1e3 * turn.pause_start_s, 1e3 * turn.end_s)
        resumes = (1e3 * turn.start_s, 1e3 * turn.pause_end_s)
        ends = [1e3 * end + self._late_ms for end in turn.word_ends_s()]
        words: list[Words] = []
        melodies: list[Melody] = []
        moments = []
        tracker = Tracker()
        block = round(RATE_HZ * BLOCK_MS / 1e3)
        was_silent = True
        for start in range(0, len(turn.samples) - block + 1, block):
            now = 1e3 * (start + block) / RATE_HZ
            stretch = bisect_right(resumes, now) - 1
            silent = stretch < 0 or now >= pauses[stretch] + self._told_ms
            tracker.hear(turn.samples[start : start + block], voice=stretch >= 0 and now <= pauses[stretch])
            if silent and not was_silent:
                melodies.append(tracker.melody())
            was_silent = silent
            known = bisect_right(ends, now)
            if known and (not words or known != len(words[-1].text.split())):
                text = turn.plan.words[:known]
                words.append(Words(" ".join(text), self._forms.may_end(text), now))
            elif words:
                words[-1] = Words(words[-1].text, words[-1].complete, now)
            silence = now - pauses[stretch] if silent and stretch >= 0 else None
            speech = min(now, pauses[stretch]) - resumes[0] if stretch >= 0 else 0.0
            moments.append(Moment(now, silence, speech, len(words) - 1, len(melodies) - 1))
        return described(turn, words=tuple(words), melodies=tuple(melodies), moments=tuple(moments))

    def close(self) -> None:
        """Nothing runs behind them."""


def save(path: Path, traces: list[Trace]) -> None:
    """One line of JSON a trace."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    with partial.open("w", encoding="utf-8") as file:
        for trace in traces:
            values = asdict(trace)
            values["moments"] = (
                np.array(
                    [
                        [
                            m.at_ms,
                            -1.0 if m.silence_ms is None else m.silence_ms,
                            m.speech_ms,
                            m.words,
                            m.melody,
                            m.stirring,
                        ]
                        for m in trace.moments
                    ]
                )
                .round(2)
                .tolist()
            )
            file.write(json.dumps(values) + "\n")
    partial.replace(path)


def load(path: Path) -> Iterator[Trace]:
    """The traces of a file that `save` wrote."""
    for line in path.read_text(encoding="utf-8").splitlines():
        values = json.loads(line)
        values["pause_ms"] = tuple(values["pause_ms"])
        values["words"] = tuple(Words(**one) for one in values["words"])
        values["melodies"] = tuple(Melody(**one) for one in values["melodies"])
        values["moments"] = tuple(
            Moment(at, None if silence < 0 else silence, speech, int(words), int(melody), bool(stirring))
            for at, silence, speech, words, melody, stirring in values["moments"]
        )
        yield Trace(**values)
