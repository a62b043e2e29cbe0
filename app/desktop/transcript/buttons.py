"""Small buttons on the line of the transcript that has the keyboard or the mouse: what can be done with it.

Window's thread.
"""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from app.desktop import icons
from app.desktop.language import tr
from app.desktop.theme import Palette
from app.desktop.turn_choices import OFFERS, Choice, offer_of
from app.desktop.view import Line

BUTTON_PX, ICON_PX = 26, 14


class LineButtons(QWidget):
    """`pressed` tells which one. The keyboard reaches them by Tab from the transcript."""

    pressed = Signal(str)

    def __init__(self, palette: Palette, parent: QWidget) -> None:
        super().__init__(parent)
        self._palette = palette
        self._shown: tuple[tuple[Choice, ...], bool] = ((), False)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        self._buttons: dict[Choice, QToolButton] = {}
        for choice in OFFERS:
            button = QToolButton()
            button.setProperty("small", True)
            button.setFixedSize(BUTTON_PX, BUTTON_PX)
            button.setIconSize(QSize(ICON_PX, ICON_PX))
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click must not take them to another line
            button.setCursor(Qt.CursorShape.ArrowCursor)
            button.clicked.connect(partial(self.pressed.emit, choice))
            row.addWidget(button)
            self._buttons[choice] = button
        self.hide()

    @property
    def has_keyboard(self) -> bool:
        """Whether one of them has it."""
        return any(button.hasFocus() for button in self._buttons.values())

    def use(self, palette: Palette) -> None:
        """Other colours."""
        self._palette = palette
        self._shown = ((), False)

    def show_choices(self, choices: tuple[Choice, ...], line: Line) -> None:
        """These and no others."""
        if self._shown == (choices, line.unfolded):
            return
        self._shown = choices, line.unfolded
        for choice, button in self._buttons.items():
            offer = offer_of(choice, line)
            button.setVisible(choice in choices)
            button.setIcon(icons.icon(offer.icon, self._palette.quiet, ICON_PX))
            button.setAccessibleName(tr(offer.words).rstrip("…"))
            button.setToolTip(offer.with_key)
        self.resize(self.sizeHint())

    def sizeHint(self) -> QSize:
        """As wide as the buttons that are shown."""
        count = sum(not button.isHidden() for button in self._buttons.values())
        return QSize(max(0, count * (BUTTON_PX + 2) - 2), BUTTON_PX)
