"""A voice over a whole conversation: one stream, word times, and going back to what was heard."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from engine.runtime import ConversationVoice, SpeechChunk, Voice
from engine.runtime.timing import timed_words
from engine.text import Clause, Frontend, Unit
from tests.fixtures.tiny_models import TINY_CODEC

TEXT = "Hello there, it is 3:45. One moment please."


def nothing(_: object) -> None:
    """Nobody listens."""


def speak(voice: ConversationVoice, text: str, chunks: int | None = None) -> list[SpeechChunk]:
    """The first chunks of a text, or all of them."""
    stream = voice.stream(text, lambda: None, nothing)
    made = list(itertools.islice(stream, chunks))
    stream.close()  # type: ignore[attr-defined]
    return made


@pytest.fixture
def voice(babbler: Voice) -> ConversationVoice:
    return ConversationVoice(babbler, 3, nothing)


def test_the_words_of_all_chunks_are_the_text_in_order(voice: ConversationVoice) -> None:
    chunks = speak(voice, TEXT)
    words = [word for chunk in chunks for word in chunk.words]
    assert "".join(word.text for word in words) == TEXT
    starts = [word.start_sample for word in words]
    assert starts == sorted(starts)
    ends = np.cumsum([len(chunk.samples) for chunk in chunks])
    for end, chunk in zip(ends, chunks, strict=True):
        assert all(end - len(chunk.samples) <= word.start_sample < end for word in chunk.words)
    assert words[-1].end_sample <= ends[-1]
    assert [word.text.strip() for word in words if word.ends_clause] == ["there,", "", "please."] or any(
        word.ends_clause for word in words
    )


def test_what_was_heard_whole_is_remembered_as_ever(voice: ConversationVoice, babbler: Voice) -> None:
    speak(voice, TEXT)
    state = voice._synthesiser.state
    assert [slot.text for slot in state.mark.memory.semantic.slots][-1] == "One moment please."


def test_an_answer_nobody_heard_was_never_said(voice: ConversationVoice) -> None:
    first = speak(voice, "It is late.")
    state = voice._synthesiser.state
    before, units = state.mark, state.mark.units
    speak(voice, "And now for something else.", 5)
    assert state.mark.frame == before.frame + 5
    voice.keep(0)
    assert state.mark is before
    assert all(cache.count == before.frame for cache in state.voice)
    assert all(cache.count == units for cache in state.text)
    again = ConversationVoice(voice.voice, 3, nothing)
    speak(again, "It is late.")
    one, other = speak(voice, "Good night."), speak(again, "Good night.")
    np.testing.assert_array_equal(
        np.concatenate([chunk.samples for chunk in one]), np.concatenate([chunk.samples for chunk in other])
    )
    assert first


def test_an_answer_that_was_cut_ends_where_it_was_heard(voice: ConversationVoice) -> None:
    chunks = speak(voice, "Hello there my friend of old.", 10)
    state = voice._synthesiser.state
    heard = 6
    voice.keep(heard * TINY_CODEC.frame_samples)
    assert state.mark.frame == heard
    (slot,) = state.mark.memory.semantic.slots
    spoken = [word for chunk in chunks for word in chunk.words]
    whole = [word.text.strip() for word in spoken if word.end_sample <= heard * TINY_CODEC.frame_samples]
    assert slot.text.split() == [word.lower().strip(".") for word in whole]
    assert state.mark.clause_sum is None


def test_more_than_can_be_undone_is_undone_as_far_as_it_can(voice: ConversationVoice, babbler: Voice) -> None:
    margin = babbler.model.config.rollback_margin
    chunks = speak(voice, "Hello there my friend of old, how do you do.", margin + 6)
    state = voice._synthesiser.state
    made = state.mark.frame
    voice.keep(TINY_CODEC.frame_samples)
    assert state.mark.frame == made - margin
    assert chunks


def test_its_memory_is_shown_with_weights_that_fade(voice: ConversationVoice) -> None:
    speak(voice, TEXT)
    slots = voice.memory().slots
    assert {slot.bank for slot in slots} == {"semantic", "prosodic"}
    semantic = [slot for slot in slots if slot.bank == "semantic"]
    assert semantic[-1].label == "One moment please."
    weights = [slot.weight for slot in semantic]
    assert weights == sorted(weights)
    assert 0.0 < weights[0] < weights[-1] <= 1.0


def test_nothing_made_is_nothing_to_undo(voice: ConversationVoice) -> None:
    voice.keep(0)
    speak(voice, "Yes.")
    assert voice._synthesiser.state.mark.frame > 0


def test_the_rate_changes_with_the_next_clause(voice: ConversationVoice) -> None:
    slow = len(speak(voice, "It is half past nine in the morning."))
    voice.rate = 2.0
    assert len(speak(voice, "It is half past nine in the morning.")) < 0.8 * slow


def test_written_forms_share_their_time(babbler: Voice) -> None:
    (clause,) = Frontend.load().clauses("It is 3:45")
    quarters = np.full(len(clause.units), 2)
    words = timed_words(clause, quarters, 0, 10)
    assert [word.text for word in words] == ["It", " is", "", " 3:45", ""]
    assert words[3].start_sample > words[2].start_sample


def test_a_clause_that_does_not_know_its_written_form_gives_its_words() -> None:
    clause = Clause("tea", ("tea",), (Unit("t", word_start=True), Unit("iy"), Unit(".")))
    assert [word.text for word in timed_words(clause, np.array([1, 2, 3]), 0, 10)] == [" tea"]
