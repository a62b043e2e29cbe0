"""The real app on an off-screen display, with an engine that follows a script, and a user who looks and types."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.desktop import crash, language, main
from app.desktop.desktop import Desktop
from app.desktop.view import Line
from app.desktop.window import Window
from engine.commands import ConversationCommand
from engine.handle import EngineHandle
from tests.fakes.scripted_engine import ScriptedEngine

WAIT_MS = 5000
REAL_WAIT_MS = 20_000
"""For an engine process, which has to start, on a machine that may be busy."""


@dataclass
class User:
    """Somebody in front of the window."""

    bot: QtBot
    desktop: Desktop
    engines: list[ScriptedEngine]
    patience_ms: int = WAIT_MS

    @property
    def window(self) -> Window:
        return self.desktop.window

    @property
    def engine(self) -> ScriptedEngine:
        """The engine that runs now."""
        return self.engines[-1]

    def types(self, words: str) -> None:
        """Type a text and press Enter."""
        entry = self.window.controls.entry
        entry.setFocus()
        self.bot.keyClicks(entry, words)
        self.bot.keyClick(entry, Qt.Key.Key_Return)

    def presses(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """Press and let go a key, wherever the keyboard is."""
        self.bot.keyClick(QApplication.focusWidget() or self.window, key, modifier)

    def waits(self, condition: Callable[[], object]) -> None:
        """Until something is so."""
        self.bot.waitUntil(lambda: bool(condition()), timeout=self.patience_ms)

    def sees(self, words: str) -> Line:
        """Wait for a line of the transcript with these words."""
        self.waits(lambda: any(words in line.shown for line in self.desktop.state.lines))
        return next(line for line in self.desktop.state.lines if words in line.shown)

    def sees_state(self, words: str) -> None:
        """Wait until the bar says so."""
        self.waits(lambda: self.window.controls.words.text() == words)

    def asked(self, kind: type[ConversationCommand]) -> ConversationCommand:
        """Wait until the engine was given such a command; the last one."""
        self.waits(lambda: any(isinstance(c, kind) for c in self.engine.commands))
        return [c for c in self.engine.commands if isinstance(c, kind)][-1]

    def asked_for(self, *commands: ConversationCommand) -> None:
        """Wait until the engine was given these commands of their kinds, and no others; they leave on a thread."""
        kinds = tuple({type(command) for command in commands})
        self.waits(lambda: [c for c in self.engine.commands if isinstance(c, kinds)] == list(commands))

    def notices(self) -> list[str]:
        """What is told above the transcript."""
        return [str(notice.message) for notice in self.desktop.state.notices]


@pytest.fixture(autouse=True)
def english(qapp: QApplication) -> None:
    """A part of the window that is shown alone speaks as the whole does, whichever test came before."""
    language.follow(qapp, (language.SOURCE_LANGUAGE,))


@pytest.fixture
def crashes(tmp_path: Path) -> crash.CrashHandling:
    """Hooks that are not set: a failure in a test is the test's."""
    return crash.CrashHandling(tmp_path)


@pytest.fixture
def user(qtbot: QtBot, tmp_path: Path, crashes: crash.CrashHandling) -> Iterator[User]:
    with sit_down(qtbot, tmp_path, crashes) as sitting:
        yield sitting


@contextlib.contextmanager
def sit_down(
    qtbot: QtBot,
    folder: Path,
    crashes: crash.CrashHandling,
    real: Callable[[], EngineHandle] | None = None,
    languages: tuple[str, ...] = ("en",),
) -> Iterator[User]:
    """The app, ready to converse, until it is closed; with a scripted engine, or a `real` one."""
    settings = folder / "settings.toml"
    if not settings.exists():
        settings.write_text("version = 1\nwelcomed = true\n", encoding="utf-8")
    engines: list[ScriptedEngine] = []

    def make_engine() -> ScriptedEngine:
        engines.append(ScriptedEngine())
        return engines[-1]

    app = main.make_application(languages)
    desktop = main.build(app, real or make_engine, folder, folder / "data", crashes)
    window = desktop.window
    window.resize(1200, 800)
    window.painted.connect(lambda: main.after_first_paint(desktop))
    window.show()
    window.setFocus()
    sitting = User(qtbot, desktop, engines, WAIT_MS if real is None else REAL_WAIT_MS)
    try:
        sitting.waits(lambda: desktop.state.can_converse)
        yield sitting
    finally:
        window.close()
        desktop.close()
        window.deleteLater()
        QCoreApplication.sendPostedEvents(window, QEvent.Type.DeferredDelete)
    assert all(engine.closed for engine in engines)


def controls_of(widget: QWidget) -> list[QWidget]:
    """Every visible widget below that takes the keyboard."""
    return [
        child
        for child in widget.findChildren(QWidget)
        if child.isVisible() and child.isEnabled() and child.focusPolicy() & Qt.FocusPolicy.TabFocus
    ]
