"""Who answers: the built-in skills alone, or a language model of a server besides. Window's thread.

It renders a ViewState and tells by `wanted` what is to be asked of the engine; the key is never shown again.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QLineEdit,
    QListWidget,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.desktop.connections import Connections
from app.desktop.language import tr
from app.desktop.page_parts import chosen, fill, fit, heading, row, said, tell, tell_all
from app.desktop.persona_box import PersonaBox
from app.desktop.theme import GAP, font
from app.desktop.view import ViewState
from app.desktop.wording_of_models import (
    about_key,
    about_times,
    found_in_words,
    privacy,
    server_in_words,
    who_answers,
)
from engine.errands import (
    CancelErrand,
    FindServers,
    ListModels,
    StoreKey,
    TryModel,
    UseModel,
)


class AnswersPage(QScrollArea):
    """`wanted` carries an Errand."""

    wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = Connections()
        self._make()
        fit(self.models)
        self._connect()
        self._arrange()
        self._show()

    def _make(self) -> None:
        self.now = said()
        self.now.setFont(font("body", bold=True))
        self.privacy = said(quiet=True)
        self.off_button = QPushButton(tr("Use the built-in skills only"))
        self.find_button = QPushButton(tr("Look for servers on this machine"))
        self.found = said(quiet=True)
        self.known = QComboBox()
        self.known.setAccessibleName(tr("Servers that are known"))
        self.known.setPlaceholderText(tr("Choose a server"))
        self.known.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.known.setMinimumContentsLength(20)
        self.entry = QLineEdit()
        self.entry.setAccessibleName(tr("Address of the server"))
        self.entry.setPlaceholderText("http://127.0.0.1:11434/v1")
        self.list_button = QPushButton(tr("List its models"))
        self.key = QLineEdit()
        self.key.setAccessibleName(tr("API key of the server"))
        self.key.setEchoMode(QLineEdit.EchoMode.Password)
        self.key.setPlaceholderText(tr("API key, only where the server asks for one"))
        self.keep_button = QPushButton(tr("Keep the key"))
        self.forget_button = QPushButton(tr("Forget the key"))
        self.about_key = said(quiet=True)
        self.models = QListWidget()
        self.models.setAccessibleName(tr("Models of the server"))
        self.about_server = said(quiet=True)
        self.use_button = QPushButton(tr("Use this model"))
        self.use_button.setProperty("primary", True)
        self.try_button = QPushButton(tr("Test"))
        self.about_times = said(quiet=True)
        self.trouble = said()
        self.persona = PersonaBox()

    def _connect(self) -> None:
        self.off_button.clicked.connect(lambda: self._use(None))
        self.find_button.clicked.connect(lambda: self.wanted.emit(FindServers()))
        self.list_button.clicked.connect(self._list)
        self.entry.returnPressed.connect(self._list)
        self.entry.textChanged.connect(lambda _: self._show_server())
        self.known.activated.connect(lambda _: self._picked())
        self.key.textChanged.connect(lambda _: self._enable())
        self.key.returnPressed.connect(self._keep)
        self.keep_button.clicked.connect(self._keep)
        self.forget_button.clicked.connect(lambda: self.wanted.emit(StoreKey(address=self._typed(), key="")))
        self.models.currentRowChanged.connect(lambda _: self._enable())
        self.models.itemActivated.connect(lambda _: self._use(self._model()))
        self.use_button.clicked.connect(lambda: self._use(self._model()))
        self.try_button.clicked.connect(self._try)
        self.persona.kept.connect(self._speak_as)

    def _arrange(self) -> None:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(2 * GAP, 2 * GAP, 2 * GAP, 2 * GAP)
        column.setSpacing(GAP)
        for widget in (self.now, self.privacy):
            column.addWidget(widget)
        column.addLayout(row(self.off_button))
        column.addSpacing(GAP)
        column.addWidget(heading(tr("Server")))
        column.addLayout(row(self.find_button))
        column.addWidget(self.found)
        column.addWidget(self.known)
        column.addLayout(row(self.entry, self.list_button))
        column.addLayout(row(self.key, self.keep_button, self.forget_button))
        column.addWidget(self.about_key)
        column.addSpacing(GAP)
        column.addWidget(heading(tr("Model")))
        column.addWidget(self.about_server)
        column.addWidget(self.models)
        column.addWidget(self.trouble)
        column.addLayout(row(self.use_button, self.try_button))
        column.addWidget(self.about_times)
        column.addSpacing(GAP)
        column.addWidget(self.persona)
        column.addStretch(1)
        self.setWidget(inside)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    # What is shown

    def render_state(self, state: ViewState) -> None:
        """The state of now; what the user is typing stays."""
        before, self._state = self._state, state.connections
        if before == self._state:
            return
        listed = self._state.listed[-1:]
        if listed and listed != before.listed[-1:]:
            self.entry.setText(listed[0].address)  # as the engine understood what was typed
        self._show()
        if before.key != self._state.key and self._state.key is not None:
            self.key.clear()

    def _show(self) -> None:
        now = self._state
        self._fill_addresses()
        setup = now.setup
        self.now.setText(who_answers(now))
        self.privacy.setText(privacy(now))
        self.off_button.setVisible(setup is not None and setup.model is not None)
        self.found.setText(found_in_words(now))
        tell(self.about_key, about_key(now, self._typed()))
        tell_all(self.trouble, [now.trouble(name) for name in ("setup", "find", "models", "try")])
        tell(self.about_times, about_times(now))
        self.persona.render_setup(setup)
        self._show_server()

    def _fill_addresses(self) -> None:
        """The servers that are known, by name; without an address yet the first one is taken."""
        rows = [
            (server_in_words(self._state, server.address), server.address) for server in self._state.servers
        ]
        if [
            (self.known.itemText(row), self.known.itemData(row)) for row in range(self.known.count())
        ] != rows:
            self.known.clear()
            for words, address in rows:
                self.known.addItem(words, address)
        self.known.setVisible(bool(rows))
        if rows and not self._typed() and not self.entry.hasFocus():
            self.entry.setText(rows[0][1])

    def _show_server(self) -> None:
        """The models of the server whose address stands there."""
        setup, address = self._state.setup, self._typed()
        self.known.setCurrentIndex(self.known.findData(address))
        used = None if setup is None else setup.model
        names = self._state.models_at(address)
        used_here = used.model if used is not None and used.address == address else None
        answers = tr("answers now")
        rows = [(name, f"{name} · {answers}" if name == used_here else name) for name in names]
        fill(self.models, rows, otherwise=names.index(used_here) if used_here in names else 0)
        is_asked = "models" in self._state.under_way
        not_yet = tr("Its models are not listed yet.")
        nothing = not_yet if address else tr("Look for a server, or enter an address.")
        tell(self.about_server, tr("Asking the server.") if is_asked else "" if rows else nothing)
        tell(self.about_key, about_key(self._state, address))
        self._enable()

    def _enable(self) -> None:
        now, address = self._state, self._typed()
        self.find_button.setEnabled("find" not in now.under_way)
        self.list_button.setEnabled(bool(address) and "models" not in now.under_way)
        self.keep_button.setEnabled(bool(address and self.key.text().strip()) and "key" not in now.under_way)
        has_key = now.setup is not None and address in now.setup.keyed
        self.forget_button.setVisible(has_key)
        tries, model = "try" in now.under_way, self._model()
        self.use_button.setEnabled(model is not None and "setup" not in now.under_way)
        self.try_button.setText(tr("Stop the test") if tries else tr("Test"))
        self.try_button.setEnabled(tries or model is not None)

    # What is wanted

    def _typed(self) -> str:
        return self.entry.text().strip()

    def _model(self) -> str | None:
        return chosen(self.models)

    def _picked(self) -> None:
        """A server that is known: its address stands in the entry, and its models below."""
        address = str(self.known.currentData() or "")
        self.entry.setText(address)
        known = (*(self._state.found or ()), *self._state.listed)
        if address and all(server.address != address for server in known):
            self._list()

    def _list(self) -> None:
        if self._typed() and "models" not in self._state.under_way:
            self.wanted.emit(ListModels(address=self._typed()))

    def _keep(self) -> None:
        if self._typed() and self.key.text().strip():
            self.wanted.emit(StoreKey(address=self._typed(), key=self.key.text()))

    def _try(self) -> None:
        if "try" in self._state.under_way:
            self.wanted.emit(CancelErrand(errand="try"))
        elif (model := self._model()) is not None:
            self.wanted.emit(TryModel(address=self._typed(), model=model))

    def _use(self, model: str | None) -> None:
        self.wanted.emit(UseModel(address=self._typed() if model else "", model=model))

    def _speak_as(self, persona: str, system_prompt: str) -> None:
        """Other words for the model in use, or for the one that rests."""
        setup = self._state.setup
        if setup is None:
            return
        used = setup.model
        self.wanted.emit(
            UseModel(
                address="" if used is None else used.address,
                model=None if used is None else used.model,
                persona=persona,
                system_prompt=system_prompt,
            )
        )
