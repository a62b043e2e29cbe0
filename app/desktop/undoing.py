"""One deletion at a time that can be undone: done for good when the note about it goes, undone by its button.

Window's thread.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject

from app.desktop.desktop import Desktop
from app.desktop.view import Dismissed, Notice, Told, ViewState

_NOTE = "undo"


@dataclass(frozen=True, slots=True)
class _Deletion:
    undo: Callable[[], None]
    finish: Callable[[], None]


class Undo(QObject):
    """Whoever deletes hides first, and offers here how to bring it back and how to end it."""

    def __init__(self, desktop: Desktop) -> None:
        super().__init__(desktop)
        self._desktop = desktop
        self._pending: _Deletion | None = None
        desktop.changed.connect(self._changed)
        desktop.undo_wanted.connect(self.undo)

    def offer(self, sentence: str, undo: Callable[[], None], finish: Callable[[], None]) -> None:
        """Something was hidden; what was hidden before it goes for good."""
        self.finish()
        self._pending = _Deletion(undo, finish)
        self._desktop.dispatch(Told(Notice(_NOTE, "info", sentence, action="undo")))

    def undo(self) -> None:
        """Bring back what was deleted last."""
        pending, self._pending = self._pending, None
        if pending is not None:
            pending.undo()
        self._desktop.dispatch(Dismissed(_NOTE))

    def finish(self) -> None:
        """It can no longer be undone."""
        pending, self._pending = self._pending, None
        if pending is not None:
            pending.finish()

    def _changed(self, state: ViewState) -> None:
        if self._pending is not None and not any(notice.key == _NOTE for notice in state.notices):
            self.finish()
