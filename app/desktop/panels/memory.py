"""The conversation's memory as it is: both banks, every slot with its age, its weight fading along exp(-Δt/τ); and what
the user wanted remembered for good.

Pulled four times a second while seen: weights are numbers that people read. Window's thread.
"""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from app.desktop.figures import faded
from app.desktop.language import figure, tr
from app.desktop.panels.panel import Panel
from app.desktop.phrase import tr_later
from app.desktop.theme import GAP, Palette, font
from app.desktop.view import ViewState
from engine.meters import Bank, MeterReader, SlotShown

PULL_MS = 250
SHOWN_SLOTS = 8
"""Of each bank; more are told as a number."""

_TITLES: dict[Bank, str] = {"semantic": tr_later("What was said"), "prosodic": tr_later("How it was said")}


def spoken_slot(slot: SlotShown) -> str:
    """A slot for a screen reader."""
    return tr(
        "{who}, {words}, %n second(s) old, weight {weight}",
        "",
        round(slot.age_s),
        who=tr("you") if slot.of_user else "Sotto",
        words=slot.label or tr("no words"),
        weight=figure(slot.weight, 2),
    )


class BankView(QWidget):
    """A bank's heaviest slots: words, age, a bar as long as the weight; for manner, a glyph of pitch and energy."""

    def __init__(self, bank: Bank, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.bank: Bank = bank
        self._palette = palette
        self._slots: tuple[SlotShown, ...] = ()
        self._hidden = 0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("Memory: {bank}", bank=tr(_TITLES[bank])))

    def use(self, palette: Palette) -> None:
        """Other colours."""
        self._palette = palette
        self.updateGeometry()
        self.update()

    def show_slots(self, slots: tuple[SlotShown, ...]) -> None:
        """These, heaviest first."""
        before = len(self._slots), bool(self._hidden)
        self._slots, self._hidden = slots[:SHOWN_SLOTS], max(0, len(slots) - SHOWN_SLOTS)
        self.setAccessibleDescription("; ".join(spoken_slot(slot) for slot in self._slots) or tr("empty"))
        if before != (len(self._slots), bool(self._hidden)):
            self.updateGeometry()
        self.update()

    def _row_px(self) -> float:
        return QFontMetricsF(font("small")).lineSpacing() + GAP + 4

    def sizeHint(self) -> QSize:
        """As high as its rows."""
        rows = max(1, len(self._slots)) + bool(self._hidden)
        return QSize(220, math.ceil(rows * self._row_px()))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw every slot."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font("small"))
        row_px = self._row_px()
        for number, slot in enumerate(self._slots):
            self._paint_slot(painter, slot, QRectF(0, number * row_px, self.width(), row_px - 4))
        painter.setPen(QColor(self._palette.quiet))
        rest = tr("and %n more", "", self._hidden) if self._hidden else "" if self._slots else tr("Empty")
        if rest:
            place = QRectF(4, len(self._slots) * row_px, self.width() - 8, row_px - 4)
            painter.drawText(place, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), rest)
        painter.end()

    def _paint_slot(self, painter: QPainter, slot: SlotShown, place: QRectF) -> None:
        p = self._palette
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(p.raised))
        painter.drawRoundedRect(place, 6, 6)
        if slot.weight > 0:
            bar = QRectF(
                place.left(), place.top(), max(6.0, place.width() * min(1.0, slot.weight)), place.height()
            )
            painter.setBrush(QColor(p.accent_soft))
            painter.drawRoundedRect(bar, 6, 6)
        if slot.attention > 0.02:  # how much the last reply leaned on it: the length of a line below
            painter.setBrush(QColor(p.accent))
            painter.drawRect(
                QRectF(
                    place.left() + 6, place.bottom() - 3, (place.width() - 12) * min(1.0, slot.attention), 2
                )
            )
        figures = f"{slot.age_s:.0f} s · {figure(slot.weight, 2)}"
        metrics = QFontMetricsF(painter.font())
        inside = place.adjusted(8, 0, -8, 0)
        painter.setPen(QColor(p.quiet))
        painter.drawText(inside, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), figures)
        inside.setRight(inside.right() - metrics.horizontalAdvance(figures) - GAP)
        if slot.bank == "prosodic":
            self._paint_manner(painter, slot, QRectF(inside.left(), place.center().y() - 8, 30, 16))
            inside.setLeft(inside.left() + 38)
        words = tr("You: {words}", words=slot.label) if slot.of_user else slot.label
        words = metrics.elidedText(words, Qt.TextElideMode.ElideRight, inside.width())
        painter.setPen(QColor(p.text))
        painter.drawText(inside, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), words)

    def _paint_manner(self, painter: QPainter, slot: SlotShown, place: QRectF) -> None:
        """Pitch is how high the dot stands, energy how big it is."""
        high = 0.5 - min(max(slot.pitch, -1.0), 1.0) / 2
        size = 2.0 + 4.0 * min(max((slot.energy + 1.0) / 2.0, 0.0), 1.0)
        painter.setPen(QPen(QColor(self._palette.quiet), 1))
        painter.drawLine(
            QPointF(place.left(), place.center().y()), QPointF(place.right(), place.center().y())
        )
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._palette.accent))
        painter.drawEllipse(QPointF(place.center().x(), place.top() + high * place.height()), size, size)


class MemoryPanel(Panel):
    """Pulls both banks from a MeterReader."""

    def __init__(self, reader: MeterReader, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(tr_later("Memory"), palette, PULL_MS, parent)
        self._reader = reader
        self._titles: dict[Bank, QLabel] = {}
        self._banks: dict[Bank, BankView] = {}
        for bank in _TITLES:
            self._titles[bank] = QLabel()
            self._titles[bank].setProperty("quiet", True)
            self._banks[bank] = BankView(bank, palette)
            self.column.addWidget(self._titles[bank])
            self.column.addWidget(self._banks[bank])
        self._state = ViewState()
        self._facts_title = QLabel()
        self._facts_title.setProperty("quiet", True)
        self._facts = QLabel()
        self._facts.setTextFormat(Qt.TextFormat.PlainText)
        self._facts.setWordWrap(True)
        self.column.addWidget(self._facts_title)
        self.column.addWidget(self._facts)
        self._show_facts()
        self.use(palette)
        self.pull()

    def render_state(self, state: ViewState) -> None:
        """What is remembered for good."""
        before, self._state = self._state, state
        if before.facts is not state.facts:
            self._show_facts()

    def _show_facts(self) -> None:
        """The newest first, as many as there are slots of a bank."""
        shown = [fact.sentence for fact in reversed(self._state.facts[-SHOWN_SLOTS:])]
        hidden = self._state.facts_count - len(shown)
        told = tr("What you told me to remember")
        self._facts_title.setText(f"{told} · {self._state.facts_count}")
        lines = [*shown, tr("and %n more", "", hidden)] if hidden else shown
        self._facts.setText("\n".join(lines))
        self._facts.setVisible(bool(lines))

    def use(self, palette: Palette) -> None:
        """Other colours."""
        super().use(palette)
        for title in (*self._titles.values(), self._facts_title, self._facts):
            title.setFont(font("small"))
        for bank in self._banks.values():
            bank.use(palette)

    def pull(self) -> None:
        """Show what is remembered now."""
        memory = self._reader.memory()
        slots = faded(memory)
        for bank, view in self._banks.items():
            own = tuple(slot for slot in slots if slot.bank == bank)
            self._titles[bank].setText(f"{tr(_TITLES[bank])} · {len(own)} · τ = {memory.tau_s(bank):.0f} s")
            view.show_slots(own)
