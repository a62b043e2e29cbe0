"""The state machine on timelines: every state, every way between them, both orders of racing events."""

from __future__ import annotations

from typing import Literal

import pytest

from engine.session import actions as do
from engine.session import happenings as what
from engine.session.happenings import Played, Sounded, SpeechBegan, TextBegan
from engine.session.machine import step
from engine.session.state import Limits, starting
from tests.fakes.machine_run import LIMITS, MachineRun


def test_a_turn_from_listening_to_the_end_of_the_answer() -> None:
    run = MachineRun()
    assert run.phase == "listening"
    run.ask("what time is it")
    run.answer_ends()
    assert run.states == ["user_speaking", "deciding", "thinking", "speaking", "listening"]
    assert [words.text for words in run.of(do.TellWords)] == ["what time is it"]
    assert run.of(do.Finish) == [do.Finish(run.session.responses)]


def test_the_recogniser_hears_from_where_the_voice_began() -> None:
    run = MachineRun()
    run.pass_ms(300)
    run.take(what.BlockHeard(at_sample=LIMITS.samples(400), voice=True, started_at=LIMITS.samples(280)))
    assert run.of(do.BeginUtterance) == [do.BeginUtterance(1, 1, LIMITS.samples(280))]


def test_silence_without_words_leads_back_to_listening() -> None:
    run = MachineRun()
    run.pass_ms(300)
    run.pass_ms(100, voice=True)
    run.pass_ms(410)
    assert run.phase == "thinking"
    run.final("")
    assert run.phase == "listening"
    assert not run.of(do.Ask)


def test_a_long_unintelligible_utterance_is_asked_about_once() -> None:
    run = MachineRun()
    for _ in range(2):
        run.pass_ms(300)
        run.pass_ms(900, voice=True)
        run.pass_ms(410)
        run.final("", confidence=0.0, rejected=True)
        if run.phase == "thinking":
            run.answer_sounds()
            run.answer_ends()
    assert [(ask.text, ask.confidence) for ask in run.of(do.Ask)] == [("", 0.0)]
    assert run.phase == "listening"


def test_an_answer_without_words_is_committed_soon_and_once() -> None:
    run = MachineRun()
    run.ask("set a timer", speak=False)
    assert not run.of(do.Commit)
    run.pass_ms(run.session.limits.effects_ms + 10)
    assert run.of(do.Commit) == [do.Commit(1)]
    run.answer_sounds()
    assert run.of(do.Commit) == [do.Commit(1)]


def test_typed_text_is_answered_at_once_and_ends_what_sounds() -> None:
    run = MachineRun()
    run.ask()
    run.take(what.Typed(at_sample=0, text="stop that"))
    assert [drop.response for drop in run.of(do.Drop)] == [1]
    assert run.of(do.TellWords)[-1] == do.TellWords(2, "stop that", False)
    assert run.of(do.Ask)[-1].spoken is False
    assert run.session.generation == 1


def test_typing_while_speaking_drops_the_utterance() -> None:
    run = MachineRun()
    run.pass_ms(300)
    run.pass_ms(200, voice=True)
    run.take(what.Typed(at_sample=0, text="never mind"))
    assert [drop.utterance for drop in run.of(do.DropUtterance)] == [1]
    assert run.phase == "thinking"


def test_stop_silences_the_answer_and_lets_the_matter_rest() -> None:
    run = MachineRun()
    run.ask(speak=False)
    run.take(what.StopAsked(at_sample=0))
    assert run.phase == "listening"
    assert run.session.unanswered == ""
    assert len(run.of(do.Drop)) == 1


def test_stop_while_the_last_word_is_awaited_cancels_the_turn() -> None:
    run = MachineRun()
    run.say("tell me a story")
    run.pass_ms(410)
    run.take(what.StopAsked(at_sample=0))
    run.final("tell me a story")
    assert run.phase == "listening"
    assert [discard.response for discard in run.of(do.Discard)] == [1]
    assert not run.of(do.Release)


def test_muting_drops_what_was_being_said_and_lets_the_answer_go_on() -> None:
    run = MachineRun()
    run.ask()
    run.pass_ms(320, voice=True)
    assert run.phase == "paused"
    run.take(what.MuteSwitched(at_sample=0, on=True))
    assert run.phase == "speaking"
    assert len(run.of(do.Resume)) == 1
    run.answer_ends()
    assert run.phase == "muted"
    run.pass_ms(500, voice=True)
    assert run.phase == "muted"
    run.take(what.MuteSwitched(at_sample=0, on=False))
    assert run.phase == "listening"


