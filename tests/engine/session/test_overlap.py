"""Both speak: lowered, paused, then the floor is taken or the answer goes on. The machine alone, on timelines."""

from __future__ import annotations

import pytest

from engine.hearing.overlap import LOWERED_FROM_MS, UNCONFIRMED_MS
from engine.session import actions as do
from engine.session.happenings import BlockHeard, MuteSwitched
from engine.session.telling_words import own_words, says_stop, takes_the_turn
from tests.fakes.machine_run import LIMITS, MachineRun


def interrupted(voice_ms: float) -> MachineRun:
    """An answer into which the user speaks so long; looked at from there on."""
    run = MachineRun()
    run.ask()
    run.pass_ms(500)
    run.forget()
    run.began_ms = run.now_ms  # type: ignore[attr-defined]
    run.pass_ms(voice_ms, voice=True)
    return run


def test_the_ears_and_the_session_mean_the_same_times() -> None:
    assert LIMITS.duck_ms == LOWERED_FROM_MS
    assert UNCONFIRMED_MS < LIMITS.pause_ms <= UNCONFIRMED_MS + LIMITS.block_ms, "just short of a pause"


def test_it_is_lowered_then_paused() -> None:
    run = interrupted(350)
    began_ms = run.began_ms  # type: ignore[attr-defined]
    assert run.of(do.Duck) == [do.Duck(12.0)]
    assert run.at_ms(do.Duck) - began_ms == pytest.approx(LIMITS.duck_ms, abs=10)
    assert run.at_ms(do.Pause) - began_ms == pytest.approx(LIMITS.pause_ms, abs=10)
    assert run.phase == "paused"


def test_what_may_be_a_voice_lowers_it_at_once_and_no_more() -> None:
    run = interrupted(0)
    run.pass_ms(10, suspected=True)
    assert run.of(do.Duck) == [do.Duck(12.0)]
    run.pass_ms(1000, suspected=True)
    assert run.phase == "speaking"
    assert not run.of(do.Pause)
    assert not run.of(do.BeginUtterance)
    ended_ms = run.now_ms
    run.pass_ms(700)
    assert run.of(do.Duck) == [do.Duck(12.0), do.Duck(0.0)]
    assert run.at_ms(do.Duck) - ended_ms == pytest.approx(LIMITS.resume_ms, abs=10)


def test_a_voice_that_was_suspected_stops_it_as_soon_as_any() -> None:
    run = interrupted(0)
    run.pass_ms(100, suspected=True)
    began_ms = run.now_ms
    run.pass_ms(320, voice=True)
    assert run.at_ms(do.Pause) - began_ms == pytest.approx(LIMITS.pause_ms, abs=10)
    assert run.of(do.Duck) == [do.Duck(12.0)]


def test_nothing_is_lowered_before_it_sounds_or_where_nobody_listens() -> None:
    run = MachineRun()
    run.ask(speak=False)
    run.pass_ms(100, suspected=True)
    assert not run.of(do.Duck)
    run.answer_sounds()
    run.take(MuteSwitched(at_sample=0, on=True))
    run.pass_ms(100, suspected=True)
    assert not run.of(do.Duck)


def test_the_ears_are_believed_about_how_long_both_were_heard() -> None:
    """A voice found 250 ms late has not been beside the echo of a lowered answer for 250 ms."""
    run = interrupted(0)
    at = run.session.now
    for overlap_ms in (160.0, 170.0, 180.0):
        at += LIMITS.samples(10)
        started = LIMITS.samples(run.now_ms - 250.0) if overlap_ms == 160.0 else None
        run.take(BlockHeard(at_sample=at, voice=True, started_at=started, overlap_ms=overlap_ms))
    assert run.of(do.Duck) == [do.Duck(12.0)]
    assert not run.of(do.Pause)


