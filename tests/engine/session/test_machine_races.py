"""What a user does just when an answer is about to come: mute, unplug, go on, talk into a goodbye."""

from __future__ import annotations

from engine.session import actions as do
from engine.session import happenings as what
from engine.session.machine import step
from engine.session.state import Limits, Session, starting

LIMITS = Limits()


def at(ms: float) -> int:
    """Milliseconds on the microphone's clock."""
    return LIMITS.samples(ms)


def run(session: Session, *happenings: what.Happening) -> tuple[Session, list[do.Action]]:
    done: list[do.Action] = []
    for happening in happenings:
        session, actions = step(session, happening)
        done += actions
    return session, done


def voice(begin_ms: int, end_ms: int) -> list[what.Happening]:
    """The user's voice, block by block."""
    return [
        what.BlockHeard(
            at_sample=at(ms + 10), voice=True, started_at=at(begin_ms) if ms == begin_ms else None
        )
        for ms in range(begin_ms, end_ms, 10)
    ]


def quiet(begin_ms: int, end_ms: int, over_ms: int) -> list[what.Happening]:
    """Silence in which the turn is taken for over from `over_ms` on."""
    return [
        what.BlockHeard(
            at_sample=at(ms + 10),
            voice=False,
            stopped_at=at(begin_ms) if ms == begin_ms else None,
            over=ms >= over_ms,
        )
        for ms in range(begin_ms, end_ms, 10)
    ]


def said(text: str) -> Session:
    """`text` said from 0 to 1,000 ms and taken for over; its last word is awaited."""
    words = what.WordsHeard(at_sample=at(1000), utterance=1, text=text, complete=True)
    session, _ = run(starting("open", LIMITS), *voice(0, 1000), words, *quiet(1000, 1210, over_ms=1190))
    assert session.user is not None
    assert session.user.finishing
    return session


def final(ms: int, utterance: int, text: str, from_grammar: bool = True) -> what.Happening:
    return what.WordsFinal(at_sample=at(ms), utterance=utterance, text=text, from_grammar=from_grammar)


def asks(actions: list[do.Action]) -> list[str]:
    return [action.text for action in actions if isinstance(action, do.Ask)]


def committed(actions: list[do.Action]) -> list[int]:
    return [action.response for action in actions if isinstance(action, do.Commit)]


def test_mute_right_after_a_question_does_not_lose_it() -> None:
    session, _ = run(said("what time is it"), what.MuteSwitched(at_sample=at(1210), on=True))
    _, done = run(session, final(1230, 1, "what time is it"))
    assert asks(done) == ["what time is it"]


def test_losing_the_microphone_right_after_a_question_does_not_lose_it() -> None:
    lost = what.DeviceLost(at_sample=at(1210), direction="input", message="The microphone is gone.")
    session, _ = run(said("what time is it"), lost)
    _, done = run(session, final(1230, 1, "what time is it"))
    assert asks(done) == ["what time is it"]


def test_mute_while_speaking_still_drops_what_was_being_said() -> None:
    session, done = run(
        starting("open", LIMITS), *voice(0, 500), what.MuteSwitched(at_sample=at(500), on=True)
    )
    assert session.user is None
    assert any(isinstance(action, do.DropUtterance) for action in done)


def test_one_word_before_anything_sounded_belongs_to_the_request() -> None:
    session, _ = run(said("set an alarm for eight"), final(1210, 1, "set an alarm for eight"))
    session, _ = run(session, *voice(1250, 1650))
    words = what.WordsHeard(at_sample=at(1650), utterance=2, text="thirty")
    session, heard = run(session, words, *quiet(1650, 2600, over_ms=2300))
    _, done = run(session, final(2610, 2, "thirty", from_grammar=False))
    assert "set an alarm for eight thirty" in asks(heard + done)


def test_a_murmur_before_anything_sounded_changes_nothing() -> None:
    session, _ = run(said("what time is it"), final(1210, 1, "what time is it"))
    session, heard = run(session, *voice(1250, 1450), *quiet(1450, 2400, over_ms=2000))
    session, done = run(session, final(2410, 2, "mm", from_grammar=False))
    assert not asks(heard + done)
    assert session.answer is not None


def test_an_alarm_that_nobody_heard_of_is_not_set_when_the_request_goes_on() -> None:
    session, asked = run(said("set an alarm for eight"), final(1210, 1, "set an alarm for eight"))
    began = what.TextBegan(at_sample=at(1215), response=1)
    session, done = run(session, began, *voice(1250, 2300))
    words = what.WordsHeard(at_sample=at(2300), utterance=2, text="thirty in the morning")
    session, more = run(session, words)
    assert any(isinstance(action, do.Drop) for action in done + more)
    assert not committed(asked + done + more)


def test_effects_come_with_the_first_sound() -> None:
    session, asked = run(said("set an alarm for eight"), final(1210, 1, "set an alarm for eight"))
    session, began = run(
        session,
        what.TextBegan(at_sample=at(1215), response=1),
        what.SpeechBegan(at_sample=at(1260), response=1),
    )
    assert not committed(asked + began)
    _, sounded = run(session, what.Sounded(at_sample=at(1300), response=1))
    assert committed(sounded) == [1]


def test_an_answer_without_words_may_wait_for_its_effects_so_they_come() -> None:
    session, asked = run(said("look it up"), final(1210, 1, "look it up"))
    session, waited = run(session, *quiet(1210, 1700, over_ms=10_000))
    assert committed(asked + waited) == [1]


def saying_goodbye() -> Session:
    session, _ = run(
        said("goodbye"),
        final(1210, 1, "goodbye"),
        what.TextBegan(at_sample=at(1220), response=1),
        what.SpeechBegan(at_sample=at(1250), response=1),
        what.Sounded(at_sample=at(1260), response=1),
        what.SleepAsked(at_sample=at(1261)),
    )
    return session


def test_goodbye_ends_in_sleep() -> None:
    session, _ = run(saying_goodbye(), what.Played(at_sample=at(2000), response=1))
    assert session.phase == "asleep"


def test_goodbye_cut_short_by_the_stop_key_ends_in_sleep_too() -> None:
    session, _ = run(saying_goodbye(), what.StopAsked(at_sample=at(1500)))
    assert session.phase == "asleep"


def test_who_speaks_as_a_goodbye_ends_is_heard_out() -> None:
    session, _ = run(saying_goodbye(), *voice(1800, 2000), what.Played(at_sample=at(2000), response=1))
    session, done = run(session, *voice(2000, 2400), *quiet(2400, 4000, over_ms=2600))
    assert any(isinstance(action, do.FinishUtterance | do.AskLastWord) for action in done)
    assert session.phase != "user_speaking"


def test_interrupting_a_goodbye_takes_it_back() -> None:
    words = what.WordsHeard(at_sample=at(2500), utterance=2, text="no one more thing")
    session, _ = run(saying_goodbye(), *voice(1500, 2500), words, *quiet(2500, 2800, over_ms=2700))
    session, _ = run(session, final(2810, 2, "no one more thing", from_grammar=False))
    assert session.answer is not None
    response = session.answer.response
    session, _ = run(
        session,
        what.Sounded(at_sample=at(3000), response=response),
        what.Played(at_sample=at(4000), response=response),
    )
    assert session.awake
