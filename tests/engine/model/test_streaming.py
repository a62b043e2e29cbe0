"""One frame at a time equals the whole row; a stream's state can be cloned, saved, restored and rolled back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import load, save
from torch import Tensor

from engine.config import SpeechModelConfig
from engine.model import (
    ClausePlan,
    FrameRunner,
    SpeechModel,
    SpeechStream,
    StreamState,
    TorchFrames,
    Windows,
)
from engine.runtime.onnx import OnnxFrames
from tests.fixtures.tiny_models import (
    TINY_MODEL,
    clause_quarters,
    clause_units,
    made_up,
    same_state,
    tiny_model,
    walk,
    with_windows,
)
from training.data.speech_rows import RowBuilder, TokenUtterance

TOLERANCE = 1e-5
CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def inference() -> object:
    with torch.inference_mode():
        yield


@pytest.fixture(scope="module")
def model() -> SpeechModel:
    return tiny_model()


def utterances(config: SpeechModelConfig, roles: str, clauses: int = 1) -> list[TokenUtterance]:
    """One utterance a letter of `roles`: a for agent, u for user."""
    rng = np.random.default_rng(4)
    return [
        made_up(rng, config, role="user", units=5) if role == "u" else made_up(rng, config, clauses=clauses)
        for role in roles
    ]


def whole(
    model: SpeechModel, said: Sequence[TokenUtterance], voice: int, text: int, memory: bool = True
) -> Tensor:
    """Backbone states (T, D) of the conversation as one row."""
    builder = RowBuilder(model.config, {"first": 0}, sum(u.frames for u in said))
    batch = builder.build([said], np.random.default_rng(0), augment=False)
    windows = Windows(torch.tensor([voice]), torch.tensor([text]), torch.tensor([memory]))
    return model.parallel(batch.rows, windows)[0][0]


@pytest.mark.parametrize("roles", ["a", "aaa", "aua", "uaau"])
def test_frame_by_frame_equals_the_whole_row(model: SpeechModel, roles: str) -> None:
    said = utterances(model.config, roles)
    stream = SpeechStream(model)
    made = walk(stream, stream.create(), said)
    wanted = whole(model, said, model.config.voice_window_frames, model.config.text_window_units)
    assert made.shape == wanted.shape
    assert (made - wanted).abs().max() < TOLERANCE


def test_clauses_of_one_utterance_equal_the_whole_row(model: SpeechModel) -> None:
    said = utterances(model.config, "aa", clauses=3)
    stream = SpeechStream(model)
    made = walk(stream, stream.create(), said)
    wanted = whole(model, said, model.config.voice_window_frames, model.config.text_window_units)
    assert (made - wanted).abs().max() < TOLERANCE


def test_memory_and_text_take_part(model: SpeechModel) -> None:
    said = utterances(model.config, "aaa")
    full = whole(model, said, 2048, 256)
    assert (full - whole(model, said, 2048, 256, memory=False)).abs().max() > 1e-2
    assert (full - whole(model, said, 2048, 3)).abs().max() > 1e-2
    assert (full - whole(model, said, 4, 256)).abs().max() > 1e-2


def test_equality_holds_while_the_windows_slide_and_the_caches_move() -> None:
    config = with_windows(voice=8, text=10, margin=4)
    small = tiny_model(config=config)
    said = utterances(config, "aauaaaaaaa")
    stream = SpeechStream(small)
    state = stream.create()
    made = walk(stream, state, said)
    frames = sum(u.frames for u in said)
    assert frames > 2 * (config.voice_window_frames + config.rollback_margin)
    assert sum(len(u.units) for u in said) > 4 * config.text_window_units
    assert (made - whole(small, said, 8, 10)).abs().max() < TOLERANCE


def test_a_stream_may_look_back_less_far_than_the_model_can(model: SpeechModel) -> None:
    said = utterances(model.config, "aaa")
    stream = SpeechStream(model, voice_window=5)
    made = walk(stream, stream.create(), said)
    assert (made - whole(model, said, 5, 256)).abs().max() < TOLERANCE


def test_caches_hold_what_a_stream_may_see_and_no_more(model: SpeechModel) -> None:
    margin = model.config.rollback_margin
    short, full = SpeechStream(model, voice_window=5).create(), SpeechStream(model).create()
    assert {cache.pair.shape[1] for cache in short.voice} == {2 * (5 + margin)}
    assert {cache.pair.shape[1] for cache in full.voice} == {2 * (model.config.voice_window_frames + margin)}
    tensors, about = short.save()
    restored = StreamState.restore(model.config, CPU, tensors, about)
    assert restored.voice[0].pair.shape == short.reset().voice[0].pair.shape == short.voice[0].pair.shape


@pytest.mark.parametrize("books", [3, 5])
def test_frames_of_fewer_books_are_the_cut_history_of_training(model: SpeechModel, books: int) -> None:
    """Training puts -1 for the books of a row's history that it leaves out; so does a frame that has fewer."""
    said = utterances(model.config, "aua")
    batch = RowBuilder(model.config, {"first": 0}, sum(u.frames for u in said)).build(
        [said], np.random.default_rng(0), augment=False
    )
    previous = batch.rows.previous.clone()
    previous[..., books:] = -1
    windows = Windows(torch.tensor([2048]), torch.tensor([256]), torch.tensor([True]))
    wanted = model.parallel(replace(batch.rows, previous=previous), windows)[0][0]
    cut = [replace(u, codes=u.codes.astype(np.int64)) for u in said]
    for utterance in cut:
        if utterance.role != "user":
            utterance.codes[:, books:] = -1
    stream = SpeechStream(model)
    assert (walk(stream, stream.create(), cut) - wanted).abs().max() < TOLERANCE


