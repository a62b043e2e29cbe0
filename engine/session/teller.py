"""What a conversation tells the outside: every event with its time, turn and generation, and the meters.

Runs on the conversation's thread, `event` on any. Imports no other part of the session.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from engine.audio.duplex import CaptureBlock
from engine.events import ErrorOccurred, Event
from engine.meters import MarkKind, MemoryShown, MeterWriter


class Teller:
    """`now`, `generation` and `loud_until`, the end of the assistant's audible sound, are kept up to date by the
    conversation."""

    def __init__(self, send: Callable[[Event], None], rate_hz: int, meters: MeterWriter | None) -> None:
        self.now = 0
        self.generation = 0
        self.loud_until = 0
        self._send, self._rate_hz, self._meters = send, rate_hz, meters

    def event(self, event: Event, turn: int = 0) -> None:
        """Send it; `turn` 0 leaves the event's own."""
        t_ms = round(1000.0 * self.now / self._rate_hz, 2)
        turn_id = turn or event.turn_id
        self._send(replace(event, turn_id=turn_id, generation=self.generation, t_ms=t_ms))

    def error(self, code: Any, message: str, cause: str = "", mend: str = "", turn: int = 0) -> None:
        """Something failed and the conversation goes on."""
        self.event(ErrorOccurred(code=code, message=message, cause=cause, mend=mend), turn)

    def block(self, block: CaptureBlock) -> None:
        """One column of the waveform."""
        if self._meters is not None:
            self._meters.block(block.samples, block.reference)

    def mark(self, kind: MarkKind) -> None:
        """A mark on the waveform."""
        if self._meters is not None:
            self._meters.mark(kind)

    def count(self, name: str, by: float = 1.0) -> None:
        """Raise a counter."""
        if self._meters is not None and by:
            self._meters.count(name, by)

    def gauge(self, name: str, value: float) -> None:
        """Set a gauge."""
        if self._meters is not None:
            self._meters.gauge(name, value)

    def memory(self, shown: MemoryShown) -> None:
        """The voice's memory as it is now."""
        if self._meters is not None:
            self._meters.memory(shown)

    def close(self) -> None:
        """Let go of the meters."""
        if self._meters is not None:
            self._meters.close()
