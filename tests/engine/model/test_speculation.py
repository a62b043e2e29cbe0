"""Speculation says what plain decoding says, code for code, whatever is drafted; spoilt draft files are refused."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch
from torch import Tensor

from engine.errors import VoiceError
from engine.model import Sampling, SpeechModel, TorchFrames, gumbel_noise, load_model
from engine.model.speculation import (
    ROUNDING,
    DraftHeads,
    SpeculativeFrames,
    choose_surely,
    load_draft,
    save_draft,
)
from engine.weights import read_weights, write_weights
from tests.assets.golden.make import EXPECTED, MODEL, free_running
from tests.fixtures.tiny_models import TINY_MODEL, tiny_model

BOOKS, ENTRIES = TINY_MODEL.codebooks, TINY_MODEL.codebook_size
FRAMES = 25
CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def inference() -> Iterator[None]:
    with torch.inference_mode():
        yield


@pytest.fixture(scope="module")
def model() -> SpeechModel:
    return tiny_model()


def draft_heads(seed: int = 0) -> DraftHeads:
    torch.manual_seed(seed)
    return DraftHeads(TINY_MODEL).eval().requires_grad_(False)


class Knowing(DraftHeads):
    """Drafts given codes (K,), of which every book in `wrong` is another one."""

    def __init__(self, codes: Tensor, wrong: tuple[int, ...] = ()) -> None:
        super().__init__(TINY_MODEL)
        self.given = codes.clone()
        for book in wrong:
            self.given[book] = (codes[book] + 1) % ENTRIES

    def forward(self, state: Tensor, first: Tensor) -> Tensor:
        return 1000.0 * torch.nn.functional.one_hot(self.given[None, 1:], ENTRIES).float()


def frame(number: int) -> tuple[Tensor, Tensor]:
    """Backbone state and noise."""
    rng = torch.Generator().manual_seed(number)
    noise = torch.from_numpy(gumbel_noise(3, number, BOOKS, ENTRIES))
    return torch.randn(1, TINY_MODEL.width, generator=rng), noise


@pytest.mark.parametrize(
    "sampling",
    [Sampling(), Sampling(0.0, 20, 0.0, 20), Sampling(1.0, 1, 0.7, 3), Sampling(0.0, 5, 1.3, 1000)],
    ids=["usual", "greedy", "narrow", "mixed"],
)
@pytest.mark.parametrize("window", [None, 2])
@pytest.mark.parametrize("drafted", [True, False], ids=["heads", "no heads"])
def test_codes_are_those_of_plain_decoding(
    model: SpeechModel, sampling: Sampling, window: int | None, drafted: bool
) -> None:
    plain = TorchFrames(model)
    frames = SpeculativeFrames(plain, draft_heads() if drafted else None, window)
    fell_back = 0
    for number in range(FRAMES):
        hidden, noise = frame(number)
        for books in (BOOKS, TINY_MODEL.semantic_codebooks, 2, 1):
            made = frames.speculate(hidden, sampling, noise, books)
            assert torch.equal(made.codes, plain.choose(hidden, sampling, noise, books))
            assert made.plain or sum(made.settled) == books - 1
            fell_back += made.plain
    assert fell_back < FRAMES / 10, "speculation itself was hardly tested"


def test_a_stream_goes_on_as_with_plain_decoding() -> None:
    golden, _ = load_model(MODEL)
    torch.manual_seed(1)
    frames = SpeculativeFrames(TorchFrames(golden), DraftHeads(golden.config).eval())
    expected = torch.tensor(json.loads(EXPECTED.read_text(encoding="utf-8"))["codes"])
    assert torch.equal(free_running(golden, frames), expected)


def test_a_pass_settles_what_was_drafted_right_and_one_more(model: SpeechModel) -> None:
    plain = TorchFrames(model)
    hidden, noise = frame(0)
    codes = plain.choose(hidden, Sampling(), noise, BOOKS)
    right = SpeculativeFrames(plain, Knowing(codes)).speculate(hidden, Sampling(), noise, BOOKS)
    assert right.settled == (BOOKS - 1,)
    missed = SpeculativeFrames(plain, Knowing(codes, wrong=(3,))).speculate(hidden, Sampling(), noise, BOOKS)
    assert missed.settled[0] == 3  # books 1 and 2 as drafted, book 3 by the depth decoder's own choice
    assert torch.equal(right.codes, codes)
    assert torch.equal(missed.codes, codes)


def test_what_is_too_close_to_call_is_made_plainly() -> None:
    model = tiny_model()
    model.depth.heads[2] = 0.0  # every entry of one book is as likely as any other: rounding decides
    plain = TorchFrames(model)
    frames = SpeculativeFrames(plain, None)
    sampling = Sampling(acoustic_top_k=5, semantic_top_k=5)
    for number in range(10):
        hidden, noise = frame(number)
        made = frames.speculate(hidden, sampling, noise, BOOKS)
        assert made.plain
        assert torch.equal(made.codes, plain.choose(hidden, sampling, noise, BOOKS))
        assert not frames.speculate(hidden, sampling, noise, 3).plain


def drawn_by_sampling(logits: Tensor, noise: Tensor, temperature: float, top: int) -> Tensor:
    return Sampling(temperature, top).choose(logits, noise, semantic=True)


@pytest.mark.parametrize("temperature", [0.0, 0.4, 1.0])
@pytest.mark.parametrize("top", [1, 3, ENTRIES])
def test_a_sure_choice_survives_any_rounding(temperature: float, top: int) -> None:
    """Logits on a grid nearly as fine as the bound, so that ties and near ties are common."""
    rng = torch.Generator().manual_seed(0)
    rows = 2000
    step = 8.0 * ROUNDING
    logits = 1.0 + step * torch.randint(0, 12, (rows, ENTRIES), generator=rng)
    noise = step * torch.randint(0, 12, (rows, ENTRIES), generator=rng)
    heat, most = torch.full((rows, 1), temperature), torch.full((rows, 1), top)
    codes, sure = choose_surely(logits, noise, heat, most)
    assert 0.02 < sure.float().mean() < 0.98
    for _ in range(20):
        off = ROUNDING * (2.0 * torch.randint(0, 2, logits.shape, generator=rng) - 1.0)
        drawn = drawn_by_sampling(logits + off, noise, temperature, top)
        assert torch.equal(drawn[sure], codes[sure])


def test_a_batched_pass_rounds_within_the_bound(model: SpeechModel) -> None:
    worst = 0.0
    for number in range(FRAMES):
        hidden, noise = frame(number)
        codes = TorchFrames(model).choose(hidden, Sampling(), noise, BOOKS)[None]
        walk = model.depth.start(hidden)
        steps = torch.stack([walk.next_logits(codes[:, book]) for book in range(BOOKS - 1)], dim=1)
        batch = model.depth.start(hidden).following_logits(codes[:, :-1])
        worst = max(worst, float(((batch - steps).abs().amax(-1) / steps.abs().amax(-1)).max()))
    assert worst < ROUNDING / 4


@pytest.fixture
def written(tmp_path: Path) -> Path:
    path = tmp_path / "draft.safetensors"
    save_draft(path, draft_heads(), "the model")
    return path


def test_heads_are_read_as_they_were_written(written: Path) -> None:
    heads = load_draft(written, TINY_MODEL, "the model", CPU)
    for name, parameter in draft_heads().named_parameters():
        assert torch.equal(heads.get_parameter(name), parameter.to(torch.bfloat16).float())
        assert not heads.get_parameter(name).requires_grad


def another_kind(path: Path) -> None:
    tensors, about = read_weights(path)
    write_weights(path, tensors, about | {"kind": "codec"})


def another_shape(path: Path) -> None:
    tensors, about = read_weights(path)
    write_weights(path, tensors | {"norm.weight": torch.zeros(3)}, about)


SPOILT: dict[str, tuple[Callable[[Path], object], str]] = {
    "gone": (lambda path: path.unlink(), "is missing"),
    "pickled": (lambda path: torch.save({}, path), "pickled checkpoint"),
    "cut off": (lambda path: path.write_bytes(path.read_bytes()[:-100]), "is damaged"),
    "another kind": (another_kind, "holds a codec, not draft heads"),
    "another model": (lambda path: save_draft(path, draft_heads(), "other"), "made for other weights"),
    "another shape": (another_shape, "does not fit its speech model"),
}


@pytest.mark.parametrize("how", SPOILT)
def test_a_spoilt_file_is_refused(written: Path, how: str) -> None:
    spoil, said = SPOILT[how]
    spoil(written)
    with pytest.raises(VoiceError, match=said) as refused:
        load_draft(written, TINY_MODEL, "the model", CPU)
    assert "\n" not in str(refused.value)
