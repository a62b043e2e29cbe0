"""What the window shows after what happened: pure, so every order of events can be tried."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce as fold

from hypothesis import given
from hypothesis import strategies as st

from app.desktop.reduce import reduce, rest_of
from app.desktop.view import (
    MAX_LATENCIES,
    MAX_NOTICES,
    Action,
    Begun,
    Dismissed,
    Earlier,
    EngineRestarted,
    Line,
    Notice,
    Opened,
    SessionAsked,
    Told,
    Typed,
    Unfolded,
    ViewState,
)
from app.desktop.wording import status
from engine.event_values import RememberedFact
from engine.events import (
    AudioDone,
    DeviceChanged,
    EngineLoading,
    EngineReady,
    ErrorOccurred,
    ItemTruncated,
    ResponseDone,
    SessionCreated,
    SessionEnded,
    SpeechStarted,
    StateChanged,
    ToolUsed,
    TranscriptDelta,
    TranscriptDone,
    TranscriptionCompleted,
    TranscriptionDelta,
    TranscriptionPartial,
    TurnKept,
    TurnLatency,
)
from engine.fact_events import FactsTold


def test_what_is_remembered_is_what_was_told_last() -> None:
    first = (RememberedFact(number=1, sentence="Your dog's name is Rex."),)
    state = reduce(ViewState(), FactsTold(facts=first, count=1))
    assert (state.facts, state.facts_count) == (first, 1)
    assert reduce(state, FactsTold(facts=(), count=0)).facts == ()


OLD = (Line(1, "user", "old", stage="final"), Line(2, "assistant", "older", stage="final"))


def after(*actions: Action, state: ViewState | None = None) -> ViewState:
    return fold(reduce, actions, state or ViewState())


def texts(state: ViewState) -> list[tuple[str, str, str]]:
    return [(line.role, line.text, line.stage) for line in state.lines]


def test_the_users_words_appear_while_they_are_spoken() -> None:
    state = after(TranscriptionPartial(item_id="a", stable="what", tentative="dime"))
    assert (state.lines[0].text, state.lines[0].tentative) == ("what", "dime")
    state = after(TranscriptionPartial(item_id="a", stable="what time", tentative="is"), state=state)
    assert (state.lines[0].text, state.lines[0].tentative) == ("what time", "is")
    state = after(TranscriptionCompleted(item_id="a", transcript="What time is it?"), state=state)
    assert texts(state) == [("user", "What time is it?", "final")]
    assert state.lines[0].tentative == ""


def test_words_that_turn_out_to_be_none_go() -> None:
    state = after(
        TranscriptionPartial(item_id="a", stable="", tentative="um"),
        TranscriptionCompleted(item_id="a", transcript=" "),
    )
    assert state.lines == ()


def test_deltas_without_partials_add_up() -> None:
    state = after(
        TranscriptionDelta(item_id="a", delta="stop"),
        TranscriptionDelta(item_id="a", delta=" now"),
        TranscriptionCompleted(item_id="a", transcript="Stop now."),
    )
    assert texts(state) == [("user", "Stop now.", "final")]


def test_a_typed_text_stands_once_though_the_engine_tells_it_too() -> None:
    state = after(Typed(" Hello "), TranscriptionCompleted(item_id="t1", turn_id=3, transcript="Hello"))
    assert texts(state) == [("user", "Hello", "final")]
    assert state.lines[0].turn_id == 3
    again = after(Typed("Hello"), TranscriptionCompleted(item_id="t2", transcript="Hello"), state=state)
    assert len(again.lines) == 2
    assert after(Typed("  ")).lines == ()


def test_the_answer_appears_as_it_is_heard() -> None:
    state = after(TranscriptDelta(turn_id=1, delta="It is"), TranscriptDelta(turn_id=1, delta=" five."))
    assert texts(state) == [("assistant", "It is five.", "open")]
    state = after(ResponseDone(turn_id=1, status="completed"), state=state)
    assert texts(state) == [("assistant", "It is five.", "final")]


def test_what_was_cut_off_is_told_apart() -> None:
    whole = "It is five past three, and sunny."
    state = after(
        TranscriptDelta(turn_id=1, delta="It is five"),
        TranscriptDone(turn_id=1, transcript="It is five"),
        ItemTruncated(turn_id=1, item_id="r", audio_end_ms=700.0, heard_text="It is five"),
        ResponseDone(turn_id=1, status="cancelled", text=whole, source="time"),
    )
    line = state.lines[0]
    assert (line.text, line.unheard, line.stage) == ("It is five", "past three, and sunny.", "interrupted")
    assert line.source == "time"


def test_every_session_counts_its_own_turns() -> None:
    def turn(words: str) -> tuple[Action, ...]:
        return (
            SessionCreated(session_id="1", voice="rms", sample_rate_hz=48_000),
            TranscriptionCompleted(item_id="user_1", turn_id=1, transcript=words),
            TranscriptDelta(turn_id=1, delta=f"{words}, indeed."),
            ResponseDone(turn_id=1, status="completed", text=f"{words}, indeed."),
        )

    state = after(*turn("Fine"), EngineRestarted(), *turn("Better"))
    assert [line.text for line in state.lines] == ["Fine", "Fine, indeed.", "Better", "Better, indeed."]


def test_an_earlier_conversation_is_left_by_speaking() -> None:
    state = after(Typed("now"), Opened(Earlier(3, "Old", OLD)))
    assert state.shown_lines == OLD
    for action in (Typed("go on"), TranscriptionPartial(item_id="a", stable="go", tentative="on")):
        assert after(action, state=state).shown_lines[0].text == "now"
    assert after(Opened(), state=state).shown_lines == state.lines


def test_an_answer_of_which_nothing_was_heard_leaves_no_line() -> None:
    state = after(
        TranscriptDelta(turn_id=1, delta=""),
        ItemTruncated(turn_id=1, item_id="r", audio_end_ms=0.0, heard_text=""),
        ResponseDone(turn_id=1, status="cancelled"),
    )
    assert state.lines == ()


def test_an_answer_that_nobody_could_hear_is_shown_as_written() -> None:
    state = after(
        DeviceChanged(direction="output", kind="lost", message="There is no loudspeaker."),
        StateChanged(state="speaking", at_sample=0),
        TranscriptDelta(turn_id=1, delta="It is five", heard=False),
        TranscriptDelta(turn_id=1, delta=" past three.", heard=False),
    )
    assert state.lines[0].aloud == "none"
    shape, words, _ = status(replace(state, engine="ready", session="s"), "open")
    assert (shape, words) == ("thinking", "Answering in writing"), "it is not drawn as sound"
    state = after(
        TranscriptDone(turn_id=1, transcript="", written="It is five past three."),
        ResponseDone(turn_id=1, status="completed", text="It is five past three."),
        state=state,
    )
    assert texts(state) == [("assistant", "It is five past three.", "final")]
    assert state.lines[0].aloud == "none"
    back = DeviceChanged(direction="output", kind="recovered", message="The loudspeaker is Desk again.")
    assert not after(back, state=state).voiceless


def test_a_loudspeaker_that_comes_back_leaves_an_answer_that_was_heard_in_part() -> None:
    state = after(
        TranscriptDelta(turn_id=1, delta="It is", heard=False),
        TranscriptDelta(turn_id=1, delta=" five."),
        TranscriptDone(turn_id=1, transcript="five.", written="It is five."),
        ResponseDone(turn_id=1, status="completed", text="It is five."),
    )
    assert (texts(state), state.lines[0].aloud) == ([("assistant", "It is five.", "final")], "part")


def test_of_an_interrupted_answer_what_could_be_read_stays() -> None:
    state = after(
        TranscriptDelta(turn_id=1, delta="It is", heard=False),
        TranscriptDone(turn_id=1, transcript="", written="It is"),
        ItemTruncated(turn_id=1, item_id="r", audio_end_ms=0.0, heard_text="", written_text="It is"),
        ResponseDone(turn_id=1, status="cancelled", text="It is five."),
    )
    line = state.lines[0]
    assert (line.text, line.unheard, line.stage, line.aloud) == ("It is", "five.", "interrupted", "none")


def test_a_backchannel_does_not_break_the_answer_in_two() -> None:
    state = after(
        TranscriptDelta(turn_id=1, delta="It is"),
        TranscriptionPartial(item_id="b", turn_id=1, stable="", tentative="mhm"),
        TranscriptDelta(turn_id=1, delta=" five."),
        TranscriptionCompleted(item_id="b", transcript=""),
    )
    assert texts(state) == [("assistant", "It is five.", "open")]


def test_the_rest_of_an_answer() -> None:
    assert rest_of("One, two three", "one two") == "three"
    assert rest_of("One two", "One two") == ""
    assert rest_of("One two three", "One tw") == "two three"
    assert rest_of("One two", "") == "One two"
    assert rest_of("Something else", "which was not it at all") == ""


def test_the_engine_comes_up() -> None:
    state = after(
        EngineLoading(),
        EngineReady(voice="rms", runtime="onnx", device="cpu", sample_rate_hz=24000, load_ms=1),
    )
    assert (state.engine, state.can_converse) == ("ready", False)
    state = after(
        SessionCreated(session_id="1", voice="rms", sample_rate_hz=48000),
        StateChanged(state="listening", at_sample=0),
        state=state,
    )
    assert state.can_converse


def test_the_death_of_the_engine_keeps_what_was_said() -> None:
    died = ErrorOccurred(code="engine_died", message="It ended.", fatal=True)
    state = after(
        Typed("Hello"),
        TranscriptDelta(turn_id=1, delta="Good"),
        TranscriptionPartial(item_id="a", stable="and", tentative="then"),
        died,
    )
    assert texts(state) == [
        ("user", "Hello", "final"),
        ("assistant", "Good", "interrupted"),
        ("user", "and then", "final"),
    ]
    assert (state.engine, state.notices[-1].action) == ("ended", "restart")
    again = after(EngineRestarted(), state=state)
    assert (again.engine, again.notices, again.lines) == ("starting", (), state.lines)


def test_a_lost_device_is_told_until_it_is_back() -> None:
    lost = DeviceChanged(direction="input", kind="lost", message="The microphone is gone.")
    state = after(lost)
    assert [notice.severity for notice in state.notices] == ["warning"]
    back = DeviceChanged(direction="input", kind="recovered", message="The microphone is back.")
    state = after(back, state=state)
    assert [notice.message for notice in state.notices] == ["The microphone is back."]
    assert after(DeviceChanged(direction="input", kind="xrun", message="x"), state=state) is state


def test_no_sound_device_can_be_tried_again() -> None:
    state = after(ErrorOccurred(code="sound_device", message="There is no microphone."))
    assert (state.conversation, state.notices[0].action) == ("failed", "retry")
    state = after(SessionCreated(session_id="1", voice="rms", sample_rate_hz=48000), state=state)
    assert state.notices == ()


def test_a_start_that_fails_is_told_once_and_can_be_tried_again() -> None:
    why = "There is no voice 'amy'."
    state = after(EngineLoading(), StateChanged(state="failed", at_sample=0, message=why))
    state = after(ErrorOccurred(code="refused", message=why), state=state)
    assert [(notice.message, notice.action) for notice in state.notices] == [(why, "retry")]
    assert status(state, "open") == ("failed", "Not working", why)
    assert not state.takes_text, "what is typed now would reach nobody"
    state = after(EngineRestarted(), SessionAsked(), state=state)
    assert (state.notices, state.takes_text) == ((), True)


def test_a_conversation_that_ends_by_itself_is_not_getting_ready() -> None:
    session = SessionCreated(session_id="1", voice="rms", sample_rate_hz=48000)
    begun = after(SessionAsked(), session, StateChanged(state="listening", at_sample=0))
    assert begun.takes_text
    ended = after(SessionEnded(), state=begun)
    assert (ended.conversation, ended.takes_text) == ("failed", False)
    assert [(str(one.message)[:23], one.action) for one in ended.notices] == [
        ("The conversation ended ", "retry")
    ]
    asked = after(SessionAsked(), SessionEnded(), state=begun)
    assert (asked.conversation, asked.takes_text, asked.notices) == ("asleep", True, ())


def test_an_engine_that_died_leaves_one_thing_to_do() -> None:
    state = after(ErrorOccurred(code="sound_device", message="There is no microphone."))
    state = after(ErrorOccurred(code="engine_died", message="It ended.", fatal=True), state=state)
    assert [notice.action for notice in state.notices] == ["restart"]


def test_who_was_called_already_need_not_press_anything() -> None:
    session = SessionCreated(session_id="1", voice="rms", sample_rate_hz=48000)
    asleep = after(session, StateChanged(state="asleep", at_sample=0))
    assert "Ctrl+Space" in status(asleep, "on_call")[2]
    listening = after(StateChanged(state="listening", at_sample=0), state=asleep)
    assert status(listening, "on_call")[2] == "Just talk, or type."
    assert "Hold" in status(listening, "push_to_talk")[2]


def test_a_trouble_that_two_parts_meet_is_told_once() -> None:
    window = Told(Notice("archive", "warning", "The file is of a newer Sotto."))
    state = after(
        window, ErrorOccurred(code="refused", message="The file is of a newer Sotto. Nothing is kept.")
    )
    assert [notice.message for notice in state.notices] == ["The file is of a newer Sotto. Nothing is kept."]


def test_an_alarm_stands_in_the_transcript_though_nobody_asked() -> None:
    rang = (
        TranscriptDelta(turn_id=9, delta="Your timer is up."),
        ResponseDone(turn_id=9, status="completed", text="Your timer is up.", source="timers"),
    )
    assert texts(after(*rang)) == [("assistant", "Your timer is up.", "final")]


def test_events_that_are_not_shown_change_nothing() -> None:
    state = after(Typed("Hello"))
    assert after(AudioDone(audio_ms=5.0), SpeechStarted(item_id="a", at_sample=3), state=state) is state


USERS, ANSWERS, ITEMS = st.text("xy ", max_size=4), st.text("pq ", max_size=6), st.sampled_from("ab")
TURNS, SAID = st.integers(0, 3), st.just("words")
STATES = st.sampled_from(["asleep", "listening", "speaking", "muted", "failed"])
CODES = st.sampled_from(["refused", "sound_device", "engine_died", "voice"])
SEVERITIES, KEYS = st.sampled_from(["info", "warning", "error"]), st.sampled_from("klm")
STATUSES = st.sampled_from(["completed", "cancelled", "failed", "incomplete"])
SIDES, KINDS = st.sampled_from(["input", "output"]), st.sampled_from(["lost", "recovered", "xrun"])
ACTIONS: st.SearchStrategy[Action] = st.one_of(
    st.builds(TranscriptionPartial, item_id=ITEMS, stable=USERS, tentative=USERS, turn_id=TURNS),
    st.builds(TranscriptionDelta, item_id=ITEMS, delta=USERS),
    st.builds(TranscriptionCompleted, item_id=ITEMS, transcript=USERS),
    st.builds(TranscriptDelta, turn_id=TURNS, delta=ANSWERS),
    st.builds(TranscriptDone, turn_id=TURNS, transcript=ANSWERS),
    st.builds(ItemTruncated, turn_id=TURNS, item_id=ITEMS, audio_end_ms=st.just(1.0), heard_text=ANSWERS),
    st.builds(ResponseDone, turn_id=TURNS, status=STATUSES, text=ANSWERS),
    st.builds(StateChanged, state=STATES, at_sample=st.just(0)),
    st.builds(ErrorOccurred, code=CODES, message=KEYS),
    st.builds(DeviceChanged, direction=SIDES, kind=KINDS, message=SAID),
    st.builds(TurnLatency, v2v_ms=st.none(), breakdown_ms=st.just({"eot": 3.0}), ahead_ms=st.just({})),
    st.builds(Typed, USERS),
    st.builds(TurnKept, turn_id=TURNS, number=st.integers(1, 3)),
    st.builds(ToolUsed, turn_id=TURNS, name=SAID, owner=SAID, arguments=ANSWERS, result=ANSWERS),
    st.builds(Unfolded, st.integers(1, 9)),
    st.builds(Told, st.builds(Notice, KEYS, SEVERITIES, SAID)),
    st.builds(Dismissed, st.sampled_from(["k", "engine"])),
    st.just(Begun()),
    st.builds(SessionCreated, session_id=SAID, voice=SAID, sample_rate_hz=TURNS),
    st.just(SessionEnded()),
    st.just(EngineRestarted()),
    st.just(Opened(Earlier(3, "Old", OLD))),
    st.just(Opened()),
)


@given(st.lists(ACTIONS, max_size=40))
def test_whatever_happens_the_state_stays_sound(actions: list[Action]) -> None:
    state = ViewState()
    for action in actions:
        before, state = state, reduce(state, action)
        keys = [line.key for line in state.lines]
        assert keys == sorted(set(keys))
        assert all(key < state.next_key for key in keys)
        assert state.next_key >= before.next_key
        assert len(state.notices) <= MAX_NOTICES
        assert len({notice.key for notice in state.notices}) == len(state.notices)
        assert len(state.latencies) <= MAX_LATENCIES
        assert all(line.stage == "open" or line.shown for line in state.lines)
        assert all(line.tentative == "" or line.stage == "open" for line in state.lines)
        if not isinstance(action, Begun):  # final words never go by themselves
            kept = {line.key for line in state.lines}
            assert all(line.key in kept for line in before.lines if line.stage == "final")
