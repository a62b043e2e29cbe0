"""Whole conversations in simulated time: what a user would notice, and exactly what was heard."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
import soundfile

from engine.audio.duplex import DeviceNotice
from engine.commands import Adjust, Listen, Mute, StartConversation, StopSpeaking, TypedText
from engine.dialogue import ChangeRate, ChangeVolume, FallAsleep
from engine.events import (
    DeviceChanged,
    ErrorOccurred,
    InputCommitted,
    ItemTruncated,
    ResponseCreated,
    ResponseDone,
    SessionEnded,
    SpeechStarted,
    StateChanged,
    TranscriptDone,
    TranscriptionCompleted,
    TurnLatency,
)
from engine.hearing import RECOGNISER_RATE_HZ
from engine.meters import MeterReader
from engine.session import conversation
from engine.session.state import Limits
from tests.fakes.scenario import Scenario, Timeline
from tests.fakes.scripted_dialogue import ScriptedReply
from tests.fakes.spoken_tones import HISS, samples, words_in
from tests.fakes.tones import CODEC, FRAMES_A_WORD

STORY = "Once there was a cat. It lived in a house and slept all day long."
REPLIES = {"what time is it": "It is ten past three.", "tell me a story": STORY}
WORD_MS = FRAMES_A_WORD * CODEC.frame_ms


def started(timeline: Timeline) -> float:
    """When the assistant began to speak."""
    return timeline.at_ms(StateChanged, state="speaking")


def test_a_question_is_answered_and_everything_told_in_order() -> None:
    scenario = Scenario(dict(REPLIES))
    ended_ms = scenario.say(500, "what time is it")
    told = scenario.run(5000)
    assert told.heard == "It is ten past three."
    order = [
        type(event)
        for event in told.of(
            SpeechStarted, InputCommitted, TranscriptionCompleted, ResponseCreated, ResponseDone
        )
    ]
    assert order == [SpeechStarted, InputCommitted, TranscriptionCompleted, ResponseCreated, ResponseDone]
    told.within_ms(ended_ms, started(told), 400)
    assert told.level(0, ended_ms) == 0.0
    assert scenario.record.said == [(1, "what time is it", True)]
    assert scenario.record.heard[-1].heard_text == "It is ten past three."
    assert scenario.record.closed
    assert scenario.dialogue.closed
    assert scenario.recogniser.closed


def test_simulated_time_reports_no_latency() -> None:
    scenario = Scenario(dict(REPLIES))
    scenario.say(500, "what time is it")
    (latency,) = scenario.run(4000).of(TurnLatency)
    assert isinstance(latency, TurnLatency)
    assert latency.v2v_ms is None
    assert latency.made_ahead


def test_what_is_made_ahead_is_never_audible_and_has_no_effects_when_speech_resumes() -> None:
    reply = ScriptedReply(STORY)
    scenario = Scenario({"tell me a story": reply, "tell me a story about cats": "No."})
    scenario.say(500, "tell me a story")
    ended_ms = scenario.say(1800, "about cats")
    told = scenario.run(5000)
    assert reply.commits == 0
    assert reply.cancelled.is_set()
    assert told.level(0, ended_ms) == 0.0
    assert told.heard == "No."
    assert scenario.kept[0] == 0
    (ended,) = told.of(SessionEnded)
    assert isinstance(ended, SessionEnded)
    assert (ended.made_ahead, ended.used_ahead) == (2, 1)
    assert ended.wasted_ms > 0.0


def test_stop_ends_the_answer_and_the_record_holds_what_was_heard() -> None:
    scenario = Scenario(dict(REPLIES) | {"stop": ""})
    scenario.say(500, "tell me a story")
    scenario.say_after(StateChanged, 1000, "stop", state="speaking")
    told = scenario.run(7000)
    (cut,) = told.of(ItemTruncated)
    assert isinstance(cut, ItemTruncated)
    heard_words = round(cut.audio_end_ms / WORD_MS)
    assert cut.heard_text == " ".join(STORY.split()[:heard_words])
    assert told.heard == cut.heard_text
    last = [heard for heard in scenario.record.heard if heard.turn_id == 1][-1]
    assert (last.heard_text, last.interrupted, last.generated_text.strip()) == (cut.heard_text, True, STORY)
    assert told.states()[-1] == "listening"
    assert scenario.kept == [pytest.approx(cut.audio_end_ms * CODEC.sample_rate_hz / 1000.0, abs=2)]


def test_the_next_answer_knows_only_what_was_heard() -> None:
    scenario = Scenario(dict(REPLIES) | {"stop": ""})
    scenario.say(500, "tell me a story")
    scenario.say_after(StateChanged, 1000, "stop", state="speaking")
    scenario.say(6000, "what time is it")
    told = scenario.run(9000)
    (cut,) = told.of(ItemTruncated)
    assert isinstance(cut, ItemTruncated)
    history = scenario.dialogue.asked[-1][1]
    assert [(past.user_text, past.assistant_text, past.interrupted) for past in history] == [
        ("tell me a story", cut.heard_text, True)
    ]


def test_an_interruption_fades_without_a_click() -> None:
    scenario = Scenario(dict(REPLIES) | {"stop": ""})
    scenario.say(500, "tell me a story")
    scenario.say_after(StateChanged, 1000, "stop", state="speaking")
    told = scenario.run(6000)
    silent = samples(told.at_ms(ItemTruncated))
    played = told.played[silent - samples(400) : silent]
    last = int(np.flatnonzero(played)[-1])
    # A pure tone bends so evenly that the ramp's own corner is seen; a click would be tenfold.
    bends = np.abs(np.diff(played.astype(np.float64), 2))
    assert bends[last - samples(20) :].max() <= bends[last - samples(120) : last - samples(20)].max() * 1.25


def test_a_cough_pauses_the_answer_and_it_goes_on_from_its_last_word() -> None:
    scenario = Scenario(dict(REPLIES))
    scenario.say(500, "tell me a story")
    scenario.say_after(StateChanged, 1000, f"{HISS} {HISS}", state="speaking")
    told = scenario.run(11_000)
    told.absent(ItemTruncated)
    assert told.states()[4:7] == ["speaking", "paused", "speaking"]
    assert told.heard == STORY
    paused, resumed = told.at_ms(StateChanged, state="paused"), told.at_ms(StateChanged, 1, state="speaking")
    assert told.level(paused + 40, resumed - 20) == 0.0
    played_ms = 1000.0 * np.count_nonzero(told.played) / samples(1000)
    assert len(STORY.split()) * WORD_MS < played_ms < (len(STORY.split()) + 1) * WORD_MS + 30


def test_it_works_twice_in_a_row() -> None:
    scenario = Scenario(dict(REPLIES))
    scenario.say(500, "tell me a story")
    scenario.say_after(StateChanged, 800, f"{HISS} {HISS}", state="speaking")
    scenario.say_after(StateChanged, 1500, f"{HISS} {HISS}", state="paused")
    told = scenario.run(13_000)
    assert told.states().count("paused") == 2
    assert told.heard == STORY


def test_it_is_lowered_by_12_db_before_it_is_paused() -> None:
    scenario = Scenario(dict(REPLIES), limits=Limits(pause_ms=500.0))
    scenario.say(500, "tell me a story")
    scenario.say_after(StateChanged, 1000, f"{HISS} {HISS} {HISS}", state="speaking")
    told = scenario.run(6000)
    paused = told.at_ms(StateChanged, state="paused")
    before, ducked = told.level(paused - 700, paused - 450), told.level(paused - 200, paused - 20)
    assert 20 * np.log10(before / ducked) == pytest.approx(12.0, abs=0.5)


def test_a_user_who_goes_on_before_the_first_sample_hears_nothing_of_the_first_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(conversation, "SETTLE_S", 0.0)  # time does not wait for an answer that never comes
    gate = threading.Event()
    slow = ScriptedReply(STORY, gate=gate)
    scenario = Scenario({"set timer": slow, "set timer for five minutes": "Done."})
    scenario.say(500, "set timer")
    scenario.say_after(ResponseCreated, 100, "for five minutes")
    told = scenario.run(8000)
    assert slow.cancelled.is_set()
    told.absent(ItemTruncated, turn_id=2)
    assert told.heard == "Done."
    assert scenario.dialogue.asked[-1][0].text == "set timer for five minutes"


def test_typed_text_is_answered_aloud_and_marked_as_typed() -> None:
    scenario = Scenario(dict(REPLIES))
    scenario.send(500, TypedText(text="what time is it"))
    told = scenario.run(3000)
    assert told.heard == "It is ten past three."
    assert scenario.record.said == [(1, "what time is it", False)]
    assert not scenario.dialogue.asked[0][0].spoken


def test_the_stop_key_silences_at_once_and_the_conversation_goes_on() -> None:
    scenario = Scenario(dict(REPLIES))
    scenario.say(500, "tell me a story")
    scenario.send_after(
        StateChanged, 600, lambda: scenario.conversation.post(StopSpeaking()), state="speaking"
    )
    scenario.say(5000, "what time is it")
    told = scenario.run(8000)
    cut_ms = told.at_ms(ItemTruncated)
    told.within_ms(started(told) + 600, cut_ms, 60)
    assert told.level(cut_ms, 5000) == 0.0
    assert told.heard.endswith("It is ten past three.")


def test_muted_it_hears_nothing_and_says_so() -> None:
    scenario = Scenario(dict(REPLIES))
    scenario.send(100, Mute(on=True))
    scenario.say(500, "what time is it")
    scenario.send(3000, Mute(on=False))
    scenario.say(3500, "what time is it")
    told = scenario.run(7000)
    assert told.states()[:3] == ["listening", "muted", "listening"]
    assert len(told.of(InputCommitted)) == 1


def test_push_to_talk_sends_on_release() -> None:
    scenario = Scenario(dict(REPLIES), StartConversation(listen="push_to_talk"))
    scenario.say(300, "tell me")
    scenario.send(900, Listen(on=True))
    ended = scenario.say(1000, "what time is it")
    scenario.send(ended + 100, Listen(on=False))
    told = scenario.run(5000)
    assert told.heard == "It is ten past three."
    told.within_ms(ended + 100, told.at_ms(InputCommitted), 30)
    assert told.states()[0] == "asleep"
    assert told.states()[-1] == "asleep"


def test_an_answer_can_change_volume_and_rate_and_end_the_conversation() -> None:
    effects = (ChangeVolume(-6.0), ChangeRate(1.25), FallAsleep())
    scenario = Scenario({"louder": ScriptedReply("Good night.", effects=effects)})
    scenario.say(500, "louder")
    told = scenario.run(4000)
    begun = started(told)
    assert told.level(begun + 200, begun + 400) == pytest.approx(0.25 / 2 / np.sqrt(2), rel=0.03)
    assert told.states()[-1] == "asleep"


def test_volume_is_adjusted_while_it_speaks() -> None:
    scenario = Scenario(dict(REPLIES))
    scenario.say(500, "tell me a story")
    scenario.send_after(
        StateChanged, 500, lambda: scenario.conversation.post(Adjust(volume_db=-20.0)), state="speaking"
    )
    told = scenario.run(4000)
    begun = started(told)
    before, after = told.level(begun + 100, begun + 400), told.level(begun + 600, begun + 900)
    assert 20 * np.log10(before / after) == pytest.approx(20.0, abs=0.3)


def test_an_announcement_is_spoken_and_committed() -> None:
    scenario = Scenario()
    reply = ScriptedReply("Your tea is ready.")
    scenario.at(1500, lambda: scenario.dialogue.due.append(reply))
    told = scenario.run(6000)
    assert told.heard == "Your tea is ready."
    assert reply.commits == 1


def test_an_announcement_that_nobody_heard_is_due_again() -> None:
    scenario = Scenario(dict(REPLIES))
    first, again = ScriptedReply("Your tea is ready."), ScriptedReply("Your tea is ready.")
    scenario.say(500, "tell me a story")
    scenario.at(2500, lambda: scenario.dialogue.due.append(first))
    scenario.at(6000, lambda: scenario.dialogue.due.append(again))
    told = scenario.run(9000)
    assert (first.commits, first.cancelled.is_set()) == (0, True)
    assert again.commits == 1
    assert told.heard.endswith("all day long. Your tea is ready.")


def test_a_dialogue_that_breaks_is_told_and_the_conversation_goes_on() -> None:
    scenario = Scenario(
        {"tell me a story": ScriptedReply("", fails=ValueError("a bug"))} | {"what time is it": "Ten."}
    )
    scenario.say(500, "tell me a story")
    scenario.say(4000, "what time is it")
    told = scenario.run(7000)
    (error,) = told.of(ErrorOccurred)
    assert isinstance(error, ErrorOccurred)
    assert error.code == "dialogue"
    assert "ValueError" in error.cause
    assert told.heard == "Ten."


def test_an_answer_without_words_ends_the_turn_in_silence() -> None:
    scenario = Scenario({"stop": ""})
    scenario.say(500, "stop")
    told = scenario.run(3000)
    assert not told.played.any()
    assert told.states()[-1] == "listening"
    (done,) = told.of(ResponseDone)
    assert isinstance(done, ResponseDone)
    assert done.status == "completed"


def test_a_lost_device_is_told_and_the_conversation_goes_on_when_it_is_back() -> None:
    scenario = Scenario(dict(REPLIES))
    lost = DeviceNotice("input", "lost", "The microphone is gone.", "Plug it in.")
    back = DeviceNotice("input", "recovered", "The microphone works again.")
    scenario.at(500, lambda: scenario.duplex.pending.append(lost))
    scenario.say(700, "tell me a story")
    scenario.at(2500, lambda: scenario.duplex.pending.append(back))
    scenario.say(3000, "what time is it")
    told = scenario.run(6000)
    assert told.states()[:3] == ["listening", "failed", "listening"]
    assert [event.kind for event in told.of(DeviceChanged) if isinstance(event, DeviceChanged)] == [
        "lost",
        "recovered",
    ]
    assert told.heard == "It is ten past three."


def test_ended_in_the_middle_of_an_answer_it_keeps_what_was_heard() -> None:
    scenario = Scenario(dict(REPLIES))
    scenario.say(500, "tell me a story")
    told = scenario.run(3500)
    assert isinstance(told.events[-1], SessionEnded)
    (done,) = told.of(TranscriptDone)
    assert isinstance(done, TranscriptDone)
    assert STORY.startswith(done.transcript)
    assert scenario.record.heard[-1].done
    assert scenario.record.heard[-1].heard_text == done.transcript


def test_the_sound_of_turns_is_kept_where_wanted(tmp_path: Path) -> None:
    scenario = Scenario(dict(REPLIES), StartConversation(keep_audio=tmp_path))
    scenario.say(500, "what time is it")
    told = scenario.run(5000)
    assert [(turn, side) for turn, side, _ in scenario.record.sounds] == [(1, "user"), (1, "assistant")]
    assistant = soundfile.read(scenario.record.sounds[1][2])[0]
    assert np.count_nonzero(np.abs(assistant) > 1e-3) == np.count_nonzero(np.abs(told.played) > 1e-3)
    user, rate_hz = soundfile.read(scenario.record.sounds[0][2])
    assert words_in(user.astype(np.float32))[0] == ["what", "time", "is", "it"]
    assert rate_hz == RECOGNISER_RATE_HZ


def test_meters_show_both_sides_marks_counters_and_the_memory() -> None:
    with MeterReader() as meters:
        scenario = Scenario(dict(REPLIES) | {"stop": ""}, StartConversation(meters=meters.name))
        scenario.say(500, "tell me a story")
        scenario.say_after(StateChanged, 1000, "stop", state="speaking")
        scenario.run(6000)
        shown = meters.waveform()
        kinds = [mark.kind for mark in shown.marks]
        assert kinds[:4] == ["user_started", "user_stopped", "turn", "reply_started"]
        assert "interrupted" in kinds
        assert shown.user[:, 1].max() > 0.2
        assert shown.assistant[:, 1].max() > 0.2
        counters = meters.counters()
        assert (counters.pregenerated, counters.pregeneration_hits) == (2.0, 2.0)
        assert counters.real_time_factor > 0.0
        assert [slot.label for slot in meters.memory().slots] == [str(kept) for kept in scenario.kept]


def test_no_sound_is_kept_unless_wanted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    scenario = Scenario(dict(REPLIES))
    scenario.say(500, "what time is it")
    scenario.run(4000)
    assert scenario.record.sounds == []
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("seed", range(3))
def test_whatever_happens_it_ends_and_heard_is_a_beginning_of_what_was_to_be_said(seed: int) -> None:
    rng = np.random.default_rng(seed)
    scenario = Scenario(dict(REPLIES) | {"stop": "", "yes": "Good."}, command=StartConversation(seed=seed))
    lines = ("tell me a story", "what time is it", "stop", "yes", f"{HISS}", "wait no more", "mm hmm")
    at_ms = 300.0
    while at_ms < 14_000:
        if rng.random() < 0.8:
            at_ms = scenario.say(at_ms, str(rng.choice(lines)))
        else:
            scenario.send(
                at_ms,
                [StopSpeaking(), TypedText(text="yes"), Mute(on=bool(rng.random() < 0.3))][rng.integers(3)],
            )
        at_ms += float(rng.integers(30, 1800))
    told = scenario.run(18_000)
    assert isinstance(told.events[-1], SessionEnded)
    for done in told.of(ResponseDone):
        assert isinstance(done, ResponseDone)
        heard = "".join(
            event.transcript
            for event in told.of(TranscriptDone)
            if isinstance(event, TranscriptDone) and event.turn_id == done.turn_id
        )
        assert done.text.startswith(heard)
        assert done.status != "failed"
    told.absent(ErrorOccurred)
