"""The main window: conversations at the left, transcript in the middle, panels at the right, controls below.

It renders a ViewState and tells by signals what the user wants. Where it is narrow, one of the three is seen at a time.
Window's thread.
"""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QSettings, QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QKeySequence, QPaintEvent, QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QPushButton,
    QScrollArea,
    QSplitter,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.desktop import icons
from app.desktop.controls import ControlBar
from app.desktop.find_bar import FindBar
from app.desktop.language import tr
from app.desktop.notices import NoticeList
from app.desktop.panels.panel import Panel
from app.desktop.push_to_talk import PushToTalk
from app.desktop.settings import Listening
from app.desktop.theme import GAP, Palette, font
from app.desktop.transcript.view import TranscriptView
from app.desktop.turn_choices import choices_for
from app.desktop.view import ViewState

MINIMUM = QSize(480, 560)
NARROW_PX = 760
"""Below this only one of the three areas is seen at a time."""

SIDE_PX, PANELS_PX = 240, 320


class Window(QMainWindow):
    """Signals tell what the user wants, `painted` that the first picture stands."""

    painted = Signal()
    closed = Signal()
    new_conversation = Signal()
    back = Signal()
    settings_wanted = Signal()
    mute_toggled = Signal()
    stop = Signal()
    held = Signal(bool)

    def __init__(self, palette: Palette, still: bool, store: QSettings) -> None:
        super().__init__()
        self._palette, self._store = palette, store
        self._was_painted = False
        self._panels: list[Panel] = []
        self._shown_alone = "centre"
        self.setWindowTitle("Sotto")
        self.setAccessibleName("Sotto")
        self.setMinimumSize(MINIMUM)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.transcript = TranscriptView(palette)
        self.empty = QLabel(tr("Say or type something to begin."))
        self.empty.setProperty("quiet", True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.notices = NoticeList(palette)
        self.find_bar = FindBar(palette)
        self.controls = ControlBar(palette)
        self.push_to_talk = PushToTalk(self)
        self.push_to_talk.held.connect(self.held)
        self._build()
        self._bind_keys()
        self.use(palette, still)
        self._restore()

    # Layout

    def _build(self) -> None:
        self.title = QLabel(tr("Conversation"))
        self.title.setAccessibleName(tr("Title of the conversation"))
        self.left_button = self._tool(tr("Conversations"), lambda: self._toggle("left"), checkable=True)
        self.right_button = self._tool(
            tr("Waveform, memory, latency"), lambda: self._toggle("right"), checkable=True
        )
        self.back_button = QPushButton(tr("Back to the present one"))
        self.back_button.clicked.connect(self.back)
        self.back_button.hide()
        self.new_button = self._tool(tr("New conversation (Ctrl+N)"), self.new_conversation.emit)
        self.find_button = self._tool(tr("Find (Ctrl+F)"), self.find_bar.open_bar)
        self.settings_button = self._tool(tr("Settings (Ctrl+,)"), self.settings_wanted.emit)
        top = QHBoxLayout()
        top.setContentsMargins(GAP, GAP, GAP, 0)
        top.setSpacing(GAP)
        top.addWidget(self.left_button)
        top.addWidget(self.title, 1)
        for button in (
            self.back_button,
            self.new_button,
            self.find_button,
            self.settings_button,
            self.right_button,
        ):
            top.addWidget(button)
        self._build_areas()
        rule = QFrame()
        rule.setObjectName("rule")
        rule.setFixedHeight(1)
        ground = QWidget()
        ground.setObjectName("centre")
        whole = QVBoxLayout(ground)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(top)
        whole.addWidget(self.notices)
        whole.addWidget(self.splitter, 1)
        whole.addWidget(rule)
        whole.addWidget(self.controls)
        self.setCentralWidget(ground)
        self.left_button.setChecked(True)
        self.right_button.setChecked(True)
        # Both come when there is something to put into them: nothing that does not work is shown.
        for widget in (self.left, self.left_button, self.right, self.right_button):
            widget.hide()

    def _build_areas(self) -> None:
        """The three areas between the buttons above and the controls below."""
        self.centre = QWidget()
        column = QVBoxLayout(self.centre)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.find_bar)
        column.addWidget(self.transcript, 1)
        column.addWidget(self.empty, 1)
        self.left = QWidget()
        self.left_column = QVBoxLayout(self.left)
        self.left_column.setContentsMargins(GAP, GAP, GAP, GAP)
        self.right = QScrollArea()
        self.right.setWidgetResizable(True)
        self.right.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.right.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        inside = QWidget()
        self._panel_column = QVBoxLayout(inside)
        self._panel_column.setContentsMargins(GAP, GAP, GAP, GAP)
        self._panel_column.setSpacing(GAP)
        self._panel_column.addStretch(1)
        self.right.setWidget(inside)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setHandleWidth(1)
        for area, least in ((self.left, 200), (self.centre, 320), (self.right, 290)):
            area.setMinimumWidth(least)
            self.splitter.addWidget(area)
        self.splitter.setStretchFactor(1, 1)

    def _tool(self, name: str, does: object, checkable: bool = False) -> QToolButton:
        button = QToolButton()
        button.setAccessibleName(name.split(" (")[0])
        button.setToolTip(name)
        button.setCheckable(checkable)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.setMinimumSize(36, 36)
        button.clicked.connect(does)
        return button

    def _bind_keys(self) -> None:
        for keys, does in (
            ("Ctrl+M", self.mute_toggled.emit),
            ("Ctrl+N", self.new_conversation.emit),
            ("Ctrl+F", self.find_bar.open_bar),
            ("Ctrl+,", self.settings_wanted.emit),
            ("Esc", self._escape),
        ):
            QShortcut(QKeySequence(keys), self).activated.connect(does)
        self.find_bar.wanted.connect(
            lambda words, forward: self.find_bar.tell(self.transcript.find_line(words, forward))
        )
        self.find_bar.closed.connect(self.setFocus)

    def _escape(self) -> None:
        self.find_bar.close_bar()
        self.stop.emit()

    def use(self, palette: Palette, still: bool) -> None:
        """Other colours, another size of type, more or less motion."""
        self._palette = palette
        self.title.setFont(font("title", bold=True))
        self.empty.setFont(font("title"))
        for button, mark in (
            (self.left_button, "panel-left"),
            (self.right_button, "panel-right"),
            (self.new_button, "plus"),
            (self.find_button, "search"),
            (self.settings_button, "settings"),
        ):
            button.setIcon(icons.icon(mark, palette.text))
        self.transcript.use(palette)
        self.notices.use(palette)
        self.find_bar.use(palette)
        self.controls.use(palette, still)
        for panel in self._panels:
            panel.use(palette)

    def add_panels(self, panels: list[Panel]) -> None:
        """The panels at the right, as soon as they are there."""
        for panel in panels:
            panel.set_unfolded(self._store.value(f"unfolded/{panel.name}", True, bool) is not False)
            self._panel_column.insertWidget(self._panel_column.count() - 1, panel)
            self._panels.append(panel)
        self.right_button.show()
        self._arrange()

    def add_conversations(self, widget: QWidget) -> None:
        """The list at the left, once there is one."""
        self.left_column.addWidget(widget)
        self.left_button.show()
        self._arrange()

    @property
    def is_narrow(self) -> bool:
        """Whether only one area has room."""
        return self.width() < NARROW_PX

    def _toggle(self, side: str) -> None:
        if self.is_narrow:
            self._shown_alone = "centre" if self._shown_alone == side else side
        self._arrange()

    def show_centre(self) -> None:
        """Back to the transcript, where one of the sides covers it."""
        self._shown_alone = "centre"
        self._arrange()

    def _arrange(self) -> None:
        """Show what is wanted and has room."""
        has_left, has_right = self.left_column.count() > 0, bool(self._panels)
        if self.is_narrow:
            left, right = self._shown_alone == "left" and has_left, self._shown_alone == "right" and has_right
            self.left_button.setChecked(left)
            self.right_button.setChecked(right)
        else:
            left = has_left and self.left_button.isChecked()
            right = has_right and self.right_button.isChecked()
        self.left.setVisible(left)
        self.right.setVisible(right)
        self.centre.setVisible(not (self.is_narrow and (left or right)))

    def _show_words(self) -> None:
        self.transcript.setVisible(self.transcript.has_lines)
        self.empty.setVisible(not self.transcript.has_lines)

    # What it shows and tells

    def render_state(self, state: ViewState, listen: Listening, advice: str = "") -> None:
        """Show this state."""
        self.transcript.offer(lambda line: choices_for(line, state))
        self.transcript.show_lines(state.shown_lines)
        self.notices.show_notices(state.notices)
        self.controls.render_state(state, listen, advice)
        earlier = state.earlier
        self.title.setText(tr("Conversation") if earlier is None else earlier.title[:80])
        self.back_button.setVisible(earlier is not None)
        self._show_words()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Tell once that the window stands."""
        super().paintEvent(event)
        if not self._was_painted:
            self._was_painted = True
            self.painted.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """From three areas to one, or back."""
        super().resizeEvent(event)
        if (event.oldSize().width() < NARROW_PX) != self.is_narrow or not event.oldSize().isValid():
            self._shown_alone = "centre"
            if not self.is_narrow:
                self.left_button.setChecked(True)
                self.right_button.setChecked(True)
            self._arrange()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """A letter typed while no control has the keyboard begins a text."""
        words = event.text()
        plain = not event.modifiers() & (
            Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
        )
        if words and words.isprintable() and plain:
            self.controls.entry.setFocus()
            self.controls.entry.insert(words)
            return
        super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Keep how it stood; ask nothing."""
        self._store.setValue("geometry", self.saveGeometry())
        self._store.setValue("splitter", self.splitter.saveState())
        for panel in self._panels:
            self._store.setValue(f"unfolded/{panel.name}", panel.is_unfolded)
        self._store.sync()
        self.closed.emit()
        event.accept()

    def _restore(self) -> None:
        geometry, splitter = self._store.value("geometry"), self._store.value("splitter")
        if not (isinstance(geometry, QByteArray) and self.restoreGeometry(geometry)):
            self.resize(1200, 800)
        if not (isinstance(splitter, QByteArray) and self.splitter.restoreState(splitter)):
            self.splitter.setSizes([SIDE_PX, 640, PANELS_PX])
