"""A step that is computed before it is asked for is the one that would have been computed, or is not used."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import numpy as np
import pytest
import torch

from engine.model import ClausePlan, SpeechStream, StreamState
from engine.runtime import Synthesiser, Voice
from engine.runtime.aside import Aside
from engine.runtime.onnx import OnnxFrames
from tests.fixtures.tiny_models import (
    TINY_MODEL,
    clause_quarters,
    clause_units,
    made_up,
    same_state,
    tiny_model,
)

SPEAKER = torch.tensor(1)


@pytest.fixture(autouse=True)
def inference() -> Iterator[None]:
    with torch.inference_mode():
        yield


@pytest.fixture(scope="module")
def stream() -> SpeechStream:
    model = tiny_model()
    return SpeechStream(model, frames=OnnxFrames(model))


def begun(stream: SpeechStream) -> tuple[StreamState, ClausePlan, int]:
    """A state with one clause begun and its first frame spoken."""
    state = stream.create()
    said = made_up(np.random.default_rng(3), TINY_MODEL, role="agent", units=8)
    plan = stream.plan(state, clause_units(said), quarters=clause_quarters(said))
    first = stream.begin_clause(state, plan)
    speak(stream, state, plan, 0, first)
    return state, plan, first


def speak(stream: SpeechStream, state: StreamState, plan: ClausePlan, frame: int, first: int) -> torch.Tensor:
    hidden = stream.speak_frame(state, plan, frame, first, SPEAKER)
    codes = torch.arange(TINY_MODEL.codebooks) + frame
    stream.finish_frame(state, codes % TINY_MODEL.codebook_size, torch.zeros(3))
    return hidden


def test_looking_ahead_changes_no_state_and_no_result(stream: SpeechStream) -> None:
    plain, plan, first = begun(stream)
    ahead = plain.clone()
    for frame in range(1, plan.frames):
        wanted = speak(stream, plain, plan, frame, first)
        before = ahead.clone()
        stream.look_ahead(ahead, plan, frame, first, SPEAKER)
        assert same_state(ahead, before)
        assert torch.equal(speak(stream, ahead, plan, frame, first), wanted)
        assert same_state(ahead, plain)


def test_what_was_looked_at_is_dropped_when_the_stream_goes_back(stream: SpeechStream) -> None:
    state, plan, first = begun(stream)
    speak(stream, state, plan, 1, first)
    kept = state.clone()
    speak(stream, state, plan, 2, first)
    stream.look_ahead(state, plan, 3, first, SPEAKER)
    state.rollback(1)
    assert torch.equal(speak(stream, state, plan, 3, first), speak(stream, kept, plan, 3, first))
    stream.look_ahead(state, plan, 2, first, SPEAKER)
    for one in (state, kept):
        one.forget_voice()
    assert torch.equal(speak(stream, state, plan, 2, first), speak(stream, kept, plan, 2, first))


def test_speech_is_the_same_with_one_core(babbler: Voice, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "Hello there. How are you today?"
    both = np.concatenate([chunk.samples for chunk in Synthesiser(babbler, seed=2).stream(text)])
    monkeypatch.setattr("os.cpu_count", lambda: 1)
    one = np.concatenate([chunk.samples for chunk in Synthesiser(babbler, seed=2).stream(text)])
    assert np.array_equal(both, one)


def test_both_are_over_when_one_fails() -> None:
    waiting, over = threading.Event(), threading.Event()

    def work() -> str:
        waiting.wait(10)
        over.set()
        return "done"

    def fail() -> None:
        waiting.set()
        raise ArithmeticError("meanwhile")

    with Aside(wanted=True) as aside:
        with pytest.raises(ArithmeticError, match="meanwhile"):
            aside.run(work, fail)
        assert over.is_set()
        assert aside.run(work, waiting.set) == "done"
        with pytest.raises(ZeroDivisionError):
            aside.run(lambda: str(1 // 0), waiting.set)


def test_without_a_second_thread_nothing_is_done_meanwhile() -> None:
    done: list[str] = []
    with Aside(wanted=False) as aside:
        assert aside.run(lambda: threading.current_thread().name, lambda: done.append("no")) == "MainThread"
    assert not done