def test_a_voice_that_is_forgotten_is_neither_heard_nor_rolled_back_to(model: SpeechModel) -> None:
    """What follows depends on text, memory and the frame's number alone, whatever sounded before."""
    stream = SpeechStream(model)
    speaking = Speaking(model, utterances(model.config, "a")[0])
    hidden = []
    for other in (0, 3):
        state = stream.create()
        begun = speaking.begin(state)
        speaking.speak(state, begun, 0, 3, other=other)
        state.forget_voice()
        with pytest.raises(ValueError, match="roll back"):
            state.rollback(1)
        restored = StreamState.restore(model.config, CPU, *state.save())
        hidden.append(speaking.speak(state, begun, 3, speaking.utterance.frames))
        assert torch.equal(speaking.speak(restored, begun, 3, speaking.utterance.frames), hidden[-1])
        state.rollback(1)
    assert torch.equal(*hidden)


def test_of_a_clause_that_is_cut_the_rest_is_not_in_the_text(model: SpeechModel) -> None:
    stream = SpeechStream(model)
    speaking = Speaking(model, utterances(model.config, "a")[0])
    units = len(speaking.utterance.units)
    whole, state = stream.create(), stream.create()
    speaking.speak(whole, speaking.begin(whole), 0, 3)
    speaking.speak(state, speaking.begin(state), 0, 3)
    stream.cut_clause(state, units, 2, "two words")
    assert state.mark.units == 2
    for cache, full in zip(state.text, whole.text, strict=True):
        assert torch.equal(cache.visible()[0], full.visible()[0][:, :, :2])
    assert [slot.text for slot in state.mark.memory.semantic.slots] == ["two words"]
    walk(stream, state, utterances(model.config, "a"))
    assert state.mark.units == 2 + units


def test_only_the_semantic_codes_of_the_user_are_heard(model: SpeechModel) -> None:
    stream = SpeechStream(model)
    codes = torch.arange(TINY_MODEL.codebooks)
    altered = codes.clone()
    altered[TINY_MODEL.semantic_codebooks :] += 1
    one, other = (
        stream.hear_frame(stream.create(), heard, torch.tensor(0), torch.zeros(3))
        for heard in (codes, altered)
    )
    assert torch.equal(one, other)
    assert not torch.equal(
        one, stream.hear_frame(stream.create(), codes + 1, torch.tensor(0), torch.zeros(3))
    )


