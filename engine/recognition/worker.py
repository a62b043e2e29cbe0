"""The recogniser's process: reads utterances from a pipe, answers every message with exactly one.

Single-threaded but for a watch that ends the process with its parent. A call that hangs with Python's lock held is
ended by the interpreter's own alarm. Imports no recogniser itself: what it is given makes one.
"""

from __future__ import annotations

import faulthandler
import os
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import parent_process
from multiprocessing.connection import Connection, wait

import numpy as np

from engine.collector import loading
from engine.recognition.listener import Listener, Understood, Words

SELF_END_S = 60.0
"""A single step that takes longer ends the process even when nobody is left to kill it."""

PARENT_GONE = 3
"""Exit code of a process whose parent ended."""


@dataclass(frozen=True, slots=True)
class Begin:
    """A new utterance."""

    utterance: int


@dataclass(frozen=True, slots=True)
class Audio:
    """16-bit PCM in native byte order."""

    utterance: int
    pcm: bytes


@dataclass(frozen=True, slots=True)
class Finish:
    """No more audio."""

    utterance: int


@dataclass(frozen=True, slots=True)
class Drop:
    """Forget it."""

    utterance: int


@dataclass(frozen=True, slots=True)
class Done:
    """The one answer to a message (and the first one: ready)."""

    words: Words | None = None
    understood: Understood | None = None


@dataclass(frozen=True, slots=True)
class Unusable:
    """The recogniser cannot be made at all: a sentence for the user."""

    message: str


Message = Begin | Audio | Finish | Drop
Answer = Done | Unusable

FULL_SCALE = 32768.0


def serve(connection: Connection, make_listener: Callable[[], Listener]) -> None:
    """Main function of the process; ends with the pipe."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the front end, which closes the pipe
    threading.Thread(target=_end_with_parent, name="parent-watch", daemon=True).start()
    from engine.errors import SottoError

    try:
        with loading():
            listener = make_listener()
    except SottoError as error:
        connection.send(Unusable(str(error)))
        return
    connection.send(Done())
    with open(os.devnull, "w") as nowhere:
        while True:
            try:
                message: Message = connection.recv()
            except EOFError:
                return
            faulthandler.dump_traceback_later(SELF_END_S, exit=True, file=nowhere)
            try:
                answer = _worked(listener, message)
                connection.send(answer)
                if isinstance(message, Finish | Drop):
                    listener.tidy()
            except BrokenPipeError:
                return
            finally:
                faulthandler.cancel_dump_traceback_later()


def _worked(listener: Listener, message: Message) -> Done:
    match message:
        case Begin():
            listener.begin()
        case Audio(pcm=pcm):
            samples = np.frombuffer(pcm, np.int16).astype(np.float32) / np.float32(FULL_SCALE)
            return Done(words=listener.feed(samples))
        case Finish():
            return Done(understood=listener.finish())
        case Drop():
            listener.drop()
    return Done()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(PARENT_GONE)
