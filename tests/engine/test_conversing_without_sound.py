"""A conversation in a real engine process on a machine without a loudspeaker, and on one that comes to have one."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from engine.commands import StartConversation, TypedText
from engine.events import DeviceChanged, Event, ResponseDone, TranscriptDelta, TranscriptDone
from engine.handle import EngineHandle
from tests.fakes.tone_conversations import REPLIES, live_parts
from tests.fakes.tones import ToneShelf
from tests.fixtures.sound_card import SoundCard

PATIENCE_S = 20.0


def told_by(engine: EngineHandle) -> Iterator[Event]:
    """What it tells, up to the end of an answer."""
    deadline_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline_s:
        event = engine.next_event(1.0)
        if event is not None:
            yield event
        if isinstance(event, ResponseDone):
            return
    pytest.fail("the answer never ended")


def test_what_is_typed_is_answered_in_writing(no_sound_card: None) -> None:
    with EngineHandle(ToneShelf, live_parts) as engine:
        engine.converse(StartConversation())
        engine.converse(TypedText(text="what time is it"))
        told = list(told_by(engine))
    (done,) = [event for event in told if isinstance(event, TranscriptDone)]
    assert (done.transcript, done.written) == ("", REPLIES["what time is it"])
    lost = {event.direction for event in told if isinstance(event, DeviceChanged) and event.kind == "lost"}
    assert lost == {"input", "output"}


def test_an_answer_that_begins_in_writing_goes_on_aloud_where_a_loudspeaker_comes(
    only_a_microphone: SoundCard,
) -> None:
    with EngineHandle(ToneShelf, live_parts) as engine:
        engine.converse(StartConversation())
        engine.converse(TypedText(text="tell me a story"))
        words: list[tuple[str, bool]] = []
        for event in told_by(engine):
            if isinstance(event, TranscriptDelta):
                words.append((event.delta, event.heard))
                if len(words) == 1:
                    only_a_microphone.add_loudspeaker("speaker")
    assert "".join(word for word, _ in words).strip() == REPLIES["tell me a story"]
    heard = [heard for _, heard in words]
    assert heard == sorted(heard), "first what was only written, then what was heard"
    assert (heard[0], heard[-1]) == (False, True)
