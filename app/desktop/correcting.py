"""Asks what the user really said, where a word was misheard. Window's thread."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from app.desktop.controls import MAX_TYPED
from app.desktop.language import tr
from app.desktop.theme import GAP
from app.desktop.view import Line


class CorrectionDialog(QDialog):
    """`corrected` carries the text and whether it is to be asked again, which is offered where `last` is so."""

    corrected = Signal(str, bool)

    def __init__(self, line: Line, last: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Correct what you said"))
        self.setMinimumWidth(420)
        heard = QLabel(tr("Recognised: {words}", words=line.recognised or line.text))
        heard.setWordWrap(True)
        heard.setProperty("quiet", True)
        self.words = QLineEdit(" ".join(line.text.split()))
        self.words.setMaxLength(MAX_TYPED)
        self.words.setAccessibleName(tr("What you said"))
        self.words.setAccessibleDescription(heard.text())
        buttons = QDialogButtonBox()
        self.save = QPushButton(tr("Save"))
        self.again = QPushButton(tr("Save and ask again"))
        self.save.setAutoDefault(True)
        cancel = QPushButton(tr("Cancel"))
        buttons.addButton(self.save, QDialogButtonBox.ButtonRole.AcceptRole)
        if last:
            buttons.addButton(self.again, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.addButton(cancel, QDialogButtonBox.ButtonRole.RejectRole)
        self.save.clicked.connect(lambda: self._done(False))
        self.again.clicked.connect(lambda: self._done(True))
        cancel.clicked.connect(self.reject)
        self.words.textChanged.connect(self._enable)
        self.words.returnPressed.connect(lambda: self._done(False))
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * GAP, 2 * GAP, 2 * GAP, 2 * GAP)
        column.setSpacing(GAP)
        for widget in (heard, self.words, buttons):
            column.addWidget(widget)
        self.words.setFocus()

    def _enable(self) -> None:
        said = bool(self.words.text().strip())
        self.save.setEnabled(said)
        self.again.setEnabled(said)

    def _done(self, again: bool) -> None:
        words = " ".join(self.words.text().split())
        if words and self.isVisible():
            self.accept()
            self.corrected.emit(words, again)
