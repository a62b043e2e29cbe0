"""The numbers behind the panels."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.desktop.figures import (
    columns,
    faded,
    latency_report,
    latency_summary,
    milliseconds,
    parts_of,
    percentile,
)
from app.desktop.view import Latency, Line, ViewState
from engine.meters import Counters, MemoryShown, SlotShown


@given(st.integers(0, 200), st.integers(0, 500), st.integers(1, 20))
def test_columns_hold_every_extreme_and_do_not_move(count: int, first: int, each: int) -> None:
    rng = np.random.default_rng(count)
    levels = np.sort(rng.uniform(-1, 1, (count, 3)).astype(np.float32), axis=1)[:, [0, 2, 1]]
    at, low, high = columns(levels, first, each)
    assert all(block % each == 0 for block in at)
    for block, lowest, highest in zip(at, low, high, strict=True):
        rows = levels[block - first : block - first + each]
        assert (lowest, highest) == (rows[:, 0].min(), rows[:, 1].max())
    later_at, later_low, _ = columns(levels[1:], first + 1, each)
    later = dict(zip(later_at.tolist(), later_low.tolist(), strict=True))
    assert all(later.get(int(b), value) == value for b, value in zip(at, low, strict=True))


def test_weights_fade_with_their_time_constant_only_while_the_clock_runs() -> None:
    slot = SlotShown("prosodic", 1.0, math.exp(-1.0 / 5.0))
    still = MemoryShown((slot,), taken_ns=0)
    assert faded(still, now_ns=10**10)[0] == slot
    running = MemoryShown((slot,), fading=True, taken_ns=0)
    later = faded(running, now_ns=4 * 10**9)[0]
    assert later.age_s == pytest.approx(5.0)
    assert later.weight == pytest.approx(math.exp(-1.0))


def test_the_heaviest_slots_come_first() -> None:
    slots = (SlotShown("prosodic", 1, 0.9), SlotShown("semantic", 9, 0.1), SlotShown("semantic", 1, 0.8))
    assert [(s.bank, s.weight) for s in faded(MemoryShown(slots))] == [
        ("semantic", 0.8),
        ("semantic", 0.1),
        ("prosodic", 0.9),
    ]


TURN = Latency(4, 400.0, (("speech", 100.0), ("eot", 250.0), ("new_part", 50.0), ("output", 0.0)))


def test_parts_stand_in_the_order_of_time() -> None:
    assert parts_of(TURN) == [("eot", 250.0), ("speech", 100.0), ("new_part", 50.0)]


def test_numbers_for_people() -> None:
    assert [milliseconds(value) for value in (412.4, 12_340.0, math.nan)] == ["412 ms", "12.3 s", "–"]
    assert math.isnan(percentile([], 50))


def test_the_report_has_every_figure_and_no_word_of_the_conversation() -> None:
    secret = Line(1, "user", "my secret", stage="final")
    state = ViewState(latencies=(TURN,), lines=(secret,), voice="rms", runtime="onnx", device="cpu")
    report = latency_report(state, Counters(underruns=2, real_time_factor=0.3))
    assert "Median: 400 ms" in report
    assert "Turn 1: 400 ms (end of turn 250, speech 100, new_part 50)" in report
    assert "Underruns: 2" in report
    assert "onnx on cpu" in report
    assert "secret" not in report
    assert dict(latency_summary(ViewState(), Counters()))["Median"] == "–"