def test_what_never_pauses_it_does_not_end_it() -> None:
    """Sound of a voice that the ears do not confirm: at most its own echo, for as long as it lasts."""
    run = interrupted(0)
    for _ in range(120):
        started = run.session.now if run.session.voice_since is None else None
        at = run.session.now + LIMITS.samples(10)
        run.take(BlockHeard(at_sample=at, voice=True, started_at=started, overlap_ms=260.0))
    assert run.of(do.Duck) == [do.Duck(12.0)]
    assert not run.of(do.Drop)
    run.take(BlockHeard(at_sample=run.session.now + LIMITS.samples(10), voice=True, overlap_ms=270.0))
    assert len(run.of(do.Pause)) == 1


def test_a_cough_lets_it_go_on_600_ms_after_its_end() -> None:
    run = interrupted(350)
    ended_ms = run.now_ms
    run.pass_ms(700)
    assert len(run.of(do.Resume)) == 1
    assert run.at_ms(do.Resume) - ended_ms == pytest.approx(LIMITS.resume_ms, abs=10)
    assert run.phase == "speaking"
    assert not run.of(do.Drop)
    run.final("")
    assert len(run.of(do.DropUtterance)) == 1
    assert run.phase == "speaking"


def test_its_words_are_asked_for_when_the_voice_ends_and_may_end_the_answer() -> None:
    run = interrupted(350)
    run.pass_ms(200)
    assert len(run.of(do.AskLastWord)) == 1
    run.final("stop", from_grammar=True)
    assert [drop.response for drop in run.of(do.Drop)] == [1]
    assert run.of(do.TellWords)[-1].text == "stop"
    assert run.of(do.Ask)[-1].text == "stop"
    assert [over.turn for over in run.of(do.TurnOver)] == [2]


def test_words_that_come_late_still_end_the_answer() -> None:
    run = interrupted(350)
    run.pass_ms(1000)
    assert run.phase == "speaking"
    run.final("stop")
    assert [drop.response for drop in run.of(do.Drop)] == [1]


def test_a_backchannel_told_at_the_end_leaves_time_for_more() -> None:
    run = interrupted(350)
    ended_ms = run.now_ms
    run.pass_ms(200)
    run.final("yes")
    assert run.phase == "paused"
    run.pass_ms(500)
    assert run.at_ms(do.Resume) - ended_ms == pytest.approx(LIMITS.resume_ms, abs=10)
    assert run.phase == "speaking"
    assert len(run.of(do.DropUtterance)) == 1
    assert not run.of(do.Drop)


def test_a_backchannel_that_outlasts_the_answer_is_no_turn() -> None:
    run = interrupted(350)
    run.pass_ms(200)
    run.final("yes")
    run.answer_ends()
    assert run.phase == "listening"
    assert not run.of(do.Ask)


def test_nobody_waits_for_the_recogniser_to_say_stop_again() -> None:
    run = interrupted(350)
    run.pass_ms(200)
    run.pass_ms(200, voice=True)
    assert [begun.utterance for begun in run.of(do.BeginUtterance)] == [2, 3]
    run.words("stop")
    assert [drop.response for drop in run.of(do.Drop)] == [1]


def test_a_short_sound_lowers_it_only_and_is_undone() -> None:
    run = interrupted(220)
    run.pass_ms(700)
    assert [duck.by_db for duck in run.of(do.Duck)] == [12.0, 0.0]
    assert not run.of(do.Pause)


@pytest.mark.parametrize("words", ["yes", "mm hmm", "okay great", "i see", "uh huh yeah"])
def test_backchannels_let_it_go_on(words: str) -> None:
    run = interrupted(500)
    run.words(words)
    run.pass_ms(700)
    assert run.phase == "speaking"
    assert not run.of(do.Drop)


@pytest.mark.parametrize("words", ["stop", "wait", "shut up", "hold on", "no more", "what about cats"])
def test_words_take_the_floor_at_once(words: str) -> None:
    run = interrupted(400)
    run.words(words)
    assert [drop.response for drop in run.of(do.Drop)] == [1]
    assert run.phase == "user_speaking"
    assert run.session.generation == 1


