"""The state machine's mouth: an answer is asked for, sounds, ends, is dropped; signs of waiting; typed text.

Pure, any thread. Part of `engine.session.machine`.
"""

from __future__ import annotations

from dataclasses import replace

from engine.session.actions import (
    Action,
    Announce,
    Ask,
    Commit,
    Discard,
    Drop,
    DropUtterance,
    Duck,
    Finish,
    Pause,
    Release,
    Resume,
    TellWords,
    Wait,
)
from engine.session.happenings import Happening, Sounded, SpeechBegan, TextBegan
from engine.session.state import Answer, Session

Step = tuple[Session, tuple[Action, ...]]


def ask(
    session: Session,
    turn: int,
    asked: str,
    spoken: bool,
    confidence: float = 1.0,
    from_grammar: bool = False,
) -> Step:
    """Ask for an answer that may sound at once. What is typed is final; who speaks may go on, so that the effects wait
    for the answer's first sound, or for `effects_ms` without words."""
    response = session.responses + 1
    answer = Answer(response=response, turn=turn, asked=asked, since=session.now, committed=not spoken)
    session = replace(session, responses=response, answer=answer)
    asking: tuple[Action, ...] = (
        Ask(response, turn, asked, spoken, confidence, from_grammar),
        Release(response, False),
    )
    return session, asking if spoken else (*asking, commit(answer))


def commit(answer: Answer) -> Action:
    """The answer's effects."""
    return Commit(answer.response)


def progress(session: Session, happening: Happening) -> Step:
    """An answer, or one that is made ahead, has come further."""
    made, answer = session.guess, session.answer
    if made is not None and made.response == getattr(happening, "response", 0):
        if isinstance(happening, TextBegan):
            made = replace(made, has_text=True)
        elif isinstance(happening, SpeechBegan):
            made = replace(made, has_text=True, has_speech=True)
        return replace(session, guess=made), ()
    if answer is None or answer.response != getattr(happening, "response", 0):
        return session, ()
    if isinstance(happening, TextBegan):
        return replace(session, answer=replace(answer, has_text=True)), ()
    if isinstance(happening, SpeechBegan):
        return replace(session, answer=replace(answer, has_text=True, has_speech=True)), ()
    assert isinstance(happening, Sounded), "nothing else is progress"
    heard = replace(answer, has_text=True, has_speech=True, sounded=True, committed=True)
    # Now it is an answer, and what was asked is no longer open.
    session = replace(session, answer=heard, unanswered="")
    return session, () if answer.committed else (commit(answer),)


def played(session: Session, response: int) -> Step:
    """An answer was heard to its end; what the user is saying meanwhile has the floor."""
    answer = session.answer
    if answer is None or answer.response != response:
        return session, ()
    actions: tuple[Action, ...] = () if answer.committed else (commit(answer),)
    session = replace(session, answer=None, unanswered="", quiet_since=session.now)
    user = session.user
    if user is not None and user.settled:
        session = replace(session, user=None)
        actions = (*actions, DropUtterance(user.number, user.turn))
    if session.sleepy:  # who goes on talking is heard out
        session = replace(session, awake=session.user is not None, sleepy=False)
    return session, (*actions, Finish(response))


def failed(session: Session, response: int) -> Step:
    """Nothing more of an answer will come; what there is was played or cannot be."""
    if session.guess is not None and session.guess.response == response:
        return replace(session, guess=None), (Discard(response),)
    if session.answer is None or session.answer.response != response:
        return session, ()
    session = replace(session, answer=None, unanswered="", quiet_since=session.now)
    return session, (Finish(response, failed=True),)


def interrupt(session: Session) -> Step:
    """The user takes the floor: the answer ends here. What was not heard at all leaves its question open."""
    answer = session.answer
    if answer is None:
        return session, ()
    unanswered = "" if answer.sounded or answer.unasked else answer.asked
    session = replace(
        session, answer=None, generation=session.generation + 1, unanswered=unanswered, sleepy=False
    )
    return session, (Drop(answer.response),)


def stopped(session: Session) -> Step:
    """Fall silent, and let the matter rest; a goodbye that is cut short by this is one all the same."""
    session = replace(session, awake=session.awake and not session.sleepy)
    session, actions = interrupt(session)
    made, user = session.guess, session.user
    if made is not None:
        actions = (*actions, Discard(made.response))
    if user is not None and user.finishing:  # what would be answered in a moment
        session = replace(session, user=None)
        actions = (*actions, DropUtterance(user.number, user.turn))
    session = replace(session, guess=None, unanswered="", quiet_since=session.now)
    return session, actions


def go_on(session: Session) -> Step:
    """An answer that was lowered or paused for the user's voice goes on."""
    answer = session.answer
    if answer is None or not answer.hold:
        return session, ()
    session = replace(session, answer=replace(answer, hold=""), quiet_since=session.now)
    return session, (Resume(answer.response) if answer.hold == "paused" else Duck(0.0),)


def hold(session: Session, by: str) -> Step:
    """Lower or pause the answer, where that is more than what was done already."""
    answer = session.answer
    assert answer is not None, "only an answer can be held"
    if by == "paused" and answer.hold != "paused":
        return replace(session, answer=replace(answer, hold="paused")), (Pause(answer.response),)
    if by == "ducked" and not answer.hold:
        return replace(session, answer=replace(answer, hold="ducked")), (Duck(session.limits.duck_db),)
    return session, ()


def typed(session: Session, text: str) -> Step:
    """What is typed is asked at once, whatever goes on."""
    session, actions = interrupt(session)
    if session.guess is not None:
        actions = (*actions, Discard(session.guess.response))
    if session.user is not None:
        actions = (*actions, DropUtterance(session.user.number, session.user.turn))
    turn = session.turns + 1
    session = replace(session, guess=None, user=None, turns=turn, awake=True, sleepy=False)
    session = replace(session, unanswered="", asked_again=False)
    session, asking = ask(session, turn, text, spoken=False)
    return session, (*actions, TellWords(turn, text, False), *asking)


def announced(session: Session) -> Step:
    """Say it unless someone speaks, or the loudspeaker may be back soon; it will be offered again."""
    if session.answer is not None or session.user is not None:
        return session, ()
    silent_s = (session.now - session.silent_since) / session.limits.rate_hz
    if not session.is_audible and silent_s < session.limits.loudspeaker_s:
        return session, ()
    response, turn = session.responses + 1, session.turns + 1
    answer = Answer(response=response, turn=turn, asked="", since=session.now, unasked=True)
    session = replace(session, responses=response, turns=turn, answer=answer)
    return session, (Announce(response, turn), Release(response, False))


def waiting(session: Session) -> Step:
    """What an answer without words does in time: its effects, which it may wait for, and signs that it takes long."""
    answer = session.answer
    if answer is None or answer.has_speech or answer.hold or answer.unasked:
        return session, ()
    waited = session.now - answer.since
    limits = session.limits
    if not answer.committed and not answer.has_text and waited >= limits.samples(limits.effects_ms):
        return replace(session, answer=replace(answer, committed=True)), (commit(answer),)
    if answer.signs == 0 and waited >= limits.samples(limits.earcon_ms):
        return replace(session, answer=replace(answer, signs=1)), (Wait("earcon"),)
    if answer.signs == 1 and waited >= limits.samples(limits.word_ms):
        return replace(session, answer=replace(answer, signs=2)), (Wait("word"),)
    return session, ()
