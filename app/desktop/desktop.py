"""Puts the parts together: what the user wants becomes commands, what happens becomes the next state, which is shown.

Window's thread. Knows the bridge, never the engine's handle.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from app.desktop import theme
from app.desktop.archive import Archive
from app.desktop.bridge import Bridge
from app.desktop.connections import ErrandBegun
from app.desktop.crash import CrashHandling, log
from app.desktop.language import tr
from app.desktop.level import LOWEST_DBFS, LevelWatch, watched
from app.desktop.reduce import reduce
from app.desktop.settings import Conversing, Settings, save_settings
from app.desktop.tray import Tray
from app.desktop.view import (
    Action,
    Begun,
    Dismissed,
    EngineRestarted,
    Notice,
    Opened,
    SessionAsked,
    Told,
    Typed,
    ViewState,
)
from app.desktop.window import Window
from engine.commands import (
    Adjust,
    ChooseDevices,
    ConversationCommand,
    EndConversation,
    Listen,
    Mute,
    StartConversation,
    StopSpeaking,
    TypedText,
)
from engine.errands import CancelErrand, Errand
from engine.errors import SottoError
from engine.events import DeviceChanged, ErrorOccurred, Event, StateChanged
from engine.meters import MeterReader

LEVEL_MS = 100
SOUND_FOLDER = "sound"
"""Where the sound of conversations is kept, within the data folder, if it is."""


def start_command(
    conversing: Conversing, meters: str | None, sound_folder: Path | None = None
) -> StartConversation:
    """How the conversation begins with these settings."""
    return StartConversation(
        voice=conversing.voice,
        input_device=conversing.input_device,
        output_device=conversing.output_device,
        listen=conversing.listen,
        echo=conversing.echo,
        patience=conversing.patience,
        volume_db=conversing.volume_db,
        rate=conversing.rate,
        meters=meters,
        recogniser=conversing.recogniser,
        keep_audio=sound_folder if conversing.keep_sound else None,
        wait_for_devices=True,
    )


def begins_anew(old: Conversing, new: Conversing) -> bool:
    """Whether a change of the settings is one that only a new beginning of the conversation brings."""
    live = ("volume_db", "rate", "patience", "input_device", "output_device")
    return replace(new, **{name: getattr(old, name) for name in live}) != old


def _dbfs(amplitude: float) -> float:
    return 20.0 * math.log10(amplitude) if amplitude > 0.0 else LOWEST_DBFS


class Desktop(QObject):
    """The running app. `ready` tells once that one can converse, `moved` every state of the conversation."""

    ready = Signal()
    changed = Signal(ViewState)
    undo_wanted = Signal()
    moved = Signal(str)
    devices_changed = Signal()
    failed_here = Signal(str)

    def __init__(
        self,
        window: Window,
        bridge: Bridge,
        settings: Settings,
        settings_path: Path,
        data_folder: Path,
        crashes: CrashHandling,
    ) -> None:
        super().__init__()
        self.window, self.bridge, self.crashes = window, bridge, crashes
        self.settings, self._settings_path = settings, settings_path
        self.state = ViewState()
        self.meters: MeterReader | None = None
        self.tray: Tray | None = None
        self.archive = Archive(data_folder)
        self._sound_folder = data_folder / SOUND_FOLDER
        self._was_ready = self._closed = False
        self._levels = QTimer(self)
        self._levels.setInterval(LEVEL_MS)
        self._levels.timeout.connect(self._pull_level)
        self._watch, self._blocks = LevelWatch(), 0
        self.dialogs: object = None  # whoever opens the settings, kept alive here
        self.open_settings: Callable[[], None] = lambda: None
        self._connect()

    def _connect(self) -> None:
        window, controls = self.window, self.window.controls
        self.bridge.arrived.connect(self._arrived)
        controls.typed.connect(self.type_text)
        controls.stop.connect(self.stop)
        controls.call.connect(lambda on: self._send(Listen(on=on)))
        controls.mute.connect(lambda on: self._send(Mute(on=on)))
        controls.held.connect(self._held)
        window.held.connect(self._held)
        window.stop.connect(self.stop)
        window.mute_toggled.connect(self.toggle_mute)
        window.new_conversation.connect(self.new_conversation)
        window.settings_wanted.connect(lambda: self.open_settings())
        window.back.connect(lambda: self.dispatch(Opened()))
        window.notices.dismissed.connect(lambda key: self.dispatch(Dismissed(key)))
        window.notices.chosen.connect(self._act)
        window.notices.report.connect(
            lambda words: QGuiApplication.clipboard().setText(self.crashes.report(words))
        )
        self.failed_here.connect(self._tell_failure)
        self.crashes.on_failure = self.failed_here.emit  # from any thread: Qt's queue brings it here

    # What happens

    def _arrived(self, events: Sequence[Event]) -> None:
        for event in events:
            if isinstance(event, ErrorOccurred):
                log.warning("error event %s", event.code)  # its words may quote what was said
            self.state = reduce(self.state, event)
            if isinstance(event, StateChanged):  # a state may be over before it is painted
                self.moved.emit(event.state)
            elif isinstance(event, DeviceChanged) and event.kind != "xrun":
                self.devices_changed.emit()
        self.show()

    def dispatch(self, action: Action) -> None:
        """One more thing that happened."""
        self.state = reduce(self.state, action)
        self.show()

    def show(self) -> None:
        """Render the state of now."""
        if self._closed:  # events that were on their way when the window was closed
            return
        listen = self.settings.conversing.listen
        self.window.render_state(self.state, listen, tr(self._watch.advice))
        if self.tray is not None:
            self.tray.render_state(self.state, listen)
        self.changed.emit(self.state)
        if not self._was_ready and self.state.can_converse:
            self._was_ready = True
            self.ready.emit()

    def _pull_level(self) -> None:
        if self.meters is None:
            return
        recent = self.meters.waveform(2 * LEVEL_MS / 1000.0)
        loudest = float(recent.user[:, 2].max()) if len(recent.user) else 0.0
        self.window.controls.shape.level = min(1.0, loudest * 6.0)
        written = self.meters.written_blocks
        if written == self._blocks or not len(recent.user):  # nothing was heard since the last look
            return
        self._blocks, before = written, self._watch
        lowest, highest = _dbfs(float(recent.user[:, 2].min())), _dbfs(loudest)
        self._watch = watched(before, time.monotonic(), lowest, highest, self.state.conversation)
        self.window.controls.gauge.show_level(highest, self._watch.room_dbfs, self._watch.trouble)
        if self._watch.trouble != before.trouble:
            self.show()

    def _tell_failure(self, kind: str) -> None:
        sentence = tr("The window failed in a way it should not ({kind}); it goes on.", kind=kind)
        self.dispatch(Told(Notice("window", "error", sentence, tr("Please report this."), kind)))

    # What the user wants

    def begin(self, meters: MeterReader) -> None:
        """Start the engine and converse. Called after the first paint."""
        self.meters = meters
        self.bridge.start()
        self._send(start_command(self.settings.conversing, meters.name, self._sound_folder))
        self._levels.start()
        if self.crashes.last_crash:
            self.dispatch(
                Told(
                    Notice(
                        "last crash",
                        "warning",
                        tr("Sotto ended unexpectedly the last time."),
                        tr(
                            "Your conversations are kept. A report helps to mend it; it holds none of your words."
                        ),
                        "See above.",
                    )
                )
            )

    def _send(self, command: ConversationCommand) -> None:
        self.bridge.send(command)

    def run_errand(self, errand: Errand) -> None:
        """Ask the engine about models, tools, keys or devices; what is shown of it is `state.connections`."""
        if not isinstance(errand, CancelErrand):
            self.dispatch(ErrandBegun(errand.errand))
        self.bridge.run_errand(errand)

    def type_text(self, words: str) -> None:
        """Typed words are shown at once and answered aloud."""
        self.dispatch(Typed(words))
        self._send(TypedText(text=words))
        self.window.show_centre()

    def stop(self) -> None:
        """Silence, whatever is going on."""
        if self.state.sounding:
            self._send(StopSpeaking())

    def toggle_mute(self) -> None:
        """Close the microphone, or open it."""
        if self.state.can_converse:
            self._send(Mute(on=not self.state.muted))

    def _held(self, down: bool) -> None:
        """The push-to-talk key, which elsewhere calls."""
        if not self.state.can_converse:
            return
        mode = self.settings.conversing.listen
        if mode == "push_to_talk" or (down and mode == "on_call"):
            self._send(Listen(on=down))

    def new_conversation(self) -> None:
        """An empty transcript and a memory without what was said before."""
        self._send(EndConversation())
        self.dispatch(Begun())
        self._converse()
        self.window.setFocus()

    def _converse(self) -> None:
        name = self.meters.name if self.meters is not None else None
        self._send(start_command(self.settings.conversing, name, self._sound_folder))
        self.dispatch(SessionAsked())

    def restart(self) -> None:
        """Another engine process; what is shown stays."""
        self.bridge.restart()
        self.dispatch(EngineRestarted())
        self._converse()

    def _act(self, action: str) -> None:
        if action == "restart":
            self.restart()
        elif action == "retry":
            self._send(EndConversation())
            self.dispatch(EngineRestarted())
            self._converse()
        elif action == "settings":
            self.open_settings()
        elif action == "undo":
            self.undo_wanted.emit()

    def apply(self, settings: Settings) -> None:
        """Other settings, at once; they are saved, and the user is told where that fails."""
        before, self.settings = self.settings, settings
        if settings.appearance != before.appearance:
            self.restyle()
        old, new = before.conversing, settings.conversing
        live = Adjust(
            volume_db=new.volume_db if new.volume_db != old.volume_db else None,
            rate=new.rate if new.rate != old.rate else None,
            patience=new.patience if new.patience != old.patience else None,
        )
        if live != Adjust():
            self._send(live)
        moves = (new.input_device, new.output_device) != (old.input_device, old.output_device)
        if begins_anew(old, new) or (moves and not self.state.session):
            self._send(EndConversation())
            self._converse()
        elif moves:
            self._send(ChooseDevices(input_device=new.input_device, output_device=new.output_device))
        try:
            save_settings(self._settings_path, settings)
        except SottoError as error:
            self.dispatch(Told(Notice("settings", "warning", str(error))))
        self.show()

    def restyle(self) -> None:
        """The colours and sizes of the settings, or of a system that has changed its own."""
        if self._closed:
            return
        palette = theme.chosen_palette(self.settings.appearance)
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        theme.apply(app, palette, self.settings.appearance.text_scale)
        still = theme.reduces_motion(self.settings.appearance)
        self.window.use(palette, still)
        if self.tray is not None:
            self.tray.use(palette)
        self.show()

    def close(self) -> None:
        """End everything. Harmless twice."""
        self._closed = True
        self._levels.stop()
        if self.tray is not None:
            self.tray.close()
            self.tray = None
        self.bridge.close()
        self.archive.close()
        if self.meters is not None:
            self.meters.close()
            self.meters = None