def test_900_ms_of_voice_take_the_floor_without_words() -> None:
    run = interrupted(950)
    began_ms = run.began_ms  # type: ignore[attr-defined]
    assert run.at_ms(do.Drop) - began_ms == pytest.approx(LIMITS.commit_ms, abs=10)


def test_one_word_that_is_no_stop_word_does_not_take_it() -> None:
    run = interrupted(400)
    run.words("cats")
    assert not run.of(do.Drop)


def test_it_works_twice_in_a_row() -> None:
    run = interrupted(350)
    run.pass_ms(700)
    run.pass_ms(350, voice=True)
    assert [type(done.action) for done in run.done].count(do.Pause) == 2
    run.words("stop")
    assert len(run.of(do.Drop)) == 1


def test_two_coughs_close_together_are_one_pause() -> None:
    run = interrupted(350)
    run.pass_ms(300)
    run.pass_ms(200, voice=True)
    run.pass_ms(650)
    assert len(run.of(do.Pause)) == 1
    assert len(run.of(do.Resume)) == 1


def test_before_its_first_sample_the_answer_waits_at_once() -> None:
    run = MachineRun()
    run.ask(speak=False)
    run.forget()
    run.pass_ms(20, voice=True)
    assert len(run.of(do.Pause)) == 1
    run.pass_ms(700)
    assert len(run.of(do.Resume)) == 1
    run.answer_sounds()
    assert run.phase == "speaking"


def test_what_was_not_answered_at_all_is_gone_on_with() -> None:
    run = MachineRun()
    run.ask("set a timer for five minutes", speak=False)
    run.pass_ms(300, voice=True)
    run.words("and ten seconds")
    run.pass_ms(410)
    run.final("and ten seconds")
    assert run.of(do.Ask)[-1].text == "set a timer for five minutes and ten seconds"
    assert not [commit for commit in run.of(do.Commit) if commit.response == run.of(do.Ask)[0].response][1:]


def test_a_whole_command_stands_by_itself() -> None:
    run = MachineRun()
    run.ask("tell me a story", speak=False)
    run.pass_ms(400, voice=True)
    run.words("what time is it", complete=True)
    run.pass_ms(410)
    run.final("what time is it", from_grammar=True)
    assert run.of(do.Ask)[-1].text == "what time is it"


def test_nothing_said_after_all_asks_for_the_unheard_answer_again() -> None:
    run = MachineRun()
    run.ask("tell me a story", speak=False)
    run.pass_ms(950, voice=True)
    assert len(run.of(do.Drop)) == 1
    run.pass_ms(410)
    run.final("", rejected=True)
    assert run.of(do.Ask)[-1].text == "tell me a story"
    assert run.phase == "thinking"


def test_stop_before_the_first_sample_is_no_part_of_the_question() -> None:
    run = MachineRun()
    run.ask("tell me a story", speak=False)
    run.pass_ms(300, voice=True)
    run.words("stop")
    run.pass_ms(410)
    run.final("stop")
    assert run.of(do.Ask)[-1].text == "stop"


def test_mm_hmm_into_the_last_words_is_no_turn() -> None:
    run = interrupted(350)
    run.words("mm hmm")
    run.pass_ms(100)
    run.answer_ends()
    run.pass_ms(410)
    run.final("mm hmm")
    assert run.phase == "listening"
    assert not run.of(do.Release)


def test_words_that_go_on_after_the_answers_end_are_a_turn() -> None:
    run = interrupted(350)
    run.answer_ends()
    assert run.phase == "user_speaking"
    run.words("yes")
    run.pass_ms(410)
    run.final("yes")
    assert run.of(do.Ask)[-1].text == "yes"


def test_telling_words() -> None:
    assert says_stop("please stop")
    assert says_stop("oh shut up")
    assert not says_stop("the bus stops here")
    assert own_words("oh yes of course") == 0
    assert takes_the_turn("tell me")
    assert not takes_the_turn("really")