def test_push_to_talk_hears_while_the_key_is_held_and_sends_on_release() -> None:
    run = MachineRun("push_to_talk")
    assert run.phase == "asleep"
    run.pass_ms(500, voice=True)
    assert not run.of(do.BeginUtterance)
    run.pass_ms(300)
    run.take(what.ListenSwitched(at_sample=0, on=True))
    assert run.phase == "user_speaking"
    run.pass_ms(400, voice=True)
    run.words("tell me")
    run.pass_ms(1500)
    assert run.phase == "user_speaking"
    run.take(what.ListenSwitched(at_sample=0, on=False))
    assert run.phase == "thinking"
    run.final("tell me")
    run.answer_sounds()
    run.answer_ends()
    assert run.phase == "asleep"


def test_the_key_repeated_by_the_keyboard_changes_nothing() -> None:
    run = MachineRun("push_to_talk")
    for _ in range(3):
        run.take(what.ListenSwitched(at_sample=0, on=True))
    assert len(run.of(do.BeginUtterance)) == 1


def test_pressing_the_key_silences_the_answer() -> None:
    run = MachineRun("push_to_talk")
    run.take(what.Typed(at_sample=0, text="tell me a story"))
    run.answer_sounds()
    run.take(what.ListenSwitched(at_sample=0, on=True))
    assert len(run.of(do.Drop)) == 1
    assert run.phase == "user_speaking"


def test_on_call_it_listens_when_called_and_falls_asleep_after_a_while() -> None:
    run = MachineRun("on_call")
    assert run.phase == "asleep"
    run.take(what.ListenSwitched(at_sample=0, on=True))
    assert run.phase == "listening"
    run.ask()
    run.answer_ends()
    ended_ms = run.now_ms
    run.pass_ms(46_000)
    assert run.phase == "asleep"
    assert run.at_ms(do.ShowState) - ended_ms == pytest.approx(45_000, abs=20)


def test_sent_to_sleep_it_sleeps_once_the_answer_was_heard() -> None:
    run = MachineRun()
    run.ask("good night")
    run.take(what.SleepAsked(at_sample=0))
    assert run.phase == "speaking"
    run.answer_ends()
    assert run.phase == "asleep"
    run.take(what.ListenSwitched(at_sample=0, on=True))
    assert run.phase == "listening"


def test_signs_of_waiting_come_at_their_times_and_not_once_there_is_speech() -> None:
    run = MachineRun()
    run.ask(speak=False)
    begun_ms = run.now_ms
    run.pass_ms(9000)
    assert [wait.sign for wait in run.of(do.Wait)] == ["earcon", "word"]
    assert run.at_ms(do.Wait, 0) - begun_ms == pytest.approx(1500, abs=20)
    assert run.at_ms(do.Wait, 1) - begun_ms == pytest.approx(8000, abs=20)
    other = MachineRun()
    other.ask(speak=False)
    other.take(TextBegan(at_sample=0, response=1))
    other.take(SpeechBegan(at_sample=0, response=1))
    other.pass_ms(9000)
    assert not other.of(do.Wait)


def test_an_announcement_waits_until_nobody_speaks() -> None:
    run = MachineRun()
    run.pass_ms(300)
    run.pass_ms(100, voice=True)
    run.take(what.Announced(at_sample=0))
    assert not run.of(do.Announce)
    run.pass_ms(410)
    run.final("")
    run.take(what.Announced(at_sample=0))
    assert len(run.of(do.Announce)) == 1
    assert not run.of(do.Commit)
    run.answer_sounds()
    assert len(run.of(do.Commit)) == 1


def test_an_interrupted_announcement_leaves_no_question_open() -> None:
    run = MachineRun()
    run.take(what.Announced(at_sample=0))
    run.take(what.StopAsked(at_sample=0))
    assert run.session.unanswered == ""
    assert not run.of(do.Commit)


@pytest.mark.parametrize("direction", ["input", "both"])
def test_a_lost_microphone_is_a_failure_until_it_is_back(direction: Literal["input", "both"]) -> None:
    run = MachineRun()
    run.pass_ms(300)
    run.pass_ms(200, voice=True)
    run.take(what.DeviceLost(at_sample=0, direction=direction, message="The microphone is gone."))
    assert run.phase == "failed"
    assert run.of(do.ShowState)[-1] == do.ShowState("failed", "The microphone is gone.")
    assert run.of(do.DropUtterance)
    run.take(what.DeviceBack(at_sample=0, direction=direction))
    assert run.phase != "failed"


