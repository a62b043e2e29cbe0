"""What a conversation needs is made beside the loading of its voice, and is given back where none comes of it."""

from __future__ import annotations

import dataclasses
import threading
from pathlib import Path

import pytest

from engine.commands import StartConversation
from engine.conversing import ComingParts, ConversationHost
from engine.errors import SottoError
from engine.events import Event
from engine.session.parts import Parts
from tests.fakes.tone_conversations import tone_parts

PATIENCE_S = 10.0


def test_parts_are_in_the_making_while_something_else_goes_on() -> None:
    go_on = threading.Event()

    def slow_parts(command: StartConversation) -> Parts:
        assert go_on.wait(PATIENCE_S)
        return tone_parts(command)

    coming = ComingParts(slow_parts, StartConversation())  # returns before they are made
    go_on.set()
    assert coming.wait().audio is not None
    coming.close()


def test_where_no_voice_can_be_had_everything_is_given_back(tmp_path: Path) -> None:
    given_back: list[str] = []
    sent: list[Event] = []

    def parts(command: StartConversation) -> Parts:
        made = tone_parts(command)
        return dataclasses.replace(made, close_rest=lambda: given_back.append("store"))

    recording = tmp_path / "conversation.wav"
    host = ConversationHost(parts, sent.append, lambda job: job())
    coming = host.expect(StartConversation(write=recording))
    host.give_up(coming)
    assert given_back == ["store"]
    assert list(tmp_path.iterdir()) == []  # no recording of a conversation that never was


def test_parts_that_cannot_be_had_are_one_sentence_where_they_are_waited_for() -> None:
    def parts(command: StartConversation) -> Parts:
        raise SottoError("There is no microphone and no loudspeaker; plug one in.")

    coming = ComingParts(parts, StartConversation())
    with pytest.raises(SottoError, match="plug one in"):
        coming.wait()
    coming.close()
