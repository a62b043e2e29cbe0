"""The engine process seen through its handle, with voices that sound tones or misbehave."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from engine.commands import StartConversation
from engine.errors import SottoError
from engine.events import (
    AudioDelta,
    AudioDone,
    BooksChanged,
    EngineLoading,
    EngineReady,
    ErrorOccurred,
    Event,
    ResponseCreated,
    ResponseDone,
    StateChanged,
    VoicesListed,
    VoiceVerified,
)
from engine.handle import MAX_TEXT_BYTES, MAX_TURNS_WAITING, EngineHandle
from tests.fakes.tones import CODEC, FRAMES_A_WORD, ToneShelf, frame, tone_hz
from tests.fixtures.sound_card import wait_for


@pytest.fixture(scope="module")
def engine() -> Iterator[EngineHandle]:
    """One process for all tests that leave it alive."""
    with EngineHandle(ToneShelf) as handle:
        yield handle


def until_done(engine: EngineHandle, turn_id: int) -> list[Event]:
    """Every event up to the end of a turn."""
    seen: list[Event] = []
    while not (seen and isinstance(seen[-1], ResponseDone) and seen[-1].turn_id == turn_id):
        event = engine.next_event(timeout_s=20)
        assert event is not None, f"the turn does not end; seen {seen[-3:]}"
        seen.append(event)
        assert len(seen) < 2000, "the turn does not end"
    return seen


def test_loading_then_ready_then_speech_in_order(engine: EngineHandle) -> None:
    turn = engine.say("hello there", voice="tones", seed=2)
    seen = until_done(engine, turn)
    deltas = [event for event in seen if isinstance(event, AudioDelta)]
    kinds = list(dict.fromkeys(type(event) for event in seen))
    assert kinds == [ResponseCreated, EngineLoading, EngineReady, AudioDelta, AudioDone, ResponseDone]
    assert [delta.frame_index for delta in deltas] == list(range(2 * FRAMES_A_WORD))
    assert {event.turn_id for event in seen} == {turn}
    np.testing.assert_array_equal(np.frombuffer(deltas[1].samples, np.float32), frame(tone_hz("hello", 2), 1))
    assert isinstance(seen[-1], ResponseDone)
    assert seen[-1].status == "completed"
    assert seen[-1].speech is not None
    assert seen[-1].speech.voice == "tones"


def test_a_loaded_voice_is_not_loaded_again(engine: EngineHandle) -> None:
    until_done(engine, engine.say("once", voice="tones"))
    assert not any(
        isinstance(e, EngineLoading) for e in until_done(engine, engine.say("twice", voice="tones"))
    )


def test_cancel_ends_the_speech_and_drops_what_is_stale(engine: EngineHandle) -> None:
    turn = engine.say("on", voice="endless")
    while not isinstance(engine.next_event(timeout_s=20), AudioDelta):
        pass
    engine.cancel()
    seen = until_done(engine, turn)
    assert not any(isinstance(event, AudioDelta) for event in seen), "no speech after a cancel"
    assert isinstance(seen[-1], ResponseDone)
    assert seen[-1].status == "cancelled"
    assert isinstance(until_done(engine, engine.say("again", voice="tones"))[-1], ResponseDone)


def test_cancel_drops_the_responses_that_wait(engine: EngineHandle, tmp_path: Path) -> None:
    engine.say("on", voice="endless", destination=tmp_path / "first.wav")
    last = engine.say("never", voice="tones", destination=tmp_path / "second.wav")
    engine.cancel()
    statuses = [event.status for event in until_done(engine, last) if isinstance(event, ResponseDone)]
    assert statuses == ["cancelled", "cancelled"]
    assert list(tmp_path.iterdir()) == []


def test_text_in_pieces_is_one_response(engine: EngineHandle) -> None:
    turn = engine.say("one ", more=True, voice="tones")
    engine.say_more("two ")
    engine.say_more("three", last=True)
    deltas = [event for event in until_done(engine, turn) if isinstance(event, AudioDelta)]
    assert len(deltas) == 3 * FRAMES_A_WORD


def test_a_conversation_that_cannot_begin_has_failed(engine: EngineHandle) -> None:
    engine.converse(StartConversation(voice="nobody"))
    seen: list[Event] = []
    while not (seen and isinstance(seen[-1], ErrorOccurred)):
        event = engine.next_event(timeout_s=20)
        assert event is not None
        seen.append(event)
    failed, error = seen[-2:]
    assert isinstance(failed, StateChanged)
    assert isinstance(error, ErrorOccurred)
    assert (failed.state, failed.message) == ("failed", error.message)
    assert (error.code, error.fatal) == ("refused", False)


def test_a_refusal_is_an_error_and_the_engine_lives_on(engine: EngineHandle) -> None:
    seen = until_done(engine, engine.say("hello", voice="nobody"))
    error = next(event for event in seen if isinstance(event, ErrorOccurred))
    assert (error.code, error.fatal) == ("refused", False)
    assert "no voice named 'nobody'" in error.message
    seen = until_done(engine, engine.say("hello", voice="tones"))
    assert isinstance(seen[-1], ResponseDone)
    assert seen[-1].status == "completed"


def test_a_bug_in_a_voice_is_an_error_with_its_cause(engine: EngineHandle) -> None:
    seen = until_done(engine, engine.say("hello", voice="failing"))
    error = next(event for event in seen if isinstance(event, ErrorOccurred))
    assert error.code == "internal"
    assert "ZeroDivisionError" in error.cause
    assert error.mend
    assert isinstance(seen[-1], ResponseDone)
    assert seen[-1].status == "failed"


def test_books_and_lapses_are_events_of_their_turn(engine: EngineHandle) -> None:
    turn = engine.say("two words more", voice="late")
    seen = until_done(engine, turn)
    changes = [event for event in seen if isinstance(event, BooksChanged)]
    assert [(event.turn_id, event.books) for event in changes] == [(turn, 16), (turn, 32)]
    seen = until_done(engine, engine.say("once again never more", voice="lapsing"))
    kinds = list(dict.fromkeys(type(event) for event in seen[3:]))
    assert kinds == [AudioDelta, ErrorOccurred, AudioDone, ResponseDone], "speech goes on after the sentence"
    assert isinstance(seen[-1], ResponseDone)
    assert seen[-1].status == "incomplete"


def test_voices_are_listed_and_verified(engine: EngineHandle) -> None:
    engine.list_voices()
    listed = engine.next_event(timeout_s=20)
    assert isinstance(listed, VoicesListed)
    assert [voice.name for voice in listed.voices] == ["tones"]
    engine.verify_voice("tones")
    verified = engine.next_event(timeout_s=20)
    assert isinstance(verified, VoiceVerified)
    assert verified.sample_rate_hz == CODEC.sample_rate_hz
    engine.verify_voice("torn")
    error = engine.next_event(timeout_s=20)
    assert isinstance(error, ErrorOccurred)
    assert "checksum" in error.message


def test_too_much_text_and_too_many_requests_are_refused(engine: EngineHandle) -> None:
    with pytest.raises(SottoError, match="longer than 1000 kB"):
        engine.say("x" * (MAX_TEXT_BYTES + 1))
    with pytest.raises(SottoError, match="not valid UTF-8"):
        engine.say("half a pair \ud800")
    turns = [engine.say("on", voice="endless", destination="events") for _ in range(MAX_TURNS_WAITING)]
    with pytest.raises(SottoError, match="Too many requests"):
        engine.say("one more")
    engine.cancel()
    until_done(engine, turns[-1])


def test_a_quiet_engine_gives_nothing_in_time(engine: EngineHandle) -> None:
    assert engine.next_event(timeout_s=0) is None


def test_a_process_that_dies_is_one_fatal_error_after_what_it_sent() -> None:
    with EngineHandle(ToneShelf) as engine:
        engine.say("hello", voice="crashing")
        seen = list(engine.events())
        assert sum(isinstance(event, AudioDelta) for event in seen) == FRAMES_A_WORD
        died = seen[-1]
        assert isinstance(died, ErrorOccurred)
        assert (died.code, died.fatal, died.cause) == ("engine_died", True, "exit code 3")
        engine.cancel()
        assert engine.next_event(timeout_s=0) is None


def entry_size(path: Path) -> int:
    """Bytes of a file that may be replaced by its whole self between listing and looking."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def test_an_engine_that_is_told_to_end_removes_its_file_and_counts_as_dead(tmp_path: Path) -> None:
    with EngineHandle(ToneShelf) as engine:
        engine.say("on", voice="endless", destination=tmp_path / "x.wav")
        wait_for(lambda: any(entry_size(path) for path in tmp_path.iterdir()), "the first audio")
        os.kill(engine.process_id, signal.SIGTERM)
        seen = list(engine.events())
    assert not any(isinstance(event, ResponseDone) for event in seen), (
        "there is no file that it could stand for"
    )
    died = seen[-1]
    assert isinstance(died, ErrorOccurred)
    assert (died.code, died.cause) == ("engine_died", f"exit code {128 + signal.SIGTERM}")
    assert list(tmp_path.iterdir()) == []


def test_close_ends_a_process_that_speaks_into_a_pipe_nobody_reads(tmp_path: Path) -> None:
    engine = EngineHandle(ToneShelf)
    engine.start()
    engine.say("on", voice="endless")
    assert isinstance(engine.next_event(timeout_s=20), ResponseCreated)
    engine.close()
    engine.close()
    engine.cancel()
    with pytest.raises(RuntimeError, match="not running"):
        engine.next_event()


def test_close_ends_a_process_that_hangs() -> None:
    engine = EngineHandle(ToneShelf)
    engine.start()
    engine.list_voices()
    assert engine.next_event(timeout_s=20) is not None
    process_id = engine.process_id
    os.kill(process_id, signal.SIGSTOP)
    engine.close(timeout_s=0.2)
    with pytest.raises(ProcessLookupError):
        os.kill(process_id, 0)
