"""A live conversation on the virtual card, for the benchmarks that talk: a whole engine process, and what it tells.

The events are read on a thread of their own.
"""

from __future__ import annotations

import contextlib
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from app.cli.turns import TurnsSeen
from benchmarks.virtual_card import environment, wait_for
from engine.commands import EndConversation, StartConversation
from engine.errors import SottoError
from engine.events import ErrorOccurred, Event, SessionEnded, StateChanged
from engine.handle import EngineHandle
from engine.paths import DATA_DIR_VARIABLE

AUDIBLE = 10.0 ** (-50.0 / 20.0)
"""From this amplitude on a sample counts as heard (-50 dBFS)."""

START_S = 120.0


@dataclass
class Talker:
    """A conversation under way: everything it told so far."""

    engine: EngineHandle
    seen: TurnsSeen = field(default_factory=TurnsSeen)
    events: list[Event] = field(default_factory=list)
    state: str = ""
    errors: list[str] = field(default_factory=list)

    def take(self, event: Event) -> None:
        """Another event."""
        self.events.append(event)
        self.seen.take(event)
        if isinstance(event, StateChanged):
            self.state = event.state
        elif isinstance(event, ErrorOccurred):
            self.errors.append(event.message)


def as_it_comes(folder: Path) -> None:
    """Nothing is set up."""


@contextlib.contextmanager
def conversing(command: StartConversation, set_up: Callable[[Path], None] = as_it_comes) -> Iterator[Talker]:
    """A live conversation on the virtual card, with a data folder of its own, in which `set_up` may choose a model."""
    with contextlib.ExitStack() as around:
        folder = around.enter_context(tempfile.TemporaryDirectory())
        set_up(Path(folder))
        around.enter_context(environment({DATA_DIR_VARIABLE: folder}))
        engine = around.enter_context(EngineHandle())
        talker = Talker(engine)

        def read() -> None:
            for event in engine.events():
                talker.take(event)
                if isinstance(event, SessionEnded):
                    return

        engine.converse(command)
        reader = threading.Thread(target=read, name="events", daemon=True)
        reader.start()
        wait_for(lambda: bool(talker.state or talker.errors), "the conversation to begin", START_S)
        if not talker.state:
            raise SottoError(f"The conversation did not begin: {talker.errors[0]}")
        try:
            yield talker
        finally:
            engine.converse(EndConversation())
            reader.join(10.0)
