"""What the settings show of language models, tool servers and sound devices, and how it changes: values, pure.

Must not import Qt.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from app.desktop.phrase import Phrase, Words, tr_later
from engine.errand_events import ErrandDone
from engine.errands import (
    DialogueSetup,
    ErrandName,
    FoundServers,
    KeyStored,
    ModelServer,
    ModelTimes,
    OfferedTools,
    SoundDevices,
)

NO_ENGINE = Phrase(
    tr_later("The engine does not run; start it again in the window, then try this once more.")
)


@dataclass(frozen=True, slots=True)
class ErrandBegun:
    """Something was asked of the engine; its end is an ErrandDone."""

    errand: ErrandName


@dataclass(frozen=True, slots=True)
class Connections:
    """`setup` None: not read yet. `found` None: nobody has looked. `listed` are servers by an address that was typed,
    the latest last. `troubles`: the sentence of an errand that failed last."""

    setup: DialogueSetup | None = None
    found: tuple[ModelServer, ...] | None = None
    listed: tuple[ModelServer, ...] = ()
    times: ModelTimes | None = None
    key: KeyStored | None = None
    tools: tuple[OfferedTools, ...] = ()
    devices: SoundDevices | None = None
    under_way: frozenset[ErrandName] = frozenset()
    troubles: tuple[tuple[ErrandName, Words], ...] = ()

    @property
    def servers(self) -> tuple[ModelServer, ...]:
        """Every server that is known, the one in use first, each once."""
        known: dict[str, ModelServer] = {}
        setup = self.setup
        choice = None if setup is None else setup.model or setup.resting
        if choice is not None:
            known[choice.address] = ModelServer(address=choice.address, models=(choice.model,))
        for server in (*(self.found or ()), *self.listed):
            before = known.get(server.address)
            known[server.address] = replace(server, name=server.name or (before.name if before else ""))
        return tuple(known.values())

    def models_at(self, address: str) -> tuple[str, ...]:
        """The models of a server, as far as they are known."""
        return next((server.models for server in self.servers if server.address == address), ())

    def tools_of(self, server: str) -> OfferedTools | None:
        """What a tool server offers, once it was asked."""
        return next((offered for offered in self.tools if offered.server == server), None)

    def trouble(self, errand: ErrandName) -> Words:
        """Why the last errand of that name failed, "" where it did not."""
        return dict(self.troubles).get(errand, "")


NOTHING_KNOWN = Connections()


def connected(now: Connections, action: object, engine_runs: bool) -> Connections:
    """The next value after something happened, the same where nothing has changed; without an engine nothing is under
    way."""
    if not engine_runs:
        now = replace(now, under_way=frozenset()) if now.under_way else now
        return _with_trouble(now, action.errand, NO_ENGINE) if isinstance(action, ErrandBegun) else now
    if isinstance(action, ErrandBegun):
        begun = replace(now, under_way=now.under_way | {action.errand})
        if action.errand == "try":
            begun = replace(begun, times=None)
        elif action.errand == "key":
            begun = replace(begun, key=None)
        return _with_trouble(begun, action.errand, "")
    if isinstance(action, ErrandDone):
        done = replace(now, under_way=now.under_way - {action.errand})
        return _with_result(_with_trouble(done, action.errand, action.trouble), action)
    return now


def _with_trouble(now: Connections, errand: ErrandName, trouble: Words) -> Connections:
    others = tuple(pair for pair in now.troubles if pair[0] != errand)
    return replace(now, troubles=(*others, (errand, trouble)) if trouble else others)


def _with_result(now: Connections, done: ErrandDone) -> Connections:
    match done.result:
        case FoundServers(servers=servers):
            return replace(now, found=servers)
        case ModelServer() as server:
            others = tuple(each for each in now.listed if each.address != server.address)
            return replace(now, listed=(*others, server))
        case ModelTimes() as times:
            return replace(now, times=times)
        case KeyStored() as key:
            return replace(now, key=key)
        case OfferedTools() as offered:
            kept = tuple(each for each in now.tools if each.server != offered.server)
            return replace(now, tools=(*kept, offered))
        case DialogueSetup() as setup:
            names = {server.name for server in setup.tool_servers}
            return replace(now, setup=setup, tools=tuple(each for each in now.tools if each.server in names))
        case SoundDevices() as devices:
            return replace(now, devices=devices)
    return now
