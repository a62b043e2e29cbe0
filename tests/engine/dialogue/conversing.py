"""A dialogue with a language model for tests: a real loopback server, the real built-in skills, short times."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from engine.dialogue import Asked, Effect, Exchange, Reply
from engine.dialogue.built_in import BuiltInDialogue
from engine.dialogue.built_in_tools import BuiltInSkills
from engine.dialogue.model_config import ModelConfig
from engine.dialogue.model_dialogue import ModelDialogue
from engine.events import ErrorOccurred, Event
from tests.fakes.model_server import ModelServer

IMPATIENT = {"read_s": 1.0, "answer_within_s": 2.0}
"""Short times, so that a broken server is found out soon."""

AT = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)


def asked(text: str) -> Asked:
    """A typed question."""
    return Asked(text, spoken=False, at=AT)


@dataclass
class Told:
    """What the dialogue told its front end."""

    events: list[Event] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def tell(self, event: Event) -> None:
        """Take an event, on any thread."""
        with self.changed:
            self.events.append(event)
            self.changed.notify_all()

    def late(self, effects: tuple[Effect, ...]) -> None:
        """Take effects that came after a commit."""
        with self.changed:
            self.effects += effects
            self.changed.notify_all()

    def wait_for(self, condition: Callable[[], bool]) -> bool:
        """Wait until something about it holds."""
        with self.changed:
            return self.changed.wait_for(condition, 10.0)

    def sentences(self) -> list[str]:
        """The error events' sentences."""
        return [event.message for event in self.events if isinstance(event, ErrorOccurred)]


def config_for(server: ModelServer, **changes: Any) -> ModelConfig:
    """Times that a right server keeps on a busy machine."""
    times = {"connect_s": 10.0, "read_s": 15.0, "answer_within_s": 30.0}
    return ModelConfig(**({"base_url": server.base_url, "model": "small"} | times | changes))


@contextmanager
def conversing(
    config: ModelConfig, told: Told, key: str = "", first_retry_s: float = 0.05, **more: Any
) -> Iterator[ModelDialogue]:
    """An open dialogue, closed at the end; nothing of its own may have failed."""

    async def read_key() -> str:
        return key

    skills = BuiltInSkills(BuiltInDialogue(seed=1), told.late)
    dialogue = ModelDialogue(
        config, skills, read_key, told.tell, late=told.late, first_retry_s=first_retry_s, **more
    )
    try:
        yield dialogue
    finally:
        dialogue.close()
    assert [
        event for event in told.events if isinstance(event, ErrorOccurred) and event.code == "internal"
    ] == []


def heard(reply: Reply) -> str:
    """Commit a reply and hear all of it."""
    reply.commit()
    return "".join(reply.pieces())


def exchange(user: str, assistant: str) -> Exchange:
    """A past turn that was heard to its end."""
    return Exchange(user, assistant)
