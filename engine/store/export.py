"""A conversation as a file to take along: Markdown, JSON, or the sound of it.

Any thread. Only what was heard, or could be read instead, is told in Markdown; JSON holds everything. An answer may
itself be Markdown and stays so, with its lists and its code, as it stood in the transcript; what the user said is plain
text.
"""

from __future__ import annotations

import dataclasses
import json
import re
import wave
from datetime import datetime
from pathlib import Path

import numpy as np
import soxr
from numpy.typing import NDArray

from engine.audio.wavfile import WavWriter
from engine.store.conversations import Conversation, Turn
from engine.store.database import StoreError

_GAP_S = 0.4


def export(conversation: Conversation, turns: tuple[Turn, ...], path: Path) -> None:
    """Write the file in the form that its name says. Raises StoreError with one sentence."""
    kind = path.suffix.lower()
    if kind == ".wav":
        _write_sound(turns, path)
        return
    if kind not in (".md", ".json"):
        raise StoreError(
            f"{path.name} has none of the endings .md, .json or .wav; name the file by one of them."
        )
    text = _markdown(conversation, turns) if kind == ".md" else _json(conversation, turns)
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise StoreError(
            f"{path} cannot be written ({error.strerror or error}); name another file."
        ) from error


def _markdown(conversation: Conversation, turns: tuple[Turn, ...]) -> str:
    began = datetime.fromisoformat(conversation.started_at)
    lines = [
        f"# {_plain(conversation.title or conversation.opening or 'Conversation')}",
        "",
        f"{began:%Y-%m-%d %H:%M}",
    ]
    for turn in turns:
        if turn.user_text:
            at = datetime.fromisoformat(turn.at)
            lines += ["", f"**You** ({at:%H:%M}): {_plain(turn.user_text)}"]
        if turn.tools:
            lines += ["", *(f"*Used the tool {_plain(use.name)}.*" for use in turn.tools)]
        if turn.answer:
            lines += ["", *_answer(turn)]
    return "\n".join(lines) + "\n"


def _answer(turn: Turn) -> list[str]:
    """What reached the user of an answer, how, and whether it was cut off."""
    notes = ["interrupted"] if turn.interrupted else []
    if turn.written_text:
        notes.append("written, in part not heard" if turn.heard_text else "written, not heard")
    words, cut = turn.answer.strip(), f"*({'; '.join(notes)})*" if notes else ""
    if "\n" not in words:
        shown = words.replace("<", "\\<")  # an answer holds no HTML
        return [f"**Sotto**: {shown} {cut}".rstrip()]
    if words.count("```") % 2:  # cut off within its code
        words += "\n```"
    return ["**Sotto**:", "", words, *(["", cut] if cut else [])]


def _plain(text: str) -> str:
    """The text with what Markdown would read as markup escaped."""
    return re.sub(r"([\\`*_\[\]<>#|~])", r"\\\1", " ".join(text.split()))


def _json(conversation: Conversation, turns: tuple[Turn, ...]) -> str:
    values = dataclasses.asdict(conversation) | {"turns": [dataclasses.asdict(turn) for turn in turns]}
    return json.dumps(values, ensure_ascii=False, indent=1) + "\n"


def _write_sound(turns: tuple[Turn, ...], path: Path) -> None:
    """Both sides one after the other, mono, at the highest rate among them; of an answer, what was heard."""
    pieces: list[tuple[NDArray[np.float32], int]] = []
    for turn in turns:
        for side in ("user", "assistant"):
            if side in turn.recordings and (file := Path(turn.recordings[side])).is_file():
                samples, rate = _read(file)
                cut = side == "assistant" and (turn.interrupted or turn.written_text)
                pieces.append((samples[: round(turn.heard_ms * rate / 1000.0)] if cut else samples, rate))
    if not pieces:
        raise StoreError(
            "This conversation has no sound, since none was kept; switch on Keep the sound of conversations in"
            " Settings, Privacy, for those to come."
        )
    rate_hz = max(rate for _, rate in pieces)
    with WavWriter(path, rate_hz) as writer:
        for samples, rate in pieces:
            writer.write(samples if rate == rate_hz else soxr.resample(samples, rate, rate_hz))
            writer.write(np.zeros(int(rate_hz * _GAP_S), np.float32))


def _read(path: Path) -> tuple[NDArray[np.float32], int]:
    """One of our own recordings, mono 16-bit PCM: samples (S,) and their rate."""
    try:
        with wave.open(str(path)) as file:
            if file.getsampwidth() != 2 or file.getnchannels() != 1:
                raise StoreError(
                    f"{path} is no recording of Sotto's; remove it from the folder, and export again."
                )
            pcm16 = np.frombuffer(file.readframes(file.getnframes()), "<i2")
            return (pcm16 / np.float32(32768.0)).astype(np.float32), file.getframerate()
    except (OSError, EOFError, wave.Error) as error:
        raise StoreError(f"The recording {path} cannot be read ({error}); export as .md or .json.") from error
