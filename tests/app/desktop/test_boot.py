"""Starting: one instance, the dialogs of the first start, settings that hold at once, the command line."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.cli.main import main
from app.desktop import crash
from app.desktop.dialogs import Dialogs
from app.desktop.settings import Settings, load_settings
from app.desktop.single import OneInstance, server_name
from app.desktop.voices_page import SENTENCE, VoicesPage
from engine.commands import Adjust, EndConversation, SayAgain, StartConversation, TypedText
from engine.event_values import DamagedVoice
from engine.events import ErrorOccurred, VoicesListed
from tests.app.desktop import at_settings
from tests.app.desktop.conftest import User, sit_down
from tests.fakes.scripted_engine import VOICE


def test_the_second_start_asks_the_first_to_come_forward(qtbot: QtBot, tmp_path: Path) -> None:
    name = server_name(tmp_path)
    first, second = OneInstance(name), OneInstance(name)
    assert first.is_first()
    with qtbot.waitSignal(first.asked):
        assert not second.is_first()
    first.close()
    assert second.is_first()
    second.close()
    assert server_name(tmp_path) != server_name(tmp_path / "other")


def dialogs_of(user: User) -> Dialogs:
    dialogs = user.desktop.dialogs
    assert isinstance(dialogs, Dialogs)
    return dialogs


def saved(folder: Path) -> Settings:
    return load_settings(folder / "settings.toml").settings


def test_the_first_start_welcomes_in_three_steps(
    qtbot: QtBot, tmp_path: Path, crashes: crash.CrashHandling
) -> None:
    (tmp_path / "settings.toml").write_text("version = 1\n", encoding="utf-8")
    with sit_down(qtbot, tmp_path, crashes) as user:
        welcome = dialogs_of(user).welcome
        assert welcome is not None
        user.waits(lambda: welcome.hear_button.isEnabled())
        user.bot.mouseClick(welcome.hear_button, Qt.MouseButton.LeftButton)
        assert user.asked(TypedText) == TypedText(text="Who are you?")
        user.bot.mouseClick(welcome.forward, Qt.MouseButton.LeftButton)
        assert welcome.step.text() == "Step 2 of 3"
        user.bot.mouseClick(welcome.forward, Qt.MouseButton.LeftButton)
        user.bot.mouseClick(welcome.echo_button, Qt.MouseButton.LeftButton)
        user.waits(lambda: "does not hear itself" in welcome.verdict.text())
        welcome.echo_button.click()
        user.bot.mouseClick(welcome.forward, Qt.MouseButton.LeftButton)
        user.waits(lambda: dialogs_of(user).welcome is None)
        assert saved(tmp_path).welcomed


def test_an_echo_is_noticed(qtbot: QtBot, tmp_path: Path, crashes: crash.CrashHandling) -> None:
    (tmp_path / "settings.toml").write_text("version = 1\n", encoding="utf-8")
    with sit_down(qtbot, tmp_path, crashes) as user:
        welcome = dialogs_of(user).welcome
        assert welcome is not None
        welcome._start_echo()
        user.waits(lambda: "does not hear" in welcome.verdict.text())
        welcome._echo = "asked"
        user.engine.feed(user.engine.state("speaking"), user.engine.state("user_speaking"))
        user.waits(lambda: "heard itself" in welcome.verdict.text())
        user.bot.mouseClick(welcome.skip, Qt.MouseButton.LeftButton)
        user.waits(lambda: saved(tmp_path).welcomed)


def test_sliders_hold_at_once_and_modes_begin_anew(user: User, tmp_path: Path) -> None:
    user.desktop.open_settings()
    dialog = dialogs_of(user).settings
    assert dialog is not None
    dialog.patience.setValue(15)
    assert user.asked(Adjust) == Adjust(patience=2.0)
    assert saved(tmp_path).conversing.patience == 2.0
    dialog.listen.setCurrentIndex(1)
    user.asked(EndConversation)
    user.waits(lambda: user.asked(StartConversation).listen == "open")  # type: ignore[union-attr]
    dialog.theme.setCurrentIndex(2)
    assert saved(tmp_path).appearance.theme == "dark"
    before = user.window.font().pointSizeF()
    dialog.text_size.setValue(12)
    assert saved(tmp_path).appearance.text_scale == 1.4
    assert user.window.font().pointSizeF() > before
    user.desktop.open_settings()
    assert dialogs_of(user).settings is dialog
    dialog.close()


def at_voices(user: User) -> VoicesPage:
    """The page of the voices, once they are listed."""
    page = at_settings.Settings(user, page="Voices").dialog.voices
    user.waits(lambda: page.list.count() == 1)
    return page


def test_a_voice_says_a_sentence_and_a_damaged_one_is_told(user: User) -> None:
    page = at_voices(user)
    user.bot.mouseClick(page.try_button, Qt.MouseButton.LeftButton)
    assert user.asked(SayAgain) == SayAgain(text=SENTENCE)
    user.waits(lambda: not page.try_button.isEnabled())  # it speaks
    damaged = DamagedVoice(name="amy", path="/voices/amy", reason="/voices/amy has no voice.toml.")
    user.engine.feed(VoicesListed(voices=(VOICE,), damaged=(damaged,)))
    user.waits(lambda: page.damaged.text() == "⚠ /voices/amy has no voice.toml.")
    page.window().close()


def test_the_welcome_says_why_nothing_can_be_tried(user: User) -> None:
    dialogs = dialogs_of(user)
    dialogs.open_welcome()
    welcome = dialogs.welcome
    assert welcome is not None
    assert not welcome.state.isVisible()
    user.engine.feed(ErrorOccurred(code="sound_device", message="There is no microphone; plug one in."))
    user.waits(lambda: welcome.state.text() == "Not working. There is no microphone; plug one in.")
    assert not welcome.hear_button.isEnabled()
    welcome.reject()


def test_voices_are_listed_checked_and_chosen(user: User) -> None:
    page = at_voices(user)
    assert "speaks now" in page.list.item(0).text()
    assert "Apache-2.0" in page.about.text()
    assert not page.remove_button.isVisible()
    user.bot.mouseClick(page.check_button, Qt.MouseButton.LeftButton)
    user.waits(lambda: "verify scripted" in user.engine.asked)
    user.bot.mouseClick(page.use_button, Qt.MouseButton.LeftButton)
    user.waits(lambda: user.asked(StartConversation).voice == "scripted")  # type: ignore[union-attr]
    page.window().close()


def test_settings_that_cannot_be_saved_are_told_and_hold(user: User, tmp_path: Path) -> None:
    user.desktop._settings_path = tmp_path / "settings.toml" / "below a file"
    appearance = replace(user.desktop.settings.appearance, theme="dark")
    user.desktop.apply(replace(user.desktop.settings, appearance=appearance))
    assert any("cannot be saved" in words for words in user.notices())
    assert user.desktop.settings.appearance.theme == "dark"


def test_without_a_display_the_command_line_explains_itself(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    assert main([]) == 0
    assert "desktop app" in capsys.readouterr().out
