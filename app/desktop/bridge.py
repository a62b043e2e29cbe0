"""The only file that knows both Qt and the engine: commands out, events in as one Qt signal.

Two threads of its own, so that the window never waits: one carries out what is asked of the engine's handle in order,
one reads its events. Signals cross to the window's thread by Qt's queue. Loads nothing heavy.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QObject, Signal

from engine.commands import ConversationCommand, RecogniserCommand
from engine.errands import Errand
from engine.errors import SottoError
from engine.events import ErrorOccurred, Event

READ_S = 0.2
"""How long a read waits before it looks whether the window is closing."""

MAX_BURST = 64
"""Events handed over by one signal at most: the window paints between two of them."""

END_S = 10.0
"""How long closing may take: the handle asks, terminates, then kills."""


class Engine(Protocol):
    """What the bridge needs of `engine.handle.EngineHandle`."""

    def start(self) -> None:
        """Start the process."""

    def converse(self, command: ConversationCommand) -> None:
        """Send a command of the conversation."""

    def list_voices(self) -> None:
        """Ask for VoicesListed."""

    def verify_voice(self, voice: str) -> None:
        """Ask for VoiceVerified."""

    def remove_voice(self, voice: str) -> None:
        """Ask for VoiceRemoved."""

    def recogniser(self, command: RecogniserCommand) -> None:
        """Look after recognisers."""

    def examine(self) -> None:
        """Ask for Examined."""

    def run_errand(self, errand: Errand) -> None:
        """Ask about models, tools, keys or devices: ErrandDone."""

    def next_event(self, timeout_s: float | None = None) -> Event | None:
        """The next event, or None when none came."""

    def close(self, timeout_s: float = 5.0) -> None:
        """End the process."""


class Bridge(QObject):
    """One engine after the other: starts it, restarts it, passes commands and events.

    `arrived` carries a tuple of events in order, on the thread of whoever connected from the window.
    """

    arrived = Signal(tuple)

    def __init__(self, make_engine: Callable[[], Engine]) -> None:
        super().__init__()
        self._make_engine = make_engine
        self._jobs: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._worker = threading.Thread(target=self._work, name="bridge-out", daemon=True)
        self._engine: Engine | None = None
        self._reader: threading.Thread | None = None
        self._stop_reading = threading.Event()

    def start(self) -> None:
        """Start the first engine; returns at once."""
        self._worker.start()
        self._jobs.put(self._start_engine)

    def restart(self) -> None:
        """End what is left of the engine and start another one."""
        self._jobs.put(self._end_engine)
        self._jobs.put(self._start_engine)

    def send(self, command: ConversationCommand) -> None:
        """A command of the conversation, after those before it; one to an engine that died is lost, as it should be."""
        self._ask(lambda engine: engine.converse(command))

    def list_voices(self) -> None:
        """Ask for VoicesListed."""
        self._ask(lambda engine: engine.list_voices())

    def verify_voice(self, voice: str) -> None:
        """Ask for VoiceVerified."""
        self._ask(lambda engine: engine.verify_voice(voice))

    def remove_voice(self, voice: str) -> None:
        """Ask for VoiceRemoved."""
        self._ask(lambda engine: engine.remove_voice(voice))

    def recogniser(self, command: RecogniserCommand) -> None:
        """Look after recognisers: what comes of it are events."""
        self._ask(lambda engine: engine.recogniser(command))

    def examine(self) -> None:
        """Ask for Examined."""
        self._ask(lambda engine: engine.examine())

    def run_errand(self, errand: Errand) -> None:
        """Ask about models, tools, keys or devices: ErrandDone."""
        self._ask(lambda engine: engine.run_errand(errand))

    def close(self) -> None:
        """End the engine and both threads. Harmless twice, and before `start`."""
        if not self._worker.is_alive():
            return
        self._stop_reading.set()
        self._jobs.put(self._end_engine)
        self._jobs.put(None)
        self._worker.join(END_S)

    # On the thread that carries out

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            try:
                job()
            except SottoError as error:
                self._tell(ErrorOccurred(code="refused", message=str(error)))
            except Exception as error:  # noqa: BLE001 - the thread's boundary: the window tells, and can start anew
                self._tell(
                    ErrorOccurred(
                        code="engine_died",
                        message="The engine could not be reached; start it again.",
                        cause=f"{type(error).__name__}: {error}",
                        fatal=True,
                    )
                )

    def _ask(self, question: Callable[[Engine], None]) -> None:
        def job() -> None:
            if self._engine is not None:
                question(self._engine)

        self._jobs.put(job)

    def _start_engine(self) -> None:
        engine = self._make_engine()
        engine.start()
        self._engine = engine
        self._stop_reading = stop = threading.Event()
        self._reader = threading.Thread(target=self._read, args=(engine, stop), name="bridge-in", daemon=True)
        self._reader.start()

    def _end_engine(self) -> None:
        engine, reader = self._engine, self._reader
        self._engine = self._reader = None
        self._stop_reading.set()
        if reader is not None:
            reader.join()  # within READ_S; closing reads the same pipe
        if engine is not None:
            engine.close()

    def _tell(self, event: Event) -> None:
        self.arrived.emit((event,))

    # On the thread that reads

    def _read(self, engine: Engine, stop: threading.Event) -> None:
        while not stop.is_set():
            event = engine.next_event(READ_S)
            burst: list[Event] = []
            while event is not None:
                burst.append(event)
                event = engine.next_event(0.0) if len(burst) < MAX_BURST else None
            if burst:
                self.arrived.emit(tuple(burst))
            if any(isinstance(event, ErrorOccurred) and event.code == "engine_died" for event in burst):
                return
