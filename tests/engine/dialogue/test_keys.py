"""Keys to far servers: kept by the keyring, or for the session only with one sentence that says so."""

from __future__ import annotations

import asyncio
import time

import pytest

from engine.dialogue.keys import KeyringUnusable, KeyStore
from tests.fakes.keyrings import LockedKeyring, NoKeyring, OpenKeyring


def test_a_key_is_kept_found_again_and_forgotten() -> None:
    ring = OpenKeyring()

    async def work() -> None:
        await KeyStore(ring).store("work", "s3cret")
        later = KeyStore(ring)
        assert await later.read("work") == "s3cret"
        assert await later.read("other") == ""
        assert await later.read("") == ""
        await later.forget("work")
        await later.forget("work")
        assert await KeyStore(ring).read("work") == ""

    asyncio.run(work())
    assert ring.kept == {}


def test_without_a_keyring_a_key_lasts_for_the_session() -> None:
    async def work() -> None:
        store = KeyStore(NoKeyring())
        assert await store.read("work") == ""
        with pytest.raises(KeyringUnusable, match="kept for this session only; install one"):
            await store.store("work", "s3cret")
        assert await store.read("work") == "s3cret"

    asyncio.run(work())


def test_a_locked_keyring_is_not_waited_for() -> None:
    ring = LockedKeyring()

    async def work() -> None:
        store = KeyStore(ring, within_s=0.1)
        started_s = time.perf_counter()
        assert await store.read("work") == ""
        with pytest.raises(KeyringUnusable, match="does not answer"):
            await store.store("work", "s3cret")
        assert time.perf_counter() - started_s < 5.0
        assert await store.read("work") == "s3cret"

    asyncio.run(work())
    ring.unlocked.set()
