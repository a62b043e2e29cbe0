"""Keys to far servers: in the platform's keyring, or for this session only where there is none.

Each call to the keyring runs on a thread of its own and is given up after a while, since it may wait for somebody to
unlock it. Keys are written nowhere else, and never logged. `keyring` is imported on first use.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol, TypeVar

from engine.dialogue.loop_thread import on_a_thread
from engine.errors import SottoError

SERVICE = "Sotto"
KEYRING_S = 10.0
_OF_THIS_SESSION: dict[str, str] = {}
"""Keys that were entered since the process began: what the settings were given, a conversation finds."""
ResultT = TypeVar("ResultT")


class KeyringUnusable(SottoError):
    """The keyring cannot be used; the sentence says what then."""


class Keyring(Protocol):
    """The three functions of the `keyring` package."""

    def get_password(self, service: str, name: str, /) -> str | None: ...
    def set_password(self, service: str, name: str, key: str, /) -> None: ...
    def delete_password(self, service: str, name: str, /) -> None: ...


class KeyStore:
    """`keyring` None: the platform's, and all stores of the process know what one of them was given. `within_s` bounds
    each wait for the keyring."""

    def __init__(self, keyring: Keyring | None = None, within_s: float = KEYRING_S) -> None:
        self._keyring = keyring
        self._within_s = within_s
        self._session: dict[str, str] = _OF_THIS_SESSION if keyring is None else {}

    async def read(self, name: str) -> str:
        """The key of that name; "" where there is none, or where the keyring cannot be used."""
        if name in self._session or not name:
            return self._session.get(name, "")
        try:
            return await self._ask(lambda ring: ring.get_password(SERVICE, name)) or ""
        except KeyringUnusable:
            return ""

    def was_given(self, name: str) -> bool:
        """Whether a key of that name was entered in this session."""
        return name in self._session

    async def store(self, name: str, key: str) -> None:
        """Keep a key. Raises KeyringUnusable with a sentence where it is kept for this session only."""
        self._session[name] = key
        await self._ask(lambda ring: ring.set_password(SERVICE, name, key))

    async def forget(self, name: str) -> None:
        """Delete a key; one that is not there is deleted already. Raises KeyringUnusable with a sentence."""
        self._session.pop(name, None)

        def delete(ring: Keyring) -> None:
            if ring.get_password(SERVICE, name) is not None:
                ring.delete_password(SERVICE, name)

        await self._ask(delete)

    async def _ask(self, question: Callable[[Keyring], ResultT]) -> ResultT:
        """The keyring's answer, from a thread that nobody waits for longer than that."""
        try:
            async with asyncio.timeout(self._within_s):
                return await on_a_thread(lambda: question(self._ring()), "keyring")
        except TimeoutError as error:
            raise KeyringUnusable(
                "The keyring of this computer does not answer, so the key is kept for this session only;"
                " unlock the keyring and enter the key again to keep it."
            ) from error
        except Exception as error:
            raise KeyringUnusable(
                f"This computer has no keyring that can be used ({type(error).__name__}), so the key is kept for this"
                " session only; install one, such as GNOME Keyring or KWallet, to keep it."
            ) from error

    def _ring(self) -> Keyring:
        if self._keyring is None:
            import keyring

            self._keyring = keyring.get_keyring()
        return self._keyring
