"""Without a loudspeaker answers can be read: they end, and nothing of them is told or kept as heard. A microphone that
is muted is told as such meanwhile, as it is while an answer sounds."""

from __future__ import annotations

from engine.audio.duplex import DeviceNotice
from engine.commands import Mute, StopSpeaking, TypedText
from engine.events import ItemTruncated, ResponseDone, StateChanged, TranscriptDelta, TranscriptDone
from tests.fakes.scenario import Scenario, Timeline
from tests.fakes.scripted_dialogue import ScriptedReply

TIME = "It is ten past three."
STORY = (
    "Once there was a cat. It lived in a house and slept all day long. It dreamt of birds, and of the sea."
)
REPLIES = {"what time is it": TIME, "tell me a story": STORY}
GONE = DeviceNotice("output", "lost", "There is no loudspeaker.")
BACK = DeviceNotice("output", "recovered", "The loudspeaker is there again.")


def loudspeaker(scenario: Scenario, at_ms: float, there: bool) -> None:
    """It goes, or comes back."""

    def change() -> None:
        scenario.duplex.files.audible = there
        scenario.duplex.pending.append(BACK if there else GONE)

    scenario.at(at_ms, change)


def words(told: Timeline, heard: bool) -> str:
    """The words that came as heard, or as written."""
    deltas = [event for event in told.of(TranscriptDelta) if isinstance(event, TranscriptDelta)]
    return "".join(event.delta for event in deltas if event.heard is heard).strip()


def test_an_answer_is_written_to_its_end_and_kept_as_such() -> None:
    scenario = Scenario(dict(REPLIES))
    loudspeaker(scenario, 0, False)
    scenario.send(300, TypedText(text="tell me a story"))
    told = scenario.run(9000)
    assert (words(told, heard=True), words(told, heard=False)) == ("", STORY)
    (done,) = told.of(TranscriptDone)
    assert isinstance(done, TranscriptDone)
    assert (done.transcript, done.written) == ("", STORY)
    (over,) = told.of(ResponseDone)
    assert isinstance(over, ResponseDone)
    assert (over.status, over.until_sample) == ("completed", 0)
    kept = scenario.record.heard[-1]
    assert (kept.heard_text, kept.heard_ms, kept.written_text, kept.interrupted) == ("", 0.0, STORY, False)
    assert kept.done
    assert told.states()[-2:] == ["speaking", "listening"]
    assert scenario.kept == [0], "the voice does not remember having said it"
    assert not told.played.any()


def test_the_next_answer_knows_that_the_last_one_was_read() -> None:
    scenario = Scenario(dict(REPLIES))
    loudspeaker(scenario, 0, False)
    scenario.send(300, TypedText(text="what time is it"))
    loudspeaker(scenario, 4000, True)
    scenario.send(4100, TypedText(text="tell me a story"))
    scenario.send(14_000, TypedText(text="what time is it"))
    scenario.run(16_000)
    _, (_, second), (_, third) = scenario.dialogue.asked
    assert [(past.assistant_text, past.unheard) for past in second] == [(TIME, True)]
    assert [(past.assistant_text, past.unheard) for past in third] == [(TIME, True), (STORY, False)]


def test_what_was_asked_aloud_takes_effect() -> None:
    reply = ScriptedReply(TIME)
    scenario = Scenario({"what time is it": reply})
    loudspeaker(scenario, 0, False)
    scenario.say(500, "what time is it")
    told = scenario.run(5000)
    assert (reply.commits, words(told, heard=False)) == (1, TIME)


def test_a_loudspeaker_that_goes_and_comes_back_leaves_a_gap_that_is_told() -> None:
    scenario = Scenario(dict(REPLIES))
    scenario.send(300, TypedText(text="tell me a story"))
    loudspeaker(scenario, 2000, False)
    loudspeaker(scenario, 4000, True)
    told = scenario.run(9000)
    heard, written = words(told, heard=True), words(told, heard=False)
    assert heard.startswith("Once")
    assert heard.endswith("sea.")
    assert written
    assert written in STORY
    kept = scenario.record.heard[-1]
    assert (kept.heard_text, kept.written_text) == (heard, STORY)
    assert len(heard.split()) + len(written.split()) == len(STORY.split())


def test_a_written_answer_can_be_stopped_and_holds_what_could_be_read() -> None:
    scenario = Scenario(dict(REPLIES))
    loudspeaker(scenario, 0, False)
    scenario.send(300, TypedText(text="tell me a story"))
    scenario.send_after(
        StateChanged, 1500, lambda: scenario.conversation.post(StopSpeaking()), state="speaking"
    )
    told = scenario.run(6000)
    (cut,) = told.of(ItemTruncated)
    assert isinstance(cut, ItemTruncated)
    assert (cut.heard_text, cut.audio_end_ms) == ("", 0.0)
    assert STORY.startswith(cut.written_text)
    assert 0 < len(cut.written_text) < len(STORY)
    kept = scenario.record.heard[-1]
    assert (kept.heard_text, kept.written_text, kept.interrupted) == ("", cut.written_text, True)


def test_a_muted_microphone_is_told_as_such_also_while_an_answer_sounds() -> None:
    scenario = Scenario(dict(REPLIES))
    scenario.send(100, Mute(on=True))
    scenario.send(500, TypedText(text="what time is it"))
    scenario.send_after(
        StateChanged, 300, lambda: scenario.conversation.post(Mute(on=False)), state="speaking"
    )
    told = scenario.run(5000)
    states = [
        (event.state, event.muted) for event in told.of(StateChanged) if isinstance(event, StateChanged)
    ]
    assert states == [
        ("listening", False),
        ("muted", True),
        ("thinking", True),
        ("speaking", True),
        ("speaking", False),
        ("listening", False),
    ]
