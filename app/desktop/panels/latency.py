"""How long the last answers took, as stacked bars, and what lies behind: percentiles, runtime, underruns.

Bars come with the state; counters are pulled once a second while seen. Window's thread.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QGuiApplication,
    QHelpEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QToolTip, QWidget

from app.desktop.figures import PARTS, latency_report, latency_summary, milliseconds, part_name, parts_of
from app.desktop.language import tr
from app.desktop.panels.panel import Panel
from app.desktop.phrase import tr_later
from app.desktop.theme import GAP, Palette, font
from app.desktop.view import Latency, ViewState
from engine.meters import MeterReader

PULL_MS = 1000
SHOWN_TURNS = 12
BARS_PX = 110
_SHARES = (1.0, 0.3, 0.75, 0.45, 0.15, 0.6)
"""How much of the accent each part has: neighbours differ, so that they are told apart without hue."""


def part_colour(palette: Palette, part: str) -> QColor:
    """A part's tint, between the accent and the ground."""
    share = _SHARES[PARTS.index(part)] if part in PARTS else 0.5
    near, far = QColor(palette.accent), QColor(palette.surface)
    channels = ((near.redF(), far.redF()), (near.greenF(), far.greenF()), (near.blueF(), far.blueF()))
    return QColor.fromRgbF(*(share * a + (1.0 - share) * b for a, b in channels))


