"""Durations carry progress: whole quarters, no unit skipped, every clause ends on a frame."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine.model import SpeechStream
from engine.model.stream import lay_out, whole_quarters
from tests.fixtures.tiny_models import TINY_MODEL, tiny_model

expected_quarters = st.lists(st.floats(0.0, 64.0, width=32), min_size=1, max_size=120)


@given(expected_quarters, st.integers(1, 8))
def test_every_unit_is_spoken_and_the_last_one_fills_a_frame(expected: list[float], per_frame: int) -> None:
    quarters = whole_quarters(torch.tensor(expected), per_frame)
    assert quarters.shape == (len(expected),)
    assert int(quarters.min()) >= 1
    assert int(quarters.sum()) % per_frame == 0


@given(expected_quarters, st.integers(1, 8))
def test_rounding_never_adds_up(expected: list[float], per_frame: int) -> None:
    quarters = whole_quarters(torch.tensor(expected), per_frame)
    ends = quarters.cumsum(0).tolist()
    wanted = torch.tensor(expected, dtype=torch.float64).clamp_min(1.0).cumsum(0).tolist()
    assert all(abs(end - want) <= 1.0 for end, want in zip(ends[:-1], wanted[:-1], strict=True))
    assert -1.0 <= ends[-1] - wanted[-1] < per_frame + 1.0


@given(st.lists(st.integers(1, 20), min_size=1, max_size=60))
def test_the_layout_speaks_each_unit_for_its_quarters_in_order(durations: list[int]) -> None:
    durations[-1] += -sum(durations) % 4
    units, elapsed, remaining = (part.flatten() for part in lay_out(torch.tensor(durations), 4))
    assert torch.equal(units, units.sort().values)
    assert torch.bincount(units).tolist() == durations
    assert torch.equal(elapsed + remaining + 1, torch.tensor(durations)[units])
    assert torch.equal(elapsed == 0, torch.diff(units, prepend=torch.tensor([-1])) > 0)


def units(count: int) -> dict[str, torch.Tensor]:
    row = torch.zeros(1, count, dtype=torch.long)
    symbols = (torch.arange(count) % 30 + 2).unsqueeze(0)
    return {"symbol": symbols, **dict.fromkeys(("stress", "word_start", "owner", "speaker", "clause"), row)}


def test_a_plan_covers_the_clause_and_the_rate_scales_it() -> None:
    stream = SpeechStream(tiny_model())
    state = stream.create()
    plain = stream.plan(state, units(20))
    slow = stream.plan(state, units(20), rate=0.5)
    assert plain.quarter_unit.unique().tolist() == list(range(20))
    assert plain.frames == math.ceil(int(plain.quarters.sum()) / TINY_MODEL.quarters_per_frame)
    assert slow.frames / plain.frames == pytest.approx(2.0, abs=0.3)


def test_given_durations_are_kept() -> None:
    stream = SpeechStream(tiny_model())
    quarters = torch.tensor([3, 1, 4])
    plan = stream.plan(stream.create(), units(3), quarters=quarters)
    assert torch.equal(plan.quarters, quarters)
    assert plan.quarter_unit.tolist() == [[0, 0, 0, 1], [2, 2, 2, 2]]


def test_expected_durations_lie_within_the_classes() -> None:
    model = tiny_model()
    encodings = model.encode_units(units(9))
    expected = model.text.expected_quarters(encodings)
    assert expected.shape == (1, 9)
    assert ((expected >= 1) & (expected <= TINY_MODEL.max_duration_quarters)).all()


def test_clauses_of_a_row_are_encoded_as_if_each_stood_alone() -> None:
    model = tiny_model()
    both = units(12)
    both = {**both, "clause": (torch.arange(12) >= 5).long().unsqueeze(0)}
    together = model.encode_units(both)
    alone = [
        model.encode_units({n: t[:, part] for n, t in both.items()}) for part in (slice(0, 5), slice(5, 12))
    ]
    assert torch.allclose(together, torch.cat(alone, dim=1), atol=1e-5)
