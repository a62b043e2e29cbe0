"""What a recogniser's process holds: something that takes one utterance after another and says what it understood.

Runs on the main thread of the recogniser's process. Values and one protocol; imports numpy.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Words:
    """Words so far: `stable` ones stay. `command`: those of a whole command of the closed grammar, if one was said, or
    may have been, where it is `doubtful`."""

    stable: tuple[str, ...] = ()
    tentative: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    doubtful: bool = False


@dataclass(frozen=True, slots=True)
class Understood:
    """The words of an utterance, final; see `engine.recognition.Final`."""

    text: str
    confidence: float
    from_grammar: bool
    rejected: bool


NOTHING = Understood(text="", confidence=0.0, from_grammar=False, rejected=False)
"""Nothing was said."""


class Listener(Protocol):
    """One utterance at a time: begin, feed …, then finish or drop. May raise: the process ends and is started anew."""

    def begin(self) -> None:
        """A new utterance."""

    def feed(self, samples: NDArray[np.float32]) -> Words:
        """More audio (S,) at RATE_HZ; returns the words so far."""

    def finish(self) -> Understood:
        """No more audio."""

    def drop(self) -> None:
        """Forget the utterance."""

    def tidy(self) -> None:
        """Called after `finish` or `drop` once nobody waits: whatever can be done later."""
