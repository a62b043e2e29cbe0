"""A stream's state after a frame that failed, on another device, and after the loss of one."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import torch

from engine.config import SpeechModelConfig
from engine.model import SpeechStream, StreamState
from tests.fixtures.tiny_models import TINY_MODEL, made_up, same_state, tiny_model, walk, with_windows
from training.data.speech_rows import TokenUtterance

CPU, NOWHERE = torch.device("cpu"), torch.device("meta")
"""Tensors on the meta device have no data: like those of a device that is lost, they cannot be read."""


@pytest.fixture(autouse=True)
def inference() -> Iterator[None]:
    with torch.inference_mode():
        yield


def said(config: SpeechModelConfig, turns: int, seed: int = 4) -> list[TokenUtterance]:
    rng = np.random.default_rng(seed)
    return [made_up(rng, config) for _ in range(turns)]


def spoken(config: SpeechModelConfig, turns: int = 4) -> tuple[SpeechStream, StreamState]:
    stream = SpeechStream(tiny_model(config=config))
    state = stream.create()
    walk(stream, state, said(config, turns))
    return stream, state


@pytest.mark.parametrize("config", [TINY_MODEL, with_windows(8, 10, 4)], ids=["roomy", "moving"])
@pytest.mark.parametrize("layers", [0, 1, 2])
def test_a_frame_that_failed_half_way_is_undone(config: SpeechModelConfig, layers: int) -> None:
    stream, state = spoken(config)
    kept, before = state.clone(), state.checkpoint()
    state.past.append(state.mark)
    for cache in state.voice[:layers]:
        cache.append_pair(torch.ones_like(cache.pair[:, :1]))
    state.return_to(before)
    assert same_state(state, kept)
    assert list(state.past) == list(kept.past)
    going_on = said(config, 1, seed=5)
    assert torch.equal(walk(stream, state, going_on), walk(stream, kept, going_on))


def test_a_clause_that_was_begun_is_undone_with_its_first_frame() -> None:
    stream, state = spoken(TINY_MODEL)
    kept, before = state.clone(), state.checkpoint()
    walk(stream, state, said(TINY_MODEL, 1, seed=5))
    state.return_to(before)
    assert same_state(state, kept)


def test_a_state_moves_with_all_it_holds_and_what_is_shared_moves_once() -> None:
    _, state = spoken(TINY_MODEL)
    state.move(NOWHERE)
    assert state.device == NOWHERE
    tensors = [cache.pair for cache in (*state.voice, *state.text)]
    for mark in (state.mark, *state.past):
        tensors += [slot.vector for slot in mark.memory.semantic.slots + mark.memory.prosodic.slots]
        tensors += [*mark.clause_prosody, *(t for t in (mark.previous, mark.clause_sum) if t is not None)]
    assert {tensor.device for tensor in tensors} == {NOWHERE}
    earlier, later = (mark for mark in list(state.past)[-2:])
    assert later.clause_prosody[0] is earlier.clause_prosody[0]


def test_a_state_that_cannot_be_read_stays_as_it_was() -> None:
    _, state = spoken(TINY_MODEL)
    state.voice[-1].pair = state.voice[-1].pair.to(NOWHERE)
    mark, first = state.mark, state.voice[0]
    with pytest.raises(RuntimeError):
        state.move(CPU)
    assert state.mark is mark
    assert state.voice[0] is first


@pytest.mark.parametrize("config", [TINY_MODEL, with_windows(8, 10, 4)], ids=["roomy", "moving"])
def test_after_a_loss_only_the_place_is_kept_and_the_stream_goes_on(config: SpeechModelConfig) -> None:
    stream, state = spoken(config)
    frame, units = state.mark.frame, state.mark.units
    state.restart(CPU)
    assert (state.mark.frame, state.mark.units) == (frame, units)
    assert state.mark.previous is None
    assert state.mark.memory.semantic.slots == ()
    with pytest.raises(ValueError, match="can roll back"):
        state.rollback(1)
    kept = state.clone()
    going_on = said(config, 1, seed=5)
    hidden = walk(stream, state, going_on)
    assert hidden.isfinite().all()
    assert state.mark.frame == frame + len(hidden)
    last = state.clone()
    walk(stream, last, said(config, 1, seed=6)[:1])
    last.rollback(min(4, len(last.past)))
    assert torch.equal(walk(stream, kept, going_on), hidden)
