"""`python -m benchmarks.fresh_say STAMPS.json say …` is `sotto say …` that writes when things happened in it.

The command line and the engine process are the real ones; only the voices are wrapped, inside the engine process. The
first samples and the first sound are stamped once the destination has taken them. Imports nothing heavy.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from app.cli.main import main
from engine.handle import EngineHandle
from engine.shelf import RuntimeShelf
from engine.speaking import ConversingVoice, Fallback, SpeakingVoice, SpeechChunk, Trouble


class StampingShelf(RuntimeShelf):
    """The voices of the runtime, each of which writes `stamps`."""

    def __init__(self, stamps: Path) -> None:
        self._stamps = stamps

    def load_voice(self, name: str | None, device: str | None, runtime: str | None) -> SpeakingVoice:
        """See `RuntimeShelf`."""
        asked_s = time.monotonic()
        voice = super().load_voice(name, device, runtime)
        return StampingVoice(voice, self._stamps, asked_s, time.monotonic())


@dataclass(frozen=True)
class StampingVoice:
    """One voice, and when it was asked for and loaded."""

    voice: SpeakingVoice
    stamps: Path
    asked_s: float
    loaded_s: float

    @property
    def name(self) -> str:
        return self.voice.name

    @property
    def runtime(self) -> str:
        return self.voice.runtime

    @property
    def device(self) -> str:
        return self.voice.device

    @property
    def sample_rate_hz(self) -> int:
        return self.voice.sample_rate_hz

    def watch(self, tell: Callable[[Fallback], None]) -> None:
        """See `SpeakingVoice`."""
        self.voice.watch(tell)

    def converse(self, seed: int) -> ConversingVoice:
        """The voice's own; nothing is measured of it."""
        return self.voice.converse(seed)

    def stream(
        self,
        text: str | Iterable[str],
        seed: int,
        reserve_ms: Callable[[], float | None],
        report: Callable[[Trouble], None],
    ) -> Iterator[SpeechChunk]:
        """The voice's own speech; the stamps are written at its end."""
        # Here, as the voice's own modules are: a front end's start is measured too.
        from benchmarks.first_sound import Listener

        listener = Listener(self.voice.sample_rate_hz)
        cpu_s: float | None = None
        for chunk in self.voice.stream(text, seed, reserve_ms, report):
            yield chunk
            listener.hear(chunk.samples, time.monotonic())
            if cpu_s is None and listener.heard_s is not None:
                cpu_s = time.process_time()
        stamped = {
            "voice": self.name,
            "runtime": self.runtime,
            "engine_asked_s": self.asked_s,
            "voice_loaded_s": self.loaded_s,
            "first_samples_s": listener.first_samples_s,
            "first_sound_s": listener.heard_s,
            "engine_cpu_s": cpu_s,
        }
        self.stamps.write_text(json.dumps(stamped), encoding="utf-8")


if __name__ == "__main__":
    shelf = partial(StampingShelf, Path(sys.argv[1]))
    sys.exit(main(sys.argv[2:], lambda: EngineHandle(shelf)))
