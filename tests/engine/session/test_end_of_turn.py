"""When a turn ends, in users' words."""

from __future__ import annotations

import pytest

from engine.recognition import Partial
from engine.session.command_forms import CommandForms
from engine.session.end_of_turn import EndOfTurn, Evidence, evidence_of
from engine.session.melody import Melody

GRAMMAR = """#JSGF V1.0;
grammar commands;
public <command> = [please] (<time> | <timer> | <sum> | stop | <weather> | cancel [the timer]);
<time> = what time is it [in <city>] | what's the time;
<timer> = set a timer for <number> (minute | minutes | seconds | hours [and <number> minutes]) [please];
<sum> = what is <number> (plus | times) <number>;
<weather> = how is the weather in <city>;
<city> = paris | london | "new york";
<number> = seven | ten | twenty [seven] | seven hundred;
"""
FORMS = CommandForms(GRAMMAR, ("remember that", "take a note"))
FELL = Melody(step=-3.0, slope=-2.0, above_floor=0.5, voiced_ms=600.0)


def silence_that_ends(text: str, patience: float = 1.0, melody: Melody | None = None) -> float:
    """Silence in ms at which the turn is over, found by waiting 10 ms at a time."""
    judge = EndOfTurn(FORMS)
    for silence_ms in range(0, 20_000, 10):
        evidence = Evidence(
            silence_ms=silence_ms,
            speech_ms=1000.0,
            text=text,
            complete=FORMS.may_end(tuple(text.split())),
            melody=melody,
            patience=patience,
        )
        if judge.judge(evidence).over:
            return silence_ms
    raise AssertionError("the turn never ends")


def test_a_question_that_is_a_whole_command_is_answered_soon() -> None:
    assert silence_that_ends("what's the time") <= 250
    assert silence_that_ends("stop") <= 250


def test_set_a_timer_for_ten_waits_for_the_minutes() -> None:
    assert silence_that_ends("set a timer for ten", melody=FELL) > 800
    assert silence_that_ends("set a timer for ten minutes", melody=FELL) <= 250


def test_what_is_seven_waits_for_the_rest() -> None:
    assert silence_that_ends("what is seven", melody=FELL) > 800
    assert silence_that_ends("what is seven times seven") <= 250, "seven hundred is not waited for"


def test_a_command_that_may_go_on_waits_longer_than_one_that_cannot() -> None:
    assert silence_that_ends("what's the time") < silence_that_ends("what time is it", melody=FELL) <= 600


def test_a_verb_that_lacks_what_it_is_about_waits_longer() -> None:
    assert silence_that_ends("cancel") > 800
    assert silence_that_ends("cancel the timer") <= 250


def test_hours_may_be_followed_by_minutes() -> None:
    assert silence_that_ends("set a timer for seven hours") > 500
    assert silence_that_ends("set a timer for seven hours and ten minutes") <= 250


def test_remember_that_waits_for_what_to_remember() -> None:
    assert silence_that_ends("remember that") > 800
    assert silence_that_ends("take a") > 800
    assert silence_that_ends("take a note buy milk") < 800, "it is all there, though it is short"


def test_a_filler_in_front_changes_nothing() -> None:
    assert silence_that_ends("um set a timer for ten") > 800
    assert silence_that_ends("uh what is seven") > 800


def test_words_that_fillers_look_like_are_none_at_the_end_of_a_sentence() -> None:
    assert silence_that_ends("i am afraid that he is not well") < 800
    assert silence_that_ends("what is london like") < 1000


def test_a_few_words_that_are_no_command_are_more_likely_a_beginning() -> None:
    assert silence_that_ends("i saw a film") > silence_that_ends("i saw a film about an old man and a horse")


@pytest.mark.parametrize(
    "text",
    ["and then i", "i was thinking about the", "tell me what", "we could go to the park or", "um", "so uh"],
)
def test_half_a_thought_is_waited_for(text: str) -> None:
    assert silence_that_ends(text, melody=FELL) > 800


def test_an_open_sentence_ends_later_than_a_command_and_sooner_than_half_a_thought() -> None:
    sentence = silence_that_ends("i had a very long day at work", melody=FELL)
    assert silence_that_ends("what's the time") < sentence < silence_that_ends("i had a long day and")
    assert 400 <= sentence <= 800


