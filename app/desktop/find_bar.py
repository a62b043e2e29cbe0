"""The search in the conversation that is shown. Window's thread."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QToolButton, QWidget

from app.desktop import icons
from app.desktop.language import tr
from app.desktop.theme import GAP, Palette


class FindBar(QWidget):
    """`wanted` carries the words and the direction; `closed` when it is put away."""

    wanted = Signal(str, bool)
    closed = Signal()

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.words = QLineEdit()
        self.words.setPlaceholderText(tr("Find in this conversation"))
        self.words.setAccessibleName(tr("Find in this conversation"))
        self.verdict = QLabel()
        self.verdict.setProperty("quiet", True)
        self._up = self._button(tr("Previous"), lambda: self._look(False))
        self._down = self._button(tr("Next", "place that is found"), lambda: self._look(True))
        self._close = self._button(tr("Close the search"), self.close_bar)
        row = QHBoxLayout(self)
        row.setContentsMargins(2 * GAP, GAP, 2 * GAP, 0)
        row.addWidget(self.words, 1)
        for widget in (self.verdict, self._up, self._down, self._close):
            row.addWidget(widget)
        self.words.returnPressed.connect(lambda: self._look(True))
        self.use(palette)
        self.hide()

    def _button(self, name: str, does: object) -> QToolButton:
        button = QToolButton()
        button.setAccessibleName(name)
        button.setToolTip(name)
        button.clicked.connect(does)
        return button

    def use(self, palette: Palette) -> None:
        """Other colours."""
        for button, mark in ((self._up, "chevron-up"), (self._down, "chevron-down"), (self._close, "x")):
            button.setIcon(icons.icon(mark, palette.text))

    def open_bar(self) -> None:
        """Ready to be typed in."""
        self.show()
        self.words.setFocus()
        self.words.selectAll()

    def close_bar(self) -> None:
        """Away with it."""
        if self.isVisible():
            self.hide()
            self.verdict.clear()
            self.closed.emit()

    def _look(self, forward: bool) -> None:
        if self.words.text().strip():
            self.wanted.emit(self.words.text().strip(), forward)

    def tell(self, found: bool) -> None:
        """Whether there was anything."""
        self.verdict.setText("" if found else tr("Not found"))
