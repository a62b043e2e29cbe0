"""An engine process, by default with tone voices, that outlives the commands that use it, to save its start."""

from __future__ import annotations

from collections.abc import Callable

from engine.handle import EngineHandle
from engine.speaking import VoiceShelf
from tests.fakes.tones import ToneShelf


class SharedEngine(EngineHandle):
    """Started and closed by its fixture; a command's `with` only uses it."""

    def __init__(self, make_shelf: Callable[[], VoiceShelf] = ToneShelf) -> None:
        super().__init__(make_shelf)

    def __enter__(self) -> SharedEngine:
        return self

    def __exit__(self, *_: object) -> None:
        self.cancel()
