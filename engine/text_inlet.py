"""Text that is still arriving while it is spoken: written by one thread, iterated by the engine thread.

Holds at most what the handle lets through. Imports nothing heavy.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator


class TextInlet:
    """A blocking iterator of text pieces that ends after `finish` or at once after `cancel`."""

    def __init__(self) -> None:
        self._pieces: deque[str] = deque()
        self._changed = threading.Condition()
        self._finished = False

    def feed(self, text: str) -> None:
        """Append a piece of text."""
        with self._changed:
            if text:
                self._pieces.append(text)
                self._changed.notify()

    def finish(self) -> None:
        """No more text follows."""
        with self._changed:
            self._finished = True
            self._changed.notify()

    def cancel(self) -> None:
        """End the iteration now; what waits is dropped."""
        with self._changed:
            self._pieces.clear()
            self._finished = True
            self._changed.notify()

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        with self._changed:
            self._changed.wait_for(lambda: self._pieces or self._finished)
            if not self._pieces:
                raise StopIteration
            return self._pieces.popleft()
