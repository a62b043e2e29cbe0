"""The onnx runtime makes what PyTorch makes: hidden states, codes, and streams that can be saved and rolled back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import pytest
import torch

from engine.model import (
    Generator,
    Sampling,
    SpeechModel,
    SpeechStream,
    TorchFrames,
    load_model,
)
from engine.runtime.books import book_steps
from engine.runtime.onnx import OnnxFrames
from engine.runtime.onnx.graph import Precision
from engine.runtime.onnx.session import PROVIDER
from tests.assets.golden.make import MODEL
from tests.fixtures.tiny_models import (
    TINY_MODEL,
    clause_quarters,
    clause_units,
    conversation,
    forced_by_torch,
    made_up,
    noise_of,
    tiny_model,
    walk,
)
from training.data.speech_rows import TokenUtterance

TOLERANCE = 1e-5
SAMPLING = Sampling()


@pytest.fixture(autouse=True)
def inference() -> Iterator[None]:
    with torch.inference_mode():
        yield


@pytest.fixture(scope="module")
def golden() -> SpeechModel:
    return load_model(MODEL)[0]


def cut(said: list[TokenUtterance], books: Sequence[int]) -> list[TokenUtterance]:
    """The same conversation whose agent frames have so many books, by turns: the others are absent."""
    utterances = []
    for utterance in said:
        codes = utterance.codes.astype(np.int64)
        for frame in range(len(codes)):
            codes[frame, books[frame % len(books)] :] = -1
        utterances.append(replace(utterance, codes=codes) if utterance.role != "user" else utterance)
    return utterances


@pytest.mark.parametrize("books", [(3,), (5,), (6, 3), (6, 6, 1, 3, 3)], ids=str)
@pytest.mark.parametrize(("precision", "agreement"), [("float32", 0.999), ("int8", 0.95)])
def test_a_history_of_fewer_books_reads_the_same(
    golden: SpeechModel, books: tuple[int, ...], precision: Precision, agreement: float
) -> None:
    """Absent codes are absent in every runtime: states agree behind them, and so do the codes that follow."""
    config = golden.config
    frames = OnnxFrames(golden, precision)
    reference, stream = SpeechStream(golden), SpeechStream(golden, frames=frames)
    said = conversation(config, turns=2)
    truth = torch.from_numpy(np.concatenate([u.codes for u in said]).astype(np.int64))
    wanted = walk(reference, reference.create(), cut(said, books))
    made = walk(stream, stream.create(), cut(said, books))
    if precision == "float32":
        assert (made - wanted).abs().max() < TOLERANCE
    same = [
        forced_by_torch(golden, wanted[i : i + 1], codes, noise_of(config, i))
        == frames.choose_forced(made[i : i + 1], SAMPLING, noise_of(config, i), codes)
        for i, codes in enumerate(truth)
    ]
    assert torch.stack(same).float().mean() >= agreement
    whole = walk(reference, reference.create(), said)
    assert (whole - wanted).abs().max() > 1e-3, "the absent books would have said something"


def test_free_running_steps_down_and_up_alike(golden: SpeechModel) -> None:
    """A generator whose books change between frames gives the same codes in both runtimes."""
    config = golden.config
    steps = book_steps(config.codebooks, config.semantic_codebooks)
    utterance = made_up(np.random.default_rng(3), config, units=16)
    codes = []
    for frames in (TorchFrames(golden), OnnxFrames(golden, "float32")):
        stream = SpeechStream(golden, frames=frames)
        state = stream.create()
        generator = Generator(stream, lambda codes: torch.zeros(1, 1, 3), 0, 7)
        plan = stream.plan(state, clause_units(utterance), quarters=clause_quarters(utterance))
        spoken = []
        for frame in generator.speak(state, plan, ""):
            assert int((frame >= 0).sum()) == generator.books
            spoken.append(frame)
            generator.books = steps[len(spoken) // 3 % len(steps)]
        codes.append(torch.stack(spoken))
    assert (codes[0] == -1).any()
    assert torch.equal(*codes)


@pytest.mark.parametrize(
    "sampling",
    [
        Sampling(),
        Sampling(0.0, 20, 0.0, 20),
        Sampling(1.0, 1, 0.7, 3),
        Sampling(0.0, 5, 1.3, 1000),
    ],
    ids=["usual", "greedy", "narrow", "mixed"],
)
def test_codes_are_drawn_as_torch_draws_them(sampling: Sampling) -> None:
    model = tiny_model()
    reference, frames = TorchFrames(model), OnnxFrames(model, "float32")
    rng = torch.Generator().manual_seed(0)
    for frame in range(30):
        hidden, noise = torch.randn(1, TINY_MODEL.width, generator=rng), noise_of(TINY_MODEL, frame)
        for books in (TINY_MODEL.codebooks, TINY_MODEL.semantic_codebooks, 1):
            wanted = reference.choose(hidden, sampling, noise, books)
            assert torch.equal(frames.choose(hidden, sampling, noise, books), wanted)


@pytest.mark.parametrize("precision", ["float32", "int8"])
def test_fewer_books_are_the_first_ones_of_more(precision: Precision) -> None:
    frames = OnnxFrames(tiny_model(), precision)
    hidden, noise = torch.ones(1, TINY_MODEL.width), noise_of(TINY_MODEL, 0)
    whole = frames.choose(hidden, SAMPLING, noise, TINY_MODEL.codebooks)
    assert (whole >= 0).all()
    for books in range(1, TINY_MODEL.codebooks):
        coarse = frames.choose(hidden, SAMPLING, noise, books)
        assert torch.equal(coarse[:books], whole[:books])
        assert (coarse[books:] == -1).all()


def test_a_state_can_go_on_in_the_other_runtime() -> None:
    model = tiny_model()
    reference, stream = SpeechStream(model), SpeechStream(model, frames=OnnxFrames(model, "float32"))
    one, other = reference.create(), stream.create()
    walk(reference, one, conversation(TINY_MODEL))
    walk(stream, other, conversation(TINY_MODEL))
    going_on = conversation(TINY_MODEL, seed=5, turns=1)
    assert (walk(stream, one, going_on) - walk(reference, other, going_on)).abs().max() < TOLERANCE


def test_graphs_hold_the_weights_they_were_made_of() -> None:
    """Nothing is kept between two voices: there is no store from which a graph of other weights could come."""
    hidden, noise = torch.ones(1, TINY_MODEL.width), noise_of(TINY_MODEL, 0)
    models = [tiny_model(seed) for seed in (0, 1)]
    made = [OnnxFrames(m, "float32").choose(hidden, SAMPLING, noise, TINY_MODEL.codebooks) for m in models]
    wanted = [TorchFrames(m).choose(hidden, SAMPLING, noise, TINY_MODEL.codebooks) for m in models]
    assert torch.equal(made[0], wanted[0])
    assert torch.equal(made[1], wanted[1])
    assert not torch.equal(made[0], made[1])


def test_only_the_cpu_computes() -> None:
    assert OnnxFrames(tiny_model()).providers == [PROVIDER]
