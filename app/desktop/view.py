"""What the window shows, as values: one ViewState, which `reduce` makes from the last one and what happened.

Pure and frozen. Must not import Qt.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from engine.events import ConversationState, DamagedVoice, Event, SpeechFigures, VoiceSummary

Role = Literal["user", "assistant"]
Stage = Literal["open", "final", "interrupted", "failed"]
EngineStage = Literal["starting", "loading", "ready", "ended"]
Severity = Literal["info", "warning", "error"]

MAX_NOTICES = 3
MAX_LATENCIES = 50


@dataclass(frozen=True, slots=True)
class Line:
    """One turn of one side.

    `text` is what stays: the user's stable words, the assistant's heard ones. `tentative` may still change. `unheard`
    is what an interrupted answer had still to say. An `open` line is being spoken.
    """

    key: int
    role: Role
    text: str = ""
    tentative: str = ""
    unheard: str = ""
    stage: Stage = "open"
    turn_id: int = 0
    item_id: str = ""
    typed: bool = False

    @property
    def shown(self) -> str:
        """All its words in reading order, for search, screen readers and copies of what is seen."""
        return " ".join(part for part in (self.text.rstrip(), self.tentative, self.unheard.lstrip()) if part)


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to tell above the transcript: what happened and why, what to do; `cause` goes into a report only."""

    key: str
    severity: Severity
    message: str
    mend: str = ""
    cause: str = ""
    action: Literal["", "restart", "retry", "settings"] = ""


@dataclass(frozen=True, slots=True)
class Latency:
    """One turn's delay: the parts that the user waited for, and what was done ahead of the decision."""

    turn_id: int
    v2v_ms: float | None
    breakdown_ms: tuple[tuple[str, float], ...]
    ahead_ms: tuple[tuple[str, float], ...] = ()

    @property
    def total_ms(self) -> float:
        """Voice to voice where it was measured, else the sum of the parts."""
        return self.v2v_ms if self.v2v_ms is not None else sum(ms for _, ms in self.breakdown_ms)

    @property
    def pregenerated(self) -> bool:
        """Whether the answer was begun before it was sure that the user had ended."""
        return bool(self.ahead_ms)


@dataclass(frozen=True, slots=True)
class ViewState:
    """Everything that the window shows of the conversation. `session` is empty until the devices are open."""

    engine: EngineStage = "starting"
    session: str = ""
    conversation: ConversationState = "asleep"
    why: str = ""
    voice: str = ""
    runtime: str = ""
    device: str = ""
    lines: tuple[Line, ...] = ()
    next_key: int = 1
    notices: tuple[Notice, ...] = ()
    latencies: tuple[Latency, ...] = ()
    figures: SpeechFigures | None = None
    voices: tuple[VoiceSummary, ...] = ()
    damaged: tuple[DamagedVoice, ...] = ()
    muted: bool = field(default=False)

    @property
    def can_converse(self) -> bool:
        """Whether what is said or typed now is heard."""
        return self.engine == "ready" and self.conversation != "failed" and bool(self.session)

    @property
    def sounding(self) -> bool:
        """Whether there is something that "stop" would stop."""
        return self.conversation in ("thinking", "speaking", "paused", "deciding")


# What happens on the window's own side


@dataclass(frozen=True, slots=True)
class Typed:
    """The user sent a typed text."""

    text: str


@dataclass(frozen=True, slots=True)
class Told:
    """The window has something to tell by itself."""

    notice: Notice


@dataclass(frozen=True, slots=True)
class Dismissed:
    """A notice was read."""

    key: str


@dataclass(frozen=True, slots=True)
class EngineRestarted:
    """A new engine process was asked for."""


@dataclass(frozen=True, slots=True)
class Opened:
    """Another conversation is shown: these lines (keys are given anew), none for a new one."""

    lines: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Removed:
    """One line is to go."""

    key: int


Action = Event | Typed | Told | Dismissed | EngineRestarted | Opened | Removed
