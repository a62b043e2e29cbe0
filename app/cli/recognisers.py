"""`sotto recognisers list|fetch|verify|remove`: which recognisers there are, their download, whether they are whole.

Runs on the command line's only thread. Imports nothing heavy.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.cli.asking import raise_error, wait_for
from engine.commands import FetchRecogniser, ListRecognisers, PauseFetch, RemoveRecogniser, VerifyRecogniser
from engine.errors import SottoError
from engine.event_values import RecogniserSummary
from engine.events import ErrorOccurred
from engine.handle import EngineHandle
from engine.recogniser_events import FetchProgress, RecogniserRemoved, RecognisersListed, RecogniserVerified

_STATES = {
    "bundled": "bundled",
    "available": "can be fetched",
    "partial": "partly fetched",
    "fetching": "being fetched",
    "installed": "installed",
}


def add_recognisers(commands: argparse._SubParsersAction[Any], parser: type[argparse.ArgumentParser]) -> None:
    """The arguments."""
    recognisers = commands.add_parser("recognisers", help="list, fetch, verify and remove recognisers")
    actions = recognisers.add_subparsers(dest="action", metavar="ACTION", required=True, parser_class=parser)
    listing = actions.add_parser("list", help="the recognisers that are here and those that can be had")
    fetch = actions.add_parser("fetch", help="download one, or go on with its download; Ctrl-C pauses it")
    verify = actions.add_parser("verify", help="check the files of downloaded ones, or what a folder holds")
    remove = actions.add_parser("remove", help="remove a downloaded one from the shared cache")
    for action in (fetch, remove):
        action.add_argument("name", metavar="RECOGNISER")
    verify.add_argument("names", nargs="*", metavar="RECOGNISER", help="default: every downloaded one")
    for action in (listing, fetch, verify, remove):
        action.add_argument("--json", action="store_true", help="print JSON")


def run_recognisers(chosen: argparse.Namespace, make_handle: Callable[[], EngineHandle]) -> int:
    """Do one action. Raises SottoError for one that is unknown, damaged, or cannot be fetched."""
    with make_handle() as engine:
        if chosen.action == "list":
            _list(_listed(engine), chosen.json)
        elif chosen.action == "fetch":
            return _fetch(engine, chosen.name, chosen.json)
        elif chosen.action == "verify":
            _verify(engine, chosen.names, chosen.json)
        else:
            engine.recogniser(RemoveRecogniser(recogniser=chosen.name))
            removed = wait_for(engine, RecogniserRemoved)
            freed = f"Removed {removed.recogniser}; {removed.freed_bytes / 1e6:.0f} MB are free again."
            print(json.dumps({"recogniser": removed.recogniser, "removed": True}) if chosen.json else freed)
    return 0


def _listed(engine: EngineHandle) -> RecognisersListed:
    engine.recogniser(ListRecognisers())
    return wait_for(engine, RecognisersListed)


def _list(listed: RecognisersListed, as_json: bool) -> None:
    if as_json:
        recognisers = [dataclasses.asdict(one) for one in listed.recognisers]
        print(
            json.dumps({"recognisers": recognisers, "free_bytes": listed.free_bytes, "cache": listed.cache})
        )
        return
    for one in listed.recognisers:
        print(f"{one.name:18} {_STATES[one.state]:16} {_size(one):>9}  {one.licence:12}  {one.title}")
    print(f"{listed.free_bytes / 1e9:.1f} GB are free in {listed.cache}.")


def _size(one: RecogniserSummary) -> str:
    return f"{one.size_bytes / 1e6:.0f} MB" if one.size_bytes else ""


def _fetch(engine: EngineHandle, name: str, as_json: bool) -> int:
    """Until it is done; Ctrl-C pauses it, and 130 is the exit code then."""
    engine.recogniser(FetchRecogniser(recogniser=name))
    before = signal.signal(signal.SIGINT, lambda *_: engine.recogniser(PauseFetch(recogniser=name)))
    shown = not as_json and sys.stderr.isatty()
    try:
        for event in engine.events():
            if isinstance(event, ErrorOccurred):
                raise_error(event)
            if not isinstance(event, FetchProgress):
                continue
            if as_json:
                print(event.to_json(), flush=True)
            elif shown and event.total_bytes:
                done = 100.0 * event.done_bytes / event.total_bytes
                print(f"\r{event.recogniser}: {done:5.1f} %", end="", file=sys.stderr, flush=True)
            if event.state in ("done", "paused", "failed"):
                return _ended(event, as_json, shown)
    finally:
        signal.signal(signal.SIGINT, before)
    raise SottoError(
        "The engine ended in the middle of the download; run the command again to go on with it."
    )


def _ended(event: FetchProgress, as_json: bool, shown: bool) -> int:
    if shown:
        print(file=sys.stderr)
    if event.state == "failed":
        raise SottoError(event.message)
    if event.state == "paused":
        print(f"Paused; `sotto recognisers fetch {event.recogniser}` goes on with it.", file=sys.stderr)
        return 130
    if not as_json:
        print(f"Fetched {event.recogniser}; use it with `sotto talk --recogniser {event.recogniser}`.")
    return 0


def _verify(engine: EngineHandle, names: list[str], as_json: bool) -> None:
    if not names:
        names = [one.name for one in _listed(engine).recognisers if one.state == "installed"]
    if not names:
        raise SottoError("No recogniser was downloaded, so there is nothing to verify.")
    damaged = []
    for name in names:
        path = Path(name).expanduser()
        engine.recogniser(VerifyRecogniser(recogniser=str(path.absolute()) if path.exists() else name))
        verified = wait_for(engine, RecogniserVerified)
        if as_json:
            print(json.dumps({"recogniser": name, "whole": verified.whole, "message": verified.message}))
        elif verified.whole:
            print(f"{name}: {verified.message or 'every file is whole'}")
        damaged += [] if verified.whole else [f"{name}: {verified.message}"]
    if damaged:
        raise SottoError(" ".join(damaged))
