"""Building blocks: streaming equals whole, positions are relative, windows end where they should."""

from __future__ import annotations

import pytest
import torch

from engine.layers import (
    CausalDepthwise,
    CausalSelfAttention,
    ConvNeXtBlock,
    RMSNorm,
    SwiGLU,
    TransformerBlock,
    rotary_angles,
    rotate,
)

STEPS, WIDTH = 13, 16


@pytest.fixture
def x() -> torch.Tensor:
    return torch.randn(2, STEPS, WIDTH, generator=torch.Generator().manual_seed(0))


def layers() -> list[torch.nn.Module]:
    torch.manual_seed(1)
    return [
        CausalDepthwise(WIDTH, 5),
        CausalDepthwise(WIDTH, 1),
        ConvNeXtBlock(WIDTH, 7, 2),
        CausalSelfAttention(WIDTH, heads=2, window=4),
        CausalSelfAttention(WIDTH, heads=2, window=1),
        TransformerBlock(WIDTH, heads=4, hidden=24, window=100),
    ]


@pytest.mark.parametrize("layer", layers(), ids=lambda layer: type(layer).__name__)
@pytest.mark.parametrize("chunk", [1, 3, 5])
def test_streamed_equals_whole(layer: torch.nn.Module, x: torch.Tensor, chunk: int) -> None:
    whole, _ = layer(x, layer.initial_state(2))
    state, parts = layer.initial_state(2), []
    for piece in x.split(chunk, dim=1):
        part, state = layer(piece, state)
        parts.append(part)
    assert (torch.cat(parts, dim=1) - whole).abs().max() < 1e-5


@pytest.mark.parametrize("layer", layers(), ids=lambda layer: type(layer).__name__)
def test_no_output_depends_on_a_later_input(layer: torch.nn.Module, x: torch.Tensor) -> None:
    x.requires_grad_()
    y, _ = layer(x, layer.initial_state(2))
    (gradient,) = torch.autograd.grad(y[:, 6].square().sum(), x)
    assert not gradient[:, 7:].any()
    assert gradient[:, 6].any()


def test_attention_forgets_what_lies_outside_its_window(x: torch.Tensor) -> None:
    layer = layers()[3]
    x.requires_grad_()
    y, state = layer(x, layer.initial_state(2))
    (gradient,) = torch.autograd.grad(y[:, 9].square().sum(), x)
    reached = gradient.abs().amax(dim=(0, 2)).nonzero().flatten().tolist()
    assert reached == [6, 7, 8, 9]
    assert state.keys.shape[2] == 3
    assert state.position == STEPS


def test_rotary_scores_depend_on_distance_alone() -> None:
    rng = torch.Generator().manual_seed(2)
    query, key = torch.randn(2, 1, 1, 8, generator=rng)

    def score(query_at: int, key_at: int) -> float:
        placed = (
            rotate(vector, *rotary_angles(torch.tensor([at]), 8))
            for vector, at in ((query, query_at), (key, key_at))
        )
        first, second = placed
        return float((first * second).sum())

    assert score(5, 3) == pytest.approx(score(105, 103), abs=1e-5)
    assert score(5, 3) == pytest.approx(score(40_005, 40_003), abs=1e-2)
    assert score(5, 3) != pytest.approx(score(5, 4), abs=1e-3)


def test_rotation_keeps_lengths() -> None:
    vectors = torch.randn(1, 2, 7, 8)
    turned = rotate(vectors, *rotary_angles(torch.arange(7), 8))
    assert torch.allclose(turned.norm(dim=-1), vectors.norm(dim=-1), atol=1e-5)


def test_rms_norm_is_computed_in_float32() -> None:
    norm = RMSNorm(WIDTH)
    large = torch.full((1, WIDTH), 300.0, dtype=torch.bfloat16)
    assert torch.equal(norm(large), torch.ones(1, WIDTH, dtype=torch.bfloat16))
    row = torch.randn(3, WIDTH)
    wanted = row / (row.square().mean(-1, keepdim=True) + norm.eps).sqrt()
    assert torch.allclose(norm(row), wanted, atol=1e-6)


def test_swiglu_gates_its_values() -> None:
    layer = SwiGLU(WIDTH, 24)
    x = torch.randn(3, WIDTH)
    gate, value = (x @ layer.up.weight.t()).chunk(2, dim=-1)
    assert torch.allclose(layer(x), (gate * gate.sigmoid() * value) @ layer.down.weight.t(), atol=1e-5)
