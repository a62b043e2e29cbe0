"""The contract of a recogniser: what goes in, what comes out, and the protocol. Values only; imports numpy.

Nothing here blocks: audio is handed over, what was understood is polled.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

RATE_HZ = 16_000
"""Rate of all audio that reaches a recogniser."""


@dataclass(frozen=True, slots=True)
class Grammar:
    """What the closed grammar accepts: a JSGF text with one public rule, and phrases that open text may follow.

    `open_prefixes`: "remember that", "take a note": behind them the open decoder's words are taken.
    """

    jsgf: str
    open_prefixes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Partial:
    """Words so far: those of `stable` will stay, those of `tentative` may change.

    `command`: what was said, where the closed grammar accepts it as a whole command, else empty; words that were
    called stable too early may differ from it. `doubtful`: it may be something else that was said. `until_sample`: how
    much of the utterance's audio (16 kHz samples) this is about.
    """

    utterance: int
    stable: str
    tentative: str
    command: str
    until_sample: int
    doubtful: bool = False

    @property
    def complete(self) -> bool:
        """Whether a whole command was said, as far as is sure."""
        return bool(self.command) and not self.doubtful

    @property
    def text(self) -> str:
        """What was said, as far as it is known."""
        return self.command or f"{self.stable} {self.tentative}".strip()


@dataclass(frozen=True, slots=True)
class Final:
    """The words, final. `confidence` 0 to 1; `from_grammar`: the closed grammar found them.

    Empty text: nothing was said, or nothing that could be understood (`rejected`).
    """

    utterance: int
    text: str
    confidence: float
    from_grammar: bool
    rejected: bool = False


@dataclass(frozen=True, slots=True)
class RecogniserTrouble:
    """The recogniser hung, crashed or lost audio; it has been started anew. One sentence, and what to do.

    An utterance under way ends with a rejected Final after this."""

    message: str
    mend: str = ""


Recognised = Partial | Final | RecogniserTrouble


class Recogniser(Protocol):
    """Streaming recognition. All calls return at once, save `start` and `wait_idle`."""

    def start(self) -> None:
        """Get ready; returns when speech can be fed. Raises SottoError with one sentence."""

    def begin(self, utterance: int) -> None:
        """A new utterance; numbers only grow."""

    def feed(self, utterance: int, samples: NDArray[np.float32]) -> None:
        """More audio (S,) at 16 kHz."""

    def finish(self, utterance: int) -> None:
        """No more audio: a Final follows."""

    def drop(self, utterance: int) -> None:
        """Forget it: nothing follows."""

    def poll(self) -> tuple[Recognised, ...]:
        """What was understood since the last call."""

    def wait_idle(self, timeout_s: float) -> bool:
        """Wait until all that was fed was worked on (simulated time); False when it took too long."""

    def close(self) -> None:
        """End the process. Harmless twice."""