def test_a_voice_that_stays_up_is_given_more_time() -> None:
    up = Melody(step=0.5, above_floor=5.0, voiced_ms=600.0)
    text = "i had a long day at work today"
    assert silence_that_ends(text, melody=up) > silence_that_ends(text, melody=FELL)


@pytest.mark.parametrize("text", ["what's the time", "i had a long day at work", "and then i", ""])
def test_patience_doubles_the_wait(text: str) -> None:
    once, twice = silence_that_ends(text), silence_that_ends(text, patience=2.0)
    assert twice == pytest.approx(2 * once, abs=10)


def test_no_patience_at_all_still_lets_a_stop_consonant_pass() -> None:
    assert silence_that_ends("stop", patience=0.0) >= 100


def test_an_answer_is_made_ahead_of_what_is_likely_to_end_and_of_nothing_else() -> None:
    judge = EndOfTurn(FORMS)
    early = {"silence_ms": 150.0, "speech_ms": 900.0}
    whole = judge.judge(Evidence(text="what's the time", complete=True, **early))
    assert whole.prepare
    assert not whole.over
    assert not judge.judge(Evidence(text="set a timer for", complete=False, **early)).prepare
    assert not judge.judge(Evidence(text="and then i", complete=False, **early)).prepare


def test_a_sound_that_may_be_the_voice_again_is_waited_for_and_not_for_ever() -> None:
    judge = EndOfTurn(FORMS)

    def over(silence_ms: float, stirring: bool) -> bool:
        evidence = evidence_of(
            Partial(1, "stop", "", "stop", 4000), silence_ms=silence_ms, speech_ms=900.0, stirring=stirring
        )
        return judge.judge(evidence).over

    assert over(200.0, stirring=False)
    assert not over(200.0, stirring=True), "a voice is told some 80 ms behind its onset"
    assert over(350.0, stirring=True), "a room that is never still ends turns as well"


def test_a_whole_command_is_judged_by_its_own_words_whatever_was_called_stable_before() -> None:
    mixed = Partial(1, "seven", "the time", "what's the time", 4000)
    evidence = evidence_of(mixed, silence_ms=250.0, speech_ms=900.0)
    assert (evidence.text, evidence.complete) == ("what's the time", True)
    assert EndOfTurn(FORMS).judge(evidence).look == "command"
    longer = Partial(1, "seven", "time is it", "what time is it", 4000)
    assert EndOfTurn(FORMS).judge(evidence_of(longer, silence_ms=250.0, speech_ms=900.0)).look == "extendable"


def test_what_may_be_a_command_is_read_as_one_and_waited_for_as_one_that_may_go_on() -> None:
    partial = Partial(1, "but", "time is it", "what time is it", 4000, doubtful=True)
    evidence = evidence_of(partial, silence_ms=250.0, speech_ms=900.0)
    assert (evidence.text, evidence.complete) == ("what time is it", False)
    assert EndOfTurn(FORMS).judge(evidence).look == "extendable"


def test_a_timer_or_a_sum_that_could_go_on_is_not_made_slow_for_it() -> None:
    forms = CommandForms(
        "public <command> = set a timer for two minutes [and ten seconds] | what is two plus two [times two];"
    )
    judge = EndOfTurn(forms)
    for text in ("set a timer for two minutes", "what is two plus two"):
        evidence = Evidence(silence_ms=250.0, speech_ms=900.0, text=text, complete=True)
        assert judge.judge(evidence).over
    assert forms.may_end(tuple("set a timer for two minutes and ten seconds".split()))


def test_words_that_are_not_recognised_yet_are_waited_for() -> None:
    judge = EndOfTurn(FORMS)
    partial = Partial(1, "stop", "", "stop", 4000)
    late = judge.judge(evidence_of(partial, silence_ms=200.0, speech_ms=900.0, behind_ms=300.0))
    now = judge.judge(evidence_of(partial, silence_ms=200.0, speech_ms=900.0))
    assert now.over
    assert not late.over


def test_speech_without_a_word_ends_too() -> None:
    assert 800 <= silence_that_ends("") <= 3000
