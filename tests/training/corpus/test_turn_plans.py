"""Which turns with pauses are spoken, and by whom."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import SottoError
from training.corpus import texts, turn_plans
from training.corpus.turn_plans import VOICES, half_of, plan_turns, written_turns
from training.evaluation.heldout import HELD_OUT_FILE


def test_the_halves_share_neither_texts_nor_voices() -> None:
    tune, held = plan_turns("tune", 200, 0.0), plan_turns("held", 200, 0.0)
    assert not {plan.words for plan in tune} & {plan.words for plan in held}
    assert not {plan.voice for plan in tune} & {plan.voice for plan in held}


def test_awb_is_heard_in_evaluation_alone() -> None:
    assert "awb" not in VOICES["tune"]


def test_half_of_the_pauses_are_sentence_ends_and_a_third_is_noisy() -> None:
    plans = plan_turns("held", 400, 0.0)
    assert len({plan.identity for plan in plans}) == len(plans)
    assert sum(plan.intonation == "final" for plan in plans) == pytest.approx(200, abs=20)
    assert sum(plan.noisy for plan in plans) == pytest.approx(133, abs=35)
    assert all(200.0 <= plan.pause_ms <= 800.0 for plan in plans)
    assert max(plan.pause_ms for plan in plans) - min(plan.pause_ms for plan in plans) > 500.0
    assert all(0 < plan.before < len(plan.words) for plan in plans)


def test_both_voices_speak_every_kind_of_pause() -> None:
    plans = plan_turns("held", 400, 0.0)
    for voice in VOICES["held"]:
        assert {plan.intonation for plan in plans if plan.voice == voice} == {
            "final",
            "continuing",
            "hesitant",
        }


def test_natural_sentences_join_in(monkeypatch: pytest.MonkeyPatch) -> None:
    sentences = tuple(HELD_OUT_FILE.read_text(encoding="utf-8").splitlines()[:200])
    monkeypatch.setattr(texts, "natural_sentences", lambda: sentences)
    turn_plans.corpus_turns.cache_clear()
    plans = plan_turns("held", 20, 0.5)
    natural = [plan for plan in plans if plan.words not in {turn[1] for turn in written_turns()}]
    assert len(natural) == 10
    assert all(plan.kind == "open" for plan in natural)
    turn_plans.corpus_turns.cache_clear()


def test_the_same_turns_each_time() -> None:
    assert plan_turns("tune", 30, 0.0) == plan_turns("tune", 30, 0.0)
    assert {half_of(turn[1]) for turn in written_turns()} == {"tune", "held"}


def test_a_damaged_list_of_turns_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "turns.tsv"
    path.write_text("command\twhat time is it\n", encoding="utf-8")
    monkeypatch.setattr(turn_plans, "TURNS_FILE", path)
    with pytest.raises(SottoError, match="needs a kind"):
        written_turns.__wrapped__()
