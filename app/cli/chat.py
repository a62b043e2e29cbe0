"""`sotto chat`: a typed conversation, one line in, one answer out, spoken as well where asked.

Lines are read on a thread of their own, so that a timer can speak up meanwhile. Imports nothing heavy.
"""

from __future__ import annotations

import argparse
import codecs
import json
import os
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

from app.cli.asking import SoundDeviceFailure, raise_error
from engine.errors import SottoError
from engine.events import ChatAnswered, ChatChanged, ErrorOccurred, Event, ResponseDone
from engine.handle import EngineHandle

PROMPT = "> "
_READ_BYTES = 65_536
_AHEAD = 8
"""Lines that are asked before the first of them is answered; a pipe with more has to wait."""

_LOOK_S = 0.1
_END_S = 10.0


def add_chat(commands: argparse._SubParsersAction[Any]) -> None:
    """The arguments."""
    chat = commands.add_parser(
        "chat", help="a typed conversation", description="Converse by typing; end with Ctrl-D."
    )
    chat.add_argument("--json", action="store_true", help="print one JSON object an answer")
    chat.add_argument("--speak", action="store_true", help="speak the answers as well")
    chat.add_argument(
        "--continue",
        dest="go_on",
        nargs="?",
        type=int,
        const=0,
        metavar="N",
        help="go on with conversation N (default: the newest)",
    )
    chat.add_argument("--voice", metavar="V", help="name or folder of a voice (default: the shipped one)")


def run_chat(chosen: argparse.Namespace, make_handle: Callable[[], EngineHandle], stdin_fd: int) -> int:
    """Converse until the input ends or the user says goodbye. Raises SottoError with one sentence for a mistake."""
    with make_handle() as engine:
        return _Chat(engine, chosen, stdin_fd).run()


class _Chat:
    """The main thread's side: shows what comes."""

    def __init__(self, engine: EngineHandle, chosen: argparse.Namespace, stdin_fd: int) -> None:
        self._engine = engine
        self._json: bool = chosen.json
        self._speak: bool = chosen.speak
        self._voice: str | None = chosen.voice
        self._go_on: int | None = chosen.go_on
        self._asks_people = not self._json and os.isatty(stdin_fd)
        self._lines = _Lines(engine, stdin_fd, self._refused)
        self._was_refused = False
        self._speaking: set[int] = set()

    def run(self) -> int:
        """Show answers until all lines are answered and everything was spoken."""
        self._engine.start_chat(self._go_on)
        self._lines.start()
        over = False
        while not over or self._speaking:
            event = self._engine.next_event(_LOOK_S)
            if isinstance(event, ChatChanged):
                self._tell(event.notice)
                self._prompt()
            elif isinstance(event, ChatAnswered):
                over = self._show(event) or over
            elif isinstance(event, ResponseDone):
                self._speaking.discard(event.turn_id)
            elif isinstance(event, ErrorOccurred):
                self._show_error(event)
            over = over or self._lines.all_answered
        self._end()
        if self._lines.error is not None:
            raise self._lines.error
        return 2 if self._was_refused else 0

    def _refused(self, why: SottoError) -> None:
        """A line that cannot be asked; on the thread that reads. The chat goes on with the next one."""
        self._was_refused = True
        self._tell(str(why))
        self._prompt()

    def _end(self) -> None:
        """Wait until everything is kept; an engine that died has said so before."""
        self._engine.end_chat()
        while (event := self._engine.next_event(_END_S)) is not None and not _is_end(event):
            if isinstance(event, ErrorOccurred):
                self._show_error(event)

    def _show(self, answer: ChatAnswered) -> bool:
        """Print an answer, and speak it where asked. True: the user said goodbye."""
        if self._json:
            fields = {
                "user_text": answer.user_text,
                "assistant_text": answer.assistant_text,
                "source": answer.source,
                "ms": round(answer.ms, 2),
            }
            print(json.dumps(fields, ensure_ascii=False), flush=True)
        elif answer.assistant_text:
            unasked = self._asks_people and not answer.turn_id
            print(f"\r{answer.assistant_text}" if unasked else answer.assistant_text, flush=True)
        if self._speak:
            if self._asks_people and answer.turn_id:
                self._engine.cancel()  # what is still being spoken was talked over
            if answer.assistant_text.strip():
                self._speaking.add(
                    self._engine.say(answer.assistant_text, voice=self._voice, destination="loudspeaker")
                )
        if answer.turn_id:
            self._lines.answered()
        if not answer.over:
            self._prompt()
        return answer.over

    def _show_error(self, error: ErrorOccurred) -> None:
        """One that ends this chat is raised; one sentence for the others."""
        if error.fatal:
            raise_error(error)
        if error.code == "dialogue" or error.response_goes_on:
            self._tell(" ".join(filter(None, (error.message, error.mend))))
            if error.code == "dialogue" and error.turn_id:
                self._lines.answered()
                self._prompt()
            return
        try:
            raise_error(error)
        except SoundDeviceFailure as failure:
            self._speak = False
            self._tell(f"{failure} The chat goes on in writing.")

    def _prompt(self) -> None:
        if self._asks_people:
            print(PROMPT, end="", flush=True)

    def _tell(self, sentence: str) -> None:
        if sentence:
            print(f"sotto: {sentence}", file=sys.stderr, flush=True)


def _is_end(event: Event) -> bool:
    return isinstance(event, ChatChanged) and not event.is_open


class _Lines:
    """Reads lines of UTF-8 on a daemon thread and asks the engine each, at most `_AHEAD` before they are answered."""

    def __init__(self, engine: EngineHandle, fd: int, refused: Callable[[SottoError], None]) -> None:
        self._engine = engine
        self._refused = refused
        self._fd = fd
        self._free = threading.Semaphore(_AHEAD)
        self._open = 0
        self._ended = False
        self._lock = threading.Lock()
        self.error: SottoError | None = None

    def start(self) -> None:
        """Begin to read. The thread is left behind at the end: it may wait for a key for ever."""
        threading.Thread(target=self._run, name="stdin", daemon=True).start()

    def answered(self) -> None:
        """One of them was."""
        with self._lock:
            self._open -= 1
        self._free.release()

    @property
    def all_answered(self) -> bool:
        """Whether the input ended and nothing waits."""
        with self._lock:
            return self._ended and self._open == 0

    def _run(self) -> None:
        try:
            for line in self._read():
                if not line.strip():
                    continue
                self._free.acquire()
                with self._lock:
                    self._open += 1
                try:
                    self._engine.chat(line)
                except SottoError as error:
                    self._refused(error)
                    self.answered()
        except SottoError as error:
            self.error = error
        finally:
            with self._lock:
                self._ended = True

    def _read(self) -> Iterator[str]:
        """Lines without their ends."""
        decoder, rest, read_bytes = codecs.getincrementaldecoder("utf-8")(), "", 0
        while True:
            try:
                data = os.read(self._fd, _READ_BYTES)
            except OSError as error:
                raise SottoError(f"Standard input cannot be read: {error.strerror}.") from error
            try:
                rest += decoder.decode(data, final=not data)
            except UnicodeDecodeError as error:
                raise SottoError(
                    f"Standard input is not valid UTF-8 (near byte {read_bytes + error.start}); type the line again,"
                    " or save the text as UTF-8."
                ) from error
            read_bytes += len(data)
            *lines, rest = rest.split("\n")
            yield from (line.rstrip("\r") for line in lines)
            if not data:
                yield rest
                return
