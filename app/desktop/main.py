"""Boots the desktop app, in this order, on the process' main thread:

1. crash handling: log, stacks, hooks; 2. Qt, the language; 3. one instance; 4. settings, theme; 5. the window, painted;
6. after the first paint: the meters' memory, the engine's process, then the panels (which bring pyqtgraph), the tray.
Nothing heavy is imported here: torch and sound belong to the engine's process.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path

from PySide6.QtCore import QLocale, QSettings, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication

from app.desktop import crash, icons, language, theme
from app.desktop.bridge import Bridge, Engine
from app.desktop.conversations import ConversationList
from app.desktop.desktop import Desktop
from app.desktop.language import tr
from app.desktop.library import Library
from app.desktop.settings import load_settings
from app.desktop.single import OneInstance, server_name
from app.desktop.tray import Tray
from app.desktop.turns import Turns
from app.desktop.undoing import Undo
from app.desktop.view import Notice, Told
from app.desktop.window import Window
from engine.handle import EngineHandle
from engine.meters import MeterReader
from engine.paths import config_dir, data_dir

SETTINGS_FILE, WINDOW_FILE = "settings.toml", "window.ini"


def make_application(languages: Sequence[str] = (language.SOURCE_LANGUAGE,)) -> QApplication:
    """Qt, with the style whose colours are ours to choose, in the first of these languages that there is."""
    app = QApplication.instance() or QApplication(["sotto"])
    assert isinstance(app, QApplication)
    app.setApplicationName("sotto")
    app.setApplicationDisplayName("Sotto")
    app.setApplicationVersion(version("sotto"))
    app.setDesktopFileName("sotto")
    app.setStyle("Fusion")
    language.follow(app, languages)
    return app


def build(
    app: QApplication,
    make_engine: Callable[[], Engine],
    folder: Path,
    data_folder: Path,
    crashes: crash.CrashHandling,
) -> Desktop:
    """The window and all behind it, not yet shown; settings lie in `folder`, conversations in `data_folder`."""
    path = folder / SETTINGS_FILE
    loaded = load_settings(path)
    palette = theme.chosen_palette(loaded.settings.appearance)
    theme.apply(app, palette, loaded.settings.appearance.text_scale)
    still = theme.reduces_motion(loaded.settings.appearance)
    window = Window(palette, still, QSettings(str(folder / WINDOW_FILE), QSettings.Format.IniFormat))
    window.setWindowIcon(icons.icon("audio-lines", palette.accent, 64))
    app.installEventFilter(window.push_to_talk)
    desktop = Desktop(window, Bridge(make_engine), loaded.settings, path, data_folder, crashes)
    desktop.show()
    if loaded.trouble:
        desktop.dispatch(Told(Notice("settings", "warning", loaded.trouble)))
    app.styleHints().colorSchemeChanged.connect(lambda _: desktop.restyle())
    return desktop


def after_first_paint(desktop: Desktop) -> None:
    """What may take its time, once there is something to see."""
    meters = MeterReader()
    desktop.begin(meters)
    palette = theme.chosen_palette(desktop.settings.appearance)
    conversations = ConversationList(palette)
    undo = Undo(desktop)
    Library(desktop, desktop.archive, conversations, undo)
    Turns(desktop, undo)
    desktop.window.add_conversations(conversations)
    desktop.archive.start()
    # Here, since the window stands before they are needed; pyqtgraph alone takes longer than it.
    from app.desktop.dialogs import Dialogs
    from app.desktop.panels.latency import LatencyPanel
    from app.desktop.panels.memory import MemoryPanel
    from app.desktop.panels.waveform import WaveformPanel

    waveform = WaveformPanel(meters, palette)
    waveform.set_still(theme.reduces_motion(desktop.settings.appearance))
    latency = LatencyPanel(meters, palette)
    desktop.changed.connect(latency.render_state)
    memory = MemoryPanel(meters, palette)
    desktop.changed.connect(memory.render_state)
    desktop.window.add_panels([waveform, memory, latency])
    desktop.dialogs = Dialogs(desktop)
    if not desktop.settings.welcomed:
        desktop.dialogs.open_welcome()
    if Tray.exists():
        add_tray(desktop)


def add_tray(desktop: Desktop) -> None:
    """The icon in the tray, and what it does."""
    window = desktop.window
    desktop.tray = tray = Tray(theme.chosen_palette(desktop.settings.appearance))
    tray.shown.connect(lambda: bring_forward(window))
    tray.mute.connect(desktop.toggle_mute)
    tray.stop.connect(desktop.stop)
    tray.quit.connect(window.close)
    tray.render_state(desktop.state, desktop.settings.conversing.listen)


def bring_forward(window: Window) -> None:
    """In front of the others, wherever it was."""
    window.showNormal() if window.isMinimized() else window.show()
    window.raise_()
    window.activateWindow()


def _log_qt(kind: QtMsgType, context: object, message: str | None) -> None:
    if kind in (QtMsgType.QtWarningMsg, QtMsgType.QtCriticalMsg, QtMsgType.QtFatalMsg):
        crash.log.warning("Qt: %s", message)


def run(make_engine: Callable[[], Engine] = EngineHandle) -> int:
    """The app, until its window is closed; gives the exit code."""
    crashes = crash.set_up(data_dir() / "logs")
    qInstallMessageHandler(_log_qt)
    app = make_application(QLocale.system().uiLanguages())
    folder = config_dir()
    instance = OneInstance(server_name(folder))
    if not instance.is_first():
        print(tr("Sotto runs already; its window was asked to come forward."))
        return 0
    crash.log.info("start, version %s", version("sotto"))
    desktop = build(app, make_engine, folder, data_dir(), crashes)
    window = desktop.window
    instance.asked.connect(lambda: bring_forward(window))
    window.painted.connect(lambda: after_first_paint(desktop))
    window.closed.connect(app.quit)
    window.show()
    window.setFocus()
    code = app.exec()
    desktop.close()
    instance.close()
    crash.log.info("end")
    qInstallMessageHandler(None)
    crashes.close()
    return code
