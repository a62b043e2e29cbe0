"""What pages of the settings are made of: sentences, headings, rows of controls, lists as high as what is in them.

Window's thread.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QLineEdit, QListWidget, QListWidgetItem, QWidget

from app.desktop import language
from app.desktop.phrase import Words
from app.desktop.theme import GAP, font

MOST_ROWS = 6
"""A list is at most so high; what is more is scrolled."""


def said(quiet: bool = False) -> QLabel:
    """A label for sentences, whose words can be copied."""
    label = QLabel()
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    if quiet:
        label.setProperty("quiet", True)
    return label


def tell(label: QLabel, words: Words) -> None:
    """Show a sentence, or no line at all."""
    label.setText(language.said(words))
    label.setVisible(bool(words))


def tell_all(label: QLabel, troubles: Sequence[Words]) -> None:
    """Show what went wrong, each in a row of its own with a mark, or no line at all."""
    tell(label, "\n".join(f"⚠ {language.said(trouble)}" for trouble in troubles if trouble))


def heading(words: str) -> QLabel:
    """The title of a part of a page."""
    label = QLabel(words)
    label.setFont(font("body", bold=True))
    return label


def row(*widgets: QWidget) -> QHBoxLayout:
    """Side by side; what can grow does where it stands first, else the rest stays free."""
    made = QHBoxLayout()
    made.setSpacing(GAP)
    grows = isinstance(widgets[0], QComboBox | QLineEdit)
    for widget in widgets:
        made.addWidget(widget, int(grows and isinstance(widget, QComboBox | QLineEdit)))
    if not grows:
        made.addStretch(1)
    return made


def chosen(shown: QListWidget) -> str | None:
    """What the chosen row stands for."""
    item = shown.currentItem()
    return None if item is None else str(item.data(Qt.ItemDataRole.UserRole))


def fill(shown: QListWidget, rows: list[tuple[str, str]], otherwise: int = -1) -> None:
    """Show these rows, (what it stands for, words); the chosen one stays chosen, else the row `otherwise` is."""
    if rows and [shown.item(at).text() for at in range(shown.count())] == [words for _, words in rows]:
        return
    before = chosen(shown)
    blocked = shown.blockSignals(True)
    shown.clear()
    for name, words in rows:
        item = QListWidgetItem(words)
        item.setData(Qt.ItemDataRole.UserRole, name)
        shown.addItem(item)
    names = [name for name, _ in rows]
    if names:
        shown.setCurrentRow(names.index(before) if before in names else range(len(names))[otherwise])
    shown.blockSignals(blocked)
    fit(shown)


def fit(shown: QListWidget) -> None:
    """As high as its rows, up to so many; an empty list takes no room."""
    heights = [shown.sizeHintForRow(at) for at in range(min(shown.count(), MOST_ROWS))]
    shown.setFixedHeight(sum(heights) + 2 * shown.frameWidth() + 4)
    shown.setVisible(bool(heights))
