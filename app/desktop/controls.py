"""The bar at the bottom: the state by shape and in words, the microphone, what is typed, stop. Window's thread.

It renders a ViewState and tells by signals what the user wants; it decides nothing.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QToolButton, QVBoxLayout, QWidget

from app.desktop import icons
from app.desktop.language import tr
from app.desktop.level_gauge import LevelGauge
from app.desktop.phrase import tr_later
from app.desktop.settings import Listening
from app.desktop.shapes import StateShape
from app.desktop.theme import GAP, Palette, font
from app.desktop.view import ViewState
from app.desktop.wording import status

MAX_TYPED = 10_000
"""Characters of one typed text."""

_MICROPHONE = {
    "call": ("mic", tr_later("Listen"), tr_later("Listen (Ctrl+Space)")),
    "end": ("mic", tr_later("Stop listening"), tr_later("Stop listening")),
    "hold": ("mic", tr_later("Hold to talk"), tr_later("Hold to talk (Ctrl+Space)")),
    "mute": ("mic", tr_later("Mute"), tr_later("Mute the microphone (Ctrl+M)")),
    "unmute": ("mic-off", tr_later("Unmute"), tr_later("Open the microphone (Ctrl+M)")),
}


def microphone_does(state: ViewState, listen: Listening) -> str:
    """What the microphone button does now: "call", "end", "hold", "mute" or "unmute"."""
    if state.muted:
        return "unmute"
    if listen == "on_call":
        return "call" if state.conversation in ("asleep", "failed") else "end"
    return "hold" if listen == "push_to_talk" else "mute"


class ControlBar(QFrame):
    """Signals: `typed` a text, `stop`, `call` to listen or not, `mute` or not, `held` while the button is down."""

    typed = Signal(str)
    stop = Signal()
    call = Signal(bool)
    mute = Signal(bool)
    held = Signal(bool)

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("bar")
        self._palette = palette
        self._state, self._listen = ViewState(), Listening.__args__[0]  # type: ignore[attr-defined]
        self.shape = StateShape(palette)
        self.gauge = LevelGauge(palette)
        self.words = QLabel()
        self.words.setAccessibleName(tr("State in words"))
        self.hint = QLabel()
        self.hint.setProperty("quiet", True)
        self.hint.setWordWrap(True)
        self.microphone = self._button()
        self.entry = QLineEdit()
        self.entry.setPlaceholderText(tr("Type instead of talking"))
        self.entry.setAccessibleName(tr("Text to send"))
        self.entry.setMaxLength(MAX_TYPED)
        self.entry.installEventFilter(self)
        self.send = self._button()
        self.send.setAccessibleName(tr("Send"))
        self.send.setToolTip(tr("Send (Enter)"))
        self.stop_button = self._button()
        self.stop_button.setAccessibleName(tr("Stop speaking"))
        self.stop_button.setToolTip(tr("Stop speaking (Esc)"))
        self._arrange()
        self.microphone.pressed.connect(lambda: self._microphone(True))
        self.microphone.released.connect(lambda: self._microphone(False))
        self.entry.returnPressed.connect(self._send)
        self.entry.textChanged.connect(lambda: self._enable())
        self.send.clicked.connect(self._send)
        self.stop_button.clicked.connect(self.stop.emit)
        self.use(palette, still=False)

    def _button(self) -> QToolButton:
        button = QToolButton()
        button.setIconSize(QSize(20, 20))
        button.setMinimumSize(40, 40)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        return button

    def _arrange(self) -> None:
        said = QVBoxLayout()
        said.setSpacing(0)
        said.addWidget(self.words)
        said.addWidget(self.hint)
        above = QHBoxLayout()
        above.setSpacing(1 * GAP)
        above.addWidget(self.shape)
        above.addLayout(said, 1)
        above.addWidget(self.gauge)
        below = QHBoxLayout()
        below.setSpacing(GAP)
        for widget in (self.microphone, self.entry, self.send, self.stop_button):
            below.addWidget(widget, 1 if widget is self.entry else 0)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(2 * GAP, GAP, 2 * GAP, 1 * GAP)
        whole.addLayout(above)
        whole.addLayout(below)

    def use(self, palette: Palette, still: bool) -> None:
        """Other colours."""
        self._palette = palette
        self.shape.use(palette, still)
        self.gauge.use(palette)
        self.words.setFont(font("body", bold=True))
        self.hint.setFont(font("small"))
        self.send.setIcon(icons.icon("send", palette.accent, 20, palette.line))
        self.stop_button.setIcon(icons.icon("circle-stop", palette.text, 20, palette.line))
        self._show_microphone()

    def render_state(self, state: ViewState, listen: Listening, advice: str = "") -> None:
        """Show where the conversation stands."""
        self._state, self._listen = state, listen
        shape, words, hint = status(state, listen)
        self.shape.show_state(shape, words)
        if self.words.text() != words:
            self.words.setText(words)
            self.words.setAccessibleDescription(hint)
        self.hint.setText(advice or hint)
        self._show_microphone()
        self._enable()

    def _show_microphone(self) -> None:
        does = microphone_does(self._state, self._listen)
        mark, name, tip = _MICROPHONE[does]
        colour = self._palette.error if mark == "mic-off" else self._palette.accent
        self.microphone.setIcon(icons.icon(mark, colour, 20, self._palette.line))
        self.microphone.setAccessibleName(tr(name))
        self.microphone.setToolTip(tr(tip))
        live = does in ("end", "mute") and self._state.can_converse
        if live != self.microphone.property("live"):
            self.microphone.setProperty("live", live)
            self.microphone.style().polish(self.microphone)

    def _enable(self) -> None:
        self.stop_button.setEnabled(self._state.sounding)
        self.microphone.setEnabled(self._state.can_converse)
        self.send.setEnabled(bool(self.entry.text().strip()) and self._state.takes_text)

    def _microphone(self, down: bool) -> None:
        does = microphone_does(self._state, self._listen)
        if does == "hold":
            self.held.emit(down)
        elif down:
            return  # the others act on a whole click
        elif does in ("call", "end"):
            self.call.emit(does == "call")
        else:
            self.mute.emit(does == "mute")

    def _send(self) -> None:
        words = self.entry.text().strip()
        if words and self._state.takes_text:
            self.entry.clear()
            self.typed.emit(words)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Esc in the entry gives the keyboard back to the conversation, beside stopping it."""
        if watched is self.entry and event.type() == QEvent.Type.ShortcutOverride:
            assert isinstance(event, QKeyEvent)
            if event.key() == Qt.Key.Key_Escape:
                self.window().setFocus()
        return False
