"""Both voices on one time axis, 60 s back, with marks; pulled from shared memory at 30 frames a second while seen.

The only file that imports pyqtgraph, and so it is itself imported after the window's first paint. Window's thread.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QWheelEvent
from PySide6.QtWidgets import QWidget

from app.desktop.figures import columns
from app.desktop.language import tr
from app.desktop.panels.panel import Panel
from app.desktop.phrase import tr_later
from app.desktop.theme import Palette, font
from engine.meters import BLOCK_MS, WAVEFORM_S, MeterReader, Waveform

FRAME_MS = 33
SPANS_S = (5.0, 10.0, 20.0, 60.0)
HEIGHT_PX = 170
LANE = 1.05
"""Half of the height that a side has: the user above the line, the assistant below."""

_SYMBOLS = {"user_started": "t1", "turn": "s", "interrupted": "x", "reply_started": "t1"}
_LEGEND = tr_later("▲ begins to speak   ■ turn ends   ✕ interruption")


class _Plot(pg.PlotWidget):  # type: ignore[misc]
    """A plot that nobody drags: the wheel changes the span."""

    def __init__(self, panel: WaveformPanel) -> None:
        super().__init__(background=None)
        self._panel = panel

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Up is closer."""
        self._panel.zoom(1 if event.angleDelta().y() < 0 else -1)
        event.accept()


