"""Late frames and a real loudspeaker: the engine process steps down, says so, and steps up again while it plays."""

from __future__ import annotations

from pathlib import Path

from engine.config import CodecConfig
from engine.events import BooksChanged, EngineLoading, EngineReady, ResponseCreated, ResponseDone
from engine.handle import EngineHandle
from tests.fakes.busy_machine import BUSY, BusyMachine
from tests.fixtures.sound_card import PATIENCE_S, SoundCard
from tests.fixtures.tiny_models import TINY_CODEC

BUSY_S = 60.0
"""A machine that is busy with other things too may take so long to import torch, or to have time to spare again."""

TEXT = "The old man walked slowly down to the river, and his dog ran before him. " * 40
"""More than is needed: once it has stepped up again, the voice is told to stop."""


def test_the_engine_steps_down_and_up_again_while_it_plays(
    sound_card: SoundCard, babbler_folder: Path
) -> None:
    changes: list[int] = []
    figures = None
    fewest, most = TINY_CODEC.semantic_codebooks, TINY_CODEC.codebooks
    with EngineHandle(BusyMachine(babbler_folder)) as engine:
        engine.load()
        assert isinstance(engine.next_event(PATIENCE_S), EngineLoading)
        assert isinstance(engine.next_event(BUSY_S), EngineReady)

        def play() -> None:
            nonlocal figures
            turn = engine.say(TEXT, destination="loudspeaker")
            while not isinstance(event := engine.next_event(BUSY_S), ResponseDone):
                assert isinstance(event, ResponseCreated | BooksChanged), f"after {changes}: {event}"
                if isinstance(event, BooksChanged):
                    assert event.turn_id == turn
                    changes.append(event.books)
                    if event.books == most:
                        engine.cancel()
            figures = event.speech

        heard = sound_card.record(play, CodecConfig().sample_rate_hz)
    assert changes == [fewest, most]
    assert figures is not None
    assert figures.books.keys() == {fewest, most}
    assert figures.frames == sum(figures.books.values()) > BUSY.stop
    assert heard.any()
