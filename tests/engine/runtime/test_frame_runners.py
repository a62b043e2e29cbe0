"""Every frame runner makes what PyTorch makes: hidden states, codes, and streams that can be saved and rolled back."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import torch

from engine.config import MemoryConfig, SpeechModelConfig
from engine.model import Sampling, SpeechModel, SpeechStream, StreamState, load_model
from engine.runtime.cuda import CudaFrames, CudaOptions, Precision
from engine.runtime.onnx import OnnxFrames
from tests.assets.golden.make import EXPECTED, MODEL, free_running
from tests.fixtures.tiny_models import (
    TINY_MODEL,
    conversation,
    forced_by_torch,
    made_up,
    noise_of,
    same_state,
    tiny_model,
    walk,
    with_windows,
)

TOLERANCE = 1e-5
SAMPLING = Sampling()
MOVING = with_windows(8, 10, 4)
FORGETFUL = replace(TINY_MODEL, memory=MemoryConfig(heads=2, semantic_tau_s=0.5, prosodic_tau_s=0.3))
"""Slots fade within a clause or two."""

Runner = OnnxFrames | CudaFrames
Make = Callable[[SpeechModel], Runner]


def cuda(model: SpeechModel, precision: Precision = "float32") -> CudaFrames:
    """The cuda runtime's functions without graphs, which need a GPU."""
    return CudaFrames(model, options=CudaOptions(graphs=False, precision=precision))


ONNX: Make = partial(OnnxFrames, precision="float32")
SHIPPED: Make = partial(OnnxFrames, precision="int8")
COARSE: Make = partial(cuda, precision="bfloat16")
exact = pytest.mark.parametrize("make", [ONNX, cuda], ids=["onnx", "cuda"])


@pytest.fixture(autouse=True)
def inference() -> Iterator[None]:
    with torch.inference_mode():
        yield


@pytest.fixture(scope="module")
def golden() -> SpeechModel:
    return load_model(MODEL)[0]


@exact
@pytest.mark.parametrize("config", [TINY_MODEL, MOVING, FORGETFUL], ids=["roomy", "moving", "forgetful"])
def test_hidden_states_are_those_of_torch(make: Make, config: SpeechModelConfig) -> None:
    model = tiny_model(config=config)
    reference, stream = SpeechStream(model), SpeechStream(model, frames=make(model))
    one, other = reference.create(), stream.create()
    wanted = walk(reference, one, conversation(config))
    assert (walk(stream, other, conversation(config)) - wanted).abs().max() < TOLERANCE
    assert one.mark.frame == other.mark.frame
    for slot, another in zip(one.mark.memory.semantic.slots, other.mark.memory.semantic.slots, strict=True):
        assert (slot.vector - another.vector).abs().max() < TOLERANCE


@exact
@pytest.mark.parametrize("layer", [0, 1])
def test_memory_is_written_by_the_block_that_is_named_and_may_be_read_by_none(make: Make, layer: int) -> None:
    config = replace(TINY_MODEL, memory_write_layer=layer, memory_read_layers=())
    model = tiny_model(config=config)
    streams = [SpeechStream(model), SpeechStream(model, frames=make(model))]
    states = [stream.create() for stream in streams]
    hidden = [
        walk(stream, state, conversation(config, turns=1))
        for stream, state in zip(streams, states, strict=True)
    ]
    assert (hidden[0] - hidden[1]).abs().max() < TOLERANCE
    written, wanted = (state.mark.memory.semantic.slots[-1].vector for state in states)
    assert (written - wanted).abs().max() < TOLERANCE


@pytest.mark.parametrize(
    ("make", "agreement"),
    [(ONNX, 0.999), (SHIPPED, 0.97), (cuda, 0.999), (COARSE, 0.97)],
    ids=["onnx", "onnx int8", "cuda", "cuda bfloat16"],
)
def test_teacher_forced_codes_agree(golden: SpeechModel, make: Make, agreement: float) -> None:
    """Each runtime walks the true history itself and says what it would have chosen, book by book."""
    frames = make(golden)
    reference, stream = SpeechStream(golden), SpeechStream(golden, frames=frames)
    said = conversation(golden.config, turns=4)
    truth = torch.from_numpy(np.concatenate([u.codes for u in said]).astype(np.int64))
    wanted = walk(reference, reference.create(), said)
    made = walk(stream, stream.create(), said)
    assert len(truth) == len(made) > 50
    same = [
        forced_by_torch(golden, wanted[i : i + 1], codes, noise_of(golden.config, i))
        == frames.choose_forced(made[i : i + 1], SAMPLING, noise_of(golden.config, i), codes)
        for i, codes in enumerate(truth)
    ]
    assert torch.stack(same).float().mean() >= agreement


@exact
def test_free_running_in_float32_gives_the_golden_codes(golden: SpeechModel, make: Make) -> None:
    expected = torch.tensor(json.loads(EXPECTED.read_text(encoding="utf-8"))["codes"])
    assert torch.equal(free_running(golden, make(golden)), expected)


@pytest.mark.parametrize("make", [SHIPPED, COARSE], ids=["onnx int8", "cuda bfloat16"])
def test_free_running_in_fewer_bits_repeats_itself(golden: SpeechModel, make: Make) -> None:
    frames = make(golden)
    codes = free_running(golden, frames)
    assert torch.equal(free_running(golden, frames), codes)
    assert torch.equal(free_running(golden, make(golden)), codes)


@pytest.mark.parametrize(
    ("make", "most"), [(SHIPPED, 0.0), (cuda, 0.99 * TOLERANCE)], ids=["onnx int8", "cuda"]
)
@pytest.mark.parametrize("config", [TINY_MODEL, MOVING], ids=["roomy", "moving"])
def test_a_stream_can_be_saved_restored_and_rolled_back(
    make: Make, most: float, config: SpeechModelConfig
) -> None:
    """Exactly with onnx; cuda's ring may begin elsewhere and then adds in another order."""
    model = tiny_model(config=config)
    stream = SpeechStream(model, frames=make(model))
    state = stream.create()
    walk(stream, state, conversation(config))
    restored = StreamState.restore(config, torch.device("cpu"), *state.save())
    kept = state.clone()
    astray = made_up(np.random.default_rng(9), config, role="user", units=3)
    heard = torch.from_numpy(astray.codes.astype(np.int64))
    for codes in heard[:3]:
        stream.hear_frame(state, codes, torch.tensor(1), torch.zeros(3))
    state.rollback(3)
    assert same_state(state, kept)
    going_on = conversation(config, seed=5, turns=1)
    wanted = walk(stream, kept, going_on)
    assert (walk(stream, restored, going_on) - wanted).abs().max() <= most
    assert (walk(stream, state, going_on) - wanted).abs().max() <= most
