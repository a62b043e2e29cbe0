"""The state machine of a conversation: `step(session, happening)` gives the next session and what is to be done.

Pure: no clock, no input or output, no thread. The user's side is in `engine.session.listening`, the assistant's in
`engine.session.answering`, what happens when both speak in `engine.session.overlap`.
"""

from __future__ import annotations

from dataclasses import replace

from engine.session import answering, listening, overlap
from engine.session.actions import Action, ShowState
from engine.session.happenings import (
    Announced,
    AnswerFailed,
    BlockHeard,
    DeviceBack,
    DeviceLost,
    Happening,
    ListenSwitched,
    MuteSwitched,
    Played,
    SleepAsked,
    Sounded,
    SpeechBegan,
    StopAsked,
    TextBegan,
    Typed,
    WordsFinal,
    WordsHeard,
)
from engine.session.state import Session

Step = tuple[Session, tuple[Action, ...]]


def step(session: Session, happening: Happening) -> Step:
    """One happening taken in. What is stale (about an utterance or answer that is gone) changes nothing."""
    session = replace(session, now=max(session.now, happening.at_sample))
    after, actions = _taken(session, happening)
    if (after.phase, after.muted) != (session.phase, session.muted):
        why = after.trouble if after.phase == "failed" else ""
        actions = (*actions, ShowState(after.phase, why, after.muted))
    return after, actions


def _taken(session: Session, happening: Happening) -> Step:
    match happening:
        case BlockHeard():
            return _block(session, happening)
        case WordsHeard():
            return overlap.words(*listening.words(session, happening))
        case WordsFinal():
            return listening.final(session, happening)
        case TextBegan() | SpeechBegan() | Sounded():
            return answering.progress(session, happening)
        case Played():
            return answering.played(session, happening.response)
        case AnswerFailed():
            return answering.failed(session, happening.response)
        case _:
            return _asked_for(session, happening)


def _asked_for(session: Session, happening: Happening) -> Step:
    match happening:
        case Typed():
            return answering.typed(session, happening.text)
        case Announced():
            return answering.announced(session)
        case StopAsked():
            return answering.stopped(session)
        case SleepAsked():
            return replace(session, sleepy=True), ()
        case ListenSwitched():
            return listening.switched(session, happening.on)
        case MuteSwitched():
            return listening.muted(session, happening.on)
        case DeviceLost():
            return listening.deaf(session, happening.direction, happening.message)
        case DeviceBack():
            lost = session.lost - {happening.direction}
            return replace(session, lost=lost, trouble=session.trouble if lost else ""), ()
    raise TypeError(f"nothing is known of {type(happening).__name__}")


def _block(session: Session, block: BlockHeard) -> Step:
    """Time passes, and a voice is there or not."""
    since = session.voice_since
    if block.voice:
        since = block.started_at if block.started_at is not None else since or block.at_sample
    session = replace(session, voice_since=since if block.voice else None)
    actions: tuple[Action, ...] = ()
    if session.hears:
        session, actions = listening.voice(session, block)
        session, lowered = overlap.suspect(session, block)
        if session.overlap:
            session, more = overlap.block(session, block)
        else:
            session, more = listening.silence(session, block)
        actions += (*lowered, *more)
    session, more = answering.waiting(session)
    session, rest = listening.rest(session)
    return session, actions + more + rest
