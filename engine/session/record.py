"""What a conversation leaves behind: the protocol of whoever keeps it, and one that keeps nothing.

Called on the dialogue thread, in order, so that a slow disk delays no sound. Imports nothing heavy.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from engine.dialogue import Exchange, Summary, ToolUse


@dataclass(frozen=True, slots=True)
class HeardAnswer:
    """The assistant's side of a turn as far as it has come; `heard_text` and `heard_ms` only grow.

    `generated_text` is what the dialogue gave so far, `source` the skill's name or the model's. `written_text` is all
    that reached the user where not all of it was heard, since there was no loudspeaker for a while. `done`: nothing
    will follow. Where both are empty and it is done, there is no assistant turn.
    """

    turn_id: int
    source: str
    generated_text: str
    heard_text: str
    heard_ms: float
    interrupted: bool
    done: bool
    tools: tuple[ToolUse, ...] = ()
    written_text: str = ""


@dataclass(frozen=True, slots=True)
class Earlier:
    """What was said in a conversation that is gone on with: its last exchanges, and the summary of its beginning."""

    exchanges: tuple[Exchange, ...] = ()
    summary: Summary | None = None


class Record(Protocol):
    """Keeps one conversation. A call that fails raises SottoError, and the conversation goes on without it."""

    def user_said(self, turn_id: int, text: str, spoken: bool, confidence: float, at: datetime) -> None:
        """The user's words, once they are final; before anything is answered."""

    def assistant_heard(self, heard: HeardAnswer) -> None:
        """Another clause of the answer was heard, or it is over. Called again with more for the same turn."""

    def timed(self, turn_id: int, v2v_ms: float, breakdown_ms: dict[str, float]) -> None:
        """How long the user waited."""

    def number_of(self, turn_id: int) -> int | None:
        """By which number a turn is found again; None where it is not kept."""

    def recorded(self, turn_id: int, side: str, path: Path) -> None:
        """The sound of one side ("user" or "assistant") of a turn lies there."""

    def summed_up(self, summary: Summary | None) -> None:
        """What was said so far, in a few sentences, in place of the summary before; None: that holds no longer."""

    def close(self) -> None:
        """The conversation is over."""


class NoRecord:
    """Keeps nothing."""

    def user_said(self, turn_id: int, text: str, spoken: bool, confidence: float, at: datetime) -> None:
        """Nothing."""

    def assistant_heard(self, heard: HeardAnswer) -> None:
        """Nothing."""

    def timed(self, turn_id: int, v2v_ms: float, breakdown_ms: dict[str, float]) -> None:
        """Nothing."""

    def number_of(self, turn_id: int) -> int | None:
        """None."""
        return None

    def recorded(self, turn_id: int, side: str, path: Path) -> None:
        """Nothing."""

    def summed_up(self, summary: Summary | None) -> None:
        """Nothing."""

    def close(self) -> None:
        """Nothing."""
