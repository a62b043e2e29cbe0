"""Carries out one action of the state machine after the other: what to listen to, what to say, what to tell.

Runs on the conversation's thread. Must not import devices, recognisers or the speech model.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.dialogue import Reply
from engine.events import InputCommitted, SpeechStarted, SpeechStopped, StateChanged, TranscriptionCompleted
from engine.session import actions as do
from engine.session.ear import Ear
from engine.session.performing import Performer
from engine.session.state import Session
from engine.session.teller import Teller
from engine.session.turn_timer import TurnTimer


@dataclass(slots=True)
class Doer:
    """`due`: what is to be announced next."""

    performer: Performer
    ear: Ear
    timer: TurnTimer
    teller: Teller
    due: Reply | None = None

    def carry_out(self, action: do.Action, session: Session) -> None:
        """One thing, at once; `session` is as it stands behind it."""
        performer = self.performer
        match action:
            case do.ShowState():
                stands = StateChanged(
                    state=action.state, at_sample=session.now, message=action.message, muted=action.muted
                )
                self.teller.event(stands)
            case do.AskLastWord():
                self.ear.finish(action.utterance)
            case do.TurnOver():
                self._turn_over(action.turn, action.stopped_at, session.now)
            case do.BeginUtterance() | do.TellStopped() | do.FinishUtterance() | do.DropUtterance():
                self._listening(action, session)
            case do.TellWords():
                self.timer.final(action.turn)
                item_id = f"user_{action.turn}"
                self.teller.event(
                    TranscriptionCompleted(item_id=item_id, transcript=action.text), action.turn
                )
                performer.user_said(action)
                if action.spoken and self.ear.fed:
                    performer.keep_user(action.turn, self.ear.fed)
                    self.ear.fed = []
            case do.Ask():
                performer.ask(action)
            case do.Announce():
                assert self.due is not None, "there is something to announce"
                performer.announce(action.response, action.turn, self.due)
                self.due = None
            case do.Discard():
                performer.discard(action.response)
            case do.Release():
                self.timer.released(action.response, action.was_ahead)
                performer.release(action.response, action.was_ahead)
            case do.Commit():
                performer.commit(action.response)
            case do.Duck():
                performer.outlet.duck(action.by_db)
            case do.Pause():
                performer.outlet.pause()
            case do.Resume():
                performer.outlet.resume()
            case do.Drop():
                performer.drop(action.response)
            case do.Finish():
                performer.finish(action.response, action.failed)
            case do.Wait():
                performer.wait(action.sign)

    def _listening(
        self,
        action: do.BeginUtterance | do.TellStopped | do.FinishUtterance | do.DropUtterance,
        session: Session,
    ) -> None:
        teller, now = self.teller, session.now
        match action:
            case do.BeginUtterance():
                self.ear.begin(action.utterance, action.from_sample, session)
                item_id = f"user_{action.turn}"
                teller.event(SpeechStarted(item_id=item_id, at_sample=action.from_sample), action.turn)
                teller.mark("user_started")
            case do.TellStopped():
                item_id = f"user_{action.turn}"
                teller.event(SpeechStopped(item_id=item_id, at_sample=action.at_sample), action.turn)
                teller.mark("user_stopped")
            case do.FinishUtterance():
                self.ear.finish(action.utterance)
                user = session.user
                stopped = now if user is None or user.voice else user.stopped_at
                self._turn_over(action.turn, stopped, now)
            case do.DropUtterance():
                self.ear.drop(action.utterance)
                # Words that were shown and are none after all leave the screen.
                teller.event(
                    TranscriptionCompleted(item_id=f"user_{action.turn}", transcript=""), action.turn
                )

    def _turn_over(self, turn: int, stopped: int, now: int) -> None:
        self.timer.decided(turn, stopped)
        self.teller.event(InputCommitted(item_id=f"user_{turn}", at_sample=now), turn)
        self.teller.mark("turn")
