"""Turns with a pause inside, as flite speaks them."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from engine.session.melody import Melody, Tracker
from training.corpus import flite
from training.corpus.pausing import RATE_HZ, Intonation, SpokenTurn, TurnPlan, speak

pytestmark = pytest.mark.skipif(
    not flite.available(), reason="flite is not installed (make setup installs it)"
)

PLAN = TurnPlan(
    identity="test",
    kind="open",
    voice="slt",
    words=tuple("my brother called me and he said he was sick".split()),
    before=4,
    pause_ms=500.0,
    intonation="final",
)


def level_dbfs(turn: SpokenTurn, from_s: float, to_s: float) -> float:
    part = turn.samples[int(from_s * RATE_HZ) : int(to_s * RATE_HZ)]
    return 10.0 * float(np.log10(np.mean(np.square(part)) + 1e-12))


def melody_before_the_pause(turn: SpokenTurn) -> Melody:
    tracker = Tracker()
    block = RATE_HZ // 100
    for start in range(int(turn.start_s * RATE_HZ), int(turn.pause_start_s * RATE_HZ) - block, block):
        tracker.hear(turn.samples[start : start + block], voice=True)
    return tracker.melody()


@pytest.mark.parametrize("intonation", ["final", "continuing", "hesitant"])
def test_the_pause_is_silent_and_as_long_as_planned(intonation: Intonation) -> None:
    turn = speak(dataclasses.replace(PLAN, intonation=intonation))
    assert 1e3 * (turn.pause_end_s - turn.pause_start_s) == pytest.approx(500.0, abs=1.0)
    assert level_dbfs(turn, turn.pause_start_s, turn.pause_end_s) < -70.0
    assert level_dbfs(turn, turn.start_s, turn.pause_start_s) == pytest.approx(-26.0, abs=3.0)
    assert level_dbfs(turn, turn.end_s + 0.01, turn.end_s + 0.5) < -70.0
    assert turn.start_s < turn.pause_start_s < turn.pause_end_s < turn.end_s


def test_a_sentence_of_its_own_ends_lower_than_a_hesitation() -> None:
    final = melody_before_the_pause(speak(PLAN))
    hesitant = melody_before_the_pause(speak(dataclasses.replace(PLAN, intonation="hesitant")))
    assert final.above_floor < hesitant.above_floor


def test_noise_lies_twenty_decibels_below_speech() -> None:
    turn = speak(dataclasses.replace(PLAN, noisy=True))
    assert level_dbfs(turn, turn.end_s + 0.05, turn.end_s + 0.9) == pytest.approx(-46.0, abs=1.5)


def test_words_end_in_order_and_not_within_the_pause() -> None:
    turn = speak(PLAN)
    ends = turn.word_ends_s()
    assert len(ends) == len(PLAN.words)
    assert ends == sorted(ends)
    assert ends[3] == pytest.approx(turn.pause_start_s)
    assert ends[4] > turn.pause_end_s
    assert ends[-1] == pytest.approx(turn.end_s)
