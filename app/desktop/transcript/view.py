"""The transcript as a user handles it: the mouse, the keyboard, buttons and a menu on every line, copying.

Window's thread. How rows are laid out and painted is `app.desktop.transcript.rows`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QEvent, QItemSelectionModel, QModelIndex, QPoint, QPointF, QSizeF, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
)
from PySide6.QtWidgets import QApplication, QMenu, QWidget

from app.desktop.language import tr
from app.desktop.theme import Palette
from app.desktop.transcript.buttons import LineButtons
from app.desktop.transcript.delegate import Laid
from app.desktop.transcript.model import LINE_ROLE
from app.desktop.transcript.rows import TranscriptRows
from app.desktop.turn_choices import Choice, offer_of
from app.desktop.view import Line
from app.desktop.wording import line_in_words

_KEYS: dict[Qt.Key, Choice] = {
    Qt.Key.Key_F2: "correct",
    Qt.Key.Key_Delete: "delete",
    Qt.Key.Key_Return: "fold",
    Qt.Key.Key_Enter: "fold",
}


class TranscriptView(TranscriptRows):
    """`wanted` tells what is to be done with a line: one of the choices that were offered for it."""

    wanted = Signal(str, object)

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(palette, parent)
        self._choices: Callable[[Line], tuple[Choice, ...]] = lambda line: ("copy",)
        self._hovered = -1
        self._buttons = LineButtons(palette, self.viewport())
        self._buttons.pressed.connect(self._pressed)
        self.selectionModel().currentChanged.connect(lambda now, before: self._place_buttons())
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.focusChanged.connect(self._keyboard_moved)

    def use(self, palette: Palette) -> None:
        """Other colours, or another size of type."""
        self._buttons.use(palette)
        super().use(palette)

    def settle(self) -> None:
        """The buttons go with their line."""
        super().settle()
        self._place_buttons()

    def offer(self, choices: Callable[[Line], tuple[Choice, ...]]) -> None:
        """What can be done with a line from now on."""
        self._choices = choices
        self._place_buttons()

    def copy_current(self) -> None:
        """The current line's words to the clipboard."""
        if isinstance(line := self.currentIndex().data(LINE_ROLE), Line):
            QGuiApplication.clipboard().setText(line_in_words(line))

    # Buttons on a line

    @property
    def has_keyboard(self) -> bool:
        """Whether the line that has the ring is the one that keys act on."""
        return self.hasFocus() or self._buttons.has_keyboard

    def _button_row(self) -> int:
        """The row that the buttons stand on; -1: none. The keyboard, once it is on them, keeps them where they are."""
        current = self.currentIndex().row() if self.has_keyboard else -1
        row = current if self._buttons.has_keyboard or self._hovered < 0 else self._hovered
        return row if row < len(self._lines.lines) else -1

    def _place_buttons(self) -> None:
        row = self._button_row()
        if row < 0 or row >= len(self._heights):
            self._buttons.hide()
            return
        line = self._lines.lines[row]
        self._buttons.show_choices(self._choices(line), line)
        laid = self._artist.lay(line, self._width())
        at = self._artist.buttons_at(line, laid, QSizeF(self._buttons.sizeHint()))
        self._buttons.move((at + QPointF(0, self._tops[row] - self.verticalOffset())).toPoint())
        self._buttons.show()

    def _pressed(self, choice: str) -> None:
        row = self._button_row()
        if row >= 0:
            self.wanted.emit(choice, self._lines.lines[row])

    def _want(self, choice: Choice) -> None:
        if isinstance(line := self.currentIndex().data(LINE_ROLE), Line) and choice in self._choices(line):
            self.wanted.emit(choice, line)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The keyboard comes to the last line, unless it was at another before."""
        super().focusInEvent(event)
        if not self.currentIndex().isValid() and self._lines.lines:
            self.selectionModel().setCurrentIndex(
                self._lines.index(len(self._lines.lines) - 1), QItemSelectionModel.SelectionFlag.NoUpdate
            )
        self._place_buttons()

    def _keyboard_moved(self) -> None:
        """The keyboard went somewhere else in the window, perhaps to the buttons or away from them."""
        self._place_buttons()
        self.viewport().update()

    def viewportEvent(self, event: QEvent) -> bool:
        """Notice that the mouse goes."""
        if event.type() == QEvent.Type.Leave and self._hovered >= 0:
            self._hovered = -1
            self._place_buttons()
        return super().viewportEvent(event)

    # Copying, and what else a line lets do

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy, correct, delete, unfold, open the menu, or move."""
        key, shift = event.key(), event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        wanted = _KEYS.get(Qt.Key(key))
        if self._hovered >= 0:  # who uses keys means the line that has them, wherever the mouse rests
            self._hovered = -1
            self._place_buttons()
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_current()
        elif key == Qt.Key.Key_Menu or (key == Qt.Key.Key_F10 and shift):
            self._open_menu(self.viewport().mapToGlobal(self.visualRect(self.currentIndex()).center()))
        elif wanted is not None:
            self._want(wanted)
        else:
            super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click on the mark beside a piece of code copies the code."""
        if event.button() == Qt.MouseButton.LeftButton and (code := self._code_at(event.position())):
            QGuiApplication.clipboard().setText(code)
        super().mouseReleaseEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show where a click copies."""
        over = bool(self._code_at(event.position()))
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor if over else Qt.CursorShape.ArrowCursor)
        self.viewport().setToolTip(tr("Copy this code") if over else "")
        if (row := self.indexAt(event.position().toPoint()).row()) != self._hovered:
            self._hovered = row
            self._place_buttons()
        super().mouseMoveEvent(event)

    def _laid_at(self, index: QModelIndex) -> Laid | None:
        line = index.data(LINE_ROLE)
        return self._artist.lay(line, self._width()) if isinstance(line, Line) else None

    def _code_at(self, point: QPointF) -> str:
        index = self.indexAt(point.toPoint())
        if (laid := self._laid_at(index)) is None:
            return ""
        inside = point - QPointF(self.visualRect(index).topLeft())
        return next((b.text for b in laid.code if laid.copy_button(b).contains(inside)), "")

    def line_menu(self, index: QModelIndex) -> QMenu | None:
        """What can be done with a line."""
        if (laid := self._laid_at(index)) is None:
            return None
        line = self._lines.lines[index.row()]
        menu = QMenu(self)
        for choice in self._choices(line):
            does = partial(self.wanted.emit, choice, line) if choice != "copy" else self.copy_current
            menu.addAction(offer_of(choice, line).with_key, does)
        for number, block in enumerate(laid.code, 1):
            name = tr("Copy code") if len(laid.code) == 1 else tr("Copy code {number}", number=number)
            menu.addAction(name, partial(QGuiApplication.clipboard().setText, block.text))
        return menu

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """The menu of the line under the mouse, or of the current one by keyboard."""
        if event.reason() != QContextMenuEvent.Reason.Keyboard:
            self.setCurrentIndex(self.indexAt(event.pos()))
        self._open_menu(event.globalPos())

    def _open_menu(self, at: QPoint) -> None:
        """Once: some systems send the menu's key and ask for a menu besides."""
        menu = self.line_menu(self.currentIndex()) if QApplication.activePopupWidget() is None else None
        if menu is not None:
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.popup(at)
