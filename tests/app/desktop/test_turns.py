"""Every turn can be spoken again, copied, corrected and deleted, with the mouse and with the keyboard alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QMenu, QPushButton, QToolButton
from pytestqt.qtbot import QtBot

from app.desktop import crash
from app.desktop.correcting import CorrectionDialog
from engine.commands import AmendTurn, SayAgain, StopSpeaking, TypedText
from engine.dialogue import ToolUse
from engine.events import (
    ResponseDone,
    SpeechStarted,
    ToolUsed,
    TranscriptDelta,
    TranscriptionCompleted,
    TurnKept,
)
from engine.session.record import HeardAnswer
from engine.store import Store, open_store
from tests.app.desktop.conftest import User, sit_down

NOW = datetime(2026, 5, 20, 12, tzinfo=UTC)
ASKED, ANSWER = "what is the wether like", "It is sunny."


@dataclass
class Talker:
    """Somebody in the middle of a conversation that is kept, and what keeps it."""

    user: User
    store: Store
    number: int

    def at_line(self, row: int) -> None:
        """Go there with the arrow keys."""
        view = self.user.window.transcript
        view.setFocus()
        self.user.bot.keyClick(view, Qt.Key.Key_Home)
        for _ in range(row):
            self.user.bot.keyClick(view, Qt.Key.Key_Down)

    def presses(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """A key, while the transcript has the keyboard."""
        self.user.bot.keyClick(self.user.window.transcript, key, modifier)

    def buttons(self) -> dict[str, QToolButton]:
        """The small buttons that are seen, by name."""
        found = self.user.window.transcript._buttons.findChildren(QToolButton)
        return {button.accessibleName(): button for button in found if button.isVisible()}

    def lines(self) -> list[tuple[str, str]]:
        """What stands in the transcript."""
        return [(line.role, line.text) for line in self.user.desktop.state.shown_lines]

    def dialog(self) -> CorrectionDialog:
        """The question about a correction."""
        self.user.waits(lambda: any(d.isVisible() for d in self.user.window.findChildren(CorrectionDialog)))
        return next(d for d in self.user.window.findChildren(CorrectionDialog) if d.isVisible())

    def stored(self) -> list[str]:
        """What the user said, as it is kept."""
        return [turn.user_text for turn in self.store.conversations.turns(1)]


def keep_turn(store: Store, asked: str = ASKED, answer: str = ANSWER) -> int:
    """A turn of a conversation that goes on; its number."""
    record = store.record()
    record.user_said(5, asked, True, 0.6, NOW)
    use = ToolUse("weather__today", "Almanac", '{"town": "Ulm"}', "sunny, 21 degrees")
    record.assistant_heard(HeardAnswer(5, "model", answer, answer, 800.0, False, True, (use,)))
    number = record.number_of(5)
    assert number is not None
    return number


@pytest.fixture
def talker(qtbot: QtBot, tmp_path: Path, crashes: crash.CrashHandling) -> Iterator[Talker]:
    store = open_store(tmp_path / "data")
    number = keep_turn(store)
    with sit_down(qtbot, tmp_path, crashes) as user:
        user.engine.feed(
            TranscriptionCompleted(item_id="user_5", turn_id=5, transcript=ASKED),
            TurnKept(turn_id=5, number=number),
            ToolUsed(
                turn_id=5,
                name="weather__today",
                owner="Almanac",
                arguments='{"town": "Ulm"}',
                result="sunny, 21 degrees",
            ),
            TranscriptDelta(turn_id=5, delta=ANSWER),
            ResponseDone(turn_id=5, status="completed", text=ANSWER, source="model"),
            user.engine.state("listening"),
        )
        user.sees(ANSWER)
        user.waits(lambda: user.desktop.state.lines[-1].stage == "final")
        yield Talker(user, store, number)
    store.close()


def test_an_answer_is_spoken_again_and_esc_stops_it(talker: Talker) -> None:
    talker.at_line(2)
    talker.user.bot.mouseClick(talker.buttons()["Speak again"], Qt.MouseButton.LeftButton)
    talker.user.asked_for(SayAgain(text=ANSWER))
    talker.user.sees_state("Speaking")
    assert "Speak again" not in talker.buttons(), "not while somebody speaks"
    talker.user.presses(Qt.Key.Key_Escape)
    talker.user.asked_for(StopSpeaking())
    talker.user.sees_state("Listening")
    assert talker.lines()[-1] == ("assistant", ANSWER), "it is no part of the conversation"
    assert len(talker.lines()) == 3


@pytest.mark.parametrize(
    ("key", "modifier"),
    [
        (Qt.Key.Key_Menu, Qt.KeyboardModifier.NoModifier),
        (Qt.Key.Key_F10, Qt.KeyboardModifier.ShiftModifier),
    ],
    ids=["Menu", "Shift+F10"],
)
def test_the_menu_key_shows_what_can_be_done(
    talker: Talker, key: Qt.Key, modifier: Qt.KeyboardModifier
) -> None:
    for row, wanted in (
        (0, ["Copy (Ctrl+C)", "Correct… (F2)", "Delete (Del)"]),
        (1, ["Show details (Enter)", "Copy (Ctrl+C)"]),
        (2, ["Speak again", "Copy (Ctrl+C)", "Delete (Del)"]),
    ):
        talker.at_line(row)
        talker.presses(key, modifier)
        menu = QApplication.activePopupWidget()
        assert isinstance(menu, QMenu)
        assert [action.text() for action in menu.actions()] == wanted
        menu.close()


def test_a_choice_of_the_menu_is_done(talker: Talker) -> None:
    talker.at_line(2)
    talker.presses(Qt.Key.Key_Menu)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    menu.actions()[0].trigger()
    menu.close()
    talker.user.asked_for(SayAgain(text=ANSWER))


def test_the_buttons_follow_the_keyboard_and_the_mouse_and_tab_reaches_them(talker: Talker) -> None:
    talker.at_line(0)
    assert list(talker.buttons()) == ["Copy", "Correct", "Delete"]
    view = talker.user.window.transcript
    answer = view.visualRect(view.model().index(2, 0)).center()
    talker.user.bot.mouseMove(view.viewport(), answer)
    assert list(talker.buttons()) == ["Speak again", "Copy", "Delete"]
    talker.user.bot.mouseClick(talker.buttons()["Copy"], Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == ANSWER
    view.setFocus()
    talker.presses(Qt.Key.Key_Home)
    talker.user.bot.keyClick(view, Qt.Key.Key_Tab)
    focused = QApplication.focusWidget()
    assert isinstance(focused, QToolButton)
    assert focused.accessibleName() == "Copy"
    talker.user.bot.keyClick(focused, Qt.Key.Key_Space)
    assert QGuiApplication.clipboard().text() == ASKED
    talker.user.window.controls.entry.setFocus()
    talker.user.bot.mouseMove(view.viewport(), QPoint(2, view.viewport().height() - 2))
    talker.user.waits(lambda: not talker.buttons())


def test_a_misheard_word_is_corrected_and_found(talker: Talker) -> None:
    talker.at_line(0)
    talker.presses(Qt.Key.Key_F2)
    dialog = talker.dialog()
    assert dialog.words.text() == ASKED
    dialog.words.setText("what is the weather like")
    talker.user.bot.mouseClick(dialog.save, Qt.MouseButton.LeftButton)
    talker.user.waits(lambda: talker.lines()[0] == ("user", "what is the weather like"))
    talker.user.waits(lambda: talker.stored() == ["what is the weather like"])
    (turn,) = talker.store.conversations.search("weather like")
    assert turn.recognised == ASKED
    assert talker.store.conversations.search("wether") == ()
    line = talker.user.desktop.state.lines[0]
    assert line.recognised == ASKED
    spoken = talker.user.window.transcript.model().index(0, 0).data(int(Qt.ItemDataRole.AccessibleTextRole))
    assert "Corrected. Recognised was: what is the wether like" in spoken
    talker.user.asked_for(AmendTurn(turn_id=5, text="what is the weather like", was=ASKED))
    assert not [c for c in talker.user.engine.commands if isinstance(c, TypedText)]


def test_the_last_question_can_be_asked_again_as_it_was_meant(talker: Talker) -> None:
    talker.at_line(0)
    talker.user.bot.mouseClick(talker.buttons()["Correct"], Qt.MouseButton.LeftButton)
    dialog = talker.dialog()
    dialog.words.setText("what is the weather like")
    talker.user.bot.mouseClick(dialog.again, Qt.MouseButton.LeftButton)
    talker.user.asked_for(TypedText(text="what is the weather like"))
    talker.user.sees("You typed: what is the weather like")
    talker.at_line(0)
    talker.presses(Qt.Key.Key_F2)
    assert not talker.dialog().again.isVisible(), "it is no longer the last one"
    talker.user.bot.keyClick(talker.dialog(), Qt.Key.Key_Escape)


def test_a_correction_needs_words(talker: Talker) -> None:
    talker.at_line(0)
    talker.presses(Qt.Key.Key_F2)
    dialog = talker.dialog()
    dialog.words.clear()
    assert not dialog.save.isEnabled()
    talker.user.bot.keyClick(dialog.words, Qt.Key.Key_Return)
    assert dialog.isVisible()
    talker.user.bot.keyClick(dialog, Qt.Key.Key_Escape)
    assert talker.lines()[0] == ("user", ASKED)


def test_a_deleted_turn_comes_back_as_long_as_it_can_be_undone(talker: Talker) -> None:
    before = talker.lines()
    talker.at_line(2)
    talker.presses(Qt.Key.Key_Delete)
    talker.user.waits(lambda: talker.lines() == [])
    talker.user.waits(lambda: talker.stored() == [])
    undo = [b for b in talker.user.window.findChildren(QPushButton) if b.text() == "Undo" and b.isVisible()]
    talker.user.bot.mouseClick(undo[0], Qt.MouseButton.LeftButton)
    talker.user.waits(lambda: talker.lines() == before)
    talker.user.waits(lambda: talker.stored() == [ASKED])
    assert talker.user.notices() == []


def test_deleted_means_gone_from_the_file(talker: Talker, tmp_path: Path) -> None:
    talker.at_line(0)
    talker.presses(Qt.Key.Key_Delete)
    talker.user.waits(lambda: talker.user.notices() == ["The question and its answer were deleted."])
    talker.user.window.notices.dismissed.emit("undo")
    talker.user.asked_for(AmendTurn(turn_id=5, text=None, was=ASKED))
    talker.user.desktop.archive.close()
    talker.store.close()
    left = b"".join(path.read_bytes() for path in (tmp_path / "data").iterdir() if path.is_file())
    assert [word for word in (b"wether", b"sunny", b"Ulm") if word in left] == []


def test_what_is_being_said_cannot_be_deleted(talker: Talker) -> None:
    talker.user.engine.feed(talker.user.engine.state("speaking"), TranscriptDelta(turn_id=6, delta="And now"))
    talker.user.sees("And now")
    talker.at_line(3)
    assert list(talker.buttons()) == ["Copy"]
    talker.presses(Qt.Key.Key_Delete)
    assert talker.lines()[-1] == ("assistant", "And now")


def test_a_turn_of_an_earlier_conversation_is_deleted_and_undone(talker: Talker) -> None:
    archive = talker.user.desktop.archive
    archive.open(talker.store.conversations.listed()[0])
    talker.user.waits(lambda: talker.user.desktop.state.earlier is not None)
    assert [role for role, _ in talker.lines()] == ["user", "tool", "assistant"]
    talker.at_line(0)
    talker.presses(Qt.Key.Key_Delete)
    talker.user.waits(lambda: talker.lines() == [])
    talker.user.desktop.undo_wanted.emit()
    talker.user.waits(lambda: len(talker.lines()) == 3)
    talker.user.waits(lambda: talker.stored() == [ASKED])


def test_a_tool_is_a_folded_line_that_unfolds(talker: Talker) -> None:
    assert talker.lines()[1] == ("tool", "today")
    view = talker.user.window.transcript
    index = view.model().index(1, 0)
    low = view.visualRect(index).height()
    assert view.model().data(index) == "Used the tool today of Almanac"
    talker.at_line(1)
    talker.presses(Qt.Key.Key_Return)
    talker.user.waits(lambda: view.visualRect(index).height() > 2 * low)
    shown = view.model().data(index)
    assert '"town": "Ulm"' in shown
    assert "sunny, 21 degrees" in shown
    talker.user.bot.mouseClick(talker.buttons()["Hide details"], Qt.MouseButton.LeftButton)
    talker.user.waits(lambda: view.visualRect(index).height() == low)


def test_where_nothing_is_kept_a_turn_still_goes_from_the_window(user: User) -> None:
    user.types("hello")
    turn = user.sees("You typed: hello").turn_id
    user.engine.feed(TranscriptionCompleted(item_id=f"user_{turn}", turn_id=turn, transcript="hello"))
    user.waits(lambda: not user.desktop.state.sounding and user.desktop.state.lines[0].turn_id == turn)
    view = user.window.transcript
    view.setFocus()
    user.bot.keyClick(view, Qt.Key.Key_Home)
    user.bot.keyClick(view, Qt.Key.Key_Delete)
    user.waits(lambda: user.desktop.state.lines == ())
    user.desktop.undo_wanted.emit()
    user.waits(lambda: [line.text for line in user.desktop.state.lines] == ["hello", "You typed: hello"])


def test_nothing_is_spoken_again_into_what_the_user_says(talker: Talker) -> None:
    talker.user.engine.feed(
        SpeechStarted(item_id="user_9", at_sample=0), talker.user.engine.state("user_speaking")
    )
    talker.user.sees_state("Hearing you")
    talker.at_line(2)
    assert list(talker.buttons()) == ["Copy", "Delete"]
