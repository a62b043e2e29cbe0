"""A GPU that fails in the middle of a sentence: the sentence goes on on the CPU, from the frame where it broke."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from engine.errors import VoiceError
from engine.events import AudioDelta, ErrorOccurred, Event, ResponseDone
from engine.handle import EngineHandle
from engine.runtime import CudaOptions, Fallback, SpeechChunk, Synthesiser, load_or_fall_back, load_voice
from engine.runtime.fallback import device_failure
from tests.fakes.breaking_gpu import Failure, Part, breaking_shelf, breaking_voice, device_lost, out_of_memory

TEXT = "Hello there. How are you today? I am fine, thanks; the lamp was clean."
SEED = 3


def heard(chunks: Iterable[SpeechChunk]) -> NDArray[np.float32]:
    return np.concatenate([chunk.samples for chunk in chunks])


@pytest.fixture(scope="module")
def unbroken(babbler_folder: Path) -> list[SpeechChunk]:
    voice = load_voice(babbler_folder, "cpu", "cuda", CudaOptions(graphs=False))
    return list(Synthesiser(voice, seed=SEED).stream(TEXT))


def clauses(chunks: Iterable[SpeechChunk]) -> list[str]:
    """The words that each frame belongs to."""
    return [" ".join(chunk.clause.words) for chunk in chunks]


FAILURES = [
    fail(frame, part)
    for fail in (out_of_memory, device_lost)
    for frame, part in ((0, "step"), (1, "choose"), (9, "step"), (23, "choose"))
]


@pytest.mark.parametrize(
    "failure", FAILURES, ids=lambda f: f"{'lost' if f.memory_lost else 'full'}-{f.frame}-{f.part}"
)
def test_every_frame_of_every_clause_is_spoken_once(
    babbler_folder: Path, unbroken: list[SpeechChunk], failure: Failure
) -> None:
    told: list[Fallback] = []
    synthesiser = Synthesiser(breaking_voice(babbler_folder, failure), seed=SEED, tell=told.append)
    chunks = list(synthesiser.stream(TEXT))
    assert [chunk.frame_index for chunk in chunks] == list(range(len(chunks)))
    before = [chunk for chunk in chunks if chunk.frame_index < failure.frame]
    assert len(before) == failure.frame
    for chunk, wanted in zip(before, unbroken, strict=False):
        assert np.array_equal(chunk.samples, wanted.samples)
    assert synthesiser.voice.runtime == "onnx"
    assert len(told) == 1
    broken_in = clauses(unbroken)[failure.frame]
    assert clauses(chunks).count(broken_in) == clauses(unbroken).count(broken_in)
    assert list(dict.fromkeys(clauses(chunks))) == list(dict.fromkeys(clauses(unbroken)))
    assert all(np.isfinite(chunk.samples).all() for chunk in chunks)


@pytest.mark.parametrize("frame", [0, 1, 9, 23])
@pytest.mark.parametrize("part", ["step", "choose"])
def test_what_can_be_read_is_carried_over(
    babbler_folder: Path,
    unbroken: list[SpeechChunk],
    frame: int,
    part: Part,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Without onnxruntime, whose weights have 8 bits, PyTorch takes over, and nobody hears where."""
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    told: list[Fallback] = []
    voice = breaking_voice(babbler_folder, out_of_memory(frame, part))
    synthesiser = Synthesiser(voice, seed=SEED, tell=told.append)
    chunks = list(synthesiser.stream(TEXT))
    assert (synthesiser.voice.runtime, len(told)) == ("torch", 1)
    assert "without what it remembered" not in told[0].message
    assert len(chunks) == len(unbroken)
    assert np.abs(heard(chunks) - heard(unbroken)).max() < 1e-5


def test_a_state_that_cannot_be_read_begins_anew_at_the_same_place(babbler_folder: Path) -> None:
    frame = 9
    synthesiser = Synthesiser(breaking_voice(babbler_folder, device_lost(frame)), seed=SEED, tell=_unheard)
    stream = synthesiser.stream(TEXT)
    for _ in range(frame + 1):
        next(stream)
    assert synthesiser.state.mark.frame == frame + 1
    assert len(synthesiser.state.past) == 1
    assert synthesiser.state.voice[0].visible()[0].shape[2] == 1
    stream.close()


def _unheard(_: Fallback) -> None:
    pass


