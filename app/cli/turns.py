"""Turns put together from a conversation's events, for those who print or count them.

Pure. Imports nothing heavy.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from engine.events import (
    Event,
    ItemTruncated,
    ResponseDone,
    SessionCreated,
    SessionEnded,
    SpeechStarted,
    SpeechStopped,
    TranscriptDone,
    TranscriptionCompleted,
    TurnLatency,
)


@dataclass(slots=True)
class Turn:
    """What the user said, what was to be said, what was heard of it, all that could be read where that is more for want
    of a loudspeaker, and when; times in seconds from the beginning."""

    user_text: str = ""
    assistant_text: str = ""
    heard_text: str = ""
    written_text: str = ""
    source: str = ""
    interrupted: bool = False
    v2v_ms: float | None = None
    breakdown_ms: dict[str, float] = field(default_factory=dict)
    ahead_ms: dict[str, float] = field(default_factory=dict)
    made_ahead: bool = False
    saved_ms: float = 0.0
    user_start_s: float | None = None
    user_end_s: float | None = None
    reply_start_s: float | None = None
    reply_end_s: float | None = None

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready values."""
        return asdict(self)


class TurnsSeen:
    """Takes events in order."""

    def __init__(self) -> None:
        self.ended: SessionEnded | None = None
        self._rate_hz = 1
        self._turns: dict[int, Turn] = {}

    def turn(self, number: int) -> Turn:
        """A turn by its number."""
        return self._turns.setdefault(number, Turn())

    def turns(self) -> list[Turn]:
        """All turns in which something was said, in order."""
        return [turn for _, turn in sorted(self._turns.items()) if turn.user_text or turn.assistant_text]

    def take(self, event: Event) -> None:
        """Another event."""
        turn = self.turn(event.turn_id)
        match event:
            case SessionCreated():
                self._rate_hz = event.sample_rate_hz
            case SpeechStarted():
                if turn.user_start_s is None or not turn.user_text:
                    turn.user_start_s = self._s(event.at_sample)
            case SpeechStopped():
                turn.user_end_s = self._s(event.at_sample)
            case TranscriptionCompleted():
                turn.user_text = event.transcript
                if not event.transcript:
                    turn.user_start_s = turn.user_end_s = None
            case TurnLatency():
                turn.v2v_ms = event.v2v_ms
                turn.breakdown_ms, turn.ahead_ms = event.breakdown_ms, event.ahead_ms
                turn.made_ahead, turn.saved_ms = event.made_ahead, event.saved_ms
                turn.reply_start_s = self._s(event.reply_at_sample)
            case TranscriptDone():
                turn.heard_text, turn.written_text = event.transcript, event.written
            case ItemTruncated():
                turn.interrupted = True
            case ResponseDone():
                turn.assistant_text, turn.source = event.text, event.source
                if event.until_sample:
                    turn.reply_end_s = self._s(event.until_sample)
            case SessionEnded():
                self.ended = event

    def _s(self, sample: int) -> float:
        return round(sample / self._rate_hz, 4)
