"""Recognisers: the bundled one, those that can be had, how far a download is; use, fetch, check, remove.

Window's thread. Nothing is fetched without a click; licence, size and the room on the disk stand there before it.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.desktop.language import figure, said, tr
from app.desktop.theme import GAP
from app.desktop.view import Recognisers, ViewState
from engine.commands import (
    FetchRecogniser,
    ListRecognisers,
    PauseFetch,
    RecogniserCommand,
    RemoveRecogniser,
    VerifyRecogniser,
)
from engine.event_values import RecogniserSummary

_HERE = ("bundled", "installed")
_FEW_LANGUAGES = 3
_STEPS = 1000


class RecognitionPage(QWidget):
    """Signals: `chosen` a recogniser to listen with (None: the bundled one), `wanted` a command to the engine."""

    chosen = Signal(object)
    wanted = Signal(object)

    def __init__(
        self, parent: QWidget | None = None, ask_folder: Callable[[QWidget], str] | None = None
    ) -> None:
        super().__init__(parent)
        self._ask_folder = ask_folder or _asked_folder
        self._shown = Recognisers()
        self._now: str | None = None
        self._folder = ""
        self.list = QListWidget()
        self.list.setAccessibleName(tr("Recognisers"))
        self.list.currentRowChanged.connect(lambda _: self._describe())
        self.about = QLabel()
        self.about.setProperty("quiet", True)
        self.about.setWordWrap(True)
        self.about.setAccessibleName(tr("About this recogniser"))
        self.progress = QProgressBar()
        self.progress.setRange(0, _STEPS)
        self.progress.setAccessibleName(tr("Download"))
        self.progress.setTextVisible(False)
        self.amount = QLabel()
        self.amount.setProperty("quiet", True)
        self.amount.setAccessibleName(tr("How much of the download is here"))
        self.told = QLabel()
        self.told.setWordWrap(True)
        self.told.setAccessibleName(tr("What happened last"))
        self.use_button = QPushButton(tr("Use"))
        self.fetch_button = QPushButton(tr("Download"))
        self.pause_button = QPushButton(tr("Pause"))
        self.check_button = QPushButton(tr("Check its files"))
        self.remove_button = QPushButton(tr("Remove"))
        self.folder_button = QPushButton(tr("Use a folder…"))
        self._connect()
        self._lay_out()
        self._describe()

    def _connect(self) -> None:
        self.use_button.clicked.connect(self._use)
        self.fetch_button.clicked.connect(lambda: self._want(lambda name: FetchRecogniser(recogniser=name)))
        self.pause_button.clicked.connect(lambda: self._want(lambda name: PauseFetch(recogniser=name)))
        self.check_button.clicked.connect(lambda: self._want(lambda name: VerifyRecogniser(recogniser=name)))
        self.remove_button.clicked.connect(self._remove)
        self.folder_button.clicked.connect(self._choose_folder)

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        for button in (
            self.use_button,
            self.fetch_button,
            self.pause_button,
            self.check_button,
            self.remove_button,
        ):
            row.addWidget(button)
        row.addStretch(1)
        row.addWidget(self.folder_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * GAP, 2 * GAP, 2 * GAP, 2 * GAP)
        column.setSpacing(GAP)
        column.addWidget(self.list, 1)
        for widget in (self.about, self.progress, self.amount, self.told):
            column.addWidget(widget)
        column.addLayout(row)

    def ask(self) -> None:
        """Have the engine look what there is."""
        self.wanted.emit(ListRecognisers())

    def render_state(self, state: ViewState, preferred: str | None) -> None:
        """The recognisers of the state; `preferred` is the one of the settings."""
        before, self._shown = self._shown, state.recognisers
        if self._folder and self._shown.verified == self._folder:
            folder, self._folder = self._folder, ""
            self.chosen.emit(folder)
            return
        if before == self._shown and self._now == preferred and self.list.count():
            return
        chosen = self._chosen()
        wanted = chosen.name if chosen is not None else preferred
        self._now = preferred
        labels = [self._label(one) for one in self._shown.listed]
        if preferred is not None and not any(one.name == preferred for one in self._shown.listed):
            labels.append(" · ".join((preferred, tr("your folder"), tr("listens now"))))
        if labels != [self.list.item(row).text() for row in range(self.list.count())]:
            self.list.clear()
            for label in labels:
                self.list.addItem(QListWidgetItem(label))
            names = [one.name for one in self._shown.listed]
            if labels:
                self.list.setCurrentRow(names.index(wanted) if wanted in names else 0)
        self._describe()

    def _label(self, one: RecogniserSummary) -> str:
        return f"{one.title} · {self._stage(one)}"

    def _stage(self, one: RecogniserSummary) -> str:
        fetch = self._shown.fetch(one.name)
        if fetch is not None and fetch.state in ("waiting", "fetching"):
            return tr("downloading")
        if one.state in _HERE:
            if self._listens(one):
                return tr("listens now")
            return tr("ready") if one.state == "bundled" else tr("downloaded")
        if fetch is not None and fetch.state == "failed":
            return tr("download failed")
        if (fetch is not None and fetch.state == "paused") or one.state == "partial":
            return tr("download paused")
        if one.state == "fetching":
            return tr("downloading")
        return tr("can be downloaded, {size}", size=_megabytes(one.size_bytes))

    def _listens(self, one: RecogniserSummary) -> bool:
        return self._now == one.name or (self._now is None and one.state == "bundled")

    def _chosen(self) -> RecogniserSummary | None:
        row = self.list.currentRow()
        return self._shown.listed[row] if 0 <= row < len(self._shown.listed) else None

    def _describe(self) -> None:
        one = self._chosen()
        self.told.setText(said(self._shown.told))
        self.told.setVisible(bool(self._shown.told))
        fetch = self._shown.fetch(one.name) if one is not None else None
        runs = one is not None and (
            fetch.state in ("waiting", "fetching") if fetch is not None else one.state == "fetching"
        )
        here = one is not None and one.state in _HERE
        begun = one is not None and not here and (one.state == "partial" or fetch is not None)
        downloaded = one is not None and one.state == "installed"
        self.use_button.setVisible(one is not None and here and not self._listens(one))
        self.fetch_button.setVisible(one is not None and not here and not runs)
        self.fetch_button.setText(tr("Resume") if begun else tr("Download"))
        self.pause_button.setVisible(runs)
        self.check_button.setVisible(downloaded)
        self.remove_button.setVisible((downloaded or begun) and not runs)
        self._show_progress(one, runs or begun)
        mine = tr("A model in a folder of your own.")
        self.about.setText(mine if self._shown.listed else tr("Loading the list of recognisers."))
        if one is not None:
            self.about.setText("\n".join(self._lines(one)))

    def _lines(self, one: RecogniserSummary) -> list[str]:
        named = ", ".join(one.languages[:_FEW_LANGUAGES])
        more = len(one.languages) - _FEW_LANGUAGES
        if more > 0:
            named = tr("{languages} and %n more", "", more, languages=named)
        languages, licence = (
            tr("Languages: {languages}", languages=named),
            tr("Licence: {licence}", licence=one.licence),
        )
        lines = [one.about, languages, licence]
        if one.repo:
            size, free = _megabytes(one.size_bytes), _megabytes(self._shown.free_bytes)
            lines.append(tr("Size: {size}; {free} are free on the disk", size=size, free=free))
            lines.append(tr("Needs: {hardware}", hardware=one.hardware))
            lines.append(tr("From: {place}", place=f"huggingface.co/{one.repo}"))
        return lines

    def _show_progress(self, one: RecogniserSummary | None, wanted: bool) -> None:
        self.progress.setVisible(wanted)
        self.amount.setVisible(wanted)
        if one is None or not wanted:
            return
        fetch = self._shown.fetch(one.name)
        done = fetch.done_bytes if fetch is not None and fetch.total_bytes else one.done_bytes
        total = (fetch.total_bytes if fetch is not None else 0) or one.size_bytes or 1
        self.progress.setValue(round(_STEPS * min(1.0, done / total)))
        self.amount.setText(tr("{count} of {all}", count=_megabytes(done), all=_megabytes(total)))
        self.progress.setAccessibleDescription(self.amount.text())

    def _want(self, command: Callable[[str], RecogniserCommand]) -> None:
        if (one := self._chosen()) is not None:
            self.wanted.emit(command(one.name))

    def _use(self) -> None:
        if (one := self._chosen()) is not None:
            self.chosen.emit(None if one.state == "bundled" else one.name)

    def _remove(self) -> None:
        one = self._chosen()
        if one is not None and one.name == self._now:
            self.chosen.emit(None)  # nobody listens with what is gone
        self._want(lambda name: RemoveRecogniser(recogniser=name))

    def _choose_folder(self) -> None:
        if folder := self._ask_folder(self):
            self._folder = folder  # used once it is known that a model lies there
            self.wanted.emit(VerifyRecogniser(recogniser=folder))


def _asked_folder(parent: QWidget) -> str:
    return QFileDialog.getExistingDirectory(parent, tr("The folder of a recogniser model"))


def _megabytes(count: int) -> str:
    return f"{figure(count / 1e9, 1)} GB" if count >= 1e9 else f"{round(count / 1e6)} MB"
