"""The babbler on a machine that is busy while it makes some of its frames: real time, real computing."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path

from engine.config import CodecConfig
from engine.shelf import RuntimeShelf, RuntimeVoice

BUSY = range(15, 33)
"""Frames for whose making the machine has other work."""

BUSY_MS = 1.7 * CodecConfig().frame_ms
"""What a frame of all books takes then; fewer take their share."""


@dataclass(frozen=True)
class BusyMachine:
    """A shelf with the voice in `folder`; a value, so that it reaches the engine process."""

    folder: Path

    def __call__(self) -> BusyShelf:
        return BusyShelf(self.folder)


class BusyShelf(RuntimeShelf):
    """Gives one voice, whatever is asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def load_voice(self, name: str | None, device: str | None, runtime: str | None) -> RuntimeVoice:
        """The voice, slowed down. Torch is imported here, as the real shelf does it."""
        from engine.runtime import load_voice
        from tests.fakes.loudspeaker import CostlyFrames

        voice = load_voice(self._folder, "cpu")
        most = voice.codec.config.codebooks

        def compute(frame: int, books: int) -> None:
            until_s = time.perf_counter() + BUSY_MS / 1000.0 * books / most
            while frame in BUSY and time.perf_counter() < until_s:
                sum(range(1000))

        return RuntimeVoice(replace(voice, frames=CostlyFrames(voice.frames, compute)))