class WaveformPanel(Panel):
    """Pulls from a MeterReader. Zoom by buttons or wheel, pause freezes the picture."""

    def __init__(self, reader: MeterReader, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(tr_later("Waveform"), palette, FRAME_MS, parent)
        self._plot = _Plot(self)
        self._reader = reader
        self._span = SPANS_S.index(20.0)
        self._seen_blocks = -1
        self._frozen: Waveform | None = None
        self.draws = 0
        self._out = self.add_tool("zoom-out", tr("Show a longer time"))
        self._in = self.add_tool("zoom-in", tr("Show a shorter time"))
        self._pause = self.add_tool("pause", tr("Freeze the picture"))
        self._pause.setCheckable(True)
        self._out.clicked.connect(lambda: self.zoom(1))
        self._in.clicked.connect(lambda: self.zoom(-1))
        self._pause.toggled.connect(self._freeze)
        self._build()
        self.column.addWidget(self._plot)
        self._show_span()
        self.use(palette)

    def _build(self) -> None:
        plot = self._plot
        plot.setFixedHeight(HEIGHT_PX)
        plot.setAccessibleName(tr("Waveform of both voices"))
        plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        plot.viewport().setFocusPolicy(Qt.FocusPolicy.NoFocus)
        plot.setMenuEnabled(False)
        plot.setMouseEnabled(x=False, y=False)
        plot.hideButtons()
        plot.hideAxis("left")
        plot.setYRange(-2 * LANE, 2 * LANE, padding=0)
        plot.getViewBox().setDefaultPadding(0)
        plot.setToolTip(tr(_LEGEND))
        self._curves = {side: pg.PlotCurveItem(connect="pairs") for side in ("user", "assistant")}
        self._marks = pg.ScatterPlotItem(size=9, pxMode=True)
        self._names = {
            "user": pg.TextItem(tr("You"), anchor=(0, 1)),
            "assistant": pg.TextItem("Sotto", anchor=(0, 0)),
        }
        self._zero = [pg.InfiniteLine(pos=lane, angle=0) for lane in (LANE, -LANE)]
        for item in (*self._zero, *self._curves.values(), self._marks, *self._names.values()):
            plot.addItem(item, ignoreBounds=True)

    def use(self, palette: Palette) -> None:
        """Other colours."""
        super().use(palette)
        small = font("small")
        self._plot.setBackground(palette.surface)
        self._curves["user"].setPen(pg.mkPen(palette.text, width=1))
        self._curves["assistant"].setPen(pg.mkPen(palette.accent, width=1))
        self._marks.setBrush(pg.mkBrush(palette.warning))
        self._marks.setPen(pg.mkPen(palette.warning))
        for name in self._names.values():
            name.setColor(QColor(palette.quiet))
            name.setFont(small)
            name.fill = pg.mkBrush(palette.surface)  # readable over a loud voice
        for line in self._zero:
            line.setPen(pg.mkPen(palette.line))
        axis = self._plot.getAxis("bottom")
        axis.setPen(pg.mkPen(palette.line))
        axis.setTextPen(pg.mkPen(palette.quiet))
        axis.setTickFont(small)
        self._seen_blocks = -1

    def set_still(self, still: bool) -> None:
        """With reduced motion it moves in steps, four times a second."""
        self.pull_every(250 if still else FRAME_MS)

    def zoom(self, step: int) -> None:
        """A longer time (1) or a shorter one (-1)."""
        self._span = min(max(self._span + step, 0), len(SPANS_S) - 1)
        self._show_span()

    @property
    def span_s(self) -> float:
        """The seconds that are shown."""
        return SPANS_S[self._span]

    def _show_span(self) -> None:
        self._plot.setXRange(-self.span_s, 0, padding=0)
        for name in self._names.values():  # in the gap between the two
            name.setPos(QPointF(-self.span_s, 0))
        self._out.setEnabled(self._span < len(SPANS_S) - 1)
        self._in.setEnabled(self._span > 0)
        self._plot.setAccessibleDescription(
            tr("The last {seconds} seconds.", seconds=f"{self.span_s:.0f}") + " " + tr(_LEGEND)
        )
        self._seen_blocks = -1
        if self.isVisible():
            self.pull()

    def _freeze(self, frozen: bool) -> None:
        self._frozen = self._reader.waveform(WAVEFORM_S) if frozen else None
        self._pause.setProperty("mark", "play" if frozen else "pause")
        name = tr("Go on") if frozen else tr("Freeze the picture")
        self._pause.setToolTip(name)
        self._pause.setAccessibleName(name)
        self.recolour_tools()
        self._seen_blocks = -1

    def pull(self) -> None:
        """Draw what is there now, if anything is new."""
        written = self._frozen.end_block if self._frozen else self._reader.written_blocks
        if written == self._seen_blocks:
            return
        self._seen_blocks = written
        self.draws += 1
        waveform = self._frozen or self._reader.waveform(min(WAVEFORM_S, self.span_s + 1.0))
        # A stroke a pixel of the screen: pens are one of those wide, and fewer strokes leave gaps at 2×.
        wide = max(100, round(self._plot.getViewBox().width() * self._plot.devicePixelRatioF()))
        each = max(1, round(self.span_s * 1000.0 / BLOCK_MS / wide))
        for side, levels, lane in (
            ("user", waveform.user, LANE),
            ("assistant", waveform.assistant, -LANE),
        ):
            at, low, high = columns(levels, waveform.first_block, each)
            at_s = (at - waveform.end_block).astype(np.float64) * (BLOCK_MS / 1000.0)
            self._curves[side].setData(*_verticals(at_s, low, high, lane))
        self._draw_marks(waveform)

    def _draw_marks(self, waveform: Waveform) -> None:
        spots = [
            {
                "pos": (_seconds(mark.block, waveform.end_block), LANE * (-1.85 if of_assistant else 1.85)),
                "symbol": _SYMBOLS[mark.kind],
            }
            for mark in waveform.marks
            if mark.kind in _SYMBOLS
            for of_assistant in [mark.kind in ("reply_started", "interrupted")]
        ]
        self._marks.setData(spots)


def _seconds(block: int, end_block: int) -> float:
    return (block - end_block) * (BLOCK_MS / 1000.0)


def _verticals(
    at_s: NDArray[Any], low: NDArray[np.float32], high: NDArray[np.float32], lane: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Pairs of points, one vertical stroke a column; silence is a thin line rather than nothing."""
    y = np.empty(2 * len(at_s))
    y[0::2] = np.minimum(low, -0.01) + lane
    y[1::2] = np.maximum(high, 0.01) + lane
    return np.repeat(at_s, 2), y
