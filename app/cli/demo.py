"""`sotto demo`: a spoken conversation between two bundled voices, written as a stereo WAV file with its transcript.

One voice speaks the user's lines into a recording, which is then talked with as any other; nothing of it is staged but
the lines. Imports nothing heavy.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import tempfile
import wave
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from app.cli.asking import wait_for
from app.cli.talk import hold, told
from app.cli.turns import TurnsSeen
from engine.commands import StartConversation
from engine.errors import SottoError
from engine.events import ResponseDone
from engine.handle import EngineHandle
from engine.paths import DATA_DIR_VARIABLE

USER_VOICE = "slt"
"""The bundled voice that plays the user."""


@dataclass(frozen=True, slots=True)
class UserLine:
    """What the user says, so many seconds after the end of the line before."""

    text: str
    after_s: float


LINES = (
    UserLine("What time is it?", 1.0),
    UserLine("How much is twelve times seven?", 6.0),
    UserLine("What can you do?", 6.0),
    UserLine("Stop.", 3.0),
    UserLine("Tell me a joke.", 3.0),
)
"""The fourth one interrupts the answer to the third."""


def run_demo(chosen: argparse.Namespace, make_handle: Callable[[], EngineHandle]) -> int:
    """Make the conversation and write it. Raises SottoError with one sentence for a mistake."""
    out: Path = chosen.out
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SottoError(
            f"The folder {out.parent} cannot be made ({error.strerror}); name another file."
        ) from error
    # A data folder of its own, so that the demo's turns do not end up among the user's.
    with tempfile.TemporaryDirectory() as folder, _own_data(Path(folder)), make_handle() as engine:
        recording = Path(folder) / "user.wav"
        _speak_user(engine, Path(folder), recording, chosen.seed)
        print("A conversation; the user is the bundled voice", USER_VOICE, flush=True)
        command = StartConversation(voice=chosen.voice, recording=recording, write=out, seed=chosen.seed)
        seen = hold(engine, command, None, quiet=False)
    transcript = out.with_suffix(".txt")
    transcript.write_text(as_text(seen), encoding="utf-8")
    print(f"Wrote {out} (left the user, right the assistant) and {transcript}.")
    return 0 if any(turn.heard_text for turn in seen.turns()) else 1


def as_text(seen: TurnsSeen) -> str:
    """The transcript, with when each began."""
    lines = []
    for turn in seen.turns():
        if turn.user_text:
            lines.append(f"{turn.user_start_s or 0.0:6.1f} s  You:   {turn.user_text}")
        if turn.heard_text:
            lines.append(f"{turn.reply_start_s or 0.0:6.1f} s  Sotto: {told(turn)}")
    return "\n".join(lines) + "\n"


def _speak_user(engine: EngineHandle, folder: Path, recording: Path, seed: int) -> None:
    """The user's lines, spoken into one WAV file."""
    with contextlib.ExitStack() as open_files:
        out: wave.Wave_write | None = None
        for number, line in enumerate(LINES):
            spoken = folder / f"{number}.wav"
            turn_id = engine.say(line.text, voice=USER_VOICE, seed=seed, destination=spoken)
            wait_for(engine, ResponseDone, turn_id)
            with wave.open(str(spoken), "rb") as read:
                if out is None:
                    out = open_files.enter_context(wave.open(str(recording), "wb"))
                    out.setparams(read.getparams())
                out.writeframes(bytes(2 * round(line.after_s * read.getframerate())))
                out.writeframes(read.readframes(read.getnframes()))


@contextlib.contextmanager
def _own_data(folder: Path) -> Iterator[None]:
    before = os.environ.get(DATA_DIR_VARIABLE)
    os.environ[DATA_DIR_VARIABLE] = str(folder)
    try:
        yield
    finally:
        if before is None:
            del os.environ[DATA_DIR_VARIABLE]
        else:
            os.environ[DATA_DIR_VARIABLE] = before
