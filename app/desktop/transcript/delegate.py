"""Draws one line of the transcript and says how high it is; keeps the documents of the lines seen last.

Window's thread.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QAbstractTextDocumentLayout, QColor, QFontMetricsF, QPainter, QPalette, QPen

from app.desktop import icons
from app.desktop.language import tr
from app.desktop.theme import GAP, RADIUS, Palette, font
from app.desktop.transcript.document import CodeBlock, LineDocument, code_blocks, line_document
from app.desktop.transcript.model import speaker
from app.desktop.view import Line

KEPT_DOCUMENTS = 200
WIDEST = 760.0
"""Longer lines than this are hard to read, however wide the window is."""

COPY_PX = 16


@dataclass(frozen=True, slots=True)
class Laid:
    """A line's document and, relative to the line's top left corner, where it, its bubble and its code stand."""

    document: LineDocument
    text: QRectF
    bubble: QRectF
    height: float
    code: tuple[CodeBlock, ...]

    def copy_button(self, block: CodeBlock) -> QRectF:
        """Where a click copies this code."""
        corner = self.text.topLeft() + QPointF(self.text.width() - COPY_PX - 6, block.place.top() + 4)
        return QRectF(corner.x(), corner.y(), COPY_PX, COPY_PX)


def caption_of(line: Line) -> str:
    """Who says it, and how."""
    how = tr("typed") if line.typed else line.source.replace("_", " ")
    parts = (speaker(line.role), how, tr("corrected") if line.recognised else "")
    return " · ".join(part for part in parts if part)


class LineArtist:
    """Lays lines out for a palette, and paints them."""

    def __init__(self, palette: Palette) -> None:
        self.palette = palette
        self._kept: OrderedDict[tuple[int, float], tuple[Line, Laid]] = OrderedDict()

    def use(self, palette: Palette) -> None:
        """Other colours, or another size of type."""
        self.palette = palette
        self._kept.clear()

    def estimates_px(
        self, characters: NDArray[np.int64], breaks: NDArray[np.int64], width: float
    ) -> NDArray[np.float64]:
        """About how high lines of so many characters and line breaks are (N,), without laying them out."""
        metrics = QFontMetricsF(font())
        per_row = max(10.0, self._text_width(width) / metrics.averageCharWidth())
        rows = 1 + breaks + characters / per_row
        return np.round(rows * metrics.lineSpacing() + self._caption_px() + 4 * GAP)

    def lay(self, line: Line, width: float) -> Laid:
        """The line at this width."""
        kept = self._kept.get((line.key, width))
        if kept is not None and kept[0] is line:
            self._kept.move_to_end((line.key, width))
            return kept[1]
        document = line_document(line, self.palette, self._text_width(width))
        laid = self._laid(line, document, width)
        self._kept[line.key, width] = (line, laid)
        while len(self._kept) > KEPT_DOCUMENTS:
            self._kept.popitem(last=False)
        return laid

    def _caption_px(self) -> float:
        return QFontMetricsF(font("small", bold=True)).lineSpacing() + GAP / 2

    def _text_width(self, width: float) -> float:
        return float(max(120.0, min(WIDEST, width - 8 * GAP)))

    def _laid(self, line: Line, document: LineDocument, width: float) -> Laid:
        own = line.role == "user"
        column = min(width, WIDEST + 8 * GAP)
        left = (width - column) / 2 + 2 * GAP
        if own:  # as narrow as its words, at the right
            document.setTextWidth(min(document.idealWidth() + 1, self._text_width(width) * 0.85))
        size = document.size()
        x = left + column - 4 * GAP - size.width() - 1.5 * GAP if own else left + 1.5 * GAP
        y = self._caption_px() + 1.5 * GAP + (GAP if own else 0)
        if line.role == "tool":
            y = 1.5 * GAP
        text = QRectF(x, y, size.width(), size.height())
        bubble = text.adjusted(-1.5 * GAP, -GAP, 1.5 * GAP, GAP) if own else QRectF()
        height = text.bottom() + GAP + (GAP if own else 0)
        return Laid(document, text, bubble, height, () if own else code_blocks(document))

    def buttons_at(self, line: Line, laid: Laid, size: QSizeF) -> QPointF:
        """Where a row of buttons of this size stands beside the caption."""
        y = GAP / 2 if line.role == "tool" else GAP + (self._caption_px() - size.height()) / 2
        if line.role == "user":
            name = QFontMetricsF(font("small", bold=True)).horizontalAdvance(caption_of(line))
            return QPointF(laid.text.right() - name - 1.5 * GAP - size.width(), y)
        return QPointF(laid.text.right() - size.width(), y)

    def paint(self, painter: QPainter, line: Line, laid: Laid, place: QRectF, current: bool) -> None:
        """Draw it at `place`; `current` has the keyboard's ring."""
        painter.save()
        painter.translate(place.topLeft())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font("small", bold=True))
        painter.setPen(QColor(self.palette.quiet if line.role == "user" else self.palette.accent))
        caption = QRectF(laid.text.left(), GAP, laid.text.width(), self._caption_px())
        side = Qt.AlignmentFlag.AlignLeft
        if line.role == "user":
            caption.setLeft(0)
            side = Qt.AlignmentFlag.AlignRight
        if line.role != "tool":
            painter.drawText(caption, int(side | Qt.AlignmentFlag.AlignTop), caption_of(line))
        if not laid.bubble.isEmpty():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(self.palette.accent_soft))
            painter.drawRoundedRect(laid.bubble, RADIUS * 1.5, RADIUS * 1.5)
        if current:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(self.palette.accent), 2))
            ring = QRectF(GAP / 2, GAP / 2, place.width() - GAP, laid.height - GAP / 2)
            painter.drawRoundedRect(ring, RADIUS, RADIUS)
        self._paint_text(painter, laid)
        painter.restore()

    def _paint_text(self, painter: QPainter, laid: Laid) -> None:
        painter.translate(laid.text.topLeft())
        context = QAbstractTextDocumentLayout.PaintContext()
        colours = QPalette(context.palette)
        colours.setColor(QPalette.ColorRole.Text, QColor(self.palette.text))
        colours.setColor(QPalette.ColorRole.Link, QColor(self.palette.accent))
        context.palette = colours
        laid.document.documentLayout().draw(painter, context)
        painter.translate(-laid.text.topLeft())
        ratio = painter.device().devicePixelRatioF()
        for block in laid.code:
            mark = icons.pixmap("copy", self.palette.quiet, COPY_PX, ratio)
            painter.drawPixmap(laid.copy_button(block).topLeft(), mark)
