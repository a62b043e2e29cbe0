"""In a running conversation of a real engine process: a model is chosen, answers, and tells its troubles."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine.commands import EndConversation, StartConversation, TypedText
from engine.errand_events import ErrandDone
from engine.errands import Errand, ListDevices, UseModel
from engine.events import ErrorOccurred, Event, ResponseDone, SessionCreated, SessionEnded
from engine.handle import EngineHandle
from tests.fakes.kept_conversations import kept_parts
from tests.fakes.model_server import Behaviour, ModelServer, calls, words
from tests.fakes.tones import ToneShelf


class Talk:
    """A typed conversation with an engine."""

    def __init__(self, engine: EngineHandle) -> None:
        self.engine = engine
        self.seen: list[Event] = []

    def until(self, found: Callable[[Event], bool]) -> Event:
        """The next event for which that holds."""
        for _ in range(2000):
            event = self.engine.next_event(20.0)
            assert event is not None, self.seen[-5:]
            self.seen.append(event)
            if found(event):
                return event
        raise AssertionError(self.seen[-5:])

    def runs(self, errand: Errand) -> ErrandDone:
        self.engine.run_errand(errand)
        done = self.until(lambda event: isinstance(event, ErrandDone) and event.errand == errand.errand)
        assert isinstance(done, ErrandDone)
        return done

    def asks(self, text: str) -> ResponseDone:
        self.engine.converse(TypedText(text=text))
        done = self.until(lambda event: isinstance(event, ResponseDone))
        assert isinstance(done, ResponseDone)
        return done


@pytest.fixture
def talk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Talk]:
    monkeypatch.setenv("SOTTO_DATA_DIR", str(tmp_path))
    with EngineHandle(ToneShelf, kept_parts) as engine:
        talking = Talk(engine)
        engine.converse(StartConversation(voice="tones", listen="open"))
        talking.until(lambda event: isinstance(event, SessionCreated))
        yield talking


def test_a_model_is_chosen_answers_acts_and_tells_its_troubles(talk: Talk) -> None:
    with ModelServer() as server:
        server.behaviours = [
            words("Because of the air."),
            calls(("sotto_skills", '{"request": "speak faster"}')),
            words("Gladly."),
            Behaviour(status=402, error="no credit"),
        ]
        assert talk.asks("why is the sky blue").source != "small"
        assert talk.runs(UseModel(address=server.base_url, model="small")).trouble == ""
        answer = talk.asks("why is the sky blue")
        assert (answer.source, answer.text.strip()) == ("small", "Because of the air.")
        assert server.chats[0].texts("user")[0] == "why is the sky blue", "what was said before is known"
        assert talk.asks("could you go a little quicker from here on").text.strip() == "Gladly."
        told = server.chats[2].texts("tool")
        assert len(told) == 1
        assert "Only the user can" not in told[0], "a model can change the rate in a conversation"
        answer = talk.asks("why is grass green")
        assert answer.source != "small"
        troubles = [event.message for event in talk.seen if isinstance(event, ErrorOccurred)]
        assert troubles == [
            f"The account at {server.base_url} has no credit left; add some there, or choose a model on this machine."
        ]
        assert not any(isinstance(event, SessionEnded) for event in talk.seen)
        assert talk.runs(UseModel(model=None)).trouble == ""
        before = len(server.chats)
        talk.asks("why is snow white")
        assert len(server.chats) == before
    talk.engine.converse(EndConversation())
    talk.until(lambda event: isinstance(event, SessionEnded))


def test_devices_are_listed_beside_the_conversation(talk: Talk) -> None:
    done = talk.runs(ListDevices())
    assert (done.result is None) == bool(done.trouble), "a list, or a sentence where there is no sound system"
