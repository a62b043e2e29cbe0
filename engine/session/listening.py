"""The state machine's ear: an utterance begins, pauses, ends; answers are made ahead; the recogniser's last word.

Pure, any thread. Part of `engine.session.machine`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from engine.session import answering
from engine.session.actions import (
    Action,
    Ask,
    BeginUtterance,
    Discard,
    DropUtterance,
    FinishUtterance,
    Release,
    TellStopped,
    TellWords,
    TurnOver,
)
from engine.session.happenings import BlockHeard, WordsFinal, WordsHeard
from engine.session.state import Answer, Guess, Session, Utterance
from engine.session.telling_words import joined, only_murmurs, same_words, says_stop, takes_the_turn

Step = tuple[Session, tuple[Action, ...]]


def voice(session: Session, block: BlockHeard) -> Step:
    """What a block says of the user's voice: it begins, goes on, ends."""
    user = session.user
    if user is None:
        if session.voice_since is None:
            return session, ()
        return begin(session, session.voice_since)
    if user.finishing:  # what is said now is the next utterance, which begins once this one's words are there
        if session.answer is None or session.voice_since is None:
            return session, ()
        session, dropped = drop(session)  # but nobody waits to say "stop"
        session, begun = begin(session, block.at_sample if block.started_at is None else block.started_at)
        return session, (*dropped, *begun)
    if block.voice:
        actions: tuple[Action, ...] = ()
        if not user.voice:
            session, actions = discard(session)
        voiced = user.voiced + session.limits.samples(session.limits.block_ms)
        return replace(session, user=replace(user, voice=True, voiced=voiced)), actions
    if user.voice:
        stopped_at = block.stopped_at if block.stopped_at is not None else block.at_sample
        session = replace(session, user=replace(user, voice=False, stopped_at=stopped_at))
        return session, (TellStopped(user.number, user.turn, stopped_at),)
    return session, ()


def begin(session: Session, from_sample: int, by_key: bool = False) -> Step:
    """An utterance begins."""
    number = session.utterances + 1
    # An utterance into an answer may turn out to be none, so its turn counts only once it has the floor.
    user = Utterance(
        number=number,
        turn=session.turns + 1,
        started_at=from_sample,
        voiced=max(0, session.now - from_sample),
        by_key=by_key,
        into=session.answer is not None,
    )
    session = replace(session, utterances=number, user=user, quiet_since=session.now)
    return session, (BeginUtterance(number, user.turn, from_sample),)


def silence(session: Session, block: BlockHeard) -> Step:
    """While the user is silent and nothing sounds: make an answer ahead, end the turn."""
    user = session.user
    if user is None or user.voice or user.finishing or user.by_key:
        return session, ()
    if block.over:
        return finish(session)
    if block.prepare and user.text:
        return guess(session)
    return session, ()


def finish(session: Session) -> Step:
    """The turn is over; the last word is awaited."""
    user = session.user
    assert user is not None, "only an utterance can end"
    session = replace(session, turns=user.turn, user=replace(user, finishing=True))
    return session, (FinishUtterance(user.number, user.turn),)


def guess(session: Session) -> Step:
    """Ask ahead for what was heard so far, unless that is asked already."""
    user, made = session.user, session.guess
    assert user is not None, "only what was said can be answered"
    asked = asked_for(session, user.text, user.complete)
    if made is not None and same_words(made.asked, asked) and made.complete == user.complete:
        return session, ()
    if user.guesses >= session.limits.guesses:
        return session, ()
    session, actions = discard(session)
    response = session.responses + 1
    session = replace(
        session,
        responses=response,
        user=replace(user, guesses=user.guesses + 1),
        guess=Guess(response=response, asked=asked, complete=user.complete),
    )
    return session, (*actions, Ask(response, user.turn, asked, True, 1.0, user.complete, ahead=True))


def discard(session: Session) -> Step:
    """What was made ahead is in vain."""
    if session.guess is None:
        return session, ()
    return replace(session, guess=None), (Discard(session.guess.response),)


def asked_for(session: Session, text: str, complete: bool) -> str:
    """What an utterance asks: a whole command stands by itself, else it goes on from what was not answered."""
    return text if complete or says_stop(text) else joined(session.unanswered, text)


def words(session: Session, heard: WordsHeard) -> Step:
    """Words so far."""
    user = session.user
    if user is None or user.number != heard.utterance or user.finishing:
        return session, ()
    return replace(session, user=replace(user, text=heard.text, complete=heard.complete)), ()


def final(session: Session, heard: WordsFinal) -> Step:
    """The recogniser's last word on an utterance."""
    user = session.user
    if user is None or user.number != heard.utterance:
        return session, ()
    if not user.finishing:  # the recogniser gave up in the middle; what was said is lost, what sounds goes on
        session, actions = drop(session)
        session, more = answering.go_on(session)
        return session, (*actions, *more)
    if session.answer is not None:
        return _into_answer(session, user, heard)
    session = replace(session, user=None, turns=max(session.turns, user.turn), quiet_since=session.now)
    if not heard.text or (user.into and only_murmurs(heard.text)):
        return _nothing_understood(session, user, heard)
    return _answered(session, user, heard)