class LatencyBars(QWidget):
    """The last turns, newest at the right; a dot above a bar says that the answer was begun ahead."""

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._palette = palette
        self._turns: tuple[Latency, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("Delays of the last turns"))

    def use(self, palette: Palette) -> None:
        """Other colours."""
        self._palette = palette
        self.update()

    def sizeHint(self) -> QSize:
        """A strip."""
        return QSize(220, BARS_PX)

    def show_turns(self, turns: tuple[Latency, ...]) -> None:
        """These."""
        self._turns = turns[-SHOWN_TURNS:]
        times = ", ".join(milliseconds(turn.total_ms) for turn in self._turns)
        self.setAccessibleDescription(times or tr("none yet"))
        self.update()

    def _places(self) -> list[QRectF]:
        """Where each turn's bar may stand."""
        left = 44.0
        step = min(28.0, (self.width() - left) / SHOWN_TURNS)
        return [QRectF(left + n * step + 2, 8, step - 4, BARS_PX - 12) for n in range(len(self._turns))]

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the bars and a scale."""
        painter = QPainter(self)
        painter.setFont(font("small"))
        if not self._turns:
            painter.setPen(QColor(self._palette.quiet))
            painter.drawText(self.rect(), int(Qt.AlignmentFlag.AlignCenter), tr("No spoken answer yet"))
            painter.end()
            return
        top_ms = max(500.0, max(turn.total_ms for turn in self._turns) * 1.1)
        self._paint_scale(painter, top_ms)
        for turn, place in zip(self._turns, self._places(), strict=True):
            self._paint_turn(painter, turn, place, top_ms)
        painter.end()

    def _paint_scale(self, painter: QPainter, top_ms: float) -> None:
        step = next(s for s in (100, 250, 500, 1000, 2500, 5000, 60_000, 10**9) if top_ms / s <= 4)
        metrics = QFontMetricsF(painter.font())
        for ms in range(0, int(top_ms) + 1, step):
            y = BARS_PX - 4 - ms / top_ms * (BARS_PX - 12)
            painter.setPen(QPen(QColor(self._palette.line), 1))
            painter.drawLine(44, round(y), self.width(), round(y))
            painter.setPen(QColor(self._palette.quiet))
            words = f"{ms}" if ms < 10_000 else f"{ms // 1000} s"
            place = QRectF(0, y - metrics.height() / 2, 38, metrics.height())
            painter.drawText(place, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), words)

    def _paint_turn(self, painter: QPainter, turn: Latency, place: QRectF, top_ms: float) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        foot = place.bottom()
        parts = parts_of(turn) or [("speech", turn.total_ms)]
        for name, ms in parts:
            height = ms / top_ms * place.height()
            painter.setPen(QPen(QColor(self._palette.accent), 1))
            painter.setBrush(part_colour(self._palette, name))
            painter.drawRect(QRectF(place.left(), foot - height, place.width(), height))
            foot -= height
        if turn.made_ahead:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setBrush(QColor(self._palette.text))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.drawEllipse(QRectF(place.center().x() - 2.5, foot - 8, 5, 5))

    def turn_at(self, point: QPoint) -> Latency | None:
        """The turn under the mouse."""
        for turn, place in zip(self._turns, self._places(), strict=True):
            if place.left() - 2 <= point.x() <= place.right() + 2:
                return turn
        return None

    def event(self, event: QEvent) -> bool:
        """The parts of the turn under the mouse, in words."""
        if event.type() == QEvent.Type.ToolTip:
            assert isinstance(event, QHelpEvent)
            if (turn := self.turn_at(event.pos())) is not None:
                lines = [milliseconds(turn.total_ms)]
                lines += [f"{part_name(name)}: {milliseconds(ms)}" for name, ms in parts_of(turn)]
                QToolTip.showText(event.globalPos(), "\n".join(lines), self)
                return True
        return super().event(event)


class Legend(QWidget):
    """The parts and their tints, in as many rows as the width needs."""

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._palette = palette
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("Parts of a delay: {parts}", parts=", ".join(map(part_name, PARTS))))

    def use(self, palette: Palette) -> None:
        """Other colours."""
        self._palette = palette
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Two columns."""
        line = QFontMetricsF(font("small")).lineSpacing() + 2
        return QSize(200, round(line * -(-(len(PARTS) + 1) // 2)))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        painter = QPainter(self)
        painter.setFont(font("small"))
        line = QFontMetricsF(painter.font()).lineSpacing() + 2
        for number, part in enumerate((*PARTS, "")):
            x, y = (number % 2) * self.width() / 2, (number // 2) * line
            painter.setPen(QPen(QColor(self._palette.accent), 1))
            if part:
                painter.setBrush(part_colour(self._palette, part))
                painter.drawRect(QRectF(x + 1, y + line / 2 - 5, 9, 9))
            else:
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                painter.setBrush(QColor(self._palette.text))
                painter.setPen(Qt.PenStyle.NoPen)
                painter.drawEllipse(QRectF(x + 3, y + line / 2 - 2.5, 5, 5))
            painter.setPen(QColor(self._palette.quiet))
            place = QRectF(x + 16, y, self.width() / 2 - 16, line)
            words = part_name(part) if part else tr("begun ahead")
            painter.drawText(place, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), words)
        painter.end()


class LatencyPanel(Panel):
    """Bars, figures in words, a report to copy."""

    def __init__(self, reader: MeterReader, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(tr_later("Latency"), palette, PULL_MS, parent)
        self._reader = reader
        self._state = ViewState()
        self.bars = LatencyBars(palette)
        self._legend = Legend(palette)
        self._rows: list[tuple[QLabel, QLabel]] = []
        grid = QGridLayout()
        grid.setHorizontalSpacing(2 * GAP)
        grid.setVerticalSpacing(2)
        for row, (name, _) in enumerate(latency_summary(ViewState(), reader.counters())):
            label, value = QLabel(name), QLabel()
            label.setProperty("quiet", True)
            value.setAccessibleName(name)
            grid.addWidget(label, row, 0)
            grid.addWidget(value, row, 1, Qt.AlignmentFlag.AlignRight)
            self._rows.append((label, value))
        self.column.addWidget(self.bars)
        self.column.addWidget(self._legend)
        self.column.addLayout(grid)
        self.copy = self.add_tool("copy", tr("Copy a report without any words of the conversation"))
        self.copy.clicked.connect(
            lambda: QGuiApplication.clipboard().setText(latency_report(self._state, reader.counters()))
        )
        self.use(palette)
        self.pull()

    def use(self, palette: Palette) -> None:
        """Other colours."""
        super().use(palette)
        for label, value in self._rows:
            label.setFont(font("small"))
            value.setFont(font("small"))
        self.bars.use(palette)
        self._legend.use(palette)

    def render_state(self, state: ViewState) -> None:
        """New turns."""
        changed = state.latencies is not self._state.latencies or state.figures is not self._state.figures
        self._state = state
        if changed:
            self.bars.show_turns(state.latencies)
            self.pull()

    def pull(self) -> None:
        """Show the counters of now."""
        for (_, value), (_, words) in zip(
            self._rows, latency_summary(self._state, self._reader.counters()), strict=True
        ):
            value.setText(words)
