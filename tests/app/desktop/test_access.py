"""With the keyboard alone, and with a screen reader: every control is reached and has a name."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QLineEdit,
    QListView,
    QSlider,
    QWidget,
)

from app.desktop.dialogs import Dialogs
from app.desktop.level_gauge import LevelGauge
from app.desktop.panels.latency import LatencyBars, Legend
from app.desktop.panels.memory import BankView
from app.desktop.shapes import StateShape
from app.desktop.transcript.view import TranscriptView
from tests.app.desktop.conftest import User, controls_of

CONTROLS = (QAbstractButton, QLineEdit, QListView, QComboBox, QSlider)
DRAWN_BY_US = (StateShape, LevelGauge, BankView, LatencyBars, Legend, TranscriptView)


def walk(user: User, window: QWidget, steps: int = 80) -> list[QWidget]:
    """Everything that has the keyboard on the way of the Tab key, until it comes round."""
    seen: list[QWidget] = []
    for _ in range(steps):
        user.bot.keyClick(window.focusWidget() or window, Qt.Key.Key_Tab)
        now = window.focusWidget()
        if now is None or now in seen:
            break
        seen.append(now)
    return seen


def test_tab_reaches_every_control_of_the_window(user: User) -> None:
    user.types("hello")
    user.sees("You typed: hello")
    user.window.setFocus()
    reached = walk(user, user.window)
    wanted = [
        c
        for c in controls_of(user.window)
        if isinstance(c, CONTROLS) and not isinstance(c.parent(), QComboBox)
    ]
    missing = [c.accessibleName() or type(c).__name__ for c in wanted if c not in reached]
    assert missing == []
    assert len(reached) > 12


def test_every_control_and_every_drawn_widget_has_a_name(user: User) -> None:
    user.types("hello")
    user.sees("You typed: hello")
    for control in controls_of(user.window):
        text = control.text() if isinstance(control, QAbstractButton) else ""
        assert control.accessibleName() or text, (control, control.parent(), control.objectName())
    for kind in DRAWN_BY_US:
        found = user.window.findChildren(kind)
        assert found, kind
        assert all(widget.accessibleName() for widget in found), kind
    assert all(bank.accessibleDescription() for bank in user.window.findChildren(BankView))


def test_the_state_is_told_in_words(user: User) -> None:
    shape = user.window.controls.shape
    for state, words in (("muted", "Microphone muted"), ("paused", "Paused: go on, or wait")):
        user.engine.feed(user.engine.state(state))
        user.sees_state(words)
        assert shape.accessibleDescription() == words


@pytest.mark.parametrize("tab", range(7))
def test_tab_reaches_every_control_of_the_settings(user: User, tab: int) -> None:
    user.presses(Qt.Key.Key_Comma, Qt.KeyboardModifier.ControlModifier)
    dialogs = user.desktop.dialogs
    assert isinstance(dialogs, Dialogs)
    dialog = dialogs.settings
    assert dialog is not None
    user.waits(lambda: dialog.isVisible())
    dialog.tabs.setCurrentIndex(tab)
    reached = walk(user, dialog)
    for control in controls_of(dialog):
        if isinstance(control, CONTROLS) and not isinstance(control.parent(), QComboBox):
            text = control.text() if isinstance(control, QAbstractButton) else ""
            assert control.accessibleName() or text
            assert control in reached, control.accessibleName() or text
    user.bot.keyClick(dialog, Qt.Key.Key_Escape)
    user.waits(lambda: dialogs.settings is None)


def test_reduced_motion_stands_still(user: User) -> None:
    from dataclasses import replace

    appearance = replace(user.desktop.settings.appearance, reduced_motion="on")
    user.desktop.apply(replace(user.desktop.settings, appearance=appearance))
    user.engine.feed(user.engine.state("speaking"))
    user.sees_state("Speaking")
    assert not user.window.controls.shape._timer.isActive()
