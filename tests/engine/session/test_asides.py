"""What comes beside the answers: troubles of a model, late effects, another dialogue, other devices."""

from __future__ import annotations

import pytest

from engine.commands import ChooseDevices, Listen, RenewDialogue, StartConversation
from engine.dialogue import ChangeVolume, Dialogue, FallAsleep, StopSpeaking
from engine.errors import SottoError
from engine.events import ErrorOccurred, ItemTruncated, SessionCreated, SessionEnded, StateChanged
from tests.fakes.scenario import Scenario
from tests.fakes.scripted_dialogue import ScriptedDialogue

STORY = "Once there was a cat. It lived in a house and slept all day long."
REPLIES = {"what time is it": "It is ten past three.", "tell me a story": STORY}


def test_a_trouble_reaches_the_front_end_however_early_it_comes() -> None:
    scenario = Scenario(dict(REPLIES))
    scenario.asides.tell(ErrorOccurred(code="dialogue", message="No server answers."))
    scenario.at(1000, lambda: scenario.asides.tell(ErrorOccurred(code="dialogue", message="No credit left.")))
    told = scenario.run(2000)
    troubles = [event.message for event in told.events if isinstance(event, ErrorOccurred)]
    assert troubles == ["No server answers.", "No credit left."]
    assert isinstance(told.events[0], SessionCreated), "the conversation is there before its troubles"
    told.within_ms(1000, told.at_ms(ErrorOccurred, message="No credit left."), 40)


def test_a_model_can_lower_the_voice_in_mid_answer() -> None:
    scenario = Scenario(dict(REPLIES))
    scenario.say(500, "tell me a story")
    scenario.send_after(
        StateChanged, 600, lambda: scenario.asides.late((ChangeVolume(-6.0),)), state="speaking"
    )
    told = scenario.run(9000)
    begun = told.at_ms(StateChanged, state="speaking")
    before, after = told.level(begun + 200, begun + 500), told.level(begun + 800, begun + 1100)
    assert after / before == pytest.approx(0.5, rel=0.1)


def test_a_model_can_stop_its_own_answer() -> None:
    scenario = Scenario(dict(REPLIES))
    scenario.say(500, "tell me a story")
    scenario.send_after(StateChanged, 600, lambda: scenario.asides.late((StopSpeaking(),)), state="speaking")
    told = scenario.run(6000)
    told.within_ms(told.at_ms(StateChanged, state="speaking") + 600, told.at_ms(ItemTruncated), 100)


def test_a_model_can_end_the_conversation_after_its_words() -> None:
    scenario = Scenario(dict(REPLIES), StartConversation(listen="on_call"))
    scenario.send(0, Listen(on=True))
    scenario.say(500, "what time is it")
    scenario.send_after(StateChanged, 300, lambda: scenario.asides.late((FallAsleep(),)), state="speaking")
    told = scenario.run(6000)
    assert told.heard == "It is ten past three."
    assert told.states()[-2:] == ["speaking", "asleep"]


def test_another_dialogue_answers_the_next_question_and_knows_what_was_said() -> None:
    second = ScriptedDialogue({"what time is it": "It is late."})
    scenario = Scenario(dict(REPLIES), reopen=lambda: second)
    scenario.say(500, "tell me a story")
    scenario.send_after(
        StateChanged, 300, lambda: scenario.conversation.post(RenewDialogue()), state="speaking"
    )
    scenario.say(9000, "what time is it")
    told = scenario.run(13_000)
    assert told.heard.startswith(STORY), "the answer under way is not cut"
    assert told.heard.endswith("It is late.")
    assert [asked.text for asked, _ in scenario.dialogue.asked] == ["tell me a story"]
    asked, history = second.asked[-1]
    assert asked.text == "what time is it"
    assert [(past.user_text, past.assistant_text) for past in history] == [("tell me a story", STORY)]
    assert len(told.of(SessionEnded)) == 1, "the conversation went on"
    assert scenario.dialogue.closed
    assert second.closed


def test_where_there_is_no_other_dialogue_the_old_one_goes_on() -> None:
    def refuse() -> Dialogue:
        raise SottoError("The settings are damaged; mend them.")

    scenario = Scenario(dict(REPLIES), reopen=refuse)
    scenario.send(300, RenewDialogue())
    scenario.say(500, "what time is it")
    told = scenario.run(5000)
    assert told.heard == "It is ten past three."
    assert told.at_ms(ErrorOccurred, code="dialogue", message="The settings are damaged; mend them.") > 0.0


def test_a_conversation_without_settings_keeps_its_dialogue() -> None:
    scenario = Scenario(dict(REPLIES))
    scenario.send(300, RenewDialogue())
    scenario.say(500, "what time is it")
    told = scenario.run(5000)
    assert told.heard == "It is ten past three."
    told.absent(ErrorOccurred)


def test_other_devices_are_asked_for_in_the_running_conversation() -> None:
    scenario = Scenario()
    scenario.send(300, ChooseDevices(input_device="Headset", output_device=None))
    told = scenario.run(1000)
    assert scenario.duplex.chosen == ("Headset", None)
    assert len(told.of(SessionEnded)) == 1
