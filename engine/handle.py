"""The front ends' only door to the engine: starts the engine process, sends commands, receives events.

Used from one thread of the front end (`cancel` from any). Loads no torch, onnxruntime, sounddevice or scipy.
"""

from __future__ import annotations

import contextlib
import dataclasses
import multiprocessing
import signal
import threading
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path
from types import TracebackType
from typing import Self

from engine.commands import (
    Cancel,
    Chat,
    Command,
    ConversationCommand,
    Destination,
    EndChat,
    Examine,
    ListVoices,
    Load,
    RecogniserCommand,
    RemoveVoice,
    Say,
    SayAgain,
    SayMore,
    Shutdown,
    StartChat,
    StartConversation,
    TypedText,
    VerifyVoice,
)
from engine.conversing import MakeParts, real_parts
from engine.errands import Errand
from engine.errors import SottoError
from engine.events import AudioDelta, ErrorOccurred, Event, ResponseDone, TranscriptDelta
from engine.launch import launch
from engine.pages import ask_for_large_pages
from engine.shelf import RuntimeShelf
from engine.speaking import VoiceShelf

MAX_TEXT_BYTES = 1_000_000
"""Longest text of one response, UTF-8: some 18 hours of speech. More is refused with a sentence."""

MAX_TURNS_WAITING = 16
"""Responses asked for and not yet over; more are refused, so that the engine's queue stays bounded."""


