"""What happens when the user's voice is heard while an answer sounds, is paused, or is about to begin.

Pure, any thread. Part of `engine.session.machine`. The answer is lowered, then paused, and then either the user has
the floor or it goes on; the same rules hold before its first sample, in its pauses, and as often as it happens.
"""

from __future__ import annotations

from dataclasses import replace

from engine.session import answering
from engine.session.actions import Action, AskLastWord, DropUtterance
from engine.session.happenings import BlockHeard
from engine.session.state import Session, Utterance
from engine.session.telling_words import takes_the_turn

Step = tuple[Session, tuple[Action, ...]]


def suspect(session: Session, heard: BlockHeard) -> Step:
    """What may be a voice lowers the answer at once, since that can be undone unnoticed, and does nothing more."""
    answer = session.answer
    if answer is None or not answer.sounded:
        return session, ()
    if heard.suspected:
        return answering.hold(replace(session, suspected_at=session.now), "ducked")
    quiet = session.now - session.suspected_at
    if (
        answer.hold == "ducked"
        and session.user is None
        and quiet >= session.limits.samples(session.limits.resume_ms)
    ):
        return answering.go_on(session)
    return session, ()


def block(session: Session, heard: BlockHeard) -> Step:
    """Another block while both have something to say."""
    user, answer, limits = session.user, session.answer, session.limits
    if user is None or answer is None:
        return session, ()
    if user.by_key:
        return session, ()
    voiced_ms = 1000.0 * user.voiced / limits.rate_hz
    # What is not sure enough to pause an answer that sounds does not end it, however long it lasts.
    if voiced_ms >= limits.commit_ms and (answer.hold == "paused" or not answer.sounded):
        return take_the_floor(session)
    if not user.voice:
        return _silent(session, user, heard.at_sample - user.stopped_at)
    if not answer.sounded:  # an answer that has not begun waits for whoever is speaking
        return answering.hold(session, "paused")
    # Where the ears say how long both have been heard they are believed: an echo had time to show itself in that,
    # unless all evidence was sure.
    overlap_ms = heard.overlap_ms or voiced_ms
    if overlap_ms >= limits.pause_ms:
        return answering.hold(session, "paused")
    if overlap_ms >= limits.duck_ms:
        return answering.hold(session, "ducked")
    return session, ()


def _silent(session: Session, user: Utterance, silent: int) -> Step:
    """The user has said something: find out what it was, and go on unless it turns out to be a turn."""
    actions: tuple[Action, ...] = ()
    if not user.finishing and silent >= session.limits.samples(session.limits.last_word_ms):
        session = replace(session, user=replace(user, finishing=True))
        actions = (AskLastWord(user.number),)
    if silent >= session.limits.samples(session.limits.resume_ms):
        session, resumed = answering.go_on(session)  # its words may still come, and end the answer then
        actions += resumed
        if user.settled:
            session, actions = replace(session, user=None), (*actions, DropUtterance(user.number, user.turn))
    return session, actions


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
