"""What to say: one streaming protocol for built-in skills and language models.

A reply is a plan: making it changes nothing. Its effects happen in `commit`, which is called once, when the answer is
released to be heard; a reply that was made ahead in vain is cancelled and leaves no trace.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable


@dataclass(frozen=True, slots=True)
class Asked:
    """What the user said or typed. `at` is calendar time with a zone; `confidence` the recogniser's, 1 for typing."""

    text: str
    spoken: bool
    at: datetime
    confidence: float = 1.0
    from_grammar: bool = False


@dataclass(frozen=True, slots=True)
class Exchange:
    """One past turn as it was: `assistant_text` holds only what was heard, or where it was `unheard`, in part or all
    of it, what could be read for want of a loudspeaker. `turn` grows along a conversation: 1 and up in this session,
    negative in those before it, None where it is no turn of its own yet."""

    user_text: str
    assistant_text: str
    interrupted: bool = False
    turn: int | None = None
    unheard: bool = False


@dataclass(frozen=True, slots=True)
class Summary:
    """What was said in a conversation up to and with the turn `until`, in a few sentences."""

    until: int
    text: str

    def tells(self, turn: int | None) -> bool:
        """Whether a turn is among what it sums up."""
        return turn is not None and turn <= self.until


@dataclass(frozen=True, slots=True)
class ToolUse:
    """A tool that an answer called: whose it is, the arguments as JSON, and what it gave; `failed` says that it gave a
    reason why not."""

    name: str
    owner: str
    arguments: str
    result: str
    failed: bool = False


@dataclass(frozen=True, slots=True)
class ChangeVolume:
    """Louder or softer by so many decibels."""

    by_db: float


@dataclass(frozen=True, slots=True)
class ChangeRate:
    """Speak faster (above 1) or slower, relative to the present rate."""

    by_factor: float


@dataclass(frozen=True, slots=True)
class StopSpeaking:
    """Fall silent; the conversation goes on."""


@dataclass(frozen=True, slots=True)
class FallAsleep:
    """End the conversation for now."""


Effect = ChangeVolume | ChangeRate | StopSpeaking | FallAsleep
"""What a committed reply asks of the session; what concerns the store or a server it does itself."""


class Reply(Protocol):
    """An answer under way. One thread takes the pieces; `cancel` may come from another."""

    @property
    def source(self) -> str:
        """The skill's name, or the model's."""

    def pieces(self) -> Iterator[str]:
        """The answer's text as it comes, cleaned for display; may block. Nothing: an answer without words."""

    def commit(self) -> tuple[Effect, ...]:
        """The answer is being heard: do what it says it does."""

    def cancel(self) -> None:
        """It will not be heard: stop, at once and from any thread."""


@runtime_checkable
class UsesTools(Protocol):
    """A reply that calls tools on its way."""

    @property
    def tool_uses(self) -> tuple[ToolUse, ...]:
        """Those that have ended so far, in order; from any thread."""


class Dialogue(Protocol):
    """Whoever answers."""

    def reply(self, asked: Asked, history: tuple[Exchange, ...]) -> Reply:
        """A plan for an answer; returns at once."""

    def announcements(self, now: datetime) -> tuple[Reply, ...]:
        """What is to be said unasked, such as an alarm that is due; committed when heard, else due again."""

    def close(self) -> None:
        """End what runs behind it."""


@runtime_checkable
class Summarises(Protocol):
    """A dialogue that sums up what of a conversation it cannot hold whole. Any thread; returns at once."""

    def take_up(self, summary: Summary | None, keep: Callable[[Summary | None], None]) -> None:
        """A conversation begins or goes on: what sums up its beginning, and who is given each new summary, and None
        where it holds no longer."""

    def amended(self, turn: int) -> None:
        """What was said in a turn holds no longer: a summary that rests on it is forgotten."""
