"""What the window shows, as values: one ViewState, which `reduce` makes from the last one and what happened.

Pure and frozen. Must not import Qt.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from app.desktop.connections import NOTHING_KNOWN, Connections, ErrandBegun
from app.desktop.phrase import Words
from engine.event_values import DamagedVoice, RecogniserSummary, RememberedFact, SpeechFigures, VoiceSummary
from engine.events import ConversationState, Event
from engine.recogniser_events import FetchProgress

Role = Literal["user", "assistant", "tool"]
Stage = Literal["open", "final", "interrupted", "failed"]
Aloud = Literal["all", "part", "none"]
EngineStage = Literal["starting", "loading", "ready", "ended"]
Severity = Literal["info", "warning", "error"]

MAX_NOTICES = 3
MAX_LATENCIES = 50


@dataclass(frozen=True, slots=True)
class Line:
    """One turn of one side.

    `text` is what stays: the user's stable words, the assistant's heard ones, or those that were only written where
    not all of it came `aloud`, since there was no loudspeaker. `tentative` may still change. `unheard`
    is what an interrupted answer had still to say. An `open` line is being spoken. `source` is who answered: a skill's
    name, or the model's. `number` finds its turn in the store (0: it is not there). `recognised` is what the user had
    been heard to say before it was corrected. The line of a tool has its name as `text`, its owner as `source`, and
    unfolds to what it was given and gave.
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
    source: str = ""
    number: int = 0
    recognised: str = ""
    arguments: str = ""
    result: str = ""
    unfolded: bool = False
    aloud: Aloud = "all"

    @property
    def shown(self) -> str:
        """All the words of the conversation on it, in reading order."""
        return " ".join(part for part in (self.text.rstrip(), self.tentative, self.unheard.lstrip()) if part)


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to tell above the transcript: what happened and why, what to do; `cause` goes into a report only."""

    key: str
    severity: Severity
    message: Words
    mend: Words = ""
    cause: str = ""
    action: Literal["", "restart", "retry", "settings", "undo"] = ""


@dataclass(frozen=True, slots=True)
class Latency:
    """One turn's delay: the parts that the user waited for, what was done meanwhile, and whether the answer was there
    before it was sure that the user had ended."""

    turn_id: int
    v2v_ms: float | None
    breakdown_ms: tuple[tuple[str, float], ...]
    ahead_ms: tuple[tuple[str, float], ...] = ()
    made_ahead: bool = False

    @property
    def total_ms(self) -> float:
        """Voice to voice where it was measured, else the sum of the parts."""
        return self.v2v_ms if self.v2v_ms is not None else sum(ms for _, ms in self.breakdown_ms)


@dataclass(frozen=True, slots=True)
class Earlier:
    """A conversation of the past: its number in the store, its title, its lines."""

    number: int
    title: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Recognisers:
    """The recognisers that are here or can be had, how far their downloads are, and what was told of them last.

    `verified` is the one, or the folder, that was found whole last.
    """

    listed: tuple[RecogniserSummary, ...] = ()
    free_bytes: int = 0
    cache: str = ""
    fetches: tuple[FetchProgress, ...] = ()
    told: Words = ""
    verified: str = ""

    def fetch(self, name: str) -> FetchProgress | None:
        """The download of this one, if it was asked for."""
        return next((fetch for fetch in self.fetches if fetch.recogniser == name), None)


@dataclass(frozen=True, slots=True)
class ViewState:
    """Everything that the window shows of the conversation.

    `session` is empty until the devices are open; its turns are lines from `session_key` on, since every session counts
    its own. `earlier` is a conversation of the past that is looked at meanwhile.
    """

    engine: EngineStage = "starting"
    session: str = ""
    conversation: ConversationState = "asleep"
    why: str = ""
    voice: str = ""
    runtime: str = ""
    device: str = ""
    lines: tuple[Line, ...] = ()
    next_key: int = 1
    session_key: int = 1
    earlier: Earlier | None = None
    notices: tuple[Notice, ...] = ()
    latencies: tuple[Latency, ...] = ()
    figures: SpeechFigures | None = None
    voices: tuple[VoiceSummary, ...] = ()
    damaged: tuple[DamagedVoice, ...] = ()
    muted: bool = False
    voiceless: bool = False
    """Whether the loudspeaker is away, so that answers can only be read."""
    connections: Connections = NOTHING_KNOWN
    recognisers: Recognisers = Recognisers()
    facts: tuple[RememberedFact, ...] = ()
    facts_count: int = 0
    begun: int = 0
    """How many conversations were begun before this one."""
    awaits_session: bool = True
    """Whether a session was asked for that has neither begun nor failed to begin."""

    @property
    def shown_lines(self) -> tuple[Line, ...]:
        """What stands in the transcript."""
        return self.lines if self.earlier is None else self.earlier.lines

    @property
    def can_converse(self) -> bool:
        """Whether what is said or typed now is heard."""
        return self.engine == "ready" and self.conversation != "failed" and bool(self.session)

    @property
    def takes_text(self) -> bool:
        """Whether what is typed now reaches a conversation, one that is about to begin included."""
        return self.engine != "ended" and (bool(self.session) or self.awaits_session)

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
    """All begins anew: with another engine process, or with another conversation where the last one failed."""


@dataclass(frozen=True, slots=True)
class SessionAsked:
    """The engine was asked to begin a conversation, after the end of the one before."""


@dataclass(frozen=True, slots=True)
class Begun:
    """A new conversation: nothing was said in it yet."""


@dataclass(frozen=True, slots=True)
class Opened:
    """An earlier conversation is looked at; None: back to the present one."""

    earlier: Earlier | None = None


@dataclass(frozen=True, slots=True)
class Unfolded:
    """The details of a line are to be seen, or no longer."""

    key: int


@dataclass(frozen=True, slots=True)
class Corrected:
    """The user says what he really said on this line."""

    line: Line
    text: str


@dataclass(frozen=True, slots=True)
class Removed:
    """The turn of this line is deleted."""

    line: Line


@dataclass(frozen=True, slots=True)
class Restored:
    """The lines of a deleted turn are back: in the conversation that was the present one when `begun` had been begun
    before it, and in the earlier one of this number."""

    begun: int
    session_lines: tuple[Line, ...]
    earlier: int = 0
    earlier_lines: tuple[Line, ...] = ()


TurnAction = Unfolded | Corrected | Removed | Restored
Action = (
    TurnAction
    | Event
    | Typed
    | Told
    | Dismissed
    | EngineRestarted
    | SessionAsked
    | Begun
    | Opened
    | ErrandBegun
)
