"""Keyrings in memory: one that works, one that nobody unlocks, one that is not there; and one for a process."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path

from keyring.backend import KeyringBackend
from keyring.errors import NoKeyringError


class OpenKeyring:
    """Works."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, name: str, /) -> str | None:
        return self.kept.get((service, name))

    def set_password(self, service: str, name: str, key: str, /) -> None:
        self.kept[service, name] = key

    def delete_password(self, service: str, name: str, /) -> None:
        del self.kept[service, name]


class LockedKeyring(OpenKeyring):
    """Waits for a password that nobody types until `unlocked` is set."""

    def __init__(self) -> None:
        super().__init__()
        self.unlocked = threading.Event()

    def get_password(self, service: str, name: str, /) -> str | None:
        self.unlocked.wait(30)
        return super().get_password(service, name)

    def set_password(self, service: str, name: str, key: str, /) -> None:
        self.unlocked.wait(30)


class NoKeyring(OpenKeyring):
    """What the package offers on a machine without one."""

    def get_password(self, service: str, name: str, /) -> str | None:
        raise NoKeyringError("No recommended backend was available.")

    def set_password(self, service: str, name: str, key: str, /) -> None:
        raise NoKeyringError("No recommended backend was available.")


class FileKeyring(KeyringBackend):
    """A backend that the `keyring` package itself loads in a process whose environment names it; keys lie in the file
    that KEYRING_FILE names, so that a test can look."""

    priority = 1.0  # type: ignore[assignment]  # the package wants a class property, and takes a number

    def _read(self) -> dict[str, str]:
        path = Path(os.environ["KEYRING_FILE"])
        kept: dict[str, str] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        return kept

    def _write(self, kept: dict[str, str]) -> None:
        Path(os.environ["KEYRING_FILE"]).write_text(json.dumps(kept), encoding="utf-8")

    def get_password(self, service: str, username: str) -> str | None:
        return self._read().get(username)

    def set_password(self, service: str, username: str, password: str) -> None:
        self._write(self._read() | {username: password})

    def delete_password(self, service: str, username: str) -> None:
        kept = self._read()
        del kept[username]
        self._write(kept)
