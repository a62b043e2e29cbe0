"""The voices that are installed: what each is, use it, hear it, check it, remove it. Window's thread."""

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

from app.desktop.language import tr
from app.desktop.page_parts import tell_all
from app.desktop.theme import GAP
from app.desktop.view import ViewState
from engine.event_values import DamagedVoice, VoiceSummary
from engine.paths import data_dir

SENTENCE = "Good morning. This is how I sound, and I can say that again whenever you like."
"""In the voices' language, not the window's."""


class VoicesPage(QWidget):
    """Signals: `chosen` a voice to speak with, `verified` and `removed` one to check or take away, `tried` a sentence
    for the voice that speaks now."""

    chosen = Signal(str)
    verified = Signal(str)
    removed = Signal(str)
    tried = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._voices: tuple[VoiceSummary, ...] = ()
        self._damaged: tuple[DamagedVoice, ...] = ()
        self._now = ""
        self._can_try = False
        self.list = QListWidget()
        self.list.setAccessibleName(tr("Voices"))
        self.list.currentRowChanged.connect(lambda _: self._enable())
        self.about = QLabel()
        self.about.setProperty("quiet", True)
        self.about.setWordWrap(True)
        self.damaged = QLabel()
        self.damaged.setWordWrap(True)
        self.use_button = QPushButton(tr("Speak with this voice"))
        self.try_button = QPushButton(tr("Hear a sentence"))
        self.check_button = QPushButton(tr("Check its files"))
        self.remove_button = QPushButton(tr("Remove"))
        self.use_button.clicked.connect(lambda: self._tell(self.chosen))
        self.try_button.clicked.connect(lambda: self.tried.emit(SENTENCE))
        self.check_button.clicked.connect(lambda: self._tell(self.verified))
        self.remove_button.clicked.connect(lambda: self._tell(self.removed))
        row = QHBoxLayout()
        for button in (self.use_button, self.try_button, self.check_button, self.remove_button):
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
        can_try = state.can_converse and not state.sounding and state.voice == now
        if can_try != self._can_try:
            self._can_try = can_try
            self._enable()
        shown = (self._voices, self._damaged, self._now)
        if (state.voices, state.damaged, now) == shown and self.list.count():
            return
        self._now = now
        chosen = self._chosen()
        self._voices, self._damaged = state.voices, state.damaged
        self.list.clear()
        for voice in state.voices:
            parts = [voice.name, voice.licence, *([tr("speaks now")] if voice.name == self._now else [])]
            self.list.addItem(QListWidgetItem(" · ".join(parts)))
        names = [voice.name for voice in state.voices]
        wanted = chosen.name if chosen is not None else self._now
        if names:
            self.list.setCurrentRow(names.index(wanted) if wanted in names else 0)
        tell_all(self.damaged, [folder.reason for folder in state.damaged])
        self._enable()

    def _chosen(self) -> VoiceSummary | None:
        row = self.list.currentRow()
        return self._voices[row] if 0 <= row < len(self._voices) else None

    def _enable(self) -> None:
        voice = self._chosen()
        speaks = voice is not None and voice.name == self._now
        self.use_button.setEnabled(voice is not None)
        self.try_button.setEnabled(speaks and self._can_try)
        self.check_button.setEnabled(voice is not None)
        # Shipped voices stay: a removal that would be refused is not offered.
        own = voice is not None and Path(voice.path).is_relative_to(data_dir())
        self.remove_button.setVisible(own)
        if voice is None:
            self.about.setText(tr("Loading the list of voices.") if not self._voices else "")
            return
        card = voice.card
        lines = [
            str(card.get("description", "")),
            tr("Licence: {licence}", licence=voice.licence),
            tr("Folder: {folder}", folder=voice.path),
        ]
        if languages := card.get("languages"):
            lines.insert(1, tr("Languages: {languages}", languages=", ".join(map(str, languages))))
        self.about.setText("\n".join(line for line in lines if line))

    def _tell(self, signal: SignalInstance) -> None:
        if (voice := self._chosen()) is not None:
            signal.emit(voice.name)
