"""The push-to-talk key: Ctrl+Space, or Space while no control has the keyboard. Window's thread.

Auto-repeat is ignored; letting go of the key, or losing the window's focus, ends it.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

_LEFT = (QEvent.Type.ApplicationDeactivate, QEvent.Type.WindowDeactivate)


class PushToTalk(QObject):
    """Filters the application's events; `held` tells True once when it goes down, False once when it comes up."""

    held = Signal(bool)

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._down = False

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take what belongs to the key, leave all else."""
        kind = event.type()
        if kind in _LEFT and self._down:
            self._up()
            return False
        if kind not in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            return False
        # A key comes to Qt's window first and then to a widget: it is the widget that tells who has the keyboard.
        if not isinstance(event, QKeyEvent) or not isinstance(watched, QWidget):
            return False
        if self._down and event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Control):
            if kind == QEvent.Type.KeyRelease and not event.isAutoRepeat():
                self._up()
            return True
        if kind == QEvent.Type.KeyPress and event.key() == Qt.Key.Key_Space and self._meant(watched, event):
            if not event.isAutoRepeat():
                self._down = True
                self.held.emit(True)
            return True
        return False

    def _meant(self, watched: QWidget, event: QKeyEvent) -> bool:
        if watched.window() is not self._window:  # a dialog has the keyboard
            return False
        modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if modifiers == Qt.KeyboardModifier.ControlModifier:
            return True
        return modifiers == Qt.KeyboardModifier.NoModifier and watched is self._window

    def _up(self) -> None:
        self._down = False
        self.held.emit(False)
