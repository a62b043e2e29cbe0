"""What a dialogue has to tell beside its answers: troubles, and effects that came after an answer's commit.

Any thread. A dialogue is opened before the conversation that it is for, so what comes early waits until it listens.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from engine.dialogue import Effect
from engine.events import Event

Aside = Event | tuple[Effect, ...]


class Asides:
    """Given to the dialogue, heard by the conversation."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._early: list[Aside] = []
        self._listener: Callable[[Aside], None] | None = None

    def tell(self, event: Event) -> None:
        """A trouble, for the front end."""
        self._pass(event)

    def late(self, effects: tuple[Effect, ...]) -> None:
        """Effects on the conversation itself."""
        self._pass(effects)

    def listen(self, listener: Callable[[Aside], None]) -> None:
        """From now on `listener` gets all of it, first what came before, on whatever thread it comes."""
        with self._lock:
            early, self._early = self._early, []
            self._listener = listener
            for aside in early:
                listener(aside)

    def _pass(self, aside: Aside) -> None:
        with self._lock:
            if self._listener is None:
                self._early.append(aside)
            else:
                self._listener(aside)
