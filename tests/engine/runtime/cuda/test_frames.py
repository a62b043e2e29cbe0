"""The cuda runtime's functions, without graphs, make what PyTorch makes; with graphs, on a GPU, the same again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from engine.config import SpeechModelConfig
from engine.model import (
    Sampling,
    SpeechModel,
    SpeechStream,
    TorchFrames,
    gumbel_noise,
    load_model,
)
from engine.runtime.cuda import CudaFrames, CudaOptions, Precision
from tests.assets.golden.make import MODEL
from tests.fixtures.tiny_models import TINY_MODEL, conversation, noise_of, tiny_model, walk, with_windows

TOLERANCE = 1e-5
SAMPLING = Sampling()
NO_GRAPHS = CudaOptions(graphs=False)
MOVING = with_windows(8, 10, 4)


@pytest.fixture(autouse=True)
def inference() -> Iterator[None]:
    with torch.inference_mode():
        yield


@pytest.fixture(scope="module")
def golden() -> SpeechModel:
    return load_model(MODEL)[0]


def cuda_frames(model: SpeechModel, precision: Precision = "float32") -> CudaFrames:
    return CudaFrames(model, options=replace(NO_GRAPHS, precision=precision))


def test_a_memory_of_more_slots_than_it_holds_forgets_the_oldest() -> None:
    config = replace(TINY_MODEL, memory=replace(TINY_MODEL.memory, slots=3))
    model = tiny_model(config=config)
    reference, stream = SpeechStream(model), SpeechStream(model, frames=cuda_frames(model))
    wanted = walk(reference, reference.create(), conversation(config, turns=3))
    assert (walk(stream, stream.create(), conversation(config, turns=3)) - wanted).abs().max() < TOLERANCE


@pytest.mark.parametrize("window", [1, 2, 5])
def test_a_stream_may_look_back_less_far_than_the_runner_was_made_for(window: int) -> None:
    model = tiny_model()
    frames = cuda_frames(model)
    reference, stream = SpeechStream(model, window), SpeechStream(model, window, frames)
    wanted = walk(reference, reference.create(), conversation(TINY_MODEL, turns=1))
    assert (walk(stream, stream.create(), conversation(TINY_MODEL, turns=1)) - wanted).abs().max() < TOLERANCE


def test_codes_are_drawn_as_torch_draws_them_whatever_the_sampling_and_the_books() -> None:
    model = tiny_model()
    reference, frames = TorchFrames(model), cuda_frames(model)
    rng = torch.Generator().manual_seed(0)
    settings = (Sampling(), Sampling(0.0, 20, 0.0, 20), Sampling(1.0, 1, 0.7, 3), Sampling(0.0, 5, 1.3, 1000))
    for frame in range(8):
        hidden, noise = torch.randn(1, TINY_MODEL.width, generator=rng), noise_of(TINY_MODEL, frame)
        for sampling in settings:
            for books in range(1, TINY_MODEL.codebooks + 1):
                wanted = reference.choose(hidden, sampling, noise, books)
                assert torch.equal(frames.choose(hidden, sampling, noise, books), wanted)


@pytest.mark.parametrize("config", [TINY_MODEL, MOVING], ids=["roomy", "moving"])
def test_streams_that_take_turns_do_not_touch_each_other(config: SpeechModelConfig) -> None:
    """The fixed tensors hold one stream at a time; a clone that goes another way finds its own past again."""
    model = tiny_model(config=config)
    reference, stream = SpeechStream(model), SpeechStream(model, frames=cuda_frames(model))
    begun = conversation(config, turns=1)
    ways = [conversation(config, seed=seed, turns=1) for seed in (5, 6)]
    states = [reference.create(), stream.create()]
    for one, state in zip((reference, stream), states, strict=True):
        walk(one, state, begun)
    wanted = [[walk(reference, twin, [said]) for said in way] for way in ways for twin in [states[0].clone()]]
    twins = [states[1].clone(), states[1]]
    made: list[list[Tensor]] = [[], []]
    for turn in range(len(ways[0])):
        for which, way in enumerate(ways):
            made[which].append(walk(stream, twins[which], [way[turn]]))
    for which in range(2):
        assert (torch.cat(made[which]) - torch.cat(wanted[which])).abs().max() < TOLERANCE


def test_a_state_can_change_between_runtimes_at_any_time() -> None:
    model = tiny_model()
    reference, stream = SpeechStream(model), SpeechStream(model, frames=cuda_frames(model))
    one, other = reference.create(), reference.create()
    for turn in range(4):
        said = conversation(TINY_MODEL, seed=turn, turns=1)
        wanted = walk(reference, one, said)
        assert (walk((stream, reference)[turn % 2], other, said) - wanted).abs().max() < TOLERANCE


def test_a_frame_that_fails_leaves_no_half_copy_behind() -> None:
    """After an error in the middle of a step the fixed tensors count as nobody's."""
    model = tiny_model()
    stream = SpeechStream(model, frames=cuda_frames(model))
    state = stream.create()
    walk(stream, state, conversation(TINY_MODEL, turns=1))
    kept, before = state.clone(), state.checkpoint()
    failing = model.backbone.norm.register_forward_pre_hook(_out_of_memory)
    with pytest.raises(torch.OutOfMemoryError):
        stream.hear_frame(state, torch.zeros(6, dtype=torch.long), torch.tensor(1), torch.zeros(3))
    failing.remove()
    state.return_to(before)
    going_on = conversation(TINY_MODEL, seed=5, turns=1)
    wanted = walk(SpeechStream(model), kept, going_on)
    assert (walk(stream, state, going_on) - wanted).abs().max() < TOLERANCE


