"""The voices that are installed: what each is, use it, check it, remove it. Window's thread."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal, SignalInstance
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.desktop.theme import GAP
from app.desktop.view import ViewState
from engine.event_values import VoiceSummary
from engine.paths import data_dir


class VoicesPage(QWidget):
    """Signals: `chosen` a voice to speak with, `verified` and `removed` one to check or take away."""

    chosen = Signal(str)
    verified = Signal(str)
    removed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._voices: tuple[VoiceSummary, ...] = ()
        self._now = ""
        self.list = QListWidget()
        self.list.setAccessibleName("Voices")
        self.list.currentRowChanged.connect(lambda _: self._enable())
        self.about = QLabel()
        self.about.setProperty("quiet", True)
        self.about.setWordWrap(True)
        self.damaged = QLabel()
        self.damaged.setWordWrap(True)
        self.use_button = QPushButton("Speak with this voice")
        self.check_button = QPushButton("Check its files")
        self.remove_button = QPushButton("Remove")
        self.use_button.clicked.connect(lambda: self._tell(self.chosen))
        self.check_button.clicked.connect(lambda: self._tell(self.verified))
        self.remove_button.clicked.connect(lambda: self._tell(self.removed))
        row = QHBoxLayout()
        for button in (self.use_button, self.check_button, self.remove_button):
            row.addWidget(button)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * GAP, 2 * GAP, 2 * GAP, 2 * GAP)
        column.setSpacing(GAP)
        column.addWidget(self.list, 1)
        column.addWidget(self.about)
        column.addWidget(self.damaged)
        column.addLayout(row)
        self._enable()

    def render_state(self, state: ViewState, preferred: str | None) -> None:
        """The voices of the state; the one that speaks is told by words."""
        now = preferred or state.voice
        if (state.voices, now) == (self._voices, self._now) and self.list.count():
            return
        self._now = now
        chosen = self._chosen()
        self._voices = state.voices
        self.list.clear()
        for voice in state.voices:
            speaks = " · speaks now" if voice.name == self._now else ""
            self.list.addItem(QListWidgetItem(f"{voice.name} · {voice.licence}{speaks}"))
        names = [voice.name for voice in state.voices]
        wanted = chosen.name if chosen is not None else self._now
        if names:
            self.list.setCurrentRow(names.index(wanted) if wanted in names else 0)
        self.damaged.setText("\n".join(folder.reason for folder in state.damaged))
        self.damaged.setVisible(bool(state.damaged))
        self._enable()

    def _chosen(self) -> VoiceSummary | None:
        row = self.list.currentRow()
        return self._voices[row] if 0 <= row < len(self._voices) else None

    def _enable(self) -> None:
        voice = self._chosen()
        for button in (self.use_button, self.check_button):
            button.setEnabled(voice is not None)
        # Shipped voices stay: a removal that would be refused is not offered.
        own = voice is not None and Path(voice.path).is_relative_to(data_dir())
        self.remove_button.setVisible(own)
        if voice is None:
            self.about.setText("Loading the list of voices." if not self._voices else "")
            return
        card = voice.card
        lines = [str(card.get("description", "")), f"Licence: {voice.licence}", f"Folder: {voice.path}"]
        if languages := card.get("languages"):
            lines.insert(1, f"Languages: {', '.join(map(str, languages))}")
        self.about.setText("\n".join(line for line in lines if line))

    def _tell(self, signal: SignalInstance) -> None:
        if (voice := self._chosen()) is not None:
            signal.emit(voice.name)
