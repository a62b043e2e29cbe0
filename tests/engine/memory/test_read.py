"""Reading memory: weights fade with real time as designed, leave room for nothing, and survive large scores."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine.config import MemoryConfig
from engine.memory import MemoryRead, read_weights

SEMANTIC_TAU_S, PROSODIC_TAU_S = MemoryConfig().semantic_tau_s, MemoryConfig().prosodic_tau_s
scores_and_ages = st.integers(1, 8).flatmap(
    lambda slots: st.tuples(
        st.lists(st.floats(-200, 200, width=32), min_size=slots, max_size=slots),
        st.lists(st.floats(0, 300, width=32), min_size=slots, max_size=slots),
    )
)


def weights(scores: list[float], ages_s: list[float], tau_s: float) -> torch.Tensor:
    """Of one query at one step: (N,)."""
    one = torch.tensor(scores).view(1, 1, 1, -1)
    return read_weights(one, torch.tensor(ages_s).view(1, 1, -1), tau_s)[0, 0, 0]


def test_time_constants_are_as_designed() -> None:
    assert (SEMANTIC_TAU_S, PROSODIC_TAU_S) == (30.0, 5.0)


@pytest.mark.parametrize("tau_s", [SEMANTIC_TAU_S, PROSODIC_TAU_S])
@pytest.mark.parametrize("elapsed_s", [0.06, 1.0, 5.0, 30.0, 60.0])
def test_a_weight_decays_with_its_time_constant(tau_s: float, elapsed_s: float) -> None:
    scores, ages_s = [0.3, -1.2, 4.0], torch.tensor([0.0, 2.5, 11.0])
    now, later = (weights(scores, ages.tolist(), tau_s) for ages in (ages_s, ages_s + elapsed_s))
    decay = torch.exp(torch.tensor(-elapsed_s / tau_s))
    assert torch.allclose(later / now, decay.expand(3), rtol=1e-5, atol=0)


@pytest.mark.parametrize("tau_s", [SEMANTIC_TAU_S, PROSODIC_TAU_S])
def test_a_slot_left_alone_fades_too(tau_s: float) -> None:
    fresh, old = weights([2.0], [0.0], tau_s), weights([2.0], [3 * tau_s], tau_s)
    assert float(fresh) == pytest.approx(0.8808, abs=1e-4)
    assert float(old / fresh) == pytest.approx(0.0498, abs=1e-4)


def test_weights_are_those_of_the_formula() -> None:
    scores, ages_s = torch.tensor([0.5, -0.7]), torch.tensor([1.0, 20.0])
    wanted = torch.exp(scores - ages_s / 30.0) / (1.0 + torch.exp(scores).sum())
    assert torch.allclose(weights([0.5, -0.7], [1.0, 20.0], 30.0), wanted, atol=1e-7)


@given(scores_and_ages)
def test_weights_are_shares_whatever_the_scores(drawn: tuple[list[float], list[float]]) -> None:
    made = weights(*drawn, SEMANTIC_TAU_S)
    assert made.isfinite().all()
    assert (made >= 0).all()
    assert float(made.sum()) <= 1.0 + 1e-6


def test_enormous_scores_neither_overflow_nor_lose_the_decay() -> None:
    made = weights([1e4, 1e4, -1e4], [0.0, 30.0, 0.0], 30.0)
    assert torch.allclose(made, torch.tensor([0.5, 0.5 * torch.exp(torch.tensor(-1.0)), 0.0]), atol=1e-5)
    assert weights([-1e4], [0.0], 30.0).item() == 0.0


def test_a_slot_of_the_future_is_hidden() -> None:
    seen, hidden = weights([1.0], [3.0], 30.0), weights([1.0, 9.0], [3.0, -0.06], 30.0)
    assert torch.allclose(hidden, torch.tensor([seen.item(), 0.0]), atol=1e-7)
    assert not weights([5.0, 9.0], [-1.0, -1.0], 30.0).any()


@pytest.fixture
def reader() -> MemoryRead:
    torch.manual_seed(0)
    read = MemoryRead(width=16, slot_width=8, heads=2, head_width=4, tau_s=5.0).requires_grad_(False)
    torch.nn.init.normal_(read.out.weight)
    return read


def test_with_query_and_slots_frozen_what_is_read_fades_as_designed(reader: MemoryRead) -> None:
    query, slots = torch.randn(1, 3, 16), torch.randn(1, 4, 8)
    ages_s = torch.rand(1, 3, 4) * 5
    first, weights_first = reader(query, slots, ages_s)
    later, weights_later = reader(query, slots, ages_s + 2.0)
    decay = torch.exp(torch.tensor(-2.0 / 5.0))
    assert torch.allclose(weights_later, weights_first * decay, rtol=1e-5)
    assert torch.allclose(later, first * decay, rtol=1e-4, atol=1e-6)
    assert weights_first.shape == (1, 2, 3, 4)


def test_no_slots_and_hidden_slots_read_as_nothing(reader: MemoryRead) -> None:
    query = torch.randn(1, 3, 16)
    update, made = reader(query, torch.zeros(1, 0, 8), torch.zeros(1, 1, 0))
    assert update.shape == (1, 3, 16)
    assert not update.any()
    assert made.shape[-1] == 0
    update, _ = reader(query, torch.randn(1, 2, 8), -torch.ones(1, 3, 2))
    assert not update.any()


def test_an_untrained_memory_changes_nothing_but_can_learn() -> None:
    read = MemoryRead(width=16, slot_width=8, heads=2, head_width=4, tau_s=5.0)
    update, _ = read(torch.randn(1, 3, 16), torch.randn(1, 2, 8), torch.ones(1, 3, 2))
    assert not update.any()
    update.sum().backward()
    assert read.out.weight.grad is not None
    assert read.out.weight.grad.any()
