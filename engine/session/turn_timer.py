"""Notes when what happened in a turn, and makes of it the turn's delay once the reply sounds.

Runs on the conversation's thread. Moments of other threads come as monotonic seconds and are laid on the microphone's
clock by the time at which the newest block was read.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from engine.events import TurnLatency
from engine.session.latency import Milestones, ahead_ms, breakdown_ms, saved_ms, v2v_ms
from engine.session.making import Making


@dataclass(slots=True)
class _Turn:
    stopped: int
    decided: int
    final: int = 0


class TurnTimer:
    """`released` begins the wait for a reply's first audible sample, `sounded` ends it."""

    def __init__(self, rate_hz: int, simulated: bool) -> None:
        self._rate_hz, self._simulated = rate_hz, simulated
        self._at_sample, self._at_s = 0, 0.0
        self._turns: dict[int, _Turn] = {}
        self._waits: tuple[int, bool] | None = None

    def block(self, now: int) -> None:
        """A block that ends at sample `now` was read at this moment."""
        self._at_sample, self._at_s = now, time.monotonic()

    def decided(self, turn: int, stopped: int) -> None:
        """The turn, whose last voiced sample was `stopped`, is over."""
        now = self._sample(time.monotonic())
        self._turns = {
            turn: _Turn(min(stopped, now), now)
        }  # earlier ones have been answered or never will be

    def final(self, turn: int) -> None:
        """Its words are there."""
        if turn in self._turns:
            self._turns[turn].final = self._sample(time.monotonic())

    def released(self, response: int, was_ahead: bool) -> None:
        """A reply may sound."""
        self._waits = (response, was_ahead)

    def waits_for(self, response: int) -> bool:
        """Whether the reply's first sample is still to come."""
        return self._waits is not None and self._waits[0] == response

    def sounded(self, making: Making, at_sample: int) -> TurnLatency:
        """The reply's first audible sample is at `at_sample`."""
        assert self._waits is not None, "it was waited for"
        was_ahead = self._waits[1]
        self._waits = None
        turn, moments = self._turns.pop(making.turn, None), making.moments
        if self._simulated or turn is None or moments.text_s is None or moments.speech_s is None:
            return TurnLatency(
                v2v_ms=None, breakdown_ms={}, ahead_ms={}, reply_at_sample=at_sample, made_ahead=was_ahead
            )
        at = Milestones(
            stopped=turn.stopped,
            decided=turn.decided,
            final=turn.final,
            asked=self._sample(moments.asked_s),
            text=self._sample(moments.text_s),
            speech=self._sample(moments.speech_s),
            sounded=at_sample,
            lead_samples=moments.lead_samples or 0,
        )
        return TurnLatency(
            v2v_ms=round(v2v_ms(at, self._rate_hz), 2),
            breakdown_ms=breakdown_ms(at, self._rate_hz),
            ahead_ms=ahead_ms(at, self._rate_hz) if was_ahead else {},
            reply_at_sample=at_sample,
            made_ahead=was_ahead,
            saved_ms=saved_ms(at, self._rate_hz) if was_ahead else 0.0,
        )

    def _sample(self, at_s: float) -> int:
        return self._at_sample + round((at_s - self._at_s) * self._rate_hz)
