"""What the state machine wants done: its outputs, frozen values. The conversation carries them out in order.

Any thread. Imports nothing but the standard library and the events' names of states.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from engine.events import ConversationState


@dataclass(frozen=True, slots=True)
class ShowState:
    """The conversation stands elsewhere now, or the microphone was closed or opened meanwhile."""

    state: ConversationState
    message: str = ""
    muted: bool = False


@dataclass(frozen=True, slots=True)
class BeginUtterance:
    """Let the recogniser hear from `from_sample` on."""

    utterance: int
    turn: int
    from_sample: int


@dataclass(frozen=True, slots=True)
class TellStopped:
    """The user fell silent at `at_sample`."""

    utterance: int
    turn: int
    at_sample: int


@dataclass(frozen=True, slots=True)
class FinishUtterance:
    """The user's turn is over: ask the recogniser for its last word."""

    utterance: int
    turn: int


@dataclass(frozen=True, slots=True)
class AskLastWord:
    """What was said into an answer has ended: what was it? It may be no turn."""

    utterance: int


@dataclass(frozen=True, slots=True)
class TurnOver:
    """What was said into an answer is a turn, and its words are known already."""

    turn: int
    stopped_at: int


@dataclass(frozen=True, slots=True)
class DropUtterance:
    """What was heard is no turn."""

    utterance: int
    turn: int


@dataclass(frozen=True, slots=True)
class TellWords:
    """The user's words of a turn are final."""

    turn: int
    text: str
    spoken: bool
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask the dialogue and make speech of its answer; `ahead`: nothing of it may sound or have effects yet."""

    response: int
    turn: int
    text: str
    spoken: bool
    confidence: float = 1.0
    from_grammar: bool = False
    ahead: bool = False


@dataclass(frozen=True, slots=True)
class Announce:
    """Make speech of what is to be said unasked, and let it sound."""

    response: int
    turn: int


@dataclass(frozen=True, slots=True)
class Discard:
    """An answer that was made ahead is not wanted: undo it everywhere."""

    response: int


@dataclass(frozen=True, slots=True)
class Release:
    """The answer may sound as soon as there is any of it; `was_ahead`: it was made ahead."""

    response: int
    was_ahead: bool


@dataclass(frozen=True, slots=True)
class Commit:
    """Carry out what the answer says it does."""

    response: int


@dataclass(frozen=True, slots=True)
class Duck:
    """Lower the answer by so many decibels; 0 undoes it."""

    by_db: float


@dataclass(frozen=True, slots=True)
class Pause:
    """Fade the answer out and keep it; before its first sample: keep it from beginning."""

    response: int


@dataclass(frozen=True, slots=True)
class Resume:
    """Go on from the start of the last word; before the first sample: let it begin."""

    response: int


@dataclass(frozen=True, slots=True)
class Drop:
    """Fade the answer out for good: what was not heard was not said."""

    response: int


@dataclass(frozen=True, slots=True)
class Finish:
    """The answer was heard whole."""

    response: int
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Wait:
    """Say that an answer takes long: a soft sound, or a word."""

    sign: Literal["earcon", "word"]


Action = (
    ShowState
    | BeginUtterance
    | TellStopped
    | FinishUtterance
    | AskLastWord
    | TurnOver
    | DropUtterance
    | TellWords
    | Ask
    | Announce
    | Discard
    | Release
    | Commit
    | Duck
    | Pause
    | Resume
    | Drop
    | Finish
    | Wait
)
