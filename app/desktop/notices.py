"""What has to be told, above the transcript: what happened, why, what to do, with a button where one helps.

Window's thread.
"""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication, QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.desktop import icons
from app.desktop.language import said, tr
from app.desktop.phrase import tr_later
from app.desktop.theme import GAP, Palette
from app.desktop.view import Notice

BESIDE_PX = 640
_MARKS = {"info": "info", "warning": "triangle-alert", "error": "circle-alert"}
_NAMES = {"info": tr_later("Note"), "warning": tr_later("Warning"), "error": tr_later("Error")}
_ACTIONS = {
    "restart": tr_later("Start it again"),
    "retry": tr_later("Try again"),
    "settings": tr_later("Settings"),
    "undo": tr_later("Undo"),
}


class _Card(QFrame):
    """Its buttons stand beside its words, and below them where it is narrow."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("notice")
        self.content = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self.content.setSpacing(GAP)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """From one to the other."""
        super().resizeEvent(event)
        beside = event.size().width() >= BESIDE_PX
        directions = QBoxLayout.Direction
        self.content.setDirection(directions.LeftToRight if beside else directions.TopToBottom)


class NoticeList(QWidget):
    """Signals: `dismissed` with a notice's key, `chosen` with what its button does, and `report` for a whole one."""

    dismissed = Signal(str)
    chosen = Signal(str)
    report = Signal(str)

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._palette = palette
        self._shown: tuple[Notice, ...] = ()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(2 * GAP, GAP, 2 * GAP, 0)
        self._column.setSpacing(GAP)
        self.hide()

    def use(self, palette: Palette) -> None:
        """Other colours."""
        self._palette = palette
        shown, self._shown = self._shown, ()
        self.show_notices(shown)

    @property
    def has_any(self) -> bool:
        """Whether there is anything to tell."""
        return bool(self._shown)

    def show_notices(self, notices: tuple[Notice, ...]) -> None:
        """Show these and no others."""
        if notices == self._shown:
            return
        self._shown = notices
        while (item := self._column.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for notice in notices:
            self._column.addWidget(self._card(notice))
        self.setVisible(bool(notices))

    def _card(self, notice: Notice) -> QFrame:
        card = _Card()
        name, message, mend = tr(_NAMES[notice.severity]), said(notice.message), said(notice.mend)
        card.setAccessibleName(f"{name}: {message}")
        colour = {"info": self._palette.accent}.get(
            notice.severity, getattr(self._palette, notice.severity, self._palette.accent)
        )
        mark = QLabel()
        mark.setPixmap(icons.pixmap(_MARKS[notice.severity], colour, 20, self.devicePixelRatioF()))
        mark.setAccessibleName(name)
        words = QLabel(f"{message}\n{mend}" if mend else message)
        words.setTextFormat(Qt.TextFormat.PlainText)
        words.setWordWrap(True)
        words.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        words.setAccessibleName(message)
        buttons = QHBoxLayout()
        buttons.setSpacing(GAP)
        if notice.action:
            act = QPushButton(tr(_ACTIONS[notice.action]))
            act.setProperty("primary", True)
            act.clicked.connect(partial(self.chosen.emit, notice.action))
            buttons.addWidget(act)
        if notice.severity != "info":
            copy = QPushButton(tr("Copy report") if notice.cause else tr("Copy"))
            copy.clicked.connect(partial(self._copy, notice))
            buttons.addWidget(copy)
        card.content.addWidget(words, 1)
        if buttons.count():
            buttons.addStretch(1)
            card.content.addLayout(buttons)
        close = QToolButton()
        close.setIcon(icons.icon("x", self._palette.quiet))
        close.setAccessibleName(tr("Dismiss"))
        close.setToolTip(tr("Dismiss"))
        close.clicked.connect(partial(self.dismissed.emit, notice.key))
        row = QHBoxLayout(card)
        row.setContentsMargins(1 * GAP + 4, GAP, GAP, GAP)
        row.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(card.content, 1)
        row.addWidget(close, 0, Qt.AlignmentFlag.AlignTop)
        return card

    def _copy(self, notice: Notice) -> None:
        parts = (said(notice.message), said(notice.mend), notice.cause)
        words = "\n".join(part for part in parts if part)
        if notice.cause:
            self.report.emit(words)
        else:
            QGuiApplication.clipboard().setText(words)