def _into_answer(session: Session, user: Utterance, heard: WordsFinal) -> Step:
    """What was said into an answer: its end, or nothing to it."""
    # Before anything sounded a single word belongs to what was asked: "an alarm for eight" … "thirty".
    goes_on = session.answer is not None and not session.answer.sounded and not only_murmurs(heard.text)
    if not takes_the_turn(heard.text) and not goes_on:
        silent = session.now - user.stopped_at
        if session.voice_since is None and silent < session.limits.samples(session.limits.resume_ms):
            return replace(session, user=replace(user, settled=True)), ()  # there may be more to come
        session, resumed = answering.go_on(replace(session, user=None))
        return session, (DropUtterance(user.number, user.turn), *resumed)
    session = replace(session, user=None, quiet_since=session.now)
    session, interrupted = answering.interrupt(session)
    user = replace(user, turn=session.turns + 1)
    session = replace(session, turns=user.turn)
    session, actions = _answered(session, user, heard)
    return session, (*interrupted, TurnOver(user.turn, user.stopped_at), *actions)


def _answered(session: Session, user: Utterance, heard: WordsFinal) -> Step:
    """The words of a turn: use what was made ahead for them, or ask."""
    told = TellWords(user.turn, heard.text, True, heard.confidence)
    asked = asked_for(session, heard.text, heard.from_grammar)
    session = replace(session, asked_again=False)
    made = session.guess
    sure = heard.from_grammar or heard.confidence >= session.limits.sure
    if made is not None and sure and same_words(made.asked, asked) and made.complete == heard.from_grammar:
        return _release(session, user, made, told)
    session, discarded = discard(session)
    session, actions = answering.ask(session, user.turn, asked, True, heard.confidence, heard.from_grammar)
    return session, (told, *discarded, *actions)


def _release(session: Session, user: Utterance, made: Guess, told: TellWords) -> Step:
    """What was made ahead is what was wanted."""
    answer = Answer(
        response=made.response,
        turn=user.turn,
        asked=made.asked,
        since=session.now,
        has_text=made.has_text,
        has_speech=made.has_speech,
    )
    session = replace(session, guess=None, answer=answer)
    return session, (told, Release(made.response, True))


def _nothing_understood(session: Session, user: Utterance, heard: WordsFinal) -> Step:
    """No words: the answer that was stopped for it is asked for again, or the user is asked, once."""
    session, discarded = discard(session)
    if session.unanswered:
        asked = session.unanswered
        session, actions = answering.ask(session, user.turn, asked, True)
    elif heard.rejected and user.voiced >= session.limits.samples(session.limits.unclear_ms):
        if session.asked_again:
            return session, discarded
        session = replace(session, asked_again=True)
        session, actions = answering.ask(session, user.turn, "", True, confidence=0.0)
    else:
        return session, discarded
    return session, (*discarded, *actions)


def drop(session: Session) -> Step:
    """What was being said is no turn."""
    session, actions = discard(session)
    if session.user is None:
        return session, actions
    gone = DropUtterance(session.user.number, session.user.turn)
    return replace(session, user=None, quiet_since=session.now), (*actions, gone)


def drop_unsaid(session: Session) -> Step:
    """The microphone is gone: what was being said is no turn; a turn that is over waits for its last word."""
    if session.user is not None and session.user.finishing and session.answer is None:
        return session, ()
    return drop(session)


def switched(session: Session, on: bool) -> Step:
    """The key went down or up, or the user called or sent away."""
    if session.listen == "push_to_talk":
        return _key(session, on)
    session = replace(session, awake=on, sleepy=False, quiet_since=session.now)
    if on:
        return session, ()
    session, dropped = drop(session)
    session, stopped = answering.stopped(session)
    return session, (*dropped, *stopped)


def _key(session: Session, on: bool) -> Step:
    if on == session.key_down:
        return session, ()
    session = replace(session, key_down=on)
    if on:
        session, stopped = answering.interrupt(session)
        if (
            session.user is not None and session.user.finishing
        ):  # its last word is not awaited, nor is it lost
            session = replace(session, unanswered=joined(session.unanswered, session.user.text))
        session, dropped = drop(session)
        if not session.hears:
            return session, (*stopped, *dropped)
        session, begun = begin(session, session.now, by_key=True)
        return session, (*stopped, *dropped, *begun)
    if session.user is None or session.user.finishing:
        return session, ()
    return finish(session)


def muted(session: Session, on: bool) -> Step:
    """The microphone is closed: what was being said is no turn, what was said is, and what sounds goes on."""
    session = replace(session, muted=on, quiet_since=session.now)
    if not on:
        return session, ()
    session, dropped = drop_unsaid(session)
    session, resumed = answering.go_on(session)
    return session, (*dropped, *resumed)


def deaf(session: Session, direction: Literal["input", "output", "both"], message: str) -> Step:
    """A device is gone."""
    lost = session.lost | {direction}
    if direction != "input" and session.is_audible:
        session = replace(session, silent_since=session.now)
    if direction == "output":
        return replace(session, lost=lost), ()
    session = replace(session, lost=lost, trouble=message)
    session, dropped = drop_unsaid(session)
    session, resumed = answering.go_on(session)
    return session, (*dropped, *resumed)


def rest(session: Session) -> Step:
    """An on-call conversation falls asleep after a long silence."""
    if session.user is not None or session.answer is not None:
        return replace(session, quiet_since=session.now), ()
    quiet_s = (session.now - session.quiet_since) / session.limits.rate_hz
    if session.listen == "on_call" and session.awake and quiet_s >= session.limits.sleep_s:
        return replace(session, awake=False), ()
    return session, ()
