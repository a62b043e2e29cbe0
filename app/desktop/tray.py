"""The icon in the system's tray: what the microphone does, and the few things one wants without the window.

Window's thread.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from app.desktop import icons
from app.desktop.language import tr
from app.desktop.settings import Listening
from app.desktop.theme import Palette
from app.desktop.view import ViewState
from app.desktop.wording import status


class Tray(QObject):
    """Signals: `shown` the window is wanted, `mute`, `stop`, `quit`."""

    shown = Signal()
    mute = Signal()
    stop = Signal()
    quit = Signal()

    def __init__(self, palette: Palette) -> None:
        super().__init__()
        self._palette = palette
        self._icon = QSystemTrayIcon(self)
        self._menu = QMenu()
        self._show = QAction(tr("Show Sotto"), self._menu)
        self._mute = QAction(tr("Mute the microphone"), self._menu)
        self._stop = QAction(tr("Stop speaking"), self._menu)
        self._quit = QAction(tr("Quit"), self._menu)
        for action, signal in (
            (self._show, self.shown),
            (self._mute, self.mute),
            (self._stop, self.stop),
            (self._quit, self.quit),
        ):
            action.triggered.connect(signal)
            self._menu.addAction(action)
        self._icon.setContextMenu(self._menu)
        self._icon.activated.connect(self._activated)
        self.render_state(ViewState(), "on_call")
        self._icon.show()

    def _activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason == QSystemTrayIcon.ActivationReason.Trigger:
            self.shown.emit()

    @staticmethod
    def exists() -> bool:
        """Whether this desktop has a tray."""
        return QSystemTrayIcon.isSystemTrayAvailable()

    def use(self, palette: Palette) -> None:
        """Other colours."""
        self._palette = palette

    def render_state(self, state: ViewState, listen: Listening) -> None:
        """The microphone by shape: open, asleep, muted, failed; a muted one also while an answer sounds."""
        shape, words, _ = status(state, listen)
        mark = {"failed": "circle-alert", "asleep": "moon"}.get(shape, "mic-off" if state.muted else "mic")
        colour = self._palette.error if shape == "failed" else self._palette.accent
        self._icon.setIcon(icons.icon(mark, colour, 22))
        also = tr("The microphone is muted.") if state.muted and shape != "muted" else ""
        self._icon.setToolTip(f"Sotto: {words}. {also}" if also else f"Sotto: {words}")
        self._mute.setText(tr("Open the microphone") if state.muted else tr("Mute the microphone"))
        self._mute.setEnabled(state.can_converse)
        self._stop.setEnabled(state.sounding)

    def close(self) -> None:
        """Out of the tray."""
        self._icon.hide()
        self._menu.deleteLater()