def test_without_a_loudspeaker_it_goes_on_hearing() -> None:
    run = MachineRun()
    run.pass_ms(300)
    run.pass_ms(200, voice=True)
    run.take(what.DeviceLost(at_sample=0, direction="output", message="The loudspeaker is gone."))
    assert run.phase == "user_speaking"
    assert not run.of(do.DropUtterance)


def test_without_a_microphone_what_is_typed_is_answered_and_can_be_stopped() -> None:
    run = MachineRun()
    run.take(what.DeviceLost(at_sample=0, direction="input", message="The microphone is gone."))
    run.take(what.Typed(at_sample=0, text="what time is it"))
    run.take(Sounded(at_sample=0, response=1))
    assert run.phase == "speaking"
    run.take(what.StopAsked(at_sample=0))
    assert (run.phase, run.of(do.Drop)) == ("failed", [do.Drop(1)])


def test_what_is_said_unasked_needs_no_microphone_and_waits_a_minute_for_the_loudspeaker() -> None:
    run = MachineRun()
    run.take(what.DeviceLost(at_sample=0, direction="input", message="The microphone is gone."))
    run.take(what.Announced(at_sample=0))
    assert len(run.of(do.Announce)) == 1
    run.take(Played(at_sample=0, response=1))
    run.take(what.DeviceLost(at_sample=0, direction="output", message="The loudspeaker is gone."))
    run.pass_ms(59_000)
    run.take(what.Announced(at_sample=0))
    assert len(run.of(do.Announce)) == 1, "it will be offered again"
    run.pass_ms(1_100)
    run.take(what.Announced(at_sample=0))
    assert len(run.of(do.Announce)) == 2


def test_a_recogniser_that_gives_up_in_the_middle_loses_the_utterance_only() -> None:
    run = MachineRun()
    run.ask()
    run.pass_ms(320, voice=True)
    run.final("", rejected=True)
    assert run.phase == "speaking"
    assert len(run.of(do.Resume)) == 1


def test_an_answer_that_fails_ends_the_turn() -> None:
    run = MachineRun()
    run.ask(speak=False)
    run.take(what.AnswerFailed(at_sample=0, response=1))
    assert run.phase == "listening"
    assert run.of(do.Finish) == [do.Finish(1, failed=True)]


# Races: the same two events in either order end alike.


def test_the_last_word_and_a_new_voice_in_either_order() -> None:
    ends = []
    for voice_first in (True, False):
        run = MachineRun()
        run.say("tell me a story")
        run.pass_ms(410)
        if voice_first:
            run.pass_ms(50, voice=True)
            run.final("tell me a story")
            run.pass_ms(10, voice=True)
        else:
            run.final("tell me a story")
            run.pass_ms(60, voice=True)
        ends.append((run.phase, len(run.of(do.BeginUtterance)), len(run.of(do.Pause))))
    assert ends[0] == ends[1] == ("paused", 2, 1)


def test_the_end_of_the_answer_and_a_commitment_in_either_order() -> None:
    for ends_first in (True, False):
        run = MachineRun()
        run.ask()
        run.pass_ms(320, voice=True)
        if ends_first:
            run.answer_ends()
            run.words("no more please")
        else:
            run.words("no more please")
            run.answer_ends()
        assert run.phase == "user_speaking"
        run.pass_ms(410)
        run.final("no more please")
        assert run.of(do.Ask)[-1].text == "no more please"


def test_what_is_stale_changes_nothing() -> None:
    session = starting("open", Limits())
    for stale in (
        what.WordsHeard(at_sample=0, utterance=7, text="stop"),
        what.WordsFinal(at_sample=0, utterance=7, text="stop"),
        TextBegan(at_sample=0, response=7),
        SpeechBegan(at_sample=0, response=7),
        Sounded(at_sample=0, response=7),
        Played(at_sample=0, response=7),
        what.AnswerFailed(at_sample=0, response=7),
    ):
        assert step(session, stale) == (session, ())


def test_an_unknown_happening_is_refused() -> None:
    with pytest.raises(TypeError, match="nothing is known"):
        step(starting("open", Limits()), what.Happening(at_sample=0))
