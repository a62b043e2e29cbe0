"""One Sotto at a time: a second start asks the first one to come forward, and ends. Window's thread."""

from __future__ import annotations

import getpass
import hashlib
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

ANSWER_MS = 500
_COME_FORWARD = b"show\n"


def server_name(folder: Path) -> str:
    """One name for each user and set of settings."""
    return "sotto-" + hashlib.sha256(f"{getpass.getuser()} {folder.absolute()}".encode()).hexdigest()[:16]


class OneInstance(QObject):
    """`asked` tells that somebody started Sotto again."""

    asked = Signal()

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._visited)

    def is_first(self) -> bool:
        """Take the place, or ask whoever has it to come forward and give False."""
        socket = QLocalSocket()
        socket.connectToServer(self._name)
        if socket.waitForConnected(ANSWER_MS):
            socket.write(_COME_FORWARD)
            socket.waitForBytesWritten(ANSWER_MS)
            socket.disconnectFromServer()
            return False
        QLocalServer.removeServer(self._name)  # what a crash left
        self._server.listen(self._name)  # where that fails, two may run: better than none
        return True

    def _visited(self) -> None:
        while (visitor := self._server.nextPendingConnection()) is not None:
            visitor.disconnected.connect(visitor.deleteLater)
            self.asked.emit()

    def close(self) -> None:
        """Give the place free."""
        self._server.close()
