"""Somebody at the settings' window, and servers, models and tools to be found there."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QLabel, QLineEdit, QWidget

from app.desktop.answers_page import AnswersPage
from app.desktop.dialogs import Dialogs
from app.desktop.settings_dialog import SettingsDialog
from app.desktop.tools_page import ToolsPage
from engine.errands import (
    DialogueSetup,
    Errand,
    ListDevices,
    ModelChoice,
    ModelServer,
    ReadDialogue,
    SoundDevices,
    ToolServerSetup,
)
from tests.app.desktop.conftest import User

HERE, FAR = "http://127.0.0.1:11434/v1", "https://api.example.org/v1"
NOBODY = DialogueSetup(
    model=None,
    resting=None,
    tool_servers=(),
    keyed=(),
    default_persona="Sotto.",
    default_system_prompt="Brief.",
)
LLAMA = ModelChoice(address=HERE, model="llama", persona="Sotto.", system_prompt="Brief.")
SOMEBODY = replace(NOBODY, model=LLAMA)
OLLAMA = ModelServer(address=HERE, name="Ollama", models=("llama", "qwen"))
DESK = ToolServerSetup(name="desk", command="desk", arguments=("--all", "my files"))
ErrandT = TypeVar("ErrandT", bound=Errand)


class Settings:
    """The settings' window, open at a page."""

    def __init__(self, user: User, setup: DialogueSetup = NOBODY, page: str = "Answers") -> None:
        self.user = user
        if user.engines:
            user.engine.results |= {ReadDialogue: setup, ListDevices: SoundDevices(inputs=(), outputs=())}
        user.presses(Qt.Key.Key_Comma, Qt.KeyboardModifier.ControlModifier)
        dialogs = user.desktop.dialogs
        assert isinstance(dialogs, Dialogs)
        assert dialogs.settings is not None
        self.dialog: SettingsDialog = dialogs.settings
        titles = [self.dialog.tabs.tabText(tab) for tab in range(self.dialog.tabs.count())]
        self.dialog.tabs.setCurrentIndex(titles.index(page))
        user.waits(lambda: user.desktop.state.connections.setup == setup or not user.engines)

    @property
    def answers(self) -> AnswersPage:
        return self.dialog.answers

    @property
    def tools(self) -> ToolsPage:
        return self.dialog.tools

    def clicks(self, button: QAbstractButton) -> None:
        assert button.isVisible(), button.text()
        assert button.isEnabled(), button.text()
        button.click()

    def types(self, entry: QLineEdit, words: str) -> None:
        entry.setFocus()
        entry.clear()
        self.user.bot.keyClicks(entry, words)

    def asked(self, kind: type[ErrandT]) -> ErrandT:
        """Wait until the engine was asked such a thing; the last one."""
        self.user.waits(lambda: any(isinstance(errand, kind) for errand in self.user.engine.errands))
        return [errand for errand in self.user.engine.errands if isinstance(errand, kind)][-1]

    def reads(self, words: str) -> None:
        """Wait until a visible label says so."""
        labels = self.dialog.findChildren(QLabel)
        self.user.waits(lambda: any(words in each.text() and each.isVisible() for each in labels))


def rows(shown: QWidget) -> list[str]:
    return [shown.item(row).text() for row in range(shown.count())]  # type: ignore[attr-defined]
