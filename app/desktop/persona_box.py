"""As whom the language model answers: its persona and its instructions, to be written anew or put back.

Window's thread.
"""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from app.desktop.language import tr
from app.desktop.page_parts import heading, row
from app.desktop.theme import GAP
from engine.errands import DialogueSetup

LINES = 4


class PersonaBox(QWidget):
    """`kept` carries the persona and the instructions. Without a model, used or resting, there is nobody to describe,
    and it hides."""

    kept = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._setup: DialogueSetup | None = None
        self.persona = _editor(tr("Who the model is"))
        self.system_prompt = _editor(tr("How the model answers"))
        self.keep_button = QPushButton(tr("Keep these words"))
        self.default_button = QPushButton(tr("Back to the default"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP)
        column.addWidget(heading(tr("Character")))
        for words, editor in (
            (tr("&Who the model is"), self.persona),
            (tr("&How it answers"), self.system_prompt),
        ):
            label = QLabel(words)
            label.setBuddy(editor)
            column.addWidget(label)
            column.addWidget(editor)
            editor.textChanged.connect(self._enable)
        column.addLayout(row(self.keep_button, self.default_button))
        self.keep_button.clicked.connect(
            lambda: self.kept.emit(self.persona.toPlainText(), self.system_prompt.toPlainText())
        )
        self.default_button.clicked.connect(self._back)
        self._enable()

    def render_setup(self, setup: DialogueSetup | None) -> None:
        """The words that hold; what is being written stays until it is kept, or others hold."""
        before, after = _words(self._setup), _words(setup)
        self._setup = setup
        self.setVisible(after is not None)
        if after is not None and after != before:
            self.persona.setPlainText(after[0])
            self.system_prompt.setPlainText(after[1])
        self._enable()

    def _back(self) -> None:
        if self._setup is not None:
            self.persona.setPlainText(self._setup.default_persona)
            self.system_prompt.setPlainText(self._setup.default_system_prompt)
            self.kept.emit("", "")

    def _enable(self) -> None:
        written = (self.persona.toPlainText(), self.system_prompt.toPlainText())
        hold, setup = _words(self._setup), self._setup
        self.keep_button.setEnabled(hold is not None and written != hold)
        default = None if setup is None else (setup.default_persona, setup.default_system_prompt)
        self.default_button.setEnabled(hold is not None and {written, hold} != {default})


def _words(setup: DialogueSetup | None) -> tuple[str, str] | None:
    choice = None if setup is None else setup.model or setup.resting
    return None if choice is None else (choice.persona, choice.system_prompt)


def _editor(name: str) -> QPlainTextEdit:
    editor = QPlainTextEdit()
    editor.setAccessibleName(name)
    editor.setTabChangesFocus(True)
    editor.setFixedHeight(LINES * editor.fontMetrics().lineSpacing() + 3 * GAP)
    return editor
