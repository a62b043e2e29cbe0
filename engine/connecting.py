"""Carries out errands: servers found, models listed and tried, keys kept, tool servers asked, the choice written down.

`Errands.take` is called on the process' main thread and returns at once; the work is done on an asyncio loop of a
thread of its own, which begins with the first errand and imports there what takes a while. Must not import the speech
model or the session.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
from collections.abc import Callable
from pathlib import Path

from engine.addresses import is_on_this_machine
from engine.dialogue.keys import KeyringUnusable, KeyStore
from engine.dialogue.loop_thread import LoopThread, on_a_thread
from engine.dialogue.model_config import (
    DialogueConfig,
    checked_url,
    load_dialogue_config,
)
from engine.dialogue.opening import dialogue_config_path
from engine.dialogue.servers import USUAL_SERVERS, find_servers, models_at
from engine.dialogue.setup import (
    keep_damaged,
    model_for,
    patient,
    save,
    setup_of,
    setup_with_key,
    with_model,
    with_tool_server,
    without_tool_server,
)
from engine.dialogue.tools import ToolFailed
from engine.errand_events import ErrandDone
from engine.errands import (
    WRITING,
    CancelErrand,
    DeviceSummary,
    DialogueSetup,
    Errand,
    ErrandName,
    ErrandResult,
    FindServers,
    FoundServers,
    KeyStored,
    ListDevices,
    ListModels,
    ListTools,
    ModelServer,
    ModelTimes,
    OfferedTool,
    OfferedTools,
    ReadDialogue,
    RemoveToolServer,
    SetToolServer,
    SoundDevices,
    StoreKey,
    TryModel,
    UseModel,
)
from engine.errors import ConfigError, SottoError
from engine.events import Event


class Errands:
    """`send` takes events from any thread. `renew` is called when who answers has changed, also from any."""

    def __init__(
        self,
        send: Callable[[Event], None],
        renew: Callable[[], None],
        keys: KeyStore | None = None,
        candidates: tuple[tuple[str, str], ...] = USUAL_SERVERS,
        path: Callable[[], Path] = dialogue_config_path,
    ) -> None:
        self._send, self._renew = send, renew
        self._keys = keys or KeyStore()
        self._candidates, self._path = candidates, path
        self._keyed: set[str] = set()
        self._loop: LoopThread | None = None
        self._under_way: dict[ErrandName, concurrent.futures.Future[None]] = {}
        self._writing = asyncio.Lock()

    def take(self, errand: Errand) -> None:
        """Begin an errand, or give one up."""
        name = errand.errand
        before = self._under_way.get(name)
        if isinstance(errand, CancelErrand):
            if before is not None and name not in WRITING:  # what is being written is not left half done
                before.cancel()
                self._send(ErrandDone(errand=name))
            return
        if before is not None and name not in WRITING:
            before.cancel()
        if self._loop is None:
            self._loop = LoopThread("errands")
        self._under_way[name] = self._loop.start(self._run(errand, name))

    def close(self) -> None:
        """Give up everything and end the thread."""
        if self._loop is not None:
            self._loop.close()

    # on the errands' thread

    async def _run(self, errand: Errand, name: ErrandName) -> None:
        result: ErrandResult | None = None
        trouble = ""
        try:
            result = await self._do(errand)
        except (SottoError, ToolFailed) as error:
            trouble = f"{str(error)[:1].upper()}{str(error)[1:]}"
        except OSError as error:
            folder = self._path().parent
            trouble = f"The file {error.filename or folder} cannot be used ({error.strerror}); mend its permissions."
        except Exception as error:  # noqa: BLE001 - the thread's boundary: whatever it is becomes a sentence
            trouble = (
                f"This failed by a fault of Sotto itself ({type(error).__name__}: {error}); please report it."
            )
        self._send(ErrandDone(errand=name, result=result, trouble=trouble))

    async def _do(self, errand: Errand) -> ErrandResult:
        match errand:
            case FindServers():
                found = await find_servers(self._candidates)
                return FoundServers(
                    servers=tuple(
                        ModelServer(address=each.base_url, name=each.name, models=each.models)
                        for each in found
                    )
                )
            case ListModels():
                address = address_of(errand.address)
                return ModelServer(address=address, models=await models_at(address, await self._key(address)))
            case TryModel():
                return await self._try(address_of(errand.address), errand.model)
            case StoreKey():
                return await self._store(address_of(errand.address), errand.key.strip())
            case ListTools():
                return await self._list_tools(errand.server)
            case ListDevices():
                return await on_a_thread(_devices, "device list")
            case ReadDialogue() | UseModel() | SetToolServer() | RemoveToolServer():
                async with self._writing:
                    return await self._set_up(errand)
        raise TypeError(f"{errand!r} is no errand")

    async def _set_up(
        self, errand: ReadDialogue | UseModel | SetToolServer | RemoveToolServer
    ) -> DialogueSetup:
        config, damage = self._load()
        match errand:
            case ReadDialogue():
                notice = f"{damage} It is kept aside when you change something here." if damage else ""
                return setup_of(config, frozenset(self._keyed), notice)
            case UseModel(model=None):
                changed = with_model(config, None, "", errand)
            case UseModel():
                address = address_of(errand.address)
                changed = with_model(config, address, await self._key_name(address), errand)
            case SetToolServer():
                changed = with_tool_server(config, errand.server, errand.is_new)
            case RemoveToolServer():
                changed = without_tool_server(config, errand.name)
        notice = f"{damage} The file is kept as {keep_damaged(self._path())}." if damage else ""
        save(self._path(), changed)
        self._renew()
        return setup_of(changed, frozenset(self._keyed), notice)

    def _load(self) -> tuple[DialogueConfig, str]:
        """What is set up, and a sentence where that cannot be read: then it is nothing."""
        try:
            return load_dialogue_config(self._path()), ""
        except ConfigError as error:
            return DialogueConfig(), f"{error}."

    async def _key_name(self, address: str) -> str:
        """The name in the keyring of the key to a server, "" where there is none.

        For a server on this machine, which wants none as a rule, nobody is asked to unlock a keyring.
        """
        config, _ = self._load()
        for model in (config.model, config.resting):
            if model is not None and model.base_url == address and model.key:
                return model.key
        known = address in self._keyed or self._keys.was_given(address)
        if not known and not is_on_this_machine(address):
            known = bool(await self._keys.read(address))
        if known:
            self._keyed.add(address)
        return address if known else ""

    async def _key(self, address: str) -> str:
        return await self._keys.read(await self._key_name(address))

    async def _try(self, address: str, name: str) -> ModelTimes:
        """Twice, since a server may load the model for the first question."""
        from engine.dialogue.with_model import try_out

        config, _ = self._load()
        model = model_for(config, address, name)
        key = await self._key(address)
        first = await try_out(patient(model), key)
        then = await try_out(model, key)
        return ModelTimes(
            address=address,
            model=name,
            first_answer_ms=then.first_answer_ms or 0.0,
            first_question_ms=first.first_answer_ms or 0.0,
        )

    async def _store(self, address: str, key: str) -> KeyStored:
        """Keep or forget a key, and have the model at that address use it."""
        if not key.isascii() or not key.isprintable() or " " in key:
            raise SottoError("This is no API key: it has signs that none has; copy it once more, whole.")
        kept, sentence = True, ""
        try:
            if key:
                await self._keys.store(address, key)
            else:
                await self._keys.forget(await self._key_name(address) or address)
        except KeyringUnusable as unusable:
            kept = False
            sentence = str(unusable) if key else "There is no keyring that a key could be taken from."
        if key:
            self._keyed.add(address)
        else:
            self._keyed.discard(address)
        async with self._writing:
            self._note_key(address, address if key else "")
        return KeyStored(address=address, has_key=bool(key), kept=kept, sentence=sentence)

    def _note_key(self, address: str, key_name: str) -> None:
        """Name the key in the settings of the models at that address, and tell of it."""
        config, damage = self._load()
        changed = setup_with_key(config, address, key_name)
        if changed != config and not damage:
            save(self._path(), changed)
        self._renew()
        self._send(ErrandDone(errand="setup", result=setup_of(changed, frozenset(self._keyed), "")))

    async def _list_tools(self, name: str) -> OfferedTools:
        from engine.dialogue.mcp_sessions import list_tools

        config, _ = self._load()
        server = next((server for server in config.tool_servers if server.name == name), None)
        if server is None:
            raise SottoError(f"There is no tool server {name!r} in the settings.")
        if not server.allowed:
            raise SottoError(f"The tool server {name!r} is not started before you allow it.")
        tools = await list_tools(server)
        return OfferedTools(
            server=name, tools=tuple(OfferedTool(name=tool, description=words) for tool, words in tools)
        )


def address_of(typed: str) -> str:
    """The address of a server as it was typed, made whole. Raises ConfigError with a sentence."""
    words = typed.strip()
    return checked_url(words if "://" in words or not words else f"http://{words}", "The address")


def _devices() -> SoundDevices:
    """What is plugged in. Imports the sound system, and may wait for it."""
    from engine.audio.live import list_devices

    inputs, outputs = (
        tuple(
            DeviceSummary(label=device.label, is_default=device.is_default)
            for device in list_devices(direction)
            if device.is_real
        )
        for direction in ("input", "output")
    )
    return SoundDevices(inputs=inputs, outputs=outputs)
