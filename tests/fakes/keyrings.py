"""Keyrings in memory: one that works, one that nobody unlocks, one that is not there."""

from __future__ import annotations

import threading

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
