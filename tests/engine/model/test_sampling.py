"""Codes are drawn the same way for the same seed, everywhere, and lie within their book."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import Tensor

from engine.errors import ConfigError
from engine.model import Generator, Sampling, SpeechModel, SpeechStream, gumbel_noise
from tests.fixtures.tiny_models import TINY_MODEL, clause_units, made_up, tiny_model

CHECKSUM = 2390.2055892896856
FIRST = [0.5875756144523621, 1.7049615383148193, 0.3378773331642151, 0.31078478693962097]
LAST = [3.3106207847595215, 0.5298529863357544, 0.19640737771987915, 1.5307164192199707]


def test_noise_is_the_same_in_every_release() -> None:
    noise = gumbel_noise(seed=12345, frame=678, books=32, entries=256)
    assert noise.dtype == np.float32
    assert noise.shape == (32, 256)
    weights = np.arange(1, noise.size + 1, dtype=np.float64) / noise.size
    assert float((noise.ravel() * weights).sum()) == pytest.approx(CHECKSUM, rel=1e-6)
    assert noise[0, :4].tolist() == pytest.approx(FIRST, rel=1e-6)
    assert noise[31, -4:].tolist() == pytest.approx(LAST, rel=1e-6)


def test_noise_follows_gumbels_distribution() -> None:
    noise = np.concatenate([gumbel_noise(7, frame, 32, 256).ravel() for frame in range(40)])
    assert np.isfinite(noise).all()
    assert noise.mean() == pytest.approx(0.5772, abs=0.01)
    assert noise.var() == pytest.approx(math.pi**2 / 6, rel=0.02)
    assert np.mean(noise < 0) == pytest.approx(math.exp(-1), abs=0.005)


def test_seeds_frames_and_books_have_noise_of_their_own() -> None:
    drawn = [gumbel_noise(seed, frame, 4, 256) for seed in (0, 1, -1, 2**63) for frame in (0, 1, 100_000)]
    rows = np.concatenate(drawn)
    assert len(np.unique(rows, axis=0)) == len(rows)
    likeness = np.corrcoef(rows) - np.eye(len(rows))
    assert np.abs(likeness).max() < 0.3


@pytest.mark.parametrize("top_k", [1, 3, 20, 999])
def test_draws_come_from_the_most_likely_entries(top_k: int) -> None:
    rng = torch.Generator().manual_seed(0)
    logits = torch.randn(200, 16, generator=rng)
    noise = torch.from_numpy(gumbel_noise(0, 0, 200, 16))
    codes = Sampling(semantic_temperature=1.0, semantic_top_k=top_k).choose(logits, noise, semantic=True)
    rank = (logits > logits.gather(1, codes[:, None])).sum(dim=1)
    assert rank.max() == min(top_k, 16) - 1 or top_k > 3
    assert (rank < top_k).all()


def test_draws_follow_the_softmax_at_the_temperature() -> None:
    logits, draws = torch.tensor([0.0, 1.0, 2.0, -1.0]), 8000
    noise = torch.from_numpy(gumbel_noise(3, 0, draws, 4))
    for temperature in (0.5, 1.0):
        sampling = Sampling(semantic_temperature=9.0, acoustic_temperature=temperature)
        codes = sampling.choose(logits.expand(draws, -1), noise, semantic=False)
        shares = torch.bincount(codes, minlength=4) / draws
        assert torch.allclose(shares, (logits / temperature).softmax(0), atol=0.02)


def test_no_temperature_takes_the_most_likely() -> None:
    logits = torch.randn(50, 16, generator=torch.Generator().manual_seed(1))
    noise = torch.from_numpy(gumbel_noise(0, 0, 50, 16))
    sampling = Sampling(semantic_temperature=0.0, acoustic_temperature=0.0)
    assert torch.equal(sampling.choose(logits, noise, semantic=True), logits.argmax(-1))
    assert torch.equal(sampling.choose(logits, noise, semantic=False), logits.argmax(-1))


@pytest.mark.parametrize(
    "wrong",
    [
        {"semantic_temperature": -0.1},
        {"acoustic_temperature": -1.0},
        {"semantic_top_k": 0},
        {"acoustic_top_k": 0},
    ],
)
def test_impossible_settings_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ConfigError, match=r"must (not be negative|be at least 1)"):
        Sampling(**wrong)


@pytest.fixture(scope="module")
def model() -> SpeechModel:
    return tiny_model()


def speak(model: SpeechModel, seed: int, clauses: int = 2, books: int | None = None) -> Tensor:
    """Codes (T, K) of made-up clauses from an empty state."""
    rng = np.random.default_rng(0)
    stream = SpeechStream(model)
    state = stream.create()

    def prosody(codes: Tensor) -> Tensor:
        return codes[..., :3].float() / TINY_MODEL.codebook_size

    generator = Generator(stream, prosody, 0, seed, books=books)
    codes = []
    for _ in range(clauses):
        plan = stream.plan(state, clause_units(made_up(rng, TINY_MODEL)))
        made = list(generator.speak(state, plan, "made up"))
        assert len(made) == plan.frames
        codes.extend(made)
    assert len(state.mark.memory.semantic.slots) == clauses
    return torch.stack(codes)


def test_a_seed_decides_everything(model: SpeechModel) -> None:
    assert torch.equal(speak(model, 5), speak(model, 5))
    other = speak(model, 6)
    same = speak(model, 5)
    assert len(other) == len(same)
    assert (other != same).float().mean() > 0.3


def test_a_longer_text_begins_like_a_shorter_one(model: SpeechModel) -> None:
    short, long = speak(model, 5, clauses=1), speak(model, 5, clauses=3)
    assert torch.equal(long[: len(short)], short)


def test_codes_lie_within_their_book_whatever_the_input(model: SpeechModel) -> None:
    codes = speak(model, 1, clauses=4)
    assert codes.min() >= 0
    assert codes.max() < TINY_MODEL.codebook_size
    assert len(codes.unique()) == TINY_MODEL.codebook_size


def test_books_that_are_left_out_are_absent(model: SpeechModel) -> None:
    books = TINY_MODEL.semantic_codebooks
    codes = speak(model, 1, books=books)
    assert (codes[:, books:] == -1).all()
    assert (codes[:, :books] >= 0).all()
