"""What counts as a cut-off, and what as a delay."""

from __future__ import annotations

import dataclasses

import pytest

from engine.session.command_forms import CommandForms
from engine.session.end_of_turn import Evidence, Verdict
from training.data.turn_traces import Moment, Trace, Words
from training.evaluation.turn_ends import NEVER_MS, curve, decide, evidence_at, summed

FORMS = CommandForms("#JSGF V1.0;\ngrammar g;\npublic <c> = what time is it;")


class Waits:
    """Waits so long whatever was said."""

    def __init__(self, needed_ms: float) -> None:
        self.needed_ms = needed_ms

    def judge(self, evidence: Evidence) -> Verdict:
        needed_ms = self.needed_ms * evidence.patience
        return Verdict(evidence.silence_ms >= needed_ms, False, needed_ms, "sentence")


def trace(pause_ms: float, told_ms: float = 100.0, rest_ms: float = 600.0, kind: str = "command") -> Trace:
    """Speech from 0 to 1 s, a pause, speech for half a second, silence for `rest_ms`."""
    resumed, ended = 1000.0 + pause_ms, 1500.0 + pause_ms
    moments = []
    for at in range(10, int(ended + rest_ms), 10):
        silence = None
        for start, until in ((1000.0, resumed), (ended, float("inf"))):
            if start + told_ms <= at < until:
                silence = at - start
        moments.append(Moment(float(at), silence, 1000.0, 0, -1))
    words = (Words("what time is it", True, 1e6),)
    return Trace(
        "t",
        kind,
        "slt",
        "what time is it",
        "what",
        "final",
        False,
        (1000.0, resumed),
        ended,
        words,
        (),
        tuple(moments),
    )


def test_a_decision_within_the_pause_is_a_cut_off() -> None:
    assert decide(Waits(300.0), trace(400.0), FORMS).cut
    assert not decide(Waits(500.0), trace(400.0), FORMS).cut


def test_the_delay_counts_from_the_true_end() -> None:
    outcome = decide(Waits(300.0), trace(200.0), FORMS)
    assert not outcome.cut
    assert outcome.delay_ms == pytest.approx(300.0, abs=10.0)
    assert outcome.kind == "command"
    assert decide(Waits(300.0), trace(200.0, kind="open"), FORMS).kind == "open"


def test_silence_that_is_told_late_delays_the_decision() -> None:
    assert decide(Waits(150.0), trace(200.0, told_ms=250.0), FORMS).delay_ms == pytest.approx(250.0, abs=10.0)


def test_silence_goes_on_behind_the_recording() -> None:
    assert decide(Waits(2000.0), trace(200.0), FORMS).delay_ms == pytest.approx(2000.0)


def test_a_voice_that_is_never_told_to_end_has_no_end() -> None:
    assert decide(Waits(100.0), trace(200.0, told_ms=5000.0), FORMS).delay_ms == NEVER_MS


def test_patience_trades_delay_for_cut_offs() -> None:
    traces = [trace(float(pause)) for pause in range(200, 801, 50)]
    rows = curve(Waits(400.0), traces, FORMS, (0.5, 1.0, 2.5))
    assert [row["cut"] for row in rows] == sorted((row["cut"] for row in rows), reverse=True)
    assert rows[0]["cut"] > 0.9
    assert rows[-1]["cut"] == 0.0
    assert rows[0]["command_ms"]["p50"] < rows[1]["command_ms"]["p50"] < rows[2]["command_ms"]["p50"]


def test_nothing_heard_has_no_percentiles() -> None:
    nothing = summed([])
    assert nothing["cut"] == 0.0
    assert nothing["command_ms"] == nothing["misheard_ms"] == nothing["open_ms"] == {}


def test_a_command_that_the_recogniser_did_not_take_whole_counts_apart() -> None:
    heard = trace(200.0)
    wrong = dataclasses.replace(heard, words=(Words("what dime is it", False, 1e6),))
    assert decide(Waits(300.0), heard, FORMS).kind == "command"
    assert decide(Waits(300.0), wrong, FORMS).kind == "misheard"


def test_words_that_lag_behind_the_speech_are_told() -> None:
    late = trace(200.0)
    moment = next(m for m in late.moments if m.silence_ms is not None)
    assert evidence_at(late, moment).behind_ms == 0.0
    slow = Trace(
        **{name: getattr(late, name) for name in Trace.__slots__} | {"words": (Words("what", False, 700.0),)}
    )
    assert evidence_at(slow, moment).behind_ms == pytest.approx(300.0)