class Speaking:
    """One clause being spoken with codes that are given."""

    def __init__(
        self, model: SpeechModel, utterance: TokenUtterance, frames: FrameRunner | None = None
    ) -> None:
        self.stream, self.utterance = SpeechStream(model, frames=frames), utterance
        self.codes = torch.from_numpy(utterance.codes.astype(np.int64))

    def begin(self, state: StreamState) -> tuple[ClausePlan, int]:
        plan = self.stream.plan(state, clause_units(self.utterance), quarters=clause_quarters(self.utterance))
        return plan, self.stream.begin_clause(state, plan)

    def speak(
        self, state: StreamState, begun: tuple[ClausePlan, int], first: int, last: int, other: int = 0
    ) -> Tensor:
        """States of frames `first` to `last` (excluded); `other` shifts the codes that are put in."""
        plan, unit = begun
        hidden = []
        for frame in range(first, last):
            hidden.append(self.stream.speak_frame(state, plan, frame, unit, torch.tensor(0)))
            codes = (self.codes[frame] + other) % TINY_MODEL.codebook_size
            self.stream.finish_frame(state, codes, torch.full((3,), 0.1 * (frame + other)))
        return torch.cat(hidden)


@pytest.mark.parametrize("config", [TINY_MODEL, with_windows(8, 10, 4)], ids=["roomy", "moving"])
def test_rolling_back_and_going_on_equals_never_having_gone(config: SpeechModelConfig) -> None:
    small = tiny_model(config=config)
    stream = SpeechStream(small)
    speaking = Speaking(small, utterances(config, "a")[0])
    last = speaking.utterance.frames
    for before in range(2, 8):
        state = stream.create()
        walk(stream, state, utterances(config, "a" * before))
        begun = speaking.begin(state)
        speaking.speak(state, begun, 0, 1)
        kept = state.clone()
        speaking.speak(state, begun, 1, 5, other=3)
        state.rollback(4)
        assert same_state(state, kept)
        assert torch.equal(speaking.speak(state, begun, 1, last), speaking.speak(kept, begun, 1, last))
        assert same_state(state, kept)


@pytest.mark.parametrize("runner", [TorchFrames, OnnxFrames])
@pytest.mark.parametrize("config", [TINY_MODEL, with_windows(8, 10, 4)], ids=["roomy", "moving"])
@pytest.mark.parametrize("roles", ["", "au"])
def test_undoing_every_frame_of_a_clause_undoes_its_beginning(
    config: SpeechModelConfig, roles: str, runner: Callable[[SpeechModel], FrameRunner]
) -> None:
    """`roles` have spoken before: a clause of the user, whose text comes after its frames, stays."""
    small = tiny_model(config=config)
    stream = SpeechStream(small, frames=runner(small))
    speaking = Speaking(small, utterances(config, "a")[0], stream.frames)
    last = speaking.utterance.frames
    for frames in (1, 3):
        state = stream.create()
        if roles:
            walk(stream, state, utterances(config, roles))
        kept = state.clone()
        speaking.speak(state, speaking.begin(state), 0, frames, other=3)
        state.rollback(frames)
        assert same_state(state, kept)
        again, never = (speaking.speak(s, speaking.begin(s), 0, last) for s in (state, kept))
        assert torch.equal(again, never)
        assert same_state(state, kept)


def test_a_clone_taken_before_the_first_frame_rolls_back_as_its_original_does(model: SpeechModel) -> None:
    stream = SpeechStream(model)
    state = stream.create()
    walk(stream, state, utterances(model.config, "a"))
    kept = state.clone()
    speaking = Speaking(model, utterances(model.config, "a")[0])
    begun = speaking.begin(state)
    copy = state.clone()
    for one in (state, copy):
        speaking.speak(one, begun, 0, 2)
        one.rollback(2)
        assert same_state(one, kept)


