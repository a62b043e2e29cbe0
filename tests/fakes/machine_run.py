"""Drives the pure state machine along a timeline of 10 ms blocks and keeps what it wanted when."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, TypeVar

from engine.session.actions import Action, ShowState
from engine.session.happenings import (
    BlockHeard,
    Happening,
    Played,
    Sounded,
    SpeechBegan,
    TextBegan,
    WordsFinal,
    WordsHeard,
)
from engine.session.machine import step
from engine.session.state import Limits, ListenMode, Session, starting

LIMITS = Limits()
BLOCK_MS = LIMITS.block_ms
Kind = TypeVar("Kind", bound=Action)


@dataclass
class Done:
    """An action, and when it was wanted."""

    at_ms: float
    action: Action


class MachineRun:
    """One session. `over_ms` and `prepare_ms` of silence stand for the judgement of the end of turn."""

    def __init__(
        self, listen: ListenMode = "open", over_ms: float = 400.0, prepare_ms: float = 150.0
    ) -> None:
        self.session: Session = starting(listen, LIMITS)
        self.done: list[Done] = []
        self.over_ms, self.prepare_ms = over_ms, prepare_ms
        self._voice = False
        self._stopped_ms = 0.0

    @property
    def now_ms(self) -> float:
        """Where it stands."""
        return 1000.0 * self.session.now / LIMITS.rate_hz

    @property
    def phase(self) -> str:
        """Its state's name."""
        return self.session.phase

    def take(self, happening: Happening) -> None:
        """One happening, now."""
        happening = replace(happening, at_sample=max(happening.at_sample, self.session.now))
        self.session, actions = step(self.session, happening)
        self.done += [Done(self.now_ms, action) for action in actions]

    def pass_ms(
        self, duration_ms: float, voice: bool = False, overlap: bool = True, suspected: bool = False
    ) -> None:
        """Blocks with or without a voice."""
        end_ms = self.now_ms + duration_ms
        began_ms = self.now_ms
        while self.now_ms < end_ms - 1e-6:
            at_ms = self.now_ms + BLOCK_MS
            started = stopped = None
            if voice and not self._voice:
                started = LIMITS.samples(at_ms - BLOCK_MS)
            if self._voice and not voice:
                self._stopped_ms = at_ms - BLOCK_MS
                stopped = LIMITS.samples(self._stopped_ms)
            self._voice = voice
            silent_ms = 0.0 if voice else at_ms - self._stopped_ms
            sounding = self.session.answer is not None and self.session.answer.sounded
            overlap_ms = at_ms - began_ms if voice and overlap and sounding else 0.0
            self.take(
                BlockHeard(
                    at_sample=LIMITS.samples(at_ms),
                    voice=voice,
                    started_at=started,
                    stopped_at=stopped,
                    overlap_ms=overlap_ms,
                    suspected=suspected,
                    over=not voice and silent_ms >= self.over_ms,
                    prepare=not voice and silent_ms >= self.prepare_ms,
                )
            )

    def words(self, text: str, complete: bool = False) -> None:
        """The recogniser's words so far, of the utterance under way."""
        assert self.session.user is not None
        number = self.session.user.number
        self.take(WordsHeard(at_sample=0, utterance=number, text=text, complete=complete))

    def final(self, text: str, **values: Any) -> None:
        """Its last word on the latest utterance."""
        self.take(WordsFinal(at_sample=0, utterance=self.session.utterances, text=text, **values))

    def answer_sounds(self) -> None:
        """The answer gets text, speech, and is heard."""
        response = self.session.responses
        for kind in (TextBegan, SpeechBegan, Sounded):
            self.take(kind(at_sample=0, response=response))

    def answer_ends(self) -> None:
        """All of it was played."""
        self.take(Played(at_sample=0, response=self.session.responses))

    def say(self, text: str, complete: bool = False) -> None:
        """The user says it; the recogniser has heard all of it, and the silence behind it is yet to come."""
        self.pass_ms(300)
        self.pass_ms(800, voice=True)
        self.words(text, complete)

    def ask(self, text: str = "tell me a story", speak: bool = True) -> None:
        """The user asks, and the answer sounds."""
        self.say(text)
        self.pass_ms(self.over_ms + BLOCK_MS)
        self.final(text)
        if speak:
            self.answer_sounds()

    def of(self, kind: type[Kind]) -> list[Kind]:
        """The actions of a kind so far."""
        return [done.action for done in self.done if isinstance(done.action, kind)]

    def at_ms(self, kind: type[Action], index: int = -1) -> float:
        """When such an action was wanted."""
        return [done.at_ms for done in self.done if isinstance(done.action, kind)][index]

    @property
    def states(self) -> list[str]:
        """The states shown so far."""
        return [action.state for action in self.of(ShowState)]

    def forget(self) -> None:
        """Look only at what is wanted from now on."""
        self.done.clear()
