"""`sotto talk`: a whole conversation with a recording as the microphone, or live on the sound devices.

Prints the turns as they are heard, or one JSON object at the end. Imports nothing heavy.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

from app.cli.asking import EngineFailure, raise_error
from app.cli.turns import Turn, TurnsSeen
from engine.commands import EndConversation, StartConversation
from engine.errors import SottoError
from engine.events import DeviceChanged, ErrorOccurred, Event, ResponseDone, SessionEnded
from engine.handle import EngineHandle


def run_talk(chosen: argparse.Namespace, make_handle: Callable[[], EngineHandle]) -> int:
    """Converse as the arguments say. Raises SottoError with one sentence for a mistake."""
    if chosen.live == (chosen.recording is not None):
        raise SottoError("Name one recording to talk with, or say --live to talk on the sound devices.")
    if chosen.live and (chosen.out or chosen.realtime):
        raise SottoError("--out and --realtime go with a recording; a live conversation has neither.")
    command = StartConversation(
        voice=chosen.voice,
        recording=chosen.recording,
        write=chosen.out,
        realtime=chosen.realtime,
        input_device=chosen.input,
        output_device=chosen.output,
        echo=chosen.echo,
        patience=chosen.patience,
        seed=chosen.seed,
        recogniser=_named(chosen.recogniser),
    )
    with _opened(chosen.events) as file, make_handle() as engine:
        seen = hold(engine, command, file, quiet=chosen.json)
    if chosen.json:
        print(json.dumps(as_json(seen), ensure_ascii=False))
    elif chosen.out:
        print(f"Wrote {chosen.out}: left the user, right the assistant.")
    return 0


def _named(recogniser: str | None) -> str | None:
    """A folder as the engine process finds it, a name as it is."""
    if recogniser is not None and Path(recogniser).expanduser().exists():
        return str(Path(recogniser).expanduser().absolute())
    return recogniser


def hold(engine: EngineHandle, command: StartConversation, file: IO[str] | None, quiet: bool) -> TurnsSeen:
    """Hold one conversation to its end; Ctrl-C and SIGTERM end a live one as they should."""
    seen = TurnsSeen()
    engine.converse(command)
    with _ended_by_signal(engine):
        for event in engine.events():
            if file is not None and event.t_ms is not None:
                file.write(event.to_json() + "\n")
            seen.take(event)
            _tell(event, seen, quiet)
            if isinstance(event, SessionEnded):
                return seen
    raise EngineFailure("The engine ended in the middle of the conversation.")


def _tell(event: Event, seen: TurnsSeen, quiet: bool) -> None:
    """Print what a person wants to know; raise what ends the conversation."""
    if isinstance(event, ErrorOccurred):
        if event.fatal or event.code in ("refused", "sound_device", "internal"):
            raise_error(event)
        print("sotto:", *filter(None, (event.message, event.mend)), file=sys.stderr)
    elif isinstance(event, DeviceChanged):
        print("sotto:", *filter(None, (event.message, event.mend)), file=sys.stderr)
    elif isinstance(event, ResponseDone) and not quiet:
        turn = seen.turn(event.turn_id)
        if turn.user_text:
            print(f"You:   {turn.user_text}")
        if turn.heard_text or turn.written_text or turn.assistant_text:
            print(f"Sotto: {told(turn)}", flush=True)


def told(turn: Turn) -> str:
    """The assistant's side for people: what was cut off, or was only written, is marked."""
    words = turn.written_text or turn.heard_text
    if turn.written_text:
        words += " — (written, in part not heard)" if turn.heard_text else " — (written, not heard)"
    return f"{words} — (interrupted)".strip() if turn.interrupted else words


def as_json(seen: TurnsSeen) -> dict[str, Any]:
    """The object that `talk --json` prints."""
    ended = seen.ended
    assert ended is not None, "a conversation that was held has ended"
    return {
        "turns": [turn.as_dict() for turn in seen.turns()],
        "xruns": {
            "lost_input_samples": ended.lost_input_samples,
            "input_overflows": ended.input_overflows,
            "output_underflows": ended.output_underflows,
            "starved": ended.starved,
        },
        "ahead": {
            "made": ended.made_ahead,
            "used": ended.used_ahead,
            "wasted_ms": ended.wasted_ms,
            "computed_ms": ended.computed_ms,
        },
        "memory": ended.memory,
    }


@contextlib.contextmanager
def _opened(path: Path | None) -> Iterator[IO[str] | None]:
    if path is None:
        yield None
        return
    try:
        file = path.open("w", encoding="utf-8")
    except OSError as error:
        raise SottoError(
            f"The file {path} for --events cannot be written ({error.strerror}); name another one."
        ) from error
    with file:
        yield file


@contextlib.contextmanager
def _ended_by_signal(engine: EngineHandle) -> Iterator[None]:
    """SIGINT and SIGTERM ask the engine to end the conversation, which then tells of its end."""

    def end(number: int, frame: object) -> None:
        engine.converse(EndConversation())

    before = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