def test_rolling_back_over_the_end_of_a_clause_takes_it_out_of_memory_and_text(model: SpeechModel) -> None:
    first, second = utterances(model.config, "aa")
    stream = SpeechStream(model)
    state = stream.create()
    walk(stream, state, [first])
    speaking = Speaking(model, second)
    begun = speaking.begin(state)
    speaking.speak(state, begun, 0, second.frames - 2)
    kept = state.clone()
    speaking.speak(state, begun, second.frames - 2, second.frames)
    stream.end_clause(state, len(second.units), "second")
    third = Speaking(model, first)
    third.speak(state, third.begin(state), 0, 3)
    assert [slot.text for slot in state.mark.memory.semantic.slots] == ["made up", "second"]
    state.rollback(5)
    assert [slot.text for slot in state.mark.memory.semantic.slots] == ["made up"]
    assert same_state(state, kept)


def test_rollback_is_refused_beyond_what_is_kept_and_changes_nothing(model: SpeechModel) -> None:
    stream = SpeechStream(model)
    state = stream.create()
    walk(stream, state, utterances(model.config, "a"))
    kept = state.clone()
    with pytest.raises(ValueError, match="can roll back 1 to"):
        state.rollback(state.mark.frame + 1)
    with pytest.raises(ValueError, match="can roll back 1 to"):
        state.rollback(-1)
    state.rollback(0)
    assert same_state(state, kept)


def test_a_clone_and_its_original_do_not_touch_each_other(model: SpeechModel) -> None:
    stream = SpeechStream(model)
    state = stream.create()
    walk(stream, state, utterances(model.config, "aa"))
    said = utterances(model.config, "aaaa")
    one, other = state.clone(), state.clone()
    moved = walk(stream, one, said)
    walk(stream, other, said[::-1])
    assert same_state(state, state.clone())
    assert torch.equal(walk(stream, state, said), moved)
    assert same_state(state, one)
    assert not same_state(one, other)


@pytest.mark.parametrize("config", [TINY_MODEL, with_windows(8, 10, 4)], ids=["roomy", "moving"])
@pytest.mark.parametrize("frames_into_clause", [0, 3])
def test_a_saved_state_goes_on_as_if_nothing_had_happened(
    config: SpeechModelConfig, frames_into_clause: int
) -> None:
    small = tiny_model(config=config)
    stream = SpeechStream(small)
    state = stream.create()
    said = utterances(config, "aauaa")
    walk(stream, state, said)
    speaking = Speaking(small, said[0])
    begun = speaking.begin(state)
    if frames_into_clause:
        speaking.speak(state, begun, 0, frames_into_clause)
    tensors, about = state.save()
    restored = StreamState.restore(config, CPU, load(save(tensors)), about)
    assert same_state(state, restored)
    last = said[0].frames
    going_on = speaking.speak(state, begun, frames_into_clause, last)
    assert torch.equal(speaking.speak(restored, begun, frames_into_clause, last), going_on)
    assert torch.equal(walk(stream, restored, said), walk(stream, state, said))


def test_a_fresh_state_can_be_saved_and_reset_gives_one(model: SpeechModel) -> None:
    stream = SpeechStream(model)
    fresh = stream.create()
    tensors, about = fresh.save()
    assert same_state(StreamState.restore(model.config, CPU, tensors, about), fresh)
    used = stream.create()
    walk(stream, used, utterances(model.config, "a"))
    assert same_state(used.reset(), fresh)


def test_a_long_conversation_remembers_no_more_than_a_short_one() -> None:
    config = with_windows(voice=8, text=10, margin=4)
    small = tiny_model(config=config)
    stream = SpeechStream(small)
    state = stream.create()

    def size() -> int:
        caches = sum(cache.pair.numel() for cache in (*state.voice, *state.text))
        saved = {name: tensor.numel() for name, tensor in state.save()[0].items()}
        return caches + sum(saved.values()) + len(state.past)

    walk(stream, state, utterances(config, "aaaaaa"))
    early = size()
    for _ in range(3):
        walk(stream, state, utterances(config, "aaaaaa"))
    assert size() == early
