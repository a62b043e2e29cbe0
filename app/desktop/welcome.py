"""The first start: hear a sentence, say one, check the echo. Three steps, each can be skipped. Window's thread."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.desktop.language import tr
from app.desktop.phrase import tr_later
from app.desktop.theme import GAP, font
from app.desktop.view import ViewState
from app.desktop.wording import status
from engine.meters import MeterReader

LEVEL_MS = 100
TEST_REQUEST = "Who are you?"
"""What is typed for the user, so that Sotto says a sentence."""

WHAT_STAYS = tr_later(
    "Everything stays on this machine: what you say is recognised, answered and spoken here. Nothing is downloaded "
    "without a click of yours."
)
WHAT_IT_UNDERSTANDS = tr_later(
    "The bundled recogniser understands basic English commands, such as “What time is it?”, “Set a timer for five "
    "minutes” or “What is twelve times seven?”. For free conversation, download a model in the settings, under "
    "Recognition."
)
HEARS_ITSELF = tr_later(
    "Sotto heard itself. Use headphones, lower the volume, or choose “Close the microphone meanwhile” in the "
    "settings."
)
_HEARD_ALOUD = ("user_speaking", "paused")


class Welcome(QDialog):
    """Signals: `requested` a text for Sotto to answer, `listen` the microphone is wanted, `over` all of it."""

    requested = Signal(str)
    listen = Signal(bool)
    over = Signal()

    def __init__(self, meters: Callable[[], MeterReader | None], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._meters = meters
        self._echo = "idle"
        self.setWindowTitle(tr("Welcome to Sotto"))
        self.setMinimumSize(460, 380)
        self.pages = QStackedWidget()
        self.pages.addWidget(self._hear())
        self.pages.addWidget(self._say())
        self.pages.addWidget(self._check_echo())
        self.skip = QPushButton(tr("Skip all"))
        self.forward = QPushButton(tr("Next"))
        self.forward.setProperty("primary", True)
        self.step = QLabel()
        self.step.setProperty("quiet", True)
        self.state = QLabel()
        self.state.setWordWrap(True)
        self.state.setAccessibleName(tr("State in words"))
        self.skip.clicked.connect(self.reject)
        self.forward.clicked.connect(self._forward)
        row = QHBoxLayout()
        row.addWidget(self.skip)
        row.addWidget(self.step, 1, Qt.AlignmentFlag.AlignCenter)
        row.addWidget(self.forward)
        column = QVBoxLayout(self)
        column.setContentsMargins(3 * GAP, 3 * GAP, 3 * GAP, 2 * GAP)
        column.setSpacing(2 * GAP)
        column.addWidget(self.pages, 1)
        column.addWidget(self.state)
        column.addLayout(row)
        self._timer = QTimer(self)
        self._timer.setInterval(LEVEL_MS)
        self._timer.timeout.connect(self._pull)
        self.finished.connect(self._end)
        self._show_step()

    def _hear(self) -> QWidget:
        self.hear_button = QPushButton(tr("Hear a sentence"))
        self.hear_button.clicked.connect(lambda: self.requested.emit(TEST_REQUEST))
        return _page(tr("Do you hear Sotto?"), tr(WHAT_STAYS), self.hear_button)

    def _say(self) -> QWidget:
        self.level = QProgressBar()
        self.level.setRange(0, 100)
        self.level.setTextVisible(False)
        self.level.setAccessibleName(tr("Level of the microphone"))
        self.words = QLabel(tr("Say something, such as “What time is it?”"))
        self.words.setWordWrap(True)
        self.words.setAccessibleName(tr("What Sotto understood"))
        return _page(tr("Does Sotto hear you?"), tr(WHAT_IT_UNDERSTANDS), self.level, self.words)

    def _check_echo(self) -> QWidget:
        self.echo_button = QPushButton(tr("Check with loudspeakers"))
        self.echo_button.clicked.connect(self._start_echo)
        self.verdict = QLabel()
        self.verdict.setWordWrap(True)
        self.verdict.setAccessibleName(tr("Result of the check"))
        words = tr("With loudspeakers Sotto must not hear itself. Be quiet while it speaks.")
        return _page(tr("Does Sotto hear itself?"), words, self.echo_button, self.verdict)

    def _show_step(self) -> None:
        number = self.pages.currentIndex() + 1
        self.step.setText(tr("Step {number} of {all}", number=number, all=self.pages.count()))
        self.forward.setText(tr("Done") if number == self.pages.count() else tr("Next"))
        self.listen.emit(number > 1)
        if number == 2:
            self._timer.start()

    def _forward(self) -> None:
        if self.pages.currentIndex() == self.pages.count() - 1:
            self.accept()
            return
        self.pages.setCurrentIndex(self.pages.currentIndex() + 1)
        self._show_step()

    def _pull(self) -> None:
        meters = self._meters()
        recent = meters.waveform(2 * LEVEL_MS / 1000.0) if meters is not None else None
        loudest = float(recent.user[:, 2].max()) if recent is not None and len(recent.user) else 0.0
        self.level.setValue(min(100, round(400 * loudest)))

    def render_state(self, state: ViewState) -> None:
        """What Sotto hears and does; why nothing can be tried, where that is so."""
        for button in (self.hear_button, self.echo_button):
            button.setEnabled(state.can_converse)
        _, words, why = status(state, "on_call")
        self.state.setText("" if state.can_converse else f"{words}. {why}")
        self.state.setVisible(not state.can_converse)
        if self.pages.currentIndex() == 1 and state.lines and state.lines[-1].role == "user":
            line = state.lines[-1]
            if not line.typed:
                self.words.setText(f"“{line.shown}”")

    def note_state(self, conversation: str) -> None:
        """The check of the echo listens to every state, also to one that is over before it is painted."""
        if self._echo == "asked" and conversation == "speaking":
            self._echo = "speaking"
        elif self._echo == "speaking" and conversation in _HEARD_ALOUD:
            self._finish_echo(tr(HEARS_ITSELF))
        elif self._echo == "speaking" and conversation != "speaking":
            self._finish_echo(tr("Well: Sotto does not hear itself."))

    def _start_echo(self) -> None:
        self._echo = "asked"
        self.verdict.setText(tr("Sotto speaks; be quiet."))
        self.requested.emit(TEST_REQUEST)

    def _finish_echo(self, verdict: str) -> None:
        self._echo = "idle"
        self.verdict.setText(verdict)

    def _end(self) -> None:
        self._timer.stop()
        self.over.emit()


def _page(title: str, words: str, *widgets: QWidget) -> QWidget:
    page = QWidget()
    column = QVBoxLayout(page)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(2 * GAP)
    heading = QLabel(title)
    heading.setFont(font("heading", bold=True))
    heading.setWordWrap(True)
    about = QLabel(words)
    about.setWordWrap(True)
    column.addWidget(heading)
    column.addWidget(about)
    for widget in widgets:
        column.addWidget(widget)
    column.addStretch(1)
    return page
