"""What a conversation remembers: fades, is dropped below one percent, stays bounded, and can be gone back to."""

from __future__ import annotations

import json
import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine.config import MemoryConfig
from engine.memory import Bank, MemoryState, Slot

CONFIG = MemoryConfig(slots=5)


def slot(at_s: float, text: str = "", value: float = 1.0, width: int = 4) -> Slot:
    return Slot(torch.full((width,), value), at_s, text)


def bank(tau_s: float = 30.0, limit: int = 5) -> Bank:
    return Bank(tau_s, limit, CONFIG.drop_below)


@pytest.mark.parametrize("tau_s", [30.0, 5.0])
def test_a_slot_decays_with_the_banks_time_constant(tau_s: float) -> None:
    written = slot(10.0)
    for elapsed_s in (0.0, 0.06, 1.0, tau_s, 4 * tau_s):
        assert bank(tau_s).decay(written, 10.0 + elapsed_s) == pytest.approx(math.exp(-elapsed_s / tau_s))


@pytest.mark.parametrize("tau_s", [30.0, 5.0])
def test_below_one_percent_a_slot_is_dropped(tau_s: float) -> None:
    gone_s = tau_s * math.log(100.0)
    held = bank(tau_s).write(slot(0.0, "first"))
    assert len(held.fade(gone_s - 0.01).slots) == 1
    assert len(held.fade(gone_s + 0.01).slots) == 0
    assert [s.text for s in held.write(slot(gone_s + 0.01, "second")).slots] == ["second"]


def test_nothing_is_exempt_from_fading() -> None:
    held = bank()
    for place in range(5):
        held = held.write(slot(float(place), value=1000.0 * place))
    assert held.fade(4.0 + 30.0 * math.log(100.0) + 0.01).slots == ()


@given(st.lists(st.floats(0.0, 20.0), min_size=1, max_size=60), st.integers(1, 8))
def test_memory_is_bounded_and_keeps_the_newest(gaps_s: list[float], limit: int) -> None:
    held, now_s = bank(limit=limit), 0.0
    for place, gap_s in enumerate(gaps_s):
        now_s += gap_s
        held = held.write(slot(now_s, str(place)))
        assert 1 <= len(held.slots) <= limit
        assert held.slots[-1].text == str(place)
        written = [s.written_s for s in held.slots]
        assert written == sorted(written)


def test_a_slot_can_be_forgotten() -> None:
    held = bank().write(slot(0.0, "a")).write(slot(1.0, "b")).write(slot(2.0, "c"))
    assert [s.text for s in held.forget(1).slots] == ["a", "c"]
    assert [s.text for s in held.slots] == ["a", "b", "c"]


def test_reads_get_vectors_and_ages() -> None:
    held = bank().write(slot(1.0, value=2.0)).write(slot(2.5, value=3.0))
    cpu = torch.device("cpu")
    assert held.vectors(cpu, 4).tolist() == [[[2.0] * 4, [3.0] * 4]]
    assert held.ages_s(4.0, cpu).tolist() == [[[3.0, 1.5]]]
    assert bank().vectors(cpu, 4).shape == (1, 0, 4)
    assert bank().ages_s(4.0, cpu).shape == (1, 1, 0)


def remembered(seconds: float, config: MemoryConfig = CONFIG) -> MemoryState:
    """A clause every second."""
    state = MemoryState.create(config)
    for second in range(round(seconds)):
        state = state.write(slot(second, f"clause {second}"), slot(second, f"clause {second}", width=8))
    return state


def test_the_prosodic_bank_forgets_sooner_than_the_semantic_one() -> None:
    state = remembered(40, MemoryConfig(slots=100))
    assert len(state.semantic.slots) == 40
    assert len(state.prosodic.slots) == 24  # ln 100 x 5 s = 23 s, and the one just written
    assert MemoryState.create(CONFIG).semantic.slots == ()


def test_keeping_the_old_value_is_a_rollback() -> None:
    state = remembered(3)
    later = state.write(slot(9.0, "regretted"), slot(9.0, "regretted", width=8))
    assert [s.text for s in later.semantic.slots][-1] == "regretted"
    assert [s.text for s in state.semantic.slots] == ["clause 0", "clause 1", "clause 2"]


def test_saved_memory_is_plain_and_restores_the_same() -> None:
    state = remembered(4)
    saved = json.loads(json.dumps(state.save()))
    restored = MemoryState.restore(saved)
    assert restored.save() == state.save()
    for kept, again in zip(state.semantic.slots, restored.semantic.slots, strict=True):
        assert torch.equal(kept.vector, again.vector)
        assert (kept.written_s, kept.text, kept.speaker) == (again.written_s, again.text, again.speaker)
    assert MemoryState.restore(MemoryState.create(CONFIG).save()).save() == MemoryState.create(CONFIG).save()
