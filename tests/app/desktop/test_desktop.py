"""What a user does and sees, on the real window with a scripted engine."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QPushButton, QToolButton
from pytestqt.qtbot import QtBot

from app.desktop import crash
from app.desktop.level import ADVICE
from engine.commands import EndConversation, Listen, Mute, StartConversation, StopSpeaking, TypedText
from engine.events import (
    DeviceChanged,
    ErrorOccurred,
    ItemTruncated,
    ResponseDone,
    TranscriptDelta,
    TranscriptionCompleted,
    TranscriptionPartial,
)
from engine.meters import MeterWriter
from tests.app.desktop.conftest import User, sit_down

CTRL = Qt.KeyboardModifier.ControlModifier


def button(user: User, name: str) -> QToolButton | QPushButton:
    """A visible button by its accessible name or its text."""
    found = [
        b
        for b in [*user.window.findChildren(QToolButton), *user.window.findChildren(QPushButton)]
        if b.isVisible() and name in (b.accessibleName(), b.text())
    ]
    assert found, name
    return found[0]


def test_a_typed_question_is_shown_at_once_and_answered(user: User) -> None:
    user.types("What time is it")
    assert user.desktop.state.lines[0].text == "What time is it"
    user.sees("It is five past three.")
    assert user.asked(TypedText) == TypedText(text="What time is it")
    assert user.window.controls.entry.text() == ""
    assert user.window.transcript.isVisible()
    assert not user.window.empty.isVisible()


def test_nothing_is_sent_that_has_no_words(user: User) -> None:
    assert not user.window.controls.send.isEnabled()
    user.types("   ")
    user.types("hello")
    user.sees("You typed: hello")
    assert [c for c in user.engine.commands if isinstance(c, TypedText)] == [TypedText(text="hello")]


def test_spoken_words_appear_while_they_are_spoken(user: User) -> None:
    user.engine.feed(TranscriptionPartial(item_id="a", stable="what", tentative="dime"))
    assert user.sees("what dime").tentative == "dime"
    user.engine.feed(TranscriptionCompleted(item_id="a", transcript="What time is it?"))
    assert user.sees("What time is it?").stage == "final"


def test_an_interrupted_answer_shows_what_was_not_heard(user: User) -> None:
    user.engine.feed(
        TranscriptDelta(turn_id=7, delta="It is five"),
        ItemTruncated(turn_id=7, item_id="r", audio_end_ms=500, heard_text="It is five"),
        ResponseDone(turn_id=7, status="cancelled", text="It is five past three."),
    )
    assert user.sees("past three.").stage == "interrupted"
    index = user.window.transcript.model().index(0, 0)
    assert "Not heard: past three." in index.data(Qt.ItemDataRole.AccessibleTextRole)


def test_escape_stops_the_voice_from_anywhere(user: User) -> None:
    user.engine.feed(user.engine.state("speaking"))
    user.sees_state("Speaking")
    user.window.controls.entry.setFocus()
    user.presses(Qt.Key.Key_Escape)
    user.asked(StopSpeaking)
    user.sees_state("Listening")
    assert QApplication.focusWidget() is user.window


def test_ctrl_m_mutes_and_opens_the_microphone(user: User) -> None:
    user.presses(Qt.Key.Key_M, CTRL)
    user.sees_state("Microphone muted")
    assert user.window.controls.microphone.accessibleName() == "Unmute"
    user.presses(Qt.Key.Key_M, CTRL)
    user.sees_state("Listening")
    user.asked_for(Mute(on=True), Mute(on=False))


def test_the_microphone_button_calls_and_ends(user: User) -> None:
    user.bot.mouseClick(user.window.controls.microphone, Qt.MouseButton.LeftButton)
    user.sees_state("Listening")
    user.bot.mouseClick(user.window.controls.microphone, Qt.MouseButton.LeftButton)
    user.sees_state("Asleep")
    user.asked_for(Listen(on=True), Listen(on=False))


@pytest.fixture
def talker(qtbot: QtBot, tmp_path: Path, crashes: crash.CrashHandling) -> object:
    """Somebody who talks with a key held."""
    text = 'version = 1\nwelcomed = true\n[conversing]\nlisten = "push_to_talk"\n'
    (tmp_path / "settings.toml").write_text(text, encoding="utf-8")
    with sit_down(qtbot, tmp_path, crashes) as sitting:
        yield sitting


@pytest.mark.parametrize("modifier", [CTRL, Qt.KeyboardModifier.NoModifier], ids=["Ctrl+Space", "Space"])
def test_talking_while_the_key_is_held(talker: User, modifier: Qt.KeyboardModifier) -> None:
    user = talker
    user.window.setFocus()
    user.bot.keyPress(user.window, Qt.Key.Key_Space, modifier)
    for _ in range(3):  # a keyboard repeats itself
        QApplication.sendEvent(user.window, key_event(QEvent.Type.KeyPress, modifier, repeat=True))
        QApplication.sendEvent(user.window, key_event(QEvent.Type.KeyRelease, modifier, repeat=True))
    user.sees_state("Listening")
    user.asked_for(Listen(on=True))
    user.bot.keyRelease(user.window, Qt.Key.Key_Space, modifier)
    user.sees_state("Asleep")
    user.asked_for(Listen(on=True), Listen(on=False))


def key_event(kind: QEvent.Type, modifier: Qt.KeyboardModifier, repeat: bool) -> object:
    from PySide6.QtGui import QKeyEvent

    return QKeyEvent(kind, Qt.Key.Key_Space, modifier, " ", repeat)


def test_losing_the_window_sends_what_was_said(talker: User) -> None:
    user = talker
    user.bot.keyPress(user.window, Qt.Key.Key_Space, CTRL)
    user.sees_state("Listening")
    QApplication.sendEvent(user.window, QEvent(QEvent.Type.WindowDeactivate))
    user.sees_state("Asleep")
    user.asked_for(Listen(on=True), Listen(on=False))


def test_a_space_in_the_text_is_a_space(talker: User) -> None:
    user = talker
    user.window.controls.entry.setFocus()
    user.bot.keyClicks(user.window.controls.entry, "a b")
    assert user.window.controls.entry.text() == "a b"
    assert not [c for c in user.engine.commands if isinstance(c, Listen)]


def test_typing_needs_no_click(user: User) -> None:
    user.window.setFocus()
    user.presses(Qt.Key.Key_H)
    assert user.window.controls.entry.text().lower() == "h"
    assert user.window.controls.entry.hasFocus()


def test_a_new_conversation_is_empty(user: User) -> None:
    user.types("hello")
    user.sees("You typed: hello")
    user.presses(Qt.Key.Key_N, CTRL)
    user.waits(lambda: user.window.empty.isVisible())
    user.asked(EndConversation)
    user.waits(lambda: sum(isinstance(c, StartConversation) for c in user.engine.commands) == 2)


def test_searching_goes_from_one_find_to_the_next(user: User) -> None:
    for words in ("apples", "pears", "apples again"):
        user.types(words)
        user.sees(f"You typed: {words}")
    user.presses(Qt.Key.Key_F, CTRL)
    bar = user.window.find_bar
    assert bar.words.hasFocus()
    user.bot.keyClicks(bar.words, "APPLES")
    seen = []
    for _ in range(4):
        user.bot.keyClick(bar.words, Qt.Key.Key_Return)
        seen.append(user.window.transcript.currentIndex().row())
    assert sorted(seen) == [0, 1, 4, 5]
    user.bot.keyClick(bar.words, Qt.Key.Key_Z)
    user.bot.keyClick(bar.words, Qt.Key.Key_Return)
    assert bar.verdict.text() == "Not found"
    user.presses(Qt.Key.Key_Escape)
    assert not bar.isVisible()


def test_a_line_is_copied(user: User) -> None:
    user.types("hello")
    user.sees("You typed: hello")
    view = user.window.transcript
    view.setFocus()
    user.bot.keyClick(view, Qt.Key.Key_Home)
    user.bot.keyClick(view, Qt.Key.Key_Down)
    user.bot.keyClick(view, Qt.Key.Key_C, CTRL)
    assert QGuiApplication.clipboard().text() == "You typed: hello"


def test_the_engines_death_is_told_and_the_conversation_goes_on(user: User) -> None:
    user.types("hello")
    user.sees("You typed: hello")
    user.types("crash")
    user.sees_state("The engine has stopped")
    assert not user.window.controls.microphone.isEnabled()
    user.bot.mouseClick(button(user, "Copy report"), Qt.MouseButton.LeftButton)
    report = QGuiApplication.clipboard().text()
    assert "exit code -9" in report
    assert "hello" not in report
    user.bot.mouseClick(button(user, "Start it again"), Qt.MouseButton.LeftButton)
    user.waits(lambda: len(user.engines) == 2 and user.desktop.state.can_converse)
    assert user.engines[0].closed
    assert user.notices() == []
    user.types("still there")
    user.sees("You typed: still there")
    user.sees("You typed: hello")


def test_no_microphone_can_be_tried_again(user: User) -> None:
    user.engine.feed(ErrorOccurred(code="sound_device", message="There is no microphone; plug one in."))
    user.sees_state("Not working")
    user.types("is anybody there")
    assert user.window.controls.entry.text() == "is anybody there", "it is kept, since nobody would answer"
    user.bot.mouseClick(button(user, "Try again"), Qt.MouseButton.LeftButton)
    user.waits(lambda: user.desktop.state.can_converse)
    assert user.notices() == []


def test_a_lost_device_is_told_and_the_note_can_be_put_away(user: User) -> None:
    lost = DeviceChanged(direction="input", kind="lost", message="The headset is gone.", mend="Plug it in.")
    user.engine.feed(lost)
    user.waits(lambda: user.notices() == ["The headset is gone."])
    user.bot.mouseClick(button(user, "Dismiss"), Qt.MouseButton.LeftButton)
    user.waits(lambda: not user.window.notices.isVisible())


def test_damaged_settings_are_told(qtbot: QtBot, tmp_path: Path, crashes: crash.CrashHandling) -> None:
    (tmp_path / "settings.toml").write_text("nonsense", encoding="utf-8")
    with sit_down(qtbot, tmp_path, crashes) as user:
        assert "settings.damaged-1.toml" in user.notices()[0]


def test_closing_while_it_speaks_asks_nothing(user: User) -> None:
    user.engine.feed(user.engine.state("speaking"))
    user.sees_state("Speaking")
    assert user.window.close()
    assert not user.window.isVisible()


def test_a_room_too_loud_is_told_in_words_beside_the_gauge(user: User) -> None:
    user.engine.feed(user.engine.state("listening"))
    user.sees_state("Listening")
    assert user.desktop.meters is not None
    writer = MeterWriter(user.desktop.meters.name)
    noise = np.full(480, 0.1, np.float32)  # -20 dBFS without a pause
    gauge, hint = user.window.controls.gauge, user.window.controls.hint

    def told() -> bool:
        writer.block(noise, noise)
        return hint.text() == ADVICE["noisy"]

    user.waits(told)
    assert gauge.accessibleDescription() == "too noisy"
    user.engine.feed(user.engine.state("muted"))
    user.sees_state("Microphone muted")
    user.waits(lambda: not told())
    writer.close()
    assert gauge.accessibleDescription() == "in order"


def test_a_narrow_window_shows_one_area_at_a_time(user: User) -> None:
    user.types("hello")
    user.sees("You typed: hello")
    user.window.resize(480, 640)
    assert user.window.width() == 480
    assert user.window.centre.isVisible()
    assert not user.window.right.isVisible()
    user.bot.mouseClick(user.window.right_button, Qt.MouseButton.LeftButton)
    assert user.window.right.isVisible()
    assert not user.window.centre.isVisible()
    user.types("again")
    assert user.window.centre.isVisible()
    user.window.resize(1200, 800)
    assert user.window.right.isVisible()


def test_the_window_comes_back_as_it_was(qtbot: QtBot, tmp_path: Path, crashes: crash.CrashHandling) -> None:
    with sit_down(qtbot, tmp_path, crashes) as user:
        user.window.resize(900, 700)
        user.window._panels[1].set_unfolded(False)
    with sit_down(qtbot, tmp_path, crashes) as user:
        assert [panel.is_unfolded for panel in user.window._panels] == [True, False, True]


def test_a_bug_in_the_window_is_told_and_survived(user: User, crashes: crash.CrashHandling) -> None:
    try:
        raise ZeroDivisionError("quoting my secret")
    except ZeroDivisionError as error:
        crashes.remember(type(error), error, error.__traceback__)
    user.waits(lambda: any("ZeroDivisionError" in words for words in user.notices()))
    assert not any("secret" in words for words in user.notices())
    user.types("hello")
    user.sees("You typed: hello")
