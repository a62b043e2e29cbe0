"""A dialogue that says what a test has written down, and notes what was asked, committed and cancelled."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from engine.dialogue import Asked, Effect, Exchange, Reply, Summary
from engine.session.record import HeardAnswer


@dataclass
class ScriptedReply:
    """`gate`: set before the text comes, where one is given. `fails`: raises instead."""

    text: str
    source: str = "script"
    effects: tuple[Effect, ...] = ()
    gate: threading.Event | None = None
    fails: Exception | None = None
    commits: int = 0
    cancelled: threading.Event = field(default_factory=threading.Event)

    def pieces(self) -> Iterator[str]:
        """The text, word by word."""
        while self.gate is not None and not self.gate.wait(0.02):
            if self.cancelled.is_set():
                return
        if self.fails is not None:
            raise self.fails
        for word in self.text.split(" ") if self.text else ():
            if self.cancelled.is_set():
                return
            yield word + " "

    def commit(self) -> tuple[Effect, ...]:
        """Count it."""
        self.commits += 1
        return self.effects

    def cancel(self) -> None:
        """Note it."""
        self.cancelled.set()


class ScriptedDialogue:
    """Answers by `replies`, a text for each question, and "I can't" else."""

    def __init__(self, replies: dict[str, ScriptedReply | str] | None = None) -> None:
        self.replies = replies or {}
        self.asked: list[tuple[Asked, tuple[Exchange, ...]]] = []
        self.given: list[ScriptedReply] = []
        self.due: list[ScriptedReply] = []
        self.closed = False
        self.amendments: list[int] = []

    def take_up(self, summary: Summary | None, keep: Callable[[Summary | None], None]) -> None:
        """See `Summarises`."""
        self.taken_up, self.keep_summary = summary, keep

    def amended(self, turn: int) -> None:
        """See `Summarises`."""
        self.amendments.append(turn)

    def reply(self, asked: Asked, history: tuple[Exchange, ...]) -> Reply:
        """See `Dialogue`."""
        self.asked.append((asked, history))
        answer = self.replies.get(asked.text, "sorry I cannot")
        reply = ScriptedReply(answer) if isinstance(answer, str) else answer
        self.given.append(reply)
        return reply

    def announcements(self, now: datetime) -> tuple[Reply, ...]:
        """See `Dialogue`."""
        due, self.due = tuple(reply for reply in self.due if not reply.commits), []
        return due

    def close(self) -> None:
        """See `Dialogue`."""
        self.closed = True


@dataclass
class MemoryRecord:
    """Keeps everything in lists."""

    said: list[tuple[int, str, bool]] = field(default_factory=list)
    heard: list[HeardAnswer] = field(default_factory=list)
    times: list[tuple[int, float]] = field(default_factory=list)
    sounds: list[tuple[int, str, Path]] = field(default_factory=list)
    summaries: list[Summary | None] = field(default_factory=list)
    closed: bool = False

    def number_of(self, turn_id: int) -> int | None:
        """See `Record`: the first turn is 101."""
        return 100 + turn_id if any(turn == turn_id for turn, _, _ in self.said) else None

    def recorded(self, turn_id: int, side: str, path: Path) -> None:
        """See `Record`."""
        self.sounds.append((turn_id, side, path))

    def user_said(self, turn_id: int, text: str, spoken: bool, confidence: float, at: datetime) -> None:
        """See `Record`."""
        self.said.append((turn_id, text, spoken))

    def assistant_heard(self, heard: HeardAnswer) -> None:
        """See `Record`."""
        self.heard.append(heard)

    def timed(self, turn_id: int, v2v_ms: float, breakdown_ms: dict[str, float]) -> None:
        """See `Record`."""
        self.times.append((turn_id, v2v_ms))

    def summed_up(self, summary: Summary | None) -> None:
        """See `Record`."""
        self.summaries.append(summary)

    def close(self) -> None:
        """See `Record`."""
        self.closed = True
