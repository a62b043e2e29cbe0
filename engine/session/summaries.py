"""The summary of a conversation's beginning, from one dialogue to the next and into the record.

Any thread; whoever writes it down is called with a lock held, and returns at once. Imports only contracts.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from engine.dialogue import Dialogue, Summarises, Summary


class SummaryKeeper:
    """`summary` is what is there at the beginning; `write` takes each change of it, in order."""

    def __init__(self, summary: Summary | None, write: Callable[[Summary | None], None]) -> None:
        self._summary, self._write = summary, write
        self._lock = threading.Lock()
        self._served: Summarises | None = None

    def serve(self, dialogue: Dialogue) -> None:
        """This one answers from now on: it takes up what there is, and what others still make is not taken."""
        with self._lock:
            self._served = served = dialogue if isinstance(dialogue, Summarises) else None
            if served is not None:
                served.take_up(self._summary, lambda summary: self._take(served, summary))

    def amended(self, turn: int) -> None:
        """What was said in a turn holds no longer."""
        with self._lock:
            if self._served is not None:
                self._served.amended(turn)  # which may be about to make one that rests on it
            elif self._summary is not None and self._summary.tells(turn):
                self._summary = None
                self._write(None)

    def _take(self, whose: Summarises, summary: Summary | None) -> None:
        with self._lock:
            if whose is self._served:
                self._summary = summary
                self._write(summary)
