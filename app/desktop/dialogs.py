"""Opens the dialogs and connects them with the app: settings, welcome. Imported after the first paint.

Window's thread.
"""

from __future__ import annotations

from dataclasses import replace

from app.desktop.desktop import Desktop
from app.desktop.recognition_page import RecognitionPage
from app.desktop.settings_dialog import SettingsDialog
from app.desktop.voices_page import VoicesPage
from app.desktop.welcome import Welcome
from engine.commands import Listen, SayAgain
from engine.errands import ListDevices, ReadDialogue


class Dialogs:
    """At most one of each."""

    def __init__(self, desktop: Desktop) -> None:
        self._desktop = desktop
        self.settings: SettingsDialog | None = None
        self.welcome: Welcome | None = None
        desktop.open_settings = self.open_settings

    def open_settings(self) -> None:
        """The settings, in front."""
        if self.settings is not None:
            self.settings.raise_()
            self.settings.activateWindow()
            return
        desktop = self._desktop
        self.settings = dialog = SettingsDialog(
            desktop.settings, VoicesPage(), RecognitionPage(), desktop.window
        )
        dialog.changed.connect(desktop.apply)
        dialog.wanted.connect(desktop.run_errand)
        desktop.devices_changed.connect(self._list_devices)
        dialog.voices.verified.connect(desktop.bridge.verify_voice)
        dialog.voices.removed.connect(desktop.bridge.remove_voice)
        dialog.voices.tried.connect(lambda words: desktop.bridge.send(SayAgain(text=words)))
        dialog.recognition.wanted.connect(desktop.bridge.recogniser)
        desktop.changed.connect(dialog.render_state)
        dialog.render_state(desktop.state)
        dialog.finished.connect(self._settings_closed)
        desktop.bridge.list_voices()
        desktop.run_errand(ReadDialogue())
        self._list_devices()
        dialog.recognition.ask()
        dialog.open()

    def _list_devices(self) -> None:
        self._desktop.run_errand(ListDevices())

    def _settings_closed(self) -> None:
        if self.settings is not None:
            self._desktop.changed.disconnect(self.settings.render_state)
            self._desktop.devices_changed.disconnect(self._list_devices)
            self.settings.deleteLater()
            self.settings = None

    def open_welcome(self) -> None:
        """The three steps of a first start."""
        desktop = self._desktop
        self.welcome = welcome = Welcome(lambda: desktop.meters, desktop.window)
        welcome.requested.connect(desktop.type_text)
        welcome.listen.connect(self._listen)
        welcome.over.connect(self._welcomed)
        desktop.changed.connect(welcome.render_state)
        desktop.moved.connect(welcome.note_state)
        welcome.render_state(desktop.state)
        welcome.open()

    def _listen(self, on: bool) -> None:
        if on and self._desktop.settings.conversing.listen == "on_call":
            self._desktop.bridge.send(Listen(on=True))

    def _welcomed(self) -> None:
        if self.welcome is not None:
            self._desktop.changed.disconnect(self.welcome.render_state)
            self._desktop.moved.disconnect(self.welcome.note_state)
            self.welcome.deleteLater()
            self.welcome = None
            self._desktop.apply(replace(self._desktop.settings, welcomed=True))
