"""Rows for the speech model: what a conversation looks like from inside, and how training roughens it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine.memory import clause_prosody
from engine.model import AGENT, START, USER
from tests.fixtures.tiny_models import TINY_MODEL, made_up
from training.data.speech_rows import (
    FAR,
    RowBuilder,
    SpeechBatch,
    SpeechRows,
    TokenUtterance,
    corrupt,
    jitter,
)

SPEAKERS = {"first": 0, "second": 1}
PER_FRAME = TINY_MODEL.quarters_per_frame


def said(*roles: str, clauses: int = 1, seed: int = 0) -> list[TokenUtterance]:
    """One utterance a role; the user is the second speaker."""
    rng = np.random.default_rng(seed)
    return [
        made_up(rng, TINY_MODEL, role=role, clauses=clauses, speaker="second" if role == "user" else "first")
        for role in roles
    ]


def build(utterances: list[TokenUtterance], frames: int | None = None, augment: bool = False) -> SpeechBatch:
    builder = RowBuilder(TINY_MODEL, SPEAKERS, frames or sum(u.frames for u in utterances))
    return builder.build([utterances], np.random.default_rng(1), augment)


def test_an_agent_frame_is_given_the_codes_before_it() -> None:
    first, second = said("agent", "agent")
    batch = build([first, second])
    codes = np.concatenate((first.codes, second.codes)).astype(np.int64)
    assert torch.equal(batch.codes[0], torch.from_numpy(codes))
    assert torch.equal(batch.rows.previous[0, 1:], torch.from_numpy(codes[:-1]))
    assert (batch.rows.previous[0, 0] == -1).all()
    assert batch.rows.kind[0].tolist() == [START] + [AGENT] * (len(codes) - 1)
    assert batch.agent.all()


def test_a_user_frame_is_its_own_semantic_codes_and_is_not_predicted() -> None:
    agent, user, again = said("agent", "user", "agent")
    batch = build([agent, user, again])
    turn = slice(agent.frames, agent.frames + user.frames)
    semantic = TINY_MODEL.semantic_codebooks
    assert (batch.rows.kind[0, turn] == USER).all()
    assert not batch.agent[0, turn].any()
    assert batch.agent[0, : turn.start].all()
    assert (batch.rows.speaker[0, turn] == 1).all()
    assert np.array_equal(batch.rows.previous[0, turn, :semantic], user.codes[:, :semantic])
    assert (batch.rows.previous[0, turn, semantic:] == -1).all()
    assert (batch.rows.quarter_unit[0, turn] == -1).all()
    assert (batch.rows.visible[0, turn] == 0).all()  # the user's words are not known while he speaks
    assert np.array_equal(batch.rows.previous[0, turn.stop], agent.codes[-1])
    assert (batch.rows.visible[0, turn.stop :] == 2).all()
    assert (batch.durations[0, len(agent.units) : len(agent.units) + len(user.units)] == 0).all()
    assert batch.rows.units["owner"][0].tolist() == [0] * 6 + [1] * 6 + [0] * 6


def test_quarters_name_the_unit_that_speaks_and_its_progress() -> None:
    batch = build(said("agent", "agent", clauses=2))
    unit = batch.rows.quarter_unit[0].flatten()
    durations = batch.durations[0]
    assert torch.equal(torch.bincount(unit), durations)
    assert torch.equal(unit, unit.sort().values)
    total = batch.rows.elapsed[0].flatten() + batch.rows.remaining[0].flatten() + 1
    assert torch.equal(total, durations[unit])


def test_memory_gets_a_slot_at_the_end_of_each_clause() -> None:
    utterances = said("agent", "agent", clauses=2)
    batch = build(utterances)
    ends = batch.rows.clause_end[0].tolist()
    frames = [u.frames for u in utterances]
    assert ends[1] == frames[0]
    assert ends[3] == sum(frames)
    assert ends == sorted(ends)
    track = utterances[0].prosody[: ends[0]].astype(np.float32)
    wanted = clause_prosody(track, 6, TINY_MODEL.frame_s)
    assert np.allclose(batch.rows.prosodic_slots[0, 0], wanted)


def test_a_row_is_cut_where_it_is_full_and_padded_where_it_is_not() -> None:
    (utterance,) = said("agent")
    short = build([utterance], frames=utterance.frames - 1)
    assert short.codes.shape == (1, utterance.frames - 1, TINY_MODEL.codebooks)
    long = build([utterance], frames=utterance.frames + 3)
    assert not long.agent[0, utterance.frames :].any()
    assert (long.rows.previous[0, utterance.frames :] == -1).all()
    assert (long.phones[0, utterance.frames :] == -1).all()


def test_rows_of_different_lengths_share_a_batch() -> None:
    builder = RowBuilder(TINY_MODEL, SPEAKERS, 5)
    batch = builder.build([said("agent"), said("agent", "agent", clauses=2)], np.random.default_rng(0), False)
    assert batch.rows.units["symbol"].shape == (2, 24)
    assert (batch.rows.units["clause"][0, 6:] == -1).all()
    assert batch.rows.clause_end.shape == (2, 4)
    assert (batch.rows.clause_end[0, 1:] == FAR).all()


@given(st.lists(st.integers(1, 9), min_size=1, max_size=40), st.integers(0, 1000))
def test_jitter_moves_boundaries_by_a_quarter_and_keeps_the_total(durations: list[int], seed: int) -> None:
    before = np.asarray(durations)
    after = jitter(before, np.random.default_rng(seed))
    assert after.sum() == before.sum()
    assert after.min() >= 1
    assert np.abs(np.cumsum(after) - np.cumsum(before)).max() <= 1


def test_jitter_shakes_and_spares_what_it_was_given() -> None:
    before = np.full(30, 4)
    shaken = [jitter(before, np.random.default_rng(seed)) for seed in range(20)]
    assert any((after != before).any() for after in shaken)
    assert (before == 4).all()


def test_history_is_damaged_as_free_running_will_damage_it() -> None:
    rng = np.random.default_rng(0)
    config = replace(TINY_MODEL, codebook_size=256)
    previous = rng.integers(0, 256, (400, config.codebooks))
    rows = [corrupt(previous, config, rng) for _ in range(60)]
    lost = np.mean([(row == -1).all(axis=1).mean() for row in rows])
    assert lost == pytest.approx(0.03, abs=0.01)
    coarse = np.mean([(row[:, config.codebooks // 2 :] == -1).all() for row in rows])
    assert coarse == pytest.approx(0.3, abs=0.15)
    wrong = np.mean([((row != previous) & (row >= 0)).mean() / (row >= 0).mean() for row in rows])
    assert wrong == pytest.approx(0.1, abs=0.02)
    assert all(row.max() < 256 for row in rows)
    absent = corrupt(np.full((50, config.codebooks), -1), config, rng)
    assert (absent == -1).all()


def test_augmentation_touches_the_input_and_never_the_targets() -> None:
    utterances = said("agent", "agent", "user", "agent")
    plain, rough = build(utterances), build(utterances, augment=True)
    assert torch.equal(plain.codes, rough.codes)
    assert torch.equal(plain.durations, rough.durations)
    assert torch.equal(plain.agent, rough.agent)
    assert not torch.equal(plain.rows.previous, rough.rows.previous)


def pool() -> list[TokenUtterance]:
    """Two speakers, three splits, one dialogue."""
    rng = np.random.default_rng(3)
    found = []
    for number in range(12):
        split = ("train", "train", "train", "valid", "test")[number % 5]
        speaker = ("first", "second")[number % 2]
        found.append(made_up(rng, TINY_MODEL, id=str(number), split=split, speaker=speaker))
    turns = [made_up(rng, TINY_MODEL, id=f"turn {role}", role=role) for role in ("user", "agent")]
    return found + [replace(turn, dialogue="talk") for turn in turns]


def test_draws_fill_their_rows_and_follow_the_seed() -> None:
    rows = SpeechRows(pool(), RowBuilder(TINY_MODEL, SPEAKERS, 40), 3)
    one, other = rows.draw(np.random.default_rng(5)), rows.draw(np.random.default_rng(5))
    assert one.codes.shape == (3, 40, TINY_MODEL.codebooks)
    assert torch.equal(one.codes, other.codes)
    assert torch.equal(one.rows.previous, other.rows.previous)
    assert not torch.equal(one.codes, rows.draw(np.random.default_rng(6)).codes)


def test_held_out_rows_are_always_the_same_and_hold_nothing_of_the_training() -> None:
    rows = SpeechRows(pool(), RowBuilder(TINY_MODEL, SPEAKERS, 40), 2)
    first, second = rows.held_out(2), rows.held_out(2)
    assert all(torch.equal(one.codes, other.codes) for one, other in zip(first, second, strict=True))
    held_out = {u.codes.tobytes() for u in pool() if u.split == "valid"}
    trained = {u.codes.tobytes() for u in rows.train}
    assert not held_out & trained
    assert {u.id for u in rows.test} == {u.id for u in pool() if u.split == "test"}


def test_single_utterances_of_a_row_are_of_one_speaker_and_dialogues_stay_whole() -> None:
    rows = SpeechRows(pool(), RowBuilder(TINY_MODEL, SPEAKERS, 40), 8)
    rng = np.random.default_rng(0)
    for _ in range(5):
        batch = rows.draw(rng)
        for kind, speaker in zip(batch.rows.kind, batch.rows.speaker, strict=True):
            if USER not in kind and 1 in speaker:
                assert (speaker == 1).all()
    kinds = torch.cat([rows.draw(rng).rows.kind for _ in range(5)])
    assert (kinds == USER).any()
