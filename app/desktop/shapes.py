"""The state by shape: one custom-drawn mark whose outline differs for every state. Window's thread."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QHideEvent, QPainter, QPaintEvent, QPen, QPolygonF, QShowEvent
from PySide6.QtWidgets import QWidget

from app.desktop.language import tr
from app.desktop.theme import Palette
from app.desktop.wording import Shape

SIZE_PX = 36
FRAME_MS = 33
MOVING: frozenset[Shape] = frozenset({"loading", "user_speaking", "thinking", "speaking"})


class StateShape(QWidget):
    """Draws the state; `level` (0 to 1) moves the bars of a voice. Still where motion is to be reduced."""

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._palette = palette
        self._shape: Shape = "loading"
        self._still = False
        self.level = 0.0
        self._timer = QTimer(self)
        self._timer.setInterval(FRAME_MS)
        self._timer.timeout.connect(self.update)
        self.setFixedSize(self.sizeHint())
        self.setAccessibleName(tr("State"))

    def sizeHint(self) -> QSize:
        """A square."""
        return QSize(SIZE_PX, SIZE_PX)

    def use(self, palette: Palette, still: bool) -> None:
        """Other colours, more or less motion."""
        self._palette, self._still = palette, still
        self._keep_time()
        self.update()

    def show_state(self, shape: Shape, words: str) -> None:
        """Draw this one; `words` are for who cannot see it."""
        self.setAccessibleDescription(words)
        if shape != self._shape:
            self._shape = shape
            self._keep_time()
            self.update()

    def showEvent(self, event: QShowEvent) -> None:
        """Move only while it is seen."""
        self._keep_time()

    def hideEvent(self, event: QHideEvent) -> None:
        """Stand still."""
        self._timer.stop()

    def _keep_time(self) -> None:
        moving = self._shape in MOVING and not self._still and self.isVisible()
        if moving and not self._timer.isActive():
            self._timer.start()
        elif not moving:
            self._timer.stop()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the shape of now."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(SIZE_PX / 2, SIZE_PX / 2)
        colour = QColor(self._palette.error if self._shape == "failed" else self._palette.accent)
        if self._shape in ("asleep", "muted", "loading"):
            colour = QColor(self._palette.quiet)
        pen = QPen(colour, 2.5, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        at_s = 0.0 if self._still else time.monotonic()
        _DRAWN[self._shape](painter, colour, at_s, self.level)
        painter.end()


def _ring(painter: QPainter, radius: float) -> None:
    painter.drawEllipse(QPointF(0, 0), radius, radius)


def _loading(painter: QPainter, colour: QColor, at_s: float, level: float) -> None:
    start = int(-at_s * 360 * 0.8) % 360
    painter.drawArc(QRectF(-11, -11, 22, 22), start * 16, 270 * 16)


def _asleep(painter: QPainter, colour: QColor, at_s: float, level: float) -> None:
    _ring(painter, 11)


def _listening(painter: QPainter, colour: QColor, at_s: float, level: float) -> None:
    _ring(painter, 11)
    painter.setBrush(colour)
    _ring(painter, 4)


def _bars(painter: QPainter, heights: list[float]) -> None:
    for number, height in enumerate(heights):
        x = (number - (len(heights) - 1) / 2) * 6
        painter.drawLine(QPointF(x, -height), QPointF(x, height))


def _hearing(painter: QPainter, colour: QColor, at_s: float, level: float) -> None:
    strength = 3 + 11 * min(1.0, level)
    _bars(painter, [strength * f for f in (0.45, 0.8, 1.0, 0.8, 0.45)])


def _thinking(painter: QPainter, colour: QColor, at_s: float, level: float) -> None:
    painter.setBrush(colour)
    for number in range(3):
        lift = 3.0 * max(0.0, math.sin(2 * math.pi * (at_s * 0.9 - number * 0.18)))
        painter.drawEllipse(QPointF((number - 1) * 9, -lift), 2.2, 2.2)


def _speaking(painter: QPainter, colour: QColor, at_s: float, level: float) -> None:
    painter.setBrush(colour)
    painter.drawEllipse(QPointF(-8, 0), 3, 3)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for number, radius in enumerate((9, 15, 21)):
        swell = 1.0 if not at_s else 0.55 + 0.45 * math.sin(2 * math.pi * (at_s - number * 0.22))
        painter.setOpacity(max(0.25, swell))
        box = QRectF(-8 - radius, -radius, 2 * radius, 2 * radius)
        painter.drawArc(box, -38 * 16, 76 * 16)


def _paused(painter: QPainter, colour: QColor, at_s: float, level: float) -> None:
    for x in (-5, 5):
        painter.drawLine(QPointF(x, -9), QPointF(x, 9))


def _muted(painter: QPainter, colour: QColor, at_s: float, level: float) -> None:
    _ring(painter, 11)
    painter.drawLine(QPointF(-8, 8), QPointF(8, -8))


def _failed(painter: QPainter, colour: QColor, at_s: float, level: float) -> None:
    painter.drawPolygon(QPolygonF([QPointF(0, -12), QPointF(13, 10), QPointF(-13, 10)]))
    painter.drawLine(QPointF(0, -4), QPointF(0, 2))
    painter.drawPoint(QPointF(0, 6.5))


_DRAWN: dict[Shape, Callable[[QPainter, QColor, float, float], None]] = {
    "loading": _loading,
    "asleep": _asleep,
    "listening": _listening,
    "user_speaking": _hearing,
    "thinking": _thinking,
    "speaking": _speaking,
    "paused": _paused,
    "muted": _muted,
    "failed": _failed,
}
