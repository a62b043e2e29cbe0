"""How loud the microphone is: a bar for the voice, a mark for the room, words for who cannot see them.

Window's thread.
"""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from app.desktop.language import tr
from app.desktop.level import Trouble
from app.desktop.phrase import tr_later
from app.desktop.theme import Palette

WIDTH_PX, HEIGHT_PX, BAR_PX = 96, 16, 6
LOW_DBFS, HIGH_DBFS = -70.0, 0.0
_NAMES: dict[Trouble, str] = {
    "": tr_later("in order"),
    "quiet": tr_later("too quiet"),
    "noisy": tr_later("too noisy"),
}


class LevelGauge(QWidget):
    """Shows levels in dBFS; with trouble its outline is broken, beside the words in the bar."""

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._palette = palette
        self._level, self._room = LOW_DBFS, LOW_DBFS
        self._trouble: Trouble = ""
        self.setFixedSize(self.sizeHint())
        self.setAccessibleName(tr("Input level"))
        self._describe()

    def sizeHint(self) -> QSize:
        """A narrow bar."""
        return QSize(WIDTH_PX, HEIGHT_PX)

    def use(self, palette: Palette) -> None:
        """Other colours."""
        self._palette = palette
        self.update()

    def show_level(self, level_dbfs: float, room_dbfs: float, trouble: Trouble) -> None:
        """So loud is it now, and so loud is the room."""
        if trouble != self._trouble:
            self._trouble = trouble
            self._describe()
        if (round(level_dbfs), round(room_dbfs)) != (round(self._level), round(self._room)):
            self._level, self._room = level_dbfs, room_dbfs
            self.update()

    def _describe(self) -> None:
        self.setAccessibleDescription(tr(_NAMES[self._trouble]))
        about = tr(
            "Input level: {state}. The mark is the room without a voice.", state=tr(_NAMES[self._trouble])
        )
        self.setToolTip(about)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Bar, mark, outline."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(0.5, (HEIGHT_PX - BAR_PX) / 2, WIDTH_PX - 1, BAR_PX)
        outline = Qt.PenStyle.DashLine if self._trouble else Qt.PenStyle.SolidLine
        painter.setPen(QPen(QColor(self._palette.quiet if self._trouble else self._palette.line), 1, outline))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(box, 2, 2)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._palette.accent))
        painter.drawRoundedRect(
            QRectF(box.left(), box.top(), box.width() * _share(self._level), BAR_PX), 2, 2
        )
        x = box.left() + box.width() * _share(self._room)
        painter.setPen(QPen(QColor(self._palette.text), 2))
        painter.drawLine(round(x), 2, round(x), HEIGHT_PX - 2)
        painter.end()


def _share(dbfs: float) -> float:
    return min(1.0, max(0.0, (dbfs - LOW_DBFS) / (HIGH_DBFS - LOW_DBFS)))
