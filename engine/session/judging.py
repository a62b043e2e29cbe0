"""Gathers the evidence on whether the user's turn is over, block by block, and asks `EndOfTurn`.

Runs on the conversation's thread. Must not import devices or the recogniser's process.
"""

from __future__ import annotations

from engine.hearing import RECOGNISER_RATE_HZ, HeardBlock
from engine.recognition import Partial
from engine.session.end_of_turn import EndOfTurn, Verdict, evidence_of
from engine.session.melody import Melody, Tracker
from engine.session.state import Utterance


class Judge:
    """One utterance at a time. `patience` scales all waiting."""

    def __init__(self, end_of_turn: EndOfTurn, rate_hz: int, patience: float) -> None:
        self.patience = patience
        self._end_of_turn, self._rate_hz = end_of_turn, rate_hz
        self._tracker = Tracker()
        self._melody: Melody | None = None
        self._partial: Partial | None = None
        self._fed_from = 0
        self._stirring = False

    def begin(self, fed_from: int) -> None:
        """A new utterance, of which the recogniser hears from the microphone's sample `fed_from` on."""
        self._tracker.begin()
        self._melody, self._partial, self._fed_from, self._stirring = None, None, fed_from, False

    def hear(self, block: HeardBlock) -> None:
        """A block while the utterance lasts."""
        self._tracker.hear(block.samples, block.voice)
        self._stirring = block.stirring
        if block.voice:
            self._melody = None

    def take(self, partial: Partial) -> None:
        """The recogniser's newest words."""
        self._partial = partial

    def verdict(self, user: Utterance, now: int, stopped_at: int) -> Verdict:
        """What is to be thought at sample `now` of a user who has been silent since `stopped_at`."""
        if self._melody is None:
            self._melody = self._tracker.melody()
        return self._end_of_turn.judge(
            evidence_of(
                self._partial,
                silence_ms=self._ms(now - stopped_at),
                speech_ms=self._ms(stopped_at - user.started_at),
                behind_ms=max(0.0, self._ms(stopped_at - self._understood_until())),
                stirring=self._stirring,
                melody=self._melody,
                patience=self.patience,
            )
        )

    def _understood_until(self) -> int:
        """The microphone's sample up to which the recogniser's words go."""
        if self._partial is None:
            return self._fed_from
        return self._fed_from + self._partial.until_sample * self._rate_hz // RECOGNISER_RATE_HZ

    def _ms(self, samples: int) -> float:
        return 1000.0 * samples / self._rate_hz
