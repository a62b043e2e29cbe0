"""What was heard of a turn is kept and read again."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.session.command_forms import CommandForms
from training.corpus import flite
from training.corpus.pausing import TurnPlan, speak
from training.data.turn_traces import Timed, load, save

FORMS = CommandForms("#JSGF V1.0;\ngrammar g;\npublic <c> = what time is it;")


@pytest.mark.skipif(not flite.available(), reason="flite is not installed (make setup installs it)")
def test_ears_that_know_the_words(tmp_path: Path) -> None:
    plan = TurnPlan(
        identity="t",
        kind="command",
        voice="kal16",
        words=("what", "time", "is", "it"),
        before=2,
        pause_ms=400.0,
        intonation="final",
    )
    trace = Timed(FORMS).hear(speak(plan))
    assert [words.text for words in trace.words] == ["what", "what time", "what time is", "what time is it"]
    assert [words.complete for words in trace.words] == [False, False, False, True]
    silent = [m for m in trace.moments if m.silence_ms is not None]
    first = silent[0]
    assert first.at_ms == pytest.approx(trace.pause_ms[0] + 100.0, abs=10.0)
    assert first.silence_ms == pytest.approx(100.0, abs=10.0)
    assert not any(trace.pause_ms[1] <= m.at_ms < trace.end_ms for m in silent), (
        "speaking again is no silence"
    )
    assert len(trace.melodies) == 2
    assert all(melody.voiced_ms > 100.0 for melody in trace.melodies)

    path = tmp_path / "folder" / "traces.jsonl"
    save(path, [trace, trace])
    again, _ = load(path)
    assert again.words == trace.words
    assert again.melodies == trace.melodies
    assert (again.text, again.before, again.pause_ms) == (trace.text, trace.before, trace.pause_ms)
    for one, two in zip(again.moments, trace.moments, strict=True):
        assert (one.words, one.melody) == (two.words, two.melody)
        assert one.at_ms == pytest.approx(two.at_ms, abs=0.01)
        assert (one.silence_ms is None) == (two.silence_ms is None)