class EngineHandle:
    """One engine process. A context manager: starts on entry, ends on exit.

    `make_shelf` is a module-level callable that makes the voices inside the process, `make_parts` one that makes what a
    conversation needs besides (tests pass small ones).
    Every command returns at once; what comes of it arrives through `next_event`, in order.
    """

    def __init__(
        self, make_shelf: Callable[[], VoiceShelf] = RuntimeShelf, make_parts: MakeParts = real_parts
    ) -> None:
        self._make_shelf, self._make_parts = make_shelf, make_parts
        self._process: SpawnProcess | None = None
        self._connection: Connection | None = None
        self._sending = threading.Lock()
        self._turn_id = 0
        self._text_turn_id = 0  # the one that `say` began
        self._generation = 0
        self._text_bytes = 0
        self._under_way: set[int] = set()
        self._died = False
        self._closed = False

    @property
    def generation(self) -> int:
        """How often everything was cancelled; speech of an older generation is dropped."""
        return self._generation

    @property
    def process_id(self) -> int:
        """The engine process, for tools that watch it."""
        if self._process is None or self._process.pid is None:
            raise RuntimeError("the engine process is not running")
        return self._process.pid

    def start(self) -> None:
        """Start the process; returns before it is ready."""
        if self._process is not None:
            raise RuntimeError("the engine process is started once")
        context = multiprocessing.get_context("spawn")
        ask_for_large_pages()
        self._connection, theirs = context.Pipe()
        self._process = context.Process(
            target=launch, args=(theirs, self._make_shelf, self._make_parts), name="sotto-engine", daemon=True
        )
        with _interrupt_held_back():
            self._process.start()
        theirs.close()  # so that the end of either process ends the pipe

    def load(self, voice: str | None = None, device: str | None = None, runtime: str | None = None) -> None:
        """Ask for a voice ahead of its first use: EngineLoading, then EngineReady."""
        self._send(Load(voice=voice, device=device, runtime=runtime))

    def say(
        self,
        text: str,
        *,
        more: bool = False,
        seed: int = 0,
        voice: str | None = None,
        device: str | None = None,
        runtime: str | None = None,
        destination: Destination = "events",
    ) -> int:
        """Speak; returns the turn's number. With `more`, send the rest by `say_more`. Raises SottoError if too long."""
        if len(self._under_way) >= MAX_TURNS_WAITING:
            raise SottoError("Too many requests are waiting; wait for one to end, or cancel.")
        self._text_bytes = 0
        self._count_text(text)
        self._text_turn_id = turn_id = self._next_turn()
        self._under_way.add(turn_id)
        self._send(
            Say(
                turn_id=turn_id,
                generation=self._generation,
                text=text,
                more=more,
                seed=seed,
                voice=voice,
                device=device,
                runtime=runtime,
                destination=destination.absolute() if isinstance(destination, Path) else destination,
            )
        )
        return turn_id

    def say_more(self, text: str, *, last: bool = False) -> None:
        """More text for the turn that `say` began with `more`. Raises SottoError if it grows too long."""
        self._count_text(text)
        self._send(SayMore(turn_id=self._text_turn_id, text=text, last=last))

    def start_chat(self, go_on: int | None = None) -> None:
        """Begin a typed conversation, or go on with a kept one (0: the newest): ChatChanged follows, and ChatAnswered
        for what is due unasked."""
        self._send(StartChat(go_on=go_on))

    def chat(self, text: str) -> int:
        """Ask for the answer to what was typed; returns the turn's number. From any thread. Raises SottoError if the
        text is too long."""
        if _bytes_of(text) > MAX_TEXT_BYTES:
            raise _too_long()
        turn_id = self._next_turn()
        self._send(Chat(turn_id=turn_id, text=text))
        return turn_id

    def end_chat(self) -> None:
        """The typed conversation is over."""
        self._send(EndChat())

    def cancel(self) -> None:
        """Stop every response; speech that is still on its way is dropped."""
        self._generation += 1
        self._send(Cancel())

    def converse(self, command: ConversationCommand) -> None:
        """Start a conversation, tell it something, or end it; SessionCreated and SessionEnded frame its events."""
        if isinstance(command, StartConversation):
            absolute = {
                name: path.absolute()
                for name in ("recording", "write", "keep_audio")
                if (path := getattr(command, name)) is not None
            }
            command = dataclasses.replace(command, **absolute)
        elif isinstance(command, TypedText | SayAgain):
            self._check_length(command.text)
        self._send(command)

    def list_voices(self) -> None:
        """Ask for VoicesListed."""
        self._send(ListVoices())

    def verify_voice(self, voice: str) -> None:
        """Ask for VoiceVerified, or an error event that says what is damaged."""
        self._send(VerifyVoice(voice=voice))

    def remove_voice(self, voice: str) -> None:
        """Ask for VoiceRemoved, or an error event that says why it stays."""
        self._send(RemoveVoice(voice=voice))

    def recogniser(self, command: RecogniserCommand) -> None:
        """List, fetch, pause, verify or remove recognisers: see the commands for the events that follow."""
        self._send(command)

    def examine(self) -> None:
        """Ask for Examined."""
        self._send(Examine())

    def run_errand(self, errand: Errand) -> None:
        """Ask about models, tools, keys or devices, beside all speech: ErrandDone follows."""
        self._send(errand)

    def next_event(self, timeout_s: float | None = None) -> Event | None:
        """The next event, or None when none came in time, or after the end of a process that died.

        A process that ends on its own is one fatal ErrorOccurred, after the events it still sent.
        """
        deadline_s = None if timeout_s is None else time.monotonic() + timeout_s
        while True:
            left_s = None if deadline_s is None else max(0.0, deadline_s - time.monotonic())
            received, event = self._receive(left_s)
            if not received:
                return None
            if event is not None and not self._is_stale(event):
                if isinstance(event, ResponseDone):
                    self._under_way.discard(event.turn_id)
                return event

    def events(self) -> Iterator[Event]:
        """Every event as it comes, ending with the process."""
        while (event := self.next_event()) is not None:
            yield event

    def close(self, timeout_s: float = 5.0) -> None:
        """End the process: asked first, then terminated, then killed. Harmless twice."""
        if self._process is None or self._connection is None or self._closed:
            return
        self._send(Shutdown())
        deadline_s = time.monotonic() + timeout_s
        # read on, so that a process blocked in a full pipe gets to see the request
        with contextlib.suppress(EOFError, OSError):
            while (left_s := deadline_s - time.monotonic()) > 0 and self._connection.poll(left_s):
                self._connection.recv()
        self._process.join(max(0.1, deadline_s - time.monotonic()))
        # Even a killed process needs its turn on a busy machine, to give its memory back.
        for end, patience_s in ((self._process.terminate, 1.0), (self._process.kill, 30.0)):
            if self._process.exitcode is None:
                end()
                self._process.join(patience_s)
        with self._sending:
            self._closed = True
            self._connection.close()
        self._process.close()

    def _receive(self, timeout_s: float | None) -> tuple[bool, Event | None]:
        """(True, an event), or (False, None) after the time or the process has run out."""
        if self._process is None or self._connection is None or self._closed:
            raise RuntimeError("the engine process is not running")
        if self._died:
            return False, None
        if not wait([self._connection], timeout_s):
            return False, None
        try:
            event: Event = self._connection.recv()
        except (EOFError, OSError):
            self._died = True
            self._process.join(1.0)
            return True, ErrorOccurred(
                turn_id=self._turn_id,
                generation=self._generation,
                code="engine_died",
                message="The engine process ended unexpectedly; try again, and close other programs if memory is low.",
                cause=f"exit code {self._process.exitcode}",
                mend="Run sotto doctor to see what is wrong with this machine.",
                fatal=True,
            )
        return True, event

    def _is_stale(self, event: Event) -> bool:
        return isinstance(event, AudioDelta | TranscriptDelta) and event.generation < self._generation

    def _check_length(self, text: str) -> None:
        self._text_bytes = 0
        self._count_text(text)

    def _count_text(self, text: str) -> None:
        self._text_bytes += _bytes_of(text)
        if self._text_bytes > MAX_TEXT_BYTES:
            raise _too_long()

    def _next_turn(self) -> int:
        with self._sending:
            self._turn_id += 1
            return self._turn_id

    def _send(self, command: Command) -> None:
        if self._connection is None:
            raise RuntimeError("the engine process is not running")
        # A process that has died is reported by next_event, once; after `close` no one is there to be told.
        with self._sending, contextlib.suppress(BrokenPipeError, ConnectionResetError):
            if not self._closed:
                self._connection.send(command)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _bytes_of(text: str) -> int:
    try:
        return len(text.encode())
    except UnicodeEncodeError as error:
        raise SottoError("The text is not valid UTF-8; save it as UTF-8 and try again.") from error


def _too_long() -> SottoError:
    return SottoError(f"The text is longer than {MAX_TEXT_BYTES // 1000} kB; split it into several.")


@contextlib.contextmanager
def _interrupt_held_back() -> Iterator[None]:
    """Ctrl-C waits meanwhile; a process started meanwhile never sees one, and so prints no traceback of its own."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
