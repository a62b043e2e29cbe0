"""Tool servers over MCP: added, allowed, asked for their tools, removed; each tool always, on asking, or never.

Window's thread. It renders a ViewState and tells by `wanted` what is to be asked of the engine. Nothing is started that
was not allowed here.
"""

from __future__ import annotations

import os
import shlex
from dataclasses import replace
from typing import get_args

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QLabel,
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
from app.desktop.page_parts import chosen, fill, heading, row, said, tell, tell_all
from app.desktop.phrase import tr_later
from app.desktop.theme import GAP
from app.desktop.view import ViewState
from app.desktop.wording_of_models import about_tool_server, command_of
from engine.errands import (
    CancelErrand,
    ListTools,
    OfferedTool,
    RemoveToolServer,
    SetToolServer,
    ToolServerSetup,
)
from engine.tool_consent import ToolConsent

USES: dict[ToolConsent, str] = {
    "always": tr_later("Always"),
    "ask": tr_later("Ask each time"),
    "never": tr_later("Never"),
}
ABOUT = tr_later(
    "Tool servers (MCP) let a language model do more, such as read a calendar. Each is somebody's program that runs as"
    " you, or an address that is asked. Before a tool is used Sotto asks you aloud, unless you decide otherwise here."
)


class ToolsPage(QScrollArea):
    """`wanted` carries an Errand."""

    wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = Connections()
        self._make()
        self._connect()
        self._arrange()
        self._show()

    def _make(self) -> None:
        self.servers = QListWidget()
        self.servers.setAccessibleName(tr("Tool servers"))
        self.about = said(quiet=True)
        self.allow_button = QPushButton(tr("Allow"))
        self.list_button = QPushButton(tr("Look at its tools"))
        self.remove_button = QPushButton(tr("Remove"))
        self.tools = QListWidget()
        self.tools.setAccessibleName(tr("Tools of the server"))
        self.tools.setWordWrap(True)
        self.about_tools = said(quiet=True)
        self.use = QComboBox()
        self.use.setAccessibleName(tr("Use of the chosen tool"))
        for value, words in USES.items():
            self.use.addItem(tr(words), value)
        self.use_label = QLabel(tr("&Use the chosen tool"))
        self.use_label.setBuddy(self.use)
        self.trouble = said()
        self.name = QLineEdit()
        self.name.setAccessibleName(tr("Name of a new tool server"))
        self.name.setPlaceholderText(tr("Name"))
        self.command = QLineEdit()
        self.command.setAccessibleName(tr("Command with its arguments, or an address"))
        self.command.setPlaceholderText(tr("Command with its arguments, or http://…"))
        self.command.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.add_button = QPushButton(tr("Add"))

    def _connect(self) -> None:
        self.servers.currentRowChanged.connect(lambda _: self._show_tools())
        self.tools.currentRowChanged.connect(lambda _: self._enable())
        self.allow_button.clicked.connect(self._allow)
        self.list_button.clicked.connect(self._list)
        self.remove_button.clicked.connect(self._remove)
        self.use.activated.connect(lambda _: self._decide())
        self.add_button.clicked.connect(self._add)
        for entry in (self.name, self.command):
            entry.textChanged.connect(lambda _: self._enable())
            entry.returnPressed.connect(self._add)

    def _arrange(self) -> None:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(2 * GAP, 2 * GAP, 2 * GAP, 2 * GAP)
        column.setSpacing(GAP)
        about = said(quiet=True)
        about.setText(tr(ABOUT))
        column.addWidget(about)
        column.addWidget(self.servers)
        column.addWidget(self.about)
        column.addLayout(row(self.allow_button, self.list_button, self.remove_button))
        column.addWidget(self.about_tools)
        column.addWidget(self.tools)
        column.addLayout(row(self.use_label, self.use))
        column.addWidget(self.trouble)
        column.addSpacing(GAP)
        column.addWidget(heading(tr("Add a tool server")))
        entries = row(self.name, self.command, self.add_button)
        entries.setStretch(1, 3)
        column.addLayout(entries)
        column.addStretch(1)
        self.setWidget(inside)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    # What is shown

    def render_state(self, state: ViewState) -> None:
        """The state of now; what the user is typing stays."""
        if state.connections != self._state:
            self._state = state.connections
            self._show()

    def _all(self) -> tuple[ToolServerSetup, ...]:
        return () if self._state.setup is None else self._state.setup.tool_servers

    def _show(self) -> None:
        servers = self._all()
        allowed, refused = tr("allowed"), tr("not allowed")
        rows = [(each.name, f"{each.name} · {allowed if each.allowed else refused}") for each in servers]
        fill(self.servers, rows)
        tell_all(self.trouble, [self._state.trouble("tool_servers"), self._state.trouble("tools")])
        self._show_tools()

    def _show_tools(self) -> None:
        server = self._server()
        offered = None if server is None else self._state.tools_of(server.name)
        about = tr("There is no tool server yet.") if server is None else about_tool_server(server)
        setup = self._state.setup
        idle = setup is not None and setup.model is None
        rests = tr("No language model answers now, so no tools are used.")
        tell(self.about, f"{about} {rests}" if idle else about)
        rows = []
        if server is not None and offered is not None:
            rows = [(tool.name, _line(server, tool)) for tool in offered.tools]
        fill(self.tools, rows)
        for shown in (self.use, self.use_label):
            shown.setVisible(bool(rows))
        asks = "tools" in self._state.under_way
        nothing = tr("It offers no tools.") if offered is not None and not rows else ""
        tell(self.about_tools, tr("Starting it to ask for its tools.") if asks else nothing)
        self._enable()

    def _enable(self) -> None:
        server, tool = self._server(), chosen(self.tools)
        asks = "tools" in self._state.under_way
        for button in (self.allow_button, self.list_button, self.remove_button):
            button.setVisible(server is not None)
        self.allow_button.setText(
            tr("Do not allow") if server is not None and server.allowed else tr("Allow")
        )
        self.list_button.setText(tr("Stop asking") if asks else tr("Look at its tools"))
        self.list_button.setEnabled(asks or (server is not None and server.allowed))
        self.use.setEnabled(tool is not None)
        if server is not None and tool is not None:
            self.use.setCurrentIndex(list(USES).index(server.consent_for(tool)))
        self.add_button.setEnabled(bool(self.name.text().strip() and self.command.text().strip()))

    def _server(self) -> ToolServerSetup | None:
        name = chosen(self.servers)
        return next((server for server in self._all() if server.name == name), None)

    # What is wanted

    def _allow(self) -> None:
        if (server := self._server()) is not None:
            self.wanted.emit(SetToolServer(server=replace(server, allowed=not server.allowed)))

    def _list(self) -> None:
        if "tools" in self._state.under_way:
            self.wanted.emit(CancelErrand(errand="tools"))
        elif (server := self._server()) is not None:
            self.wanted.emit(ListTools(server=server.name))

    def _remove(self) -> None:
        """Its name and command stay in the entries below, from where it can be added again."""
        if (server := self._server()) is not None:
            self.name.setText(server.name)
            self.command.setText(command_of(server))
            self.wanted.emit(RemoveToolServer(name=server.name))

    def _decide(self) -> None:
        server, tool = self._server(), chosen(self.tools)
        if server is None or tool is None:
            return
        use = str(self.use.currentData())
        assert use in get_args(ToolConsent)
        allowed = [name for name in server.allowed_tools if name != tool]
        refused = [name for name in server.refused_tools if name != tool]
        if use == "always":
            allowed.append(tool)
        elif use == "never":
            refused.append(tool)
        changed = replace(server, allowed_tools=tuple(allowed), refused_tools=tuple(refused))
        self.wanted.emit(SetToolServer(server=changed))

    def _add(self) -> None:
        name, command = self.name.text().strip(), self.command.text().strip()
        if not name or not command:
            return
        if "://" in command:
            server = ToolServerSetup(name=name, url=command)
        else:
            try:
                program, *arguments = shlex.split(command, posix=os.name != "nt")
            except ValueError:  # an inverted comma without its other half
                tell(
                    self.trouble,
                    tr("The command has an opening quotation mark without a closing one; add it."),
                )
                return
            server = ToolServerSetup(name=name, command=program, arguments=tuple(arguments))
        self.wanted.emit(SetToolServer(server=server, is_new=True))


def _line(server: ToolServerSetup, tool: OfferedTool) -> str:
    use = tr(USES[server.consent_for(tool.name)])
    return f"{tool.name} · {use}\n{tool.description}".strip()
