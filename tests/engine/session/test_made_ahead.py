"""Answers made ahead on the state machine's timelines: used, discarded, asked anew, and harmless until they sound."""

from __future__ import annotations

from engine.session import actions as do
from engine.session import happenings as what
from engine.session.happenings import Sounded, TextBegan
from tests.fakes.machine_run import LIMITS, MachineRun


def test_an_answer_is_made_ahead_and_used_when_the_words_stay_the_same() -> None:
    run = MachineRun()
    run.ask("tell me a story", speak=False)
    (asked,) = run.of(do.Ask)
    assert asked.ahead
    assert run.at_ms(do.Ask) < run.at_ms(do.FinishUtterance)
    assert run.of(do.Release) == [do.Release(asked.response, True)]
    assert not run.of(do.Discard)


def test_marks_and_capitals_do_not_make_other_words() -> None:
    run = MachineRun()
    run.say("tell me a story")
    run.pass_ms(410)
    run.final("Tell me a story.")
    assert len(run.of(do.Ask)) == 1
    assert run.of(do.Release)[0].was_ahead


def test_an_answer_made_ahead_to_other_words_is_discarded_and_asked_anew() -> None:
    run = MachineRun()
    run.say("tell me a")
    run.pass_ms(410)
    run.final("tell me a story")
    first, second = run.of(do.Ask)
    assert (first.ahead, first.text) == (True, "tell me a")
    assert (second.ahead, second.text) == (False, "tell me a story")
    assert run.of(do.Discard) == [do.Discard(first.response)]
    assert run.of(do.Release) == [do.Release(second.response, False)]
    assert do.Commit(first.response) not in run.of(do.Commit)


def test_words_heard_with_little_confidence_are_asked_anew_so_that_the_dialogue_knows() -> None:
    run = MachineRun()
    run.say("tell me a story")
    run.pass_ms(410)
    run.final("tell me a story", confidence=0.1)
    assert [ask.confidence for ask in run.of(do.Ask)] == [1.0, 0.1]
    assert len(run.of(do.Discard)) == 1


def test_resumed_speech_discards_what_was_made_ahead_before_anything_is_committed() -> None:
    run = MachineRun()
    run.say("tell me a story")
    run.pass_ms(200)
    assert run.phase == "deciding"
    run.pass_ms(100, voice=True)
    assert run.phase == "user_speaking"
    assert [discard.response for discard in run.of(do.Discard)] == [1]
    assert not run.of(do.Commit)
    assert not run.of(do.Release)


def test_only_so_many_answers_are_made_ahead_in_one_turn() -> None:
    run = MachineRun(over_ms=5000)
    run.pass_ms(300)
    for number in range(6):
        run.pass_ms(300, voice=True)
        run.words("one " * (number + 1))
        run.pass_ms(200)
    assert len(run.of(do.Ask)) == LIMITS.guesses


def test_the_effects_of_an_answer_made_ahead_wait_for_its_first_sample() -> None:
    run = MachineRun()
    run.say("set a timer")
    run.pass_ms(200)
    run.take(TextBegan(at_sample=0, response=1))
    run.pass_ms(210)
    run.final("set a timer")
    assert run.of(do.Release) == [do.Release(1, True)]
    assert not run.of(do.Commit)
    run.take(Sounded(at_sample=0, response=1))
    assert run.of(do.Commit) == [do.Commit(1)]


def test_a_guess_that_fails_is_asked_anew() -> None:
    run = MachineRun()
    run.say("tell me a story")
    run.pass_ms(200)
    run.take(what.AnswerFailed(at_sample=0, response=1))
    assert run.of(do.Discard) == [do.Discard(1)]
