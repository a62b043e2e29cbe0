"""The transcript's rows, each of its own height, cheap for ten thousand: only what is seen is laid out.

Heights are estimated until a row is first seen; what is above the window then keeps its place. Window's thread.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    Qt,
)
from PySide6.QtGui import QPainter, QPaintEvent, QRegion, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QWidget

from app.desktop.language import tr
from app.desktop.theme import Palette
from app.desktop.transcript.delegate import LineArtist
from app.desktop.transcript.model import TranscriptModel
from app.desktop.view import Line
from app.desktop.wording import line_in_words

NEAR_END_PX = 40
_Move = QAbstractItemView.CursorAction
Index = QModelIndex | QPersistentModelIndex


class TranscriptRows(QListView):
    """Shows a TranscriptModel, and follows its end as long as the end is in sight."""

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._artist = LineArtist(palette)
        self._heights: NDArray[np.float64] = np.zeros(0)
        self._known: NDArray[np.bool_] = np.zeros(0, bool)
        self._tops: NDArray[np.float64] = np.zeros(1)
        self._follow = True
        self._laying = False
        self._lines = TranscriptModel(self)
        self.setAccessibleName(tr("Transcript"))
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setMouseTracking(True)
        model = self._lines
        self.setModel(model)
        model.modelReset.connect(self._other_lines)
        model.rowsRemoved.connect(self._rows_moved)
        model.rowsInserted.connect(self._rows_moved)
        model.dataChanged.connect(self._row_changed)
        self.verticalScrollBar().valueChanged.connect(self._scrolled)

    # What is shown

    def show_lines(self, lines: tuple[Line, ...]) -> None:
        """Show these lines; another conversation begins at its end."""
        self._lines.show_lines(lines)
        self.settle()

    @property
    def has_keyboard(self) -> bool:
        """Whether the ring is to be shown."""
        return self.hasFocus()

    @property
    def has_lines(self) -> bool:
        """Whether there is anything to see."""
        return bool(self._lines.lines)

    def use(self, palette: Palette) -> None:
        """Other colours, or another size of type."""
        self._artist.use(palette)
        self._forget_heights()

    def find_line(self, words: str, forward: bool = True) -> bool:
        """Go to the next line with these words, from the current one on and around; False where there is none."""
        lines, wanted = self._lines.lines, words.casefold()
        start = self.currentIndex().row() if self.currentIndex().isValid() else (-1 if forward else 0)
        for step in range(1, len(lines) + 1):
            row = (start + (step if forward else -step)) % len(lines)
            if wanted in line_in_words(lines[row]).casefold():
                self.setCurrentIndex(self._lines.index(row))
                return True
        return False

    # Heights

    def _forget_heights(self) -> None:
        self._heights, self._known = np.zeros(0), np.zeros(0, bool)
        self.settle()

    def _other_lines(self) -> None:
        self._follow = True
        self._forget_heights()

    def _rows_moved(self, parent: QModelIndex, first: int, last: int) -> None:
        self._heights, self._known = self._heights[:first], self._known[:first]

    def _row_changed(self, first: QModelIndex, last: QModelIndex) -> None:
        if first.row() < len(self._known):
            self._known[first.row() : last.row() + 1] = False

    def _width(self) -> float:
        return float(max(200, self.viewport().width()))

    def _estimate_new(self) -> None:
        lines = self._lines.lines
        have, width = min(len(self._heights), len(lines)), self._width()
        if have == len(lines) == len(self._heights):
            return
        fresh = lines[have:]
        characters = np.array([len(line.text) + len(line.unheard) for line in fresh], np.int64)
        breaks = np.array([line.text.count("\n") for line in fresh], np.int64)
        guessed = self._artist.estimates_px(characters, breaks, width)
        self._heights = np.concatenate([self._heights[:have], guessed])
        self._known = np.concatenate([self._known[:have], np.zeros(len(fresh), bool)])

    def _stack(self) -> None:
        self._tops = np.concatenate([[0.0], np.cumsum(self._heights)])

    def settle(self) -> None:
        """Lay out what is to be seen, from the end where that is followed, and set the scroll bar."""
        if self._laying:
            return
        self._laying = True
        self._estimate_new()
        self._stack()
        bar, page = self.verticalScrollBar(), self.viewport().height()
        for _ in range(20):  # each round fixes at least one row of those in sight
            end = max(0, round(self._tops[-1]) - page)
            at = end if self._follow else min(bar.value(), end)
            first, last = self._rows_in(at, at + page)
            changed = [row for row in range(first, last) if not self._known[row]]
            if not changed:
                break
            # What was laid out before is being read, and stays where it is.
            anchor = next((row for row in range(first, last) if self._known[row]), first)
            above = self._tops[anchor] - at
            for row in changed:
                self._heights[row] = self._artist.lay(self._lines.lines[row], self._width()).height
                self._known[row] = True
            self._stack()
            bar.setRange(0, max(0, round(self._tops[-1]) - page))
            bar.setValue(round(self._tops[anchor] - above))
        bar.setPageStep(page)
        bar.setSingleStep(24)
        bar.setRange(0, max(0, round(self._tops[-1]) - page))
        if self._follow:
            bar.setValue(bar.maximum())
        self._laying = False
        self.viewport().update()

    def _rows_in(self, top: float, bottom: float) -> tuple[int, int]:
        first = int(np.searchsorted(self._tops, top, side="right")) - 1
        last = int(np.searchsorted(self._tops, bottom, side="left"))
        return max(0, first), min(len(self._heights), last)

    def _scrolled(self) -> None:
        if not self._laying:
            bar = self.verticalScrollBar()
            self._follow = bar.value() >= bar.maximum() - NEAR_END_PX
            self.settle()

    # What Qt asks of a view

    def doItemsLayout(self) -> None:
        """Rows are laid out when they are seen."""
        self.settle()

    def updateGeometries(self) -> None:
        """The scroll bar is set by `settle`."""

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width, other heights; the row at the top stays, unless the end is followed."""
        if event.size().width() != event.oldSize().width():
            top = self._rows_in(self.verticalScrollBar().value(), self.verticalScrollBar().value() + 1)[0]
            self._heights, self._known = np.zeros(0), np.zeros(0, bool)
            self._estimate_new()
            self._stack()
            if not self._follow:
                self._laying = True
                self.verticalScrollBar().setRange(0, round(self._tops[-1]))
                self.verticalScrollBar().setValue(round(self._tops[top]))
                self._laying = False
        self.settle()

    def verticalOffset(self) -> int:
        """How far down the view is."""
        return self.verticalScrollBar().value()

    def horizontalOffset(self) -> int:
        """Never to the side."""
        return 0

    def isIndexHidden(self, index: Index) -> bool:
        """No line is hidden."""
        return False

    def visualRect(self, index: Index) -> QRect:
        """Where a row stands in the viewport."""
        row = index.row()
        if not index.isValid() or row >= len(self._heights):
            return QRect()
        top = round(self._tops[row]) - self.verticalOffset()
        return QRect(0, top, self.viewport().width(), round(self._tops[row + 1]) - round(self._tops[row]))

    def indexAt(self, point: QPoint) -> QModelIndex:
        """The row under a point."""
        at = point.y() + self.verticalOffset()
        if not 0 <= at < self._tops[-1]:
            return QModelIndex()
        return self._lines.index(self._rows_in(at, at + 1)[0])

    def scrollTo(
        self,
        index: Index,
        hint: QAbstractItemView.ScrollHint = QAbstractItemView.ScrollHint.EnsureVisible,
    ) -> None:
        """Bring a row into view with as little movement as may be."""
        place, bar = self.visualRect(index), self.verticalScrollBar()
        if place.isNull():
            return
        if place.top() < 0 or place.height() > self.viewport().height():
            bar.setValue(bar.value() + place.top())
        elif place.bottom() > self.viewport().height():
            bar.setValue(bar.value() + place.bottom() - self.viewport().height() + 1)

    def moveCursor(self, action: _Move, modifiers: Qt.KeyboardModifier) -> QModelIndex:
        """Arrows go line by line, Page Up and Down by what is in view."""
        count = len(self._heights)
        if not count:
            return QModelIndex()
        row = self.currentIndex().row() if self.currentIndex().isValid() else count - 1
        page = self.viewport().height()
        to = {
            _Move.MoveUp: row - 1,
            _Move.MoveDown: row + 1,
            _Move.MoveHome: 0,
            _Move.MoveEnd: count - 1,
            _Move.MovePageUp: self._rows_in(self._tops[row] - page, 0)[0],
            _Move.MovePageDown: self._rows_in(self._tops[row] + page, self._tops[-1])[0],
        }.get(action, row)
        return self._lines.index(min(max(to, 0), count - 1))

    def setSelection(self, rect: QRect, command: QItemSelectionModel.SelectionFlag) -> None:
        """The row that was clicked."""
        index = self.indexAt(rect.center())
        self.selectionModel().select(QItemSelection(index, index), command)

    def visualRegionForSelection(self, selection: QItemSelection) -> QRegion:
        """Where the selected rows stand."""
        region = QRegion()
        for index in selection.indexes():
            region += self.visualRect(index)
        return region

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the rows in sight."""
        painter = QPainter(self.viewport())
        top = self.verticalOffset()
        first, last = self._rows_in(top + event.rect().top(), top + event.rect().bottom() + 1)
        focused = self.currentIndex().row() if self.has_keyboard else -1
        for row in range(first, last):
            line = self._lines.lines[row]
            laid = self._artist.lay(line, self._width())
            place = QRectF(0, self._tops[row] - top, self._width(), self._heights[row])
            self._artist.paint(painter, line, laid, place, row == focused)
        painter.end()
