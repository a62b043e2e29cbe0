"""The depth decoder: book by book equals teacher forcing, and no book sees a later one."""

from __future__ import annotations

import pytest
import torch

from engine.model.depth import DepthDecoder
from tests.fixtures.tiny_models import TINY_MODEL, tiny_model

FRAMES = 5


@pytest.fixture(scope="module")
def decoder() -> DepthDecoder:
    return tiny_model().depth


@pytest.fixture(scope="module")
def state() -> torch.Tensor:
    return torch.randn(FRAMES, TINY_MODEL.width, generator=torch.Generator().manual_seed(0))


@pytest.fixture(scope="module")
def codes() -> torch.Tensor:
    shape = (FRAMES, TINY_MODEL.codebooks)
    return torch.randint(0, TINY_MODEL.codebook_size, shape, generator=torch.Generator().manual_seed(1))


def test_book_by_book_equals_teacher_forcing(
    decoder: DepthDecoder, state: torch.Tensor, codes: torch.Tensor
) -> None:
    wanted = decoder(state, codes)
    assert wanted.shape == (FRAMES, TINY_MODEL.codebooks - 1, TINY_MODEL.codebook_size)
    walk = decoder.start(state)
    made = torch.stack([walk.next_logits(codes[:, book]) for book in range(TINY_MODEL.codebooks - 1)], dim=1)
    assert (made - wanted).abs().max() < 1e-5


def test_several_books_at_once_and_rewound_equal_teacher_forcing(
    decoder: DepthDecoder, state: torch.Tensor, codes: torch.Tensor
) -> None:
    wanted = decoder(state, codes)
    walk = decoder.start(state)
    assert (walk.next_logits(codes[:, 0]) - wanted[:, 0]).abs().max() < 1e-5
    astray = (codes + 1) % TINY_MODEL.codebook_size
    walk.following_logits(astray[:, 1:4])
    walk.rewind(1)
    made = walk.following_logits(codes[:, 1:3])
    assert (made - wanted[:, 1:3]).abs().max() < 1e-5
    assert (walk.following_logits(codes[:, 3:-1]) - wanted[:, 3:]).abs().max() < 1e-5


def test_a_walk_leaves_nothing_behind(
    decoder: DepthDecoder, state: torch.Tensor, codes: torch.Tensor
) -> None:
    one, other = decoder.start(state), decoder.start(state.flip(0))
    first = one.next_logits(codes[:, 0])
    other.next_logits(codes[:, 1])
    second = one.next_logits(codes[:, 1])
    again = decoder.start(state)
    assert torch.equal(again.next_logits(codes[:, 0]), first)
    assert torch.equal(again.next_logits(codes[:, 1]), second)


@pytest.mark.parametrize("book", range(1, TINY_MODEL.codebooks))
def test_a_book_sees_the_ones_before_it_alone(
    decoder: DepthDecoder, state: torch.Tensor, codes: torch.Tensor, book: int
) -> None:
    changed = codes.clone()
    changed[:, book:] = (changed[:, book:] + 1) % TINY_MODEL.codebook_size
    wanted, made = decoder(state, codes), decoder(state, changed)
    assert torch.equal(made[:, :book], wanted[:, :book])
    assert book == TINY_MODEL.codebooks - 1 or not torch.allclose(made[:, book:], wanted[:, book:])


def test_every_book_sees_the_state(decoder: DepthDecoder, state: torch.Tensor, codes: torch.Tensor) -> None:
    moved = (decoder(state + 1.0, codes) - decoder(state, codes)).abs().amax(dim=(0, 2))
    assert (moved > 1e-3).all()
