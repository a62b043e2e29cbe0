"""A recogniser that the bundled one takes the place of where it cannot be had, so that a conversation goes on.

Conversation's thread. What went wrong is told once, as the first thing that is understood.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from engine.errors import SottoError
from engine.recognition.contract import Recognised, Recogniser, RecogniserTrouble

MEND = "The bundled recogniser listens meanwhile; choose another one in Settings, under Recognition."


class BundledInstead:
    """See `engine.recognition.Recogniser`. Both are made when it starts, the bundled one only where it is needed."""

    def __init__(self, make_chosen: Callable[[], Recogniser], make_bundled: Callable[[], Recogniser]) -> None:
        self._make_chosen, self._make_bundled = make_chosen, make_bundled
        self._used: Recogniser | None = None
        self._trouble: tuple[RecogniserTrouble, ...] = ()

    def start(self) -> None:
        """See `Recogniser`."""
        if self._used is not None:
            return
        try:
            self._used = self._make_chosen()
            self._used.start()
        except SottoError as error:
            self.close()
            self._trouble = (RecogniserTrouble(str(error), MEND),)
            self._used = self._make_bundled()
            self._used.start()

    @property
    def _listening(self) -> Recogniser:
        if self._used is None:
            raise RuntimeError("the recogniser has not been started")
        return self._used

    def begin(self, utterance: int) -> None:
        """See `Recogniser`."""
        self._listening.begin(utterance)

    def feed(self, utterance: int, samples: NDArray[np.float32]) -> None:
        """See `Recogniser`."""
        self._listening.feed(utterance, samples)

    def finish(self, utterance: int) -> None:
        """See `Recogniser`."""
        self._listening.finish(utterance)

    def drop(self, utterance: int) -> None:
        """See `Recogniser`."""
        self._listening.drop(utterance)

    def poll(self) -> tuple[Recognised, ...]:
        """See `Recogniser`."""
        told, self._trouble = self._trouble, ()
        return told + self._listening.poll()

    def wait_idle(self, timeout_s: float) -> bool:
        """See `Recogniser`."""
        return self._listening.wait_idle(timeout_s)

    def close(self) -> None:
        """See `Recogniser`."""
        if self._used is not None:
            self._used.close()
            self._used = None
