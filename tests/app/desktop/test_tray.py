"""The icon in the tray shows what the microphone does, and does a few things without the window."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QSystemTrayIcon
from pytestqt.qtbot import QtBot

from app.desktop import crash, icons, main, theme
from engine.commands import Listen, Mute, StopSpeaking
from engine.events import StateChanged
from tests.app.desktop.conftest import User, sit_down

pytestmark = pytest.mark.qt_log_ignore(
    "systemTrayWindowChanged", "plugin does not support raise", extend=True
)
"""What an off-screen display says of a tray and of windows that come forward."""


@pytest.fixture
def tray_user(qtbot: QtBot, tmp_path: Path, crashes: crash.CrashHandling) -> Iterator[User]:
    """Somebody on a desktop with a tray, whatever this one has."""
    with sit_down(qtbot, tmp_path, crashes) as user:
        if user.desktop.tray is None:
            main.add_tray(user.desktop)
        yield user


def icon_of(user: User) -> QSystemTrayIcon:
    assert user.desktop.tray is not None
    found = user.desktop.tray.findChild(QSystemTrayIcon)
    assert isinstance(found, QSystemTrayIcon)
    return found


def shows(user: User, mark: str, trouble: bool = False) -> bool:
    """Whether the icon is this one."""
    palette = theme.chosen_palette(user.desktop.settings.appearance)
    expected = icons.icon(mark, palette.error if trouble else palette.accent, 22)
    return bool(icon_of(user).icon().pixmap(22).toImage() == expected.pixmap(22).toImage())


def entry(user: User, words: str) -> QAction:
    """An entry of its menu."""
    menu = icon_of(user).contextMenu()
    assert menu is not None
    return next(action for action in menu.actions() if action.text() == words)


def test_it_shows_what_the_microphone_does(tray_user: User) -> None:
    user = tray_user
    user.sees_state("Asleep")
    assert shows(user, "moon")
    assert icon_of(user).toolTip() == "Sotto: Asleep"
    for state, words, mark in (
        ("listening", "Listening", "mic"),
        ("user_speaking", "Hearing you", "mic"),
        ("speaking", "Speaking", "mic"),
        ("muted", "Microphone muted", "mic-off"),
    ):
        user.engine.feed(StateChanged(state=state, at_sample=0))  # type: ignore[arg-type]
        user.sees_state(words)
        assert shows(user, mark), state
        assert icon_of(user).toolTip() == f"Sotto: {words}"
    user.engine.feed(user.engine.state("failed", "The microphone is gone."))
    user.sees_state("Cannot hear you: type instead")
    assert shows(user, "circle-alert", trouble=True)


def test_a_muted_microphone_is_shown_as_muted_while_an_answer_sounds(tray_user: User) -> None:
    user = tray_user
    user.engine.feed(StateChanged(state="speaking", at_sample=0, muted=True))
    user.sees_state("Speaking")
    assert shows(user, "mic-off")
    assert icon_of(user).toolTip() == "Sotto: Speaking. The microphone is muted."
    assert user.window.controls.microphone.accessibleName() == "Unmute"
    entry(user, "Open the microphone").trigger()
    assert user.asked(Mute) == Mute(on=False)


def test_its_menu_mutes_opens_and_stops(tray_user: User) -> None:
    user = tray_user
    assert not entry(user, "Stop speaking").isEnabled()
    entry(user, "Mute the microphone").trigger()
    user.sees_state("Microphone muted")
    entry(user, "Open the microphone").trigger()
    user.sees_state("Listening")
    user.engine.feed(user.engine.state("speaking"))
    user.sees_state("Speaking")
    entry(user, "Stop speaking").trigger()
    user.asked_for(Mute(on=True), Mute(on=False), StopSpeaking())
    assert not any(isinstance(command, Listen) for command in user.engine.commands)


def test_nothing_can_be_muted_before_there_is_a_conversation(tray_user: User) -> None:
    user = tray_user
    user.types("crash")
    user.sees_state("The engine has stopped")
    assert not entry(user, "Mute the microphone").isEnabled()
    assert shows(user, "circle-alert", trouble=True)


def test_a_click_brings_the_window_forward_and_quit_ends_all(tray_user: User) -> None:
    user = tray_user
    user.window.hide()
    icon_of(user).activated.emit(QSystemTrayIcon.ActivationReason.MiddleClick)
    assert not user.window.isVisible()
    icon_of(user).activated.emit(QSystemTrayIcon.ActivationReason.Trigger)
    assert user.window.isVisible()
    user.window.showMinimized()
    entry(user, "Show Sotto").trigger()
    assert not user.window.isMinimized()
    entry(user, "Quit").trigger()
    user.waits(lambda: not user.window.isVisible())
    user.desktop.close()
    assert user.desktop.tray is None, "nothing is left in the tray"
