"""The engine's own ears on a spoken turn: real hearing, a real recogniser, simulated time."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

from engine.config import AudioConfig
from engine.hearing import make_hearing
from engine.recognition import Grammar, make_recogniser
from engine.session.command_forms import CommandForms
from engine.session.end_of_turn import EndOfTurn
from training.corpus import flite
from training.corpus.pausing import TurnPlan, speak
from training.data.turn_ears import EngineEars
from training.evaluation.turn_ends import decide

JSGF = """#JSGF V1.0;
grammar g;
public <c> = what time is it | set a timer for <n> (minutes | hours);
<n> = two | five | ten | twelve;
"""


@pytest.mark.skipif(not flite.available(), reason="flite is not installed (make setup installs it)")
def test_set_a_timer_for_ten_minutes_is_not_cut_off(tmp_path: Path) -> None:
    plan = TurnPlan(
        identity="t",
        kind="command",
        voice="rms",
        words=tuple("set a timer for ten minutes".split()),
        before=5,
        pause_ms=600.0,
        intonation="final",
    )
    ears = EngineEars(
        make_hearing("headphones", AudioConfig()), make_recogniser(Grammar(JSGF), data_folder=tmp_path)
    )
    with contextlib.closing(ears):
        trace = ears.hear(speak(plan))
    silent = [moment for moment in trace.moments if moment.silence_ms is not None]
    within = [m for m in silent if trace.pause_ms[0] < m.at_ms < trace.pause_ms[1]]
    assert within, "the pause was noticed"
    assert within[0].at_ms - trace.pause_ms[0] < 200.0
    assert (within[0].silence_ms or 0.0) == pytest.approx(within[0].at_ms - trace.pause_ms[0], abs=50.0)
    forms = CommandForms(JSGF)
    outcome = decide(EndOfTurn(forms), trace, forms)
    assert not outcome.cut
    assert outcome.delay_ms < 1500.0
