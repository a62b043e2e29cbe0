"""What happens when the user's voice is heard while an answer sounds, is paused, or is about to begin.

Pure, any thread. Part of `engine.session.machine`. The answer is lowered, then paused, and then either the user has
the floor or it goes on; the same rules hold before its first sample, in its pauses, and as often as it happens.
"""

from __future__ import annotations

from dataclasses import replace

from engine.session import answering, listening
from engine.session.actions import Action
from engine.session.happenings import BlockHeard
from engine.session.state import Session
from engine.session.telling_words import takes_the_turn

Step = tuple[Session, tuple[Action, ...]]


def block(session: Session, heard: BlockHeard) -> Step:
    """Another block while both have something to say."""
    user, answer, limits = session.user, session.answer, session.limits
    if user is None or answer is None:
        return session, ()
    if user.by_key or user.finishing:
        return session, ()
    voiced_ms = 1000.0 * user.voiced / limits.rate_hz
    if voiced_ms >= limits.commit_ms:
        return take_the_floor(session)
    if not user.voice:
        if heard.at_sample - user.stopped_at < limits.samples(limits.resume_ms):
            return session, ()
        session, dropped = listening.drop(session)
        session, resumed = answering.go_on(session)
        return session, (*dropped, *resumed)
    if not answer.sounded:  # an answer that has not begun waits for whoever is speaking
        return answering.hold(session, "paused")
    overlap_ms = max(voiced_ms, heard.overlap_ms)
    if overlap_ms >= limits.pause_ms:
        return answering.hold(session, "paused")
    if overlap_ms >= limits.duck_ms:
        return answering.hold(session, "ducked")
    return session, ()


def words(session: Session, actions: tuple[Action, ...]) -> Step:
    """What the words so far decide."""
    user = session.user
    if not session.overlap or user is None or user.finishing or not takes_the_turn(user.text):
        return session, actions
    session, more = take_the_floor(session)
    return session, (*actions, *more)


def take_the_floor(session: Session) -> Step:
    """The user's utterance is a turn, and the answer ends."""
    user = session.user
    assert user is not None, "someone must take it"
    session, actions = answering.interrupt(session)
    return replace(session, user=replace(user, turn=session.turns + 1)), actions
