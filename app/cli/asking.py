"""Asking the engine one thing and waiting for the answer, with errors as exceptions.

Runs on the command line's only thread. Imports nothing heavy.
"""

from __future__ import annotations

import sys
from typing import TypeVar

from engine.errors import SottoError
from engine.events import ErrorOccurred, Event
from engine.handle import EngineHandle

Answer = TypeVar("Answer", bound=Event)


class EngineFailure(Exception):
    """A failure of Sotto itself, with its cause: nothing the user did wrong."""


class SoundDeviceFailure(SottoError):
    """The engine has nothing to play on."""


def raise_error(error: ErrorOccurred) -> None:
    """The exception that an error event stands for."""
    if error.code == "refused":
        raise SottoError(error.message)
    if error.code == "sound_device":
        raise SoundDeviceFailure(error.message)
    raise EngineFailure("\n".join(part for part in (error.message, error.mend, error.cause) if part))


def wait_for(engine: EngineHandle, kind: type[Answer], turn_id: int = 0) -> Answer:
    """The next event of this kind and turn. Raises SottoError or EngineFailure for an error event; one after which
    the turn goes on is printed."""
    for event in engine.events():
        if event.turn_id != turn_id and not (isinstance(event, ErrorOccurred) and event.fatal):
            continue  # the end of an earlier turn
        if isinstance(event, ErrorOccurred) and event.response_goes_on:
            print("sotto:", *filter(None, (event.message, event.mend)), file=sys.stderr)
        elif isinstance(event, ErrorOccurred):
            raise_error(event)
        if isinstance(event, kind):
            return event
    raise EngineFailure("The engine ended without an answer.")
