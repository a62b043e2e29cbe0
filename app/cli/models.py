"""`sotto models list|use|off|test|key`: which language model answers, and those that there are.

Runs on the command line's only thread. Imports nothing heavy.
"""

from __future__ import annotations

import argparse
import dataclasses
import getpass
import json
import os
import sys
from collections.abc import Callable

from app.cli.asking import wait_for
from engine.errand_events import ErrandDone
from engine.errands import (
    DialogueSetup,
    Errand,
    ErrandResult,
    FindServers,
    FoundServers,
    KeyStored,
    ListModels,
    ModelServer,
    ModelTimes,
    ReadDialogue,
    StoreKey,
    TryModel,
    UseModel,
)
from engine.errors import SottoError
from engine.handle import EngineHandle

LONGEST_KEY = 4096


def run_models(chosen: argparse.Namespace, make_handle: Callable[[], EngineHandle], stdin_fd: int) -> int:
    """Do one action. Raises SottoError with one sentence where it cannot be done."""
    key = _read_key(stdin_fd) if chosen.action == "key" else ""
    with make_handle() as engine:
        if chosen.action == "use":
            _use(engine, chosen.address, chosen.model, chosen.json)
        elif chosen.action == "off":
            _say_who(_ask(engine, UseModel(model=None)), chosen.json)
        elif chosen.action == "test":
            _test(engine, chosen.address, chosen.model, chosen.json)
        elif chosen.action == "key":
            _say_key(_ask(engine, StoreKey(address=chosen.address, key=key)), chosen.json)
        else:
            _list(engine, chosen.address, chosen.json)
    return 0


def _use(engine: EngineHandle, address: str, model: str, as_json: bool) -> None:
    """Have a model answer. Raises SottoError where its server has no such model; one that does not answer now may later
    on, and is told of."""
    trouble = ""
    try:
        server = _ask(engine, ListModels(address=address))
    except SottoError as error:
        trouble = str(error)
    else:
        assert isinstance(server, ModelServer)
        if server.models and model not in server.models:
            raise SottoError(
                f"The server at {server.address} has no language model {model!r}; the server has:"
                f" {', '.join(server.models[:20])}{' …' if len(server.models) > 20 else ''}."
            )
    _say_who(_ask(engine, UseModel(address=address, model=model)), as_json)
    if trouble:
        print(f"sotto: {trouble}", file=sys.stderr)


def _ask(engine: EngineHandle, errand: Errand) -> ErrandResult:
    """What an errand comes to. Raises SottoError with its trouble."""
    engine.run_errand(errand)
    done = wait_for(engine, ErrandDone)
    while done.errand != errand.errand:
        done = wait_for(engine, ErrandDone)
    if done.result is None:
        raise SottoError(done.trouble)
    return done.result


def _list(engine: EngineHandle, address: str | None, as_json: bool) -> None:
    """Servers on this machine, or the one at an address, and who answers now."""
    setup = _ask(engine, ReadDialogue())
    assert isinstance(setup, DialogueSetup)
    if setup.notice:
        print(f"sotto: {setup.notice}", file=sys.stderr)
    servers: tuple[ModelServer, ...] = ()
    if address is None:
        found = _ask(engine, FindServers())
        assert isinstance(found, FoundServers)
        servers = found.servers
    else:
        server = _ask(engine, ListModels(address=address))
        assert isinstance(server, ModelServer)
        servers = (server,)
    used = setup.model
    if as_json:
        model = None if used is None else {"address": used.address, "model": used.model}
        print(json.dumps({"used": model, "servers": [dataclasses.asdict(server) for server in servers]}))
        return
    _say_who(setup, False)
    if not servers:
        print("No server answers on the usual ports of Ollama, LM Studio, llama.cpp and vLLM.")
    for server in servers:
        print(f"{server.name or 'Server'}  {server.address}")
        for name in server.models:
            is_used = used is not None and (used.address, used.model) == (server.address, name)
            print(f"  {name}{'  (answers now)' if is_used else ''}")


def _say_who(setup: ErrandResult, as_json: bool) -> None:
    assert isinstance(setup, DialogueSetup)
    used = setup.model
    if as_json:
        model = None if used is None else {"address": used.address, "model": used.model}
        print(json.dumps({"used": model}))
    elif used is None:
        print("The built-in skills answer.")
    else:
        where = "" if used.is_here else " What you say is sent there."
        print(f"{used.model} of {used.address} answers what the built-in skills do not.{where}")


def _test(engine: EngineHandle, address: str | None, model: str | None, as_json: bool) -> None:
    """Ask the model in use, or the one that is named, to say hello."""
    if address is None or model is None:
        setup = _ask(engine, ReadDialogue())
        assert isinstance(setup, DialogueSetup)
        if setup.model is None:
            raise SottoError("No language model is used; choose one by `sotto models use ADDRESS MODEL`.")
        address, model = setup.model.address, setup.model.model
    times = _ask(engine, TryModel(address=address, model=model))
    assert isinstance(times, ModelTimes)
    if as_json:
        print(json.dumps(dataclasses.asdict(times)))
    else:
        print(
            f"{times.model}: first word after {times.first_answer_ms:.0f} ms,"
            f" the first time after {times.first_question_ms:.0f} ms"
        )


def _say_key(stored: ErrandResult, as_json: bool) -> None:
    assert isinstance(stored, KeyStored)
    if not stored.kept:
        # The process ends with this command, and the session with it.
        raise SottoError(stored.sentence)
    if as_json:
        print(json.dumps({"address": stored.address, "has_key": stored.has_key}))
    else:
        done = "is in the keyring" if stored.has_key else "is forgotten"
        print(f"The key of {stored.address} {done}.")


def _read_key(stdin_fd: int) -> str:
    """A key is asked for unseen, or is the first line of standard input; never an argument, which others may see."""
    if os.isatty(stdin_fd):
        return getpass.getpass("API key (empty: forget it): ")
    data = b""
    while b"\n" not in data and len(data) <= LONGEST_KEY and (more := os.read(stdin_fd, LONGEST_KEY)):
        data += more
    try:
        return data.split(b"\n")[0].decode().strip()
    except UnicodeDecodeError as error:
        raise SottoError("The key on standard input is not valid UTF-8; copy it once more, whole.") from error
