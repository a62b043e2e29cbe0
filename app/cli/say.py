"""`sotto say`: speaks a text to the loudspeaker or into a WAV file, and prints what was measured.

Text from standard input is read on a thread of its own and spoken as it comes. Imports nothing heavy.
"""

from __future__ import annotations

import argparse
import codecs
import contextlib
import json
import os
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from app.cli.asking import SoundDeviceFailure, wait_for
from engine.commands import Destination
from engine.errors import SottoError
from engine.event_values import SpeechFigures
from engine.events import ResponseDone
from engine.handle import EngineHandle

_READ_BYTES = 65_536


def run_say(chosen: argparse.Namespace, make_handle: Callable[[], EngineHandle], stdin_fd: int) -> int:
    """Speak what the arguments say; 1 where words had to be left out, as was printed. Raises SottoError with one
    sentence for a mistake."""
    text = " ".join(chosen.text)
    if text == "-" and chosen.fallback:
        raise SottoError("--fallback needs the text on the command line; use --out with standard input.")
    if not text.strip():
        raise SottoError("The text is empty; give some words to speak.")
    destination: Destination = chosen.out or "loudspeaker"
    with make_handle() as engine:
        try:
            figures, spoken = _speak(engine, chosen, text, destination, stdin_fd)
        except SoundDeviceFailure as failure:
            if chosen.fallback is None:
                raise
            _make_folder(chosen.fallback.parent)
            print(f"sotto: {failure} Writing {chosen.fallback} instead.", file=sys.stderr)
            destination = chosen.fallback
            figures, spoken = _speak(engine, chosen, text, destination, stdin_fd)
    if chosen.json:
        print(json.dumps(as_json(figures, spoken)))
    else:
        did = "Spoke" if destination == "loudspeaker" else f"Wrote {destination}:"
        print(
            f"{did} {figures.audio_s:.1f} s with {figures.voice} on {figures.device},"
            f" first sound after {figures.ttfa_ms:.0f} ms, real-time factor {figures.rtf:.2f}."
        )
    return 1 if figures.cut else 0


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SottoError(
            f"Nothing can be played, and the folder {folder} for --fallback cannot be made"
            f" ({error.strerror or error}); name another file."
        ) from error


def as_json(figures: SpeechFigures, text: str) -> dict[str, Any]:
    """The object that `say --json` prints."""
    return {
        "voice": figures.voice,
        "runtime": figures.runtime,
        "device": figures.device,
        "seed": figures.seed,
        "text": text,
        "audio_s": round(figures.audio_s, 3),
        "frames": figures.frames,
        "ttfa_ms": round(figures.ttfa_ms, 2),
        "rtf": round(figures.rtf, 4),
        "frame_ms": {
            "p50": round(figures.frame_p50_ms, 3),
            "p95": round(figures.frame_p95_ms, 3),
            "p99": round(figures.frame_p99_ms, 3),
        },
        "books": {str(books): frames for books, frames in figures.books.items()},
    }


def _speak(
    engine: EngineHandle, chosen: argparse.Namespace, text: str, destination: Destination, stdin_fd: int
) -> tuple[SpeechFigures, str]:
    """Speak to the end; returns what was measured and the whole text."""
    streamed = text == "-"
    turn_id = engine.say(
        "" if streamed else text,
        more=streamed,
        seed=chosen.seed,
        voice=chosen.voice,
        device=chosen.device,
        runtime=chosen.runtime,
        destination=destination,
    )
    if not streamed:
        return _figures(wait_for(engine, ResponseDone, turn_id)), text
    with _Feeder(engine, stdin_fd).running() as feeder:
        done = wait_for(engine, ResponseDone, turn_id)
    if feeder.error is not None:
        raise feeder.error
    return _figures(done), feeder.text


def _figures(done: ResponseDone) -> SpeechFigures:
    assert done.speech is not None, "a response that is neither refused nor cancelled has figures"
    return done.speech


class _Feeder:
    """Reads UTF-8 from a file descriptor on a daemon thread and hands it to the engine as it comes."""

    def __init__(self, engine: EngineHandle, fd: int) -> None:
        self._engine = engine
        self._fd = fd
        self._pieces: list[str] = []
        self._thread = threading.Thread(target=self._run, name="stdin", daemon=True)
        self.error: SottoError | None = None

    @property
    def text(self) -> str:
        """Everything read so far."""
        return "".join(self._pieces)

    @contextlib.contextmanager
    def running(self) -> Iterator[_Feeder]:
        """Read during the block. On an error of the block the thread is left: it may wait for a key for ever."""
        self._thread.start()
        yield self
        self._thread.join()

    def _run(self) -> None:
        try:
            self._feed()
        except SottoError as error:
            self.error = error
            self._engine.cancel()

    def _feed(self) -> None:
        decoder = codecs.getincrementaldecoder("utf-8")()
        read_bytes = 0
        while data := self._read():
            try:
                piece = decoder.decode(data)
            except UnicodeDecodeError as error:
                raise _not_utf8(read_bytes + error.start) from error
            read_bytes += len(data)
            self._pieces.append(piece)
            self._engine.say_more(piece)
        try:
            decoder.decode(b"", final=True)
        except UnicodeDecodeError as error:
            raise _not_utf8(read_bytes) from error
        self._engine.say_more("", last=True)

    def _read(self) -> bytes:
        """What is there now; blocks for the first byte, and is empty at the end."""
        try:
            # not through sys.stdin: a thread left inside it holds a lock that the interpreter's end waits for
            return os.read(self._fd, _READ_BYTES)
        except OSError as error:
            raise SottoError(f"Standard input cannot be read: {error.strerror}.") from error


def _not_utf8(position: int) -> SottoError:
    return SottoError(
        f"Standard input is not valid UTF-8 (near byte {position}); save the text as UTF-8 and try again."
    )
