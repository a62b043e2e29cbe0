"""Held-out words never reach training, and the plan keeps its promises on lengths and shares."""

from __future__ import annotations

from collections import Counter

import pytest

from training import __main__ as training
from training.corpus import dialogues, lexicon, plan, splits

pytestmark = pytest.mark.usefixtures("needs_texts")


@pytest.fixture(scope="module")
def planned() -> list[plan.Spec]:
    return [spec for shard in plan.single_speaker("rms", 3.0, 20.0, seed=2) for spec in shard]


def test_held_out_words_are_never_in_training(planned: list[plan.Spec]) -> None:
    for spec in planned:
        held_out = [word for word in lexicon.words_of(spec.text) if splits.held_out(word)]
        assert bool(held_out) == (spec.split == "test"), (spec.text, held_out)


def test_test_and_valid_texts_are_about_a_hundredth(planned: list[plan.Spec]) -> None:
    shares = Counter(spec.split for spec in planned)
    assert 0.002 < shares["valid"] / len(planned) < 0.03
    assert 0.002 < shares["test"] / len(planned) < 0.03


def test_utterances_have_one_to_three_clauses_and_two_to_twelve_seconds(planned: list[plan.Spec]) -> None:
    clauses = Counter(len(lexicon.phrases(spec.text) or []) for spec in planned)
    assert set(clauses) <= {1, 2, 3, 4}
    assert min(clauses[1], clauses[2], clauses[3]) > 0.1 * len(planned)
    seconds = [plan.seconds_of(spec.text, "rms") for spec in planned]
    assert min(seconds) > 1.0
    assert max(seconds) <= 12.0
    assert sum(seconds) == pytest.approx(3.0 * 3600, rel=0.01)


def test_texts_seldom_repeat_and_every_pause_mark_occurs(planned: list[plan.Spec]) -> None:
    assert len({spec.text for spec in planned}) > 0.98 * len(planned)
    marks = Counter(phrase.mark for spec in planned for phrase in lexicon.phrases(spec.text) or [])
    assert all(marks[mark] > 20 for mark in (",", ";", ":", "-", ".", "?", "!"))


def test_the_plan_is_the_same_every_time(planned: list[plan.Spec]) -> None:
    again = [spec for shard in plan.single_speaker("rms", 3.0, 20.0, seed=2) for spec in shard]
    assert again == planned


def test_the_tokenizers_corpus_mixes_speakers_in_every_shard_and_has_a_hundred_warped() -> None:
    shards = plan.many_speakers(4.0, 10.0, seed=1)
    for shard in shards[:-1]:
        families = Counter(
            "warp" if "-warp" in spec.speaker else spec.speaker.partition(":")[0] for spec in shard
        )
        assert set(families) == {"rms", "slt", "kal16", "warp", "espeak"}
    names = {spec.speaker for shard in shards for spec in shard}
    assert sum("-warp" in name for name in names) >= 100
    assert not any("awb" in name for name in names)


def test_dialogues_alternate_between_one_user_and_the_agent_and_stay_in_one_shard() -> None:
    shards = dialogues.plan_dialogues(hours=0.2, shard_minutes=3.0, dialogue_s=30.0, seed=3)
    assert len(shards) > 2
    seen: set[str] = set()
    for shard in shards:
        for name in dict.fromkeys(spec.dialogue for spec in shard):
            turns = [spec for spec in shard if spec.dialogue == name]
            assert name not in seen
            assert [turn.role for turn in turns] == ["user", "agent"] * (len(turns) // 2)
            assert len({turn.speaker for turn in turns if turn.role == "user"}) == 1
            assert {turn.speaker for turn in turns if turn.role == "agent"} == {"rms"}
            assert len({turn.split for turn in turns}) == 1
            for turn in turns:
                assert turn.split == "test" or not any(
                    splits.held_out(word) for word in lexicon.words_of(turn.text)
                )
        seen |= {spec.dialogue for spec in shard}


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["corpus", "speech", "--out", "x", "--speaker", "awb"], "not a speaker"),
        (["corpus", "codec", "--out", "x", "--hours", "-1"], "must be positive"),
        (["dance"], "no training command"),
    ],
)
def test_a_mistake_ends_with_one_sentence(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert training.main(arguments) == 2
    said = capsys.readouterr().err
    assert sentence in said
    assert "Traceback" not in said