def test_without_anyone_to_tell_the_error_is_raised(babbler_folder: Path) -> None:
    stream = Synthesiser(breaking_voice(babbler_folder, out_of_memory(2))).stream(TEXT)
    with pytest.raises(torch.OutOfMemoryError):
        list(stream)


def test_an_error_that_is_no_gpus_is_raised(babbler_folder: Path) -> None:
    failure = Failure(2, RuntimeError("mat1 and mat2 shapes cannot be multiplied (1x3 and 4x5)"))
    told: list[Fallback] = []
    stream = Synthesiser(breaking_voice(babbler_folder, failure), tell=told.append).stream(TEXT)
    with pytest.raises(RuntimeError, match="cannot be multiplied"):
        list(stream)
    assert told == []


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (torch.OutOfMemoryError("CUDA out of memory."), "full"),
        (RuntimeError("CUDA error: out of memory"), "full"),
        (RuntimeError("CUDA error: device-side assert triggered"), "stopped"),
        (torch.AcceleratorError("CUDA error: an illegal memory access was encountered"), "stopped"),
        (RuntimeError("CUBLAS_STATUS_NOT_INITIALIZED when calling `cublasCreate(handle)`"), "stopped"),
        (RuntimeError("cuFFT error: CUFFT_INTERNAL_ERROR"), "stopped"),
        (RuntimeError("HIP error: invalid device function"), "stopped"),
        (RuntimeError("The size of tensor a (3) must match the size of tensor b (4)"), None),
        (ValueError("CUDA is in here, but this is no runtime error"), None),
    ],
)
def test_which_errors_are_the_gpus(error: Exception, reason: str | None) -> None:
    told = device_failure(error)
    assert (told is None) if reason is None else (told is not None and reason in told)


def until_done(engine: EngineHandle, turn_id: int) -> list[Event]:
    seen: list[Event] = []
    while not (seen and isinstance(seen[-1], ResponseDone) and seen[-1].turn_id == turn_id):
        event = engine.next_event(timeout_s=120)
        assert event is not None, f"the turn does not end; seen {seen[-3:]}"
        seen.append(event)
    return seen


@pytest.mark.parametrize("fail", [out_of_memory, device_lost])
def test_the_engine_says_so_in_one_sentence_and_the_recording_is_whole(
    babbler_folder: Path, unbroken: list[SpeechChunk], fail: type[Failure]
) -> None:
    with EngineHandle(breaking_shelf(babbler_folder, fail(9))) as engine:
        seen = until_done(engine, engine.say(TEXT, seed=SEED))
        again = until_done(engine, engine.say("Hello.", seed=SEED))
    frames = [event for event in seen if isinstance(event, AudioDelta)]
    assert [frame.frame_index for frame in frames] == list(range(len(frames)))
    assert len(frames) >= 0.9 * len(unbroken)
    (told,) = [event for event in seen if isinstance(event, ErrorOccurred)]
    assert (told.code, told.fatal) == ("device", False)
    assert told.message.count(".") == 1
    assert "CPU" in told.message
    assert "CUDA" in told.cause
    assert told.mend
    place = seen.index(told)
    assert sum(isinstance(event, AudioDelta) for event in seen[:place]) == 9
    done = seen[-1]
    assert isinstance(done, ResponseDone)
    assert done.status == "completed"
    assert done.speech is not None
    assert (done.speech.device, done.speech.runtime) == ("cpu", "onnx")
    assert isinstance(again[-1], ResponseDone)
    assert again[-1].status == "completed"
    assert not any(isinstance(event, ErrorOccurred) for event in again), "said once, not once a turn"


def test_a_gpu_that_fails_on_loading_is_left_unless_it_was_asked_for(
    babbler_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory.")

    name = str(babbler_folder)
    assert load_or_fall_back(name, "cpu", "onnx")[1] is None
    monkeypatch.setattr(
        "engine.runtime.voices.choose_device", lambda name: name and torch.device(name) or full()
    )
    voice, fallback = load_or_fall_back(name, None, None)
    assert (voice.device.type, voice.runtime) == ("cpu", "onnx")
    assert fallback is not None
    assert "memory is full, so the voice goes on on the CPU" in fallback.message
    monkeypatch.setattr("engine.runtime.voices.choose_device", full)
    with pytest.raises(VoiceError, match="memory is full while the voice was loaded; close other programs"):
        load_or_fall_back(name, "cuda", None)
