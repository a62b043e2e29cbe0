"""Connects the list of conversations with the archive and with what the window shows. Window's thread."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QTimer

from app.desktop.archive import Archive, title_of
from app.desktop.conversations import ConversationList
from app.desktop.desktop import Desktop
from app.desktop.language import tr
from app.desktop.undoing import Undo
from app.desktop.view import Earlier, Line, Notice, Opened, Told, ViewState
from engine.store import Conversation

REFRESH_MS = 400
"""Listing waits so long after the last change, so that a conversation costs no listing a word."""


class Library(QObject):
    """Deletion is a hiding first, which can be undone."""

    def __init__(self, desktop: Desktop, archive: Archive, shown: ConversationList, undo: Undo) -> None:
        super().__init__(desktop)
        self._desktop, self._archive, self._shown, self._undo = desktop, archive, shown, undo
        self._ends = ""
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(REFRESH_MS)
        self._later.timeout.connect(archive.refresh)
        archive.listed.connect(shown.show_conversations)
        archive.opened.connect(self._opened)
        archive.exported.connect(
            lambda path: desktop.dispatch(
                Told(Notice("export", "info", tr("Exported to {path}.", path=path)))
            )
        )
        archive.told.connect(lambda words: desktop.dispatch(Told(Notice("archive", "warning", words))))
        shown.searched.connect(archive.search)
        shown.opened.connect(archive.open)
        shown.renamed.connect(lambda conversation, title: archive.rename(conversation.number, title))
        shown.exported.connect(lambda conversation, path: archive.export(conversation, Path(path)))
        shown.deleted.connect(self._delete)
        desktop.changed.connect(self._changed)

    def _opened(self, conversation: Conversation, lines: tuple[Line, ...]) -> None:
        self._desktop.dispatch(Opened(Earlier(conversation.number, title_of(conversation), lines)))
        self._desktop.window.show_centre()

    def _changed(self, state: ViewState) -> None:
        """A turn that ended is in the store a moment later."""
        ends = " ".join(f"{line.key}{line.stage}" for line in state.lines[-2:])
        if ends != self._ends:
            self._ends = ends
            self._later.start()

    def _delete(self, conversation: Conversation) -> None:
        archive, number = self._archive, conversation.number
        archive.hide(number)
        state = self._desktop.state
        if state.earlier is not None and state.earlier.number == number:
            self._desktop.dispatch(Opened())
        self._undo.offer(
            tr("“{title}” was deleted.", title=title_of(conversation)),
            undo=lambda: archive.hide(number, hidden=False),
            finish=lambda: archive.delete(number),
        )