def _out_of_memory(*_: object) -> None:
    raise torch.OutOfMemoryError("CUDA out of memory.")


def test_what_a_step_gave_stays_as_it_was() -> None:
    """Graphs write where they wrote before; what was handed out must not follow."""
    model = tiny_model()
    frames = cuda_frames(model)
    stream = SpeechStream(model, frames=frames)
    state = stream.create()
    heard = torch.zeros(6, dtype=torch.long)
    first = stream.hear_frame(state, heard, torch.tensor(1), torch.zeros(3))
    codes = frames.choose(first, SAMPLING, noise_of(TINY_MODEL, 0), 6)
    kept = first.clone(), codes.clone(), state.mark.clause_sum.clone()  # type: ignore[union-attr]
    held = first, codes, state.mark.clause_sum
    second = stream.hear_frame(state, heard + 1, torch.tensor(1), torch.ones(3))
    frames.choose(second, SAMPLING, noise_of(TINY_MODEL, 1), 6)
    assert all(torch.equal(a, b) for a, b in zip(held, kept, strict=True))  # type: ignore[arg-type]


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU")
@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_graphs_compute_what_the_functions_compute(precision: Precision) -> None:
    device = torch.device("cuda")
    model = load_model(MODEL, device)[0]
    codes = [
        _spoken_on(device, model, CudaFrames(model, options=CudaOptions(graphs, precision)))
        for graphs in (False, True)
    ]
    assert torch.equal(*codes)


def _spoken_on(device: torch.device, model: SpeechModel, frames: CudaFrames) -> Tensor:
    """Codes (T, K) of a stream that hears what it says."""
    config = model.config
    stream = SpeechStream(model, 16, frames)
    state = stream.create()
    codes = torch.zeros(config.codebooks, dtype=torch.long, device=device)
    speaker, prosody = torch.tensor(1, device=device), torch.zeros(3, device=device)
    said = []
    for frame in range(40):
        hidden = stream.hear_frame(state, codes, speaker, prosody)
        noise = torch.from_numpy(gumbel_noise(7, frame, config.codebooks, config.codebook_size))
        codes = frames.choose(hidden, SAMPLING, noise.to(device), config.codebooks)
        said.append(codes)
    return torch.stack(said)
