"""`sotto voices list|show|download|verify|remove`: what is installed, one voice's card, whether its parts are whole.

Runs on the command line's only thread. Imports nothing heavy.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from collections.abc import Callable
from typing import Any

from app.cli.asking import wait_for
from engine.errors import SottoError
from engine.event_values import VoiceSummary
from engine.events import VoiceRemoved, VoicesListed, VoiceVerified
from engine.handle import EngineHandle
from engine.paths import data_dir


def run_voices(chosen: argparse.Namespace, make_handle: Callable[[], EngineHandle]) -> int:
    """Do one action. Raises SottoError for an unknown or damaged voice."""
    if chosen.action == "download":
        raise SottoError(
            "Sotto has no voices to download yet; put a voice of your own into a folder of its own in"
            f" {data_dir() / 'voices'}."
        )
    with make_handle() as engine:
        if chosen.action == "remove":
            _remove(engine, chosen.name, chosen.json)
            return 0
        engine.list_voices()
        listed = wait_for(engine, VoicesListed)
        if chosen.action == "list":
            _list(listed, chosen.json)
        elif chosen.action == "show":
            _show(_named(listed, chosen.name), chosen.json)
        else:
            _verify(engine, listed, chosen.names, chosen.json)
    return 0


def _list(listed: VoicesListed, as_json: bool) -> None:
    for folder in listed.damaged:
        print(f"sotto: {folder.reason}", file=sys.stderr)
    if as_json:
        print(json.dumps([_plain(voice) for voice in listed.voices]))
        return
    if not listed.voices:
        print("No voice is installed; `sotto doctor` says how to get one.")
    for voice in listed.voices:
        print(f"{voice.name:20} {voice.kind:12} {voice.sample_rate_hz} Hz  {voice.licence}")


def _show(voice: VoiceSummary, as_json: bool) -> None:
    if as_json:
        print(json.dumps(_plain(voice)))
        return
    print(f"{voice.name}  {voice.path}")
    _print_table(voice.card, "  ")


def _print_table(table: dict[str, Any], indent: str) -> None:
    for key, value in table.items():
        if isinstance(value, dict):
            print(f"{indent}{key}")
            _print_table(value, indent + "  ")
        else:
            print(f"{indent}{key}: {value}")


def _verify(engine: EngineHandle, listed: VoicesListed, names: list[str], as_json: bool) -> None:
    damaged = () if names else listed.damaged
    names = names or [voice.name for voice in listed.voices]
    if not names and not damaged:
        raise SottoError(
            "No voice is installed, so there is nothing to verify; `sotto doctor` says how to get one."
        )
    for name in names:
        engine.verify_voice(name)
        verified = wait_for(engine, VoiceVerified)
        if as_json:
            print(json.dumps({"voice": verified.voice, "whole": True}))
        else:
            print(f"{verified.voice}: every part is whole and belongs to this voice")
    if damaged:
        raise SottoError("; ".join(folder.reason for folder in damaged))


def _remove(engine: EngineHandle, name: str, as_json: bool) -> None:
    engine.remove_voice(name)
    removed = wait_for(engine, VoiceRemoved)
    if as_json:
        print(json.dumps({"voice": removed.voice, "path": removed.path, "removed": True}))
    else:
        print(f"Removed {removed.voice} ({removed.path}).")


def _named(listed: VoicesListed, name: str) -> VoiceSummary:
    for voice in listed.voices:
        if name in (voice.name, voice.path):
            return voice
    for folder in listed.damaged:
        if name in (folder.name, folder.path):
            raise SottoError(folder.reason)
    installed = ", ".join(voice.name for voice in listed.voices) or "none"
    raise SottoError(f"There is no voice named {name!r}; installed: {installed}.")


def _plain(voice: VoiceSummary) -> dict[str, Any]:
    return dataclasses.asdict(voice)
