"""The list of conversations at the left: search, open, rename, export, delete with undo. Window's thread."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QDate, QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QInputDialog,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QVBoxLayout,
    QWidget,
)

from app.desktop.archive import title_of
from app.desktop.language import day, tr
from app.desktop.phrase import tr_later
from app.desktop.theme import GAP, Palette, font
from engine.store import Conversation

_ITEM = int(Qt.ItemDataRole.UserRole)


EXPORTS = {".md": tr_later("Markdown"), ".json": tr_later("JSON"), ".wav": tr_later("Sound")}
"""What a conversation can be written as, by the ending of the file's name."""


def with_suffix(path: str, kind: str) -> str:
    """The path with the ending that the chosen kind names ("Sound (*.wav)"), where it has none that is known."""
    if Path(path).suffix.lower() in EXPORTS:
        return path
    return path + next((suffix for suffix in EXPORTS if suffix in kind), ".md")


def when(started_at: str, now: datetime) -> str:
    """Its day, as people say it."""
    try:
        at = datetime.fromisoformat(started_at).astimezone()
    except ValueError:
        return ""
    days = (now.astimezone().date() - at.date()).days
    if days == 0:
        return f"{at:%H:%M}"
    if days == 1:
        return tr("Yesterday")
    return day(QDate(at.year, at.month, at.day), "dddd" if days < 7 else tr("dd MMM yyyy"))


class _List(QListWidget):
    """Enter opens, F2 renames, Del deletes, the menu key shows all that can be done."""

    def __init__(self, owner: ConversationList) -> None:
        super().__init__()
        self._owner = owner

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The keys of a list of files."""
        chosen = self._owner.chosen()
        if chosen is not None and event.key() == Qt.Key.Key_Delete:
            self._owner.deleted.emit(chosen)
        elif chosen is not None and event.key() == Qt.Key.Key_F2:
            self._owner.ask_title(chosen)
        else:
            super().keyPressEvent(event)


class ConversationList(QWidget):
    """Signals: `searched` words, `opened`, `renamed` with a title, `exported` with a path, `deleted`."""

    searched = Signal(str)
    opened = Signal(object)
    renamed = Signal(object, str)
    exported = Signal(object, str)
    deleted = Signal(object)

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.words = QLineEdit()
        self.words.setPlaceholderText(tr("Search conversations"))
        self.words.setAccessibleName(tr("Search conversations"))
        self.words.setClearButtonEnabled(True)
        self.words.textChanged.connect(self.searched)
        self.list = _List(self)
        self.list.setAccessibleName(tr("Conversations"))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.customContextMenuRequested.connect(self._show_menu)
        self.list.activated.connect(self._activated)
        self.list.itemClicked.connect(lambda item: self.opened.emit(item.data(_ITEM)))
        self.nothing = QLabel(tr("No conversation yet"))
        self.nothing.setProperty("quiet", True)
        self.nothing.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP)
        column.addWidget(self.words)
        column.addWidget(self.nothing)
        column.addWidget(self.list, 1)

    def use(self, palette: Palette) -> None:
        """Another size of type."""
        self.nothing.setFont(font("small"))

    def show_conversations(self, listed: tuple[Conversation, ...]) -> None:
        """These, newest first; what was chosen stays so."""
        before = self.chosen()
        self.list.clear()
        for conversation in listed:
            title = " ".join(title_of(conversation).split())
            item = QListWidgetItem(f"{title}\n{when(conversation.started_at, datetime.now())}")
            item.setData(_ITEM, conversation)
            item.setToolTip(title)
            turns = tr("%n turn(s)", "", conversation.turns)
            item.setData(int(Qt.ItemDataRole.AccessibleTextRole), f"{title}, {turns}")
            self.list.addItem(item)
            if before is not None and before.number == conversation.number:
                self.list.setCurrentItem(item)
        self.nothing.setVisible(not listed)
        self.nothing.setText(tr("Nothing found") if self.words.text().strip() else tr("No conversation yet"))

    def chosen(self) -> Conversation | None:
        """The current one."""
        item = self.list.currentItem()
        data = item.data(_ITEM) if item is not None else None
        return data if isinstance(data, Conversation) else None

    def _activated(self, index: QModelIndex) -> None:
        if isinstance(conversation := index.data(_ITEM), Conversation):
            self.opened.emit(conversation)

    def menu_for(self, conversation: Conversation) -> QMenu:
        """What can be done with one."""
        menu = QMenu(self)
        menu.addAction(tr("Open"), lambda: self.opened.emit(conversation))
        menu.addAction(tr("Rename… (F2)"), lambda: self.ask_title(conversation))
        menu.addAction(tr("Export…"), lambda: self._ask_path(conversation))
        menu.addAction(tr("Delete (Del)"), lambda: self.deleted.emit(conversation))
        return menu

    def _show_menu(self, at: QPoint) -> None:
        item = self.list.itemAt(at) or self.list.currentItem()
        if item is not None:
            menu = self.menu_for(item.data(_ITEM))
            menu.exec(self.list.viewport().mapToGlobal(at))
            menu.deleteLater()

    def ask_title(self, conversation: Conversation) -> None:
        """Another title, unless the user thinks better of it."""
        title, agreed = QInputDialog.getText(self, tr("Rename"), tr("Title"), text=title_of(conversation))
        if agreed and title.strip():
            self.renamed.emit(conversation, title.strip())

    def _ask_path(self, conversation: Conversation) -> None:
        suggestion = "".join(c if c.isalnum() or c in " -" else "_" for c in title_of(conversation))[:60]
        unnamed = tr("Conversation")
        path, chosen = QFileDialog.getSaveFileName(
            self,
            tr("Export"),
            str(Path.home() / f"{suggestion.strip() or unnamed}.md"),
            ";;".join(f"{tr(kind)} (*{suffix})" for suffix, kind in EXPORTS.items()),
        )
        if path:
            self.exported.emit(conversation, with_suffix(path, chosen))
