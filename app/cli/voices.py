"""`sotto voices list|show|verify`: what is installed, one voice's card, and whether its parts are whole.

Runs on the command line's only thread. Imports nothing heavy.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
from collections.abc import Callable
from typing import Any

from app.cli.asking import wait_for
from engine.errors import SottoError
from engine.events import VoicesListed, VoiceSummary, VoiceVerified
from engine.handle import EngineHandle


def run_voices(chosen: argparse.Namespace, make_handle: Callable[[], EngineHandle]) -> int:
    """Do one action. Raises SottoError for an unknown or damaged voice."""
    with make_handle() as engine:
        engine.list_voices()
        voices = wait_for(engine, VoicesListed).voices
        if chosen.action == "list":
            _list(voices, chosen.json)
        elif chosen.action == "show":
            _show(_named(voices, chosen.name), chosen.json)
        else:
            _verify(engine, chosen.names or [voice.name for voice in voices], chosen.json)
    return 0


def _list(voices: tuple[VoiceSummary, ...], as_json: bool) -> None:
    if as_json:
        print(json.dumps([_plain(voice) for voice in voices]))
        return
    if not voices:
        print("No voice is installed; `sotto doctor` says how to get one.")
    for voice in voices:
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


def _verify(engine: EngineHandle, names: list[str], as_json: bool) -> None:
    if not names:
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


def _named(voices: tuple[VoiceSummary, ...], name: str) -> VoiceSummary:
    for voice in voices:
        if name in (voice.name, voice.path):
            return voice
    installed = ", ".join(voice.name for voice in voices) or "none"
    raise SottoError(f"There is no voice named {name!r}; installed: {installed}.")


def _plain(voice: VoiceSummary) -> dict[str, Any]:
    return dataclasses.asdict(voice)
