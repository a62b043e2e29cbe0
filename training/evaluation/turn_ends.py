"""Holds a decision about the end of a turn against traces of heard turns: what it cuts off, how long it waits.

Pure. Main thread of an evaluation, a recipe or a benchmark.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np

from engine.session.command_forms import CommandForms
from engine.session.end_of_turn import Evidence, Verdict
from engine.session.wording import words_of
from training.data.turn_traces import Moment, Trace

Kind = Literal["command", "misheard", "open"]
"""command: the grammar takes it whole, and so did the recogniser · misheard: it did not · open: the rest."""

NEVER_MS = 10_000.0
"""Stands for a turn that did not end while the recording lasted."""


class Judge(Protocol):
    """What decides, as `engine.session.end_of_turn.EndOfTurn` does."""

    def judge(self, evidence: Evidence) -> Verdict:
        """Whether the turn is over."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One turn: whether it was cut off inside, and after how much real silence it ended (had it not been cut).

    `by` is the look that decided, `cut_by` the one that cut.
    """

    trace: Trace
    kind: Kind
    cut: bool
    delay_ms: float
    by: str
    cut_by: str = ""


def evidence_at(trace: Trace, moment: Moment, patience: float = 1.0) -> Evidence:
    """What was known at a moment of silence."""
    words = trace.words[moment.words] if moment.words >= 0 else None
    silence_ms = moment.silence_ms or 0.0
    behind_ms = moment.at_ms - silence_ms - words.until_ms if words is not None else 0.0
    return Evidence(
        silence_ms=silence_ms,
        speech_ms=moment.speech_ms,
        text=words.text if words is not None else "",
        complete=words is not None and words.complete,
        behind_ms=max(0.0, behind_ms),
        stirring=moment.stirring,
        melody=trace.melodies[moment.melody] if moment.melody >= 0 else None,
        patience=patience,
    )


def _first_over(
    judge: Judge, trace: Trace, from_ms: float, to_ms: float, patience: float
) -> tuple[float, str]:
    """When the turn is said to be over within a stretch of time, and by which look; NEVER_MS where it is not.

    Silence goes on behind the recording: nothing new is heard there.
    """
    known: dict[tuple[str, bool, int, bool, bool], Verdict] = {}
    last: tuple[Moment, Verdict] | None = None
    for moment in trace.moments:
        if moment.at_ms < from_ms or moment.silence_ms is None:
            continue
        if moment.at_ms >= to_ms:
            return NEVER_MS, ""
        evidence = evidence_at(trace, moment, patience)
        key = (evidence.text, evidence.complete, moment.melody, evidence.behind_ms > 0, evidence.stirring)
        if key not in known:
            known[key] = judge.judge(evidence)
        if moment.silence_ms >= known[key].needed_ms:
            return moment.at_ms, known[key].look
        last = moment, known[key]
    if last is None or to_ms < float("inf"):
        return NEVER_MS, ""
    return last[0].at_ms + last[1].needed_ms - (last[0].silence_ms or 0.0), last[1].look


def decide(judge: Judge, trace: Trace, forms: CommandForms, patience: float = 1.0) -> Outcome:
    """What becomes of one turn. A decision before the end of its speech is a cut-off, wherever it falls."""
    cut_at, cut_by = _first_over(judge, trace, 0.0, trace.end_ms, patience)
    over_at, by = _first_over(judge, trace, trace.end_ms, float("inf"), patience)
    kind: Kind = "open"
    if trace.kind == "command" and forms.may_end(words_of(trace.text)):
        kind = "command" if trace.words and trace.words[-1].complete else "misheard"
    delay = over_at - trace.end_ms if over_at != NEVER_MS else NEVER_MS
    return Outcome(trace, kind, cut_at < NEVER_MS, delay, by, cut_by)


def percentiles(values: Sequence[float]) -> dict[str, float]:
    """Median and 95th, in whole ms; nothing where there are none."""
    if not values:
        return {}
    return {"p50": round(float(np.percentile(values, 50))), "p95": round(float(np.percentile(values, 95)))}


def summed(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Share of turns cut off, and delays by kind."""
    cut = [outcome for outcome in outcomes if outcome.cut]
    kinds: tuple[Kind, ...] = ("command", "misheard", "open")
    delays = {kind: [o.delay_ms for o in outcomes if o.kind == kind] for kind in kinds}
    return {
        "turns": len(outcomes),
        "cut": round(len(cut) / max(1, len(outcomes)), 4),
        "of_kind": {kind: len(found) for kind, found in delays.items()},
    } | {f"{kind}_ms": percentiles(found) for kind, found in delays.items()}


def curve(
    judge: Judge, traces: Iterable[Trace], forms: CommandForms, patiences: Sequence[float]
) -> list[dict[str, Any]]:
    """Delay against cut-offs as patience grows."""
    traces = list(traces)
    return [
        {"patience": patience} | summed([decide(judge, trace, forms, patience) for trace in traces])
        for patience in patiences
    ]
