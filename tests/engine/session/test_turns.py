"""What a window may do with turns meanwhile: have one spoken again, correct it, delete it, see its tools."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from engine.commands import AmendTurn, SayAgain, StopSpeaking, TypedText
from engine.dialogue import Exchange, ToolUse
from engine.events import (
    BooksChanged,
    ErrorOccurred,
    ResponseDone,
    StateChanged,
    ToolUsed,
    TranscriptDelta,
    TranscriptDone,
    TranscriptionCompleted,
    TurnKept,
)
from engine.session.history import MOST, History
from tests.fakes.scenario import Scenario
from tests.fakes.scripted_dialogue import ScriptedReply
from tests.fakes.tones import CODEC, LateVoice

REPLIES = {"what time is it": "It is ten past three.", "tell me a story": "Once there was a cat that slept."}


def test_an_answer_is_spoken_again_and_is_no_part_of_the_conversation() -> None:
    scenario = Scenario(dict(REPLIES))
    scenario.say(500, "what time is it")
    scenario.send(5000, SayAgain(text="It is ten past three."))
    scenario.send(9000, TypedText(text="tell me a story"))
    told = scenario.run(14_000)
    assert told.level(5000, 7500) > 0.01, "it sounds"
    assert told.states().count("speaking") == 3
    assert told.heard == "It is ten past three. Once there was a cat that slept."
    assert len(told.of(TranscriptDone)) == 2
    again = told.of(ResponseDone)[1]
    assert isinstance(again, ResponseDone)
    assert (again.status, again.text) == ("completed", "")
    _, history = scenario.dialogue.asked[-1]
    assert [exchange.user_text for exchange in history] == ["what time is it"]
    assert [turn for turn, _, _ in scenario.record.said] == [1, 3]
    assert 0 in scenario.kept, "the voice does not remember having said it twice"


def test_stop_ends_what_is_spoken_again() -> None:
    scenario = Scenario(dict(REPLIES))
    scenario.send(500, SayAgain(text="Once there was a cat that slept all day and all night long."))
    scenario.send(1500, StopSpeaking())
    told = scenario.run(4000)
    assert told.level(800, 1400) > 0.01
    assert told.level(1700, 4000) < 0.001
    told.absent(TranscriptDelta)
    told.absent(TranscriptDone)
    assert told.of(ResponseDone)[0].status == "cancelled"  # type: ignore[attr-defined]


def test_nothing_is_spoken_again_into_an_answer() -> None:
    scenario = Scenario(dict(REPLIES))
    scenario.send(500, TypedText(text="tell me a story"))
    scenario.send(1500, SayAgain(text="It is ten past three."))
    told = scenario.run(6000)
    assert told.heard == REPLIES["tell me a story"]
    (refused,) = told.of(ErrorOccurred)
    assert isinstance(refused, ErrorOccurred)
    assert refused.code == "refused"
    assert "cannot be said again while somebody speaks" in refused.message


def test_turns_are_told_with_the_number_that_finds_them_again() -> None:
    scenario = Scenario(dict(REPLIES))
    scenario.say(500, "what time is it")
    told = scenario.run(5000)
    (kept,) = told.of(TurnKept)
    assert isinstance(kept, TurnKept)
    assert (kept.turn_id, kept.number) == (1, 101)
    assert told.events.index(kept) > told.events.index(told.of(TranscriptionCompleted)[0])


def test_later_answers_go_by_what_was_corrected_or_deleted() -> None:
    scenario = Scenario(dict(REPLIES))
    scenario.send(500, TypedText(text="what time is it"))
    scenario.send(4000, TypedText(text="tell me a story"))
    scenario.send(8000, AmendTurn(turn_id=1, text="what is the time", was="what time is it"))
    scenario.send(8100, AmendTurn(turn_id=2, text=None))
    scenario.send(8200, AmendTurn(turn_id=77, text="nobody said this"))
    scenario.send(8500, TypedText(text="hello"))
    scenario.run(11_000)
    asked, history = scenario.dialogue.asked[-1]
    assert asked.text == "hello"
    assert history == (Exchange("what is the time", "It is ten past three.", turn=1),)
    assert scenario.dialogue.amendments == [1, 2, 77], "what was summed up of these holds no longer"


def test_a_correction_leaves_the_words_of_turns_before_it() -> None:
    history = History()
    history.add(Exchange("set a timer for tee minutes", "Done.", turn=2))
    history.amend(2, "tea minutes", "tee minutes")
    assert history.exchanges[0].user_text == "set a timer for tea minutes"
    for turn in range(3, 3 + MOST):
        history.add(Exchange("x", "y", turn=turn))
    assert len(history.exchanges) == MOST
    assert 2 not in [exchange.turn for exchange in history.exchanges]


@dataclass
class ToolReply(ScriptedReply):
    """An answer with a tool in it, called before its first word."""

    uses: tuple[ToolUse, ...] = ()
    called: bool = False

    @property
    def tool_uses(self) -> tuple[ToolUse, ...]:
        """Those that have ended."""
        return self.uses if self.called else ()

    def pieces(self) -> Iterator[str]:
        """The call, then the words."""
        self.called = True
        yield from super().pieces()


def test_a_tool_is_told_before_the_words_that_come_from_it_and_kept_with_them() -> None:
    use = ToolUse("weather", "Almanac", '{"town": "Ulm"}', "sunny")
    scenario = Scenario({"the weather": ToolReply("It is sunny.", uses=(use,))})
    scenario.send(500, TypedText(text="the weather"))
    told = scenario.run(4000)
    (used,) = told.of(ToolUsed)
    assert isinstance(used, ToolUsed)
    assert (used.turn_id, used.name, used.arguments, used.result) == (
        1,
        "weather",
        '{"town": "Ulm"}',
        "sunny",
    )
    assert told.events.index(used) < told.events.index(told.of(TranscriptDelta)[0])
    assert scenario.record.heard[-1].tools == (use,)
    assert told.of(StateChanged)


def test_frames_that_come_late_are_told_in_a_conversation_too() -> None:
    scenario = Scenario(dict(REPLIES), voice=LateVoice("late", "cpu"))
    scenario.send(500, TypedText(text="what time is it"))
    told = scenario.run(5000)
    changes = [event.books for event in told.of(BooksChanged) if isinstance(event, BooksChanged)]
    half, whole = CODEC.codebooks // 2, CODEC.codebooks
    assert changes == [half, whole, half, whole], "five words, every second of them late"
    assert {event.turn_id for event in told.of(BooksChanged)} == {1}
