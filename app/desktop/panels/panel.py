"""A panel that folds: a header with its title and buttons, a body below; it pulls what it shows while it is seen.

Window's thread.
"""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from app.desktop import icons
from app.desktop.language import tr
from app.desktop.theme import GAP, Palette, font


class Panel(QFrame):
    """Whoever derives from it overrides `pull`, and calls `use` when its own widgets are there.

    `name` is its title in English, by which its state is kept, whatever the language that it is shown in.
    """

    def __init__(self, name: str, palette: Palette, pull_ms: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name = name
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)  # a coarse one is allowed to stutter
        self._timer.setInterval(pull_ms)
        self._timer.timeout.connect(self.pull)
        self.setObjectName("card")
        self._palette = palette
        self._title = QToolButton()
        self._title.setText(tr(name))
        self._title.setProperty("flat", True)
        self._title.setCheckable(True)
        self._title.setChecked(True)
        self._title.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._title.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._title.setAutoRaise(True)
        self._title.toggled.connect(self._fold)
        self._tools = QHBoxLayout()
        self._tools.setSpacing(2)
        header = QHBoxLayout()
        header.setContentsMargins(0, 0, 0, 0)
        header.addWidget(self._title)
        header.addStretch(1)
        header.addLayout(self._tools)
        self.body = QWidget()
        self.column = QVBoxLayout(self.body)
        self.column.setContentsMargins(GAP, 0, GAP, GAP)
        self.column.setSpacing(GAP)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(GAP // 2, GAP // 2, GAP // 2, GAP // 2)
        whole.setSpacing(GAP // 2)
        whole.addLayout(header)
        whole.addWidget(self.body)

    def set_unfolded(self, unfolded: bool) -> None:
        """Open or fold it."""
        self._title.setChecked(unfolded)

    @property
    def is_unfolded(self) -> bool:
        """Whether the body is open."""
        return self._title.isChecked()

    def use(self, palette: Palette) -> None:
        """Other colours."""
        self._palette = palette
        self._title.setFont(font("body", bold=True))
        self._show_arrow()

    def pull(self) -> None:
        """Show what is there now; called as often as `pull_every` says, while the body is seen."""

    def pull_every(self, pull_ms: int) -> None:
        """Another pace."""
        self._timer.setInterval(pull_ms)

    def showEvent(self, event: QShowEvent) -> None:
        """Pull while it is seen."""
        super().showEvent(event)
        self._keep_time()

    def hideEvent(self, event: QHideEvent) -> None:
        """Stop pulling."""
        super().hideEvent(event)
        self._timer.stop()

    def _keep_time(self) -> None:
        if self.isVisible() and self.is_unfolded:
            self.pull()
            self._timer.start()
        else:
            self._timer.stop()

    def add_tool(self, mark: str, name: str) -> QToolButton:
        """A button in the header."""
        button = QToolButton()
        button.setProperty("mark", mark)
        button.setIcon(icons.icon(mark, self._palette.quiet, 16))
        button.setIconSize(QSize(16, 16))
        button.setAccessibleName(name)
        button.setToolTip(name)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._tools.addWidget(button)
        return button

    def recolour_tools(self) -> None:
        """The header's buttons in the palette's colours."""
        for place in range(self._tools.count()):
            item = self._tools.itemAt(place)
            if item is not None and isinstance(button := item.widget(), QToolButton):
                button.setIcon(icons.icon(str(button.property("mark")), self._palette.quiet, 16))

    def _fold(self, unfolded: bool) -> None:
        self.body.setVisible(unfolded)
        for place in range(self._tools.count()):
            item = self._tools.itemAt(place)
            if item is not None and (widget := item.widget()) is not None:
                widget.setVisible(unfolded)
        self._show_arrow()
        self._keep_time()

    def _show_arrow(self) -> None:
        unfolded = self._title.isChecked()
        arrow = "chevron-down" if unfolded else "chevron-right"
        self._title.setIcon(icons.icon(arrow, self._palette.quiet, 16))
        title = self._title.text()
        name = tr("{panel}, open", panel=title) if unfolded else tr("{panel}, folded", panel=title)
        self._title.setAccessibleName(name)
        self.recolour_tools()
