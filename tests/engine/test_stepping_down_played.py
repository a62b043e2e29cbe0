"""Late frames and a real loudspeaker: the engine process steps down, says so, and steps up again while it plays."""

from __future__ import annotations

from pathlib import Path

from engine.config import CodecConfig
from engine.events import BooksChanged, Event, ResponseDone
from engine.handle import EngineHandle
from tests.fakes.busy_machine import BUSY, BusyMachine
from tests.fixtures.sound_card import PATIENCE_S, SoundCard
from tests.fixtures.tiny_models import TINY_CODEC

TEXT = "The old man walked slowly down to the river, and his dog ran before him. " * 4


def test_the_engine_steps_down_and_up_again_while_it_plays(
    sound_card: SoundCard, babbler_folder: Path
) -> None:
    seen: list[Event] = []
    with EngineHandle(BusyMachine(babbler_folder)) as engine:

        def play() -> None:
            engine.say(TEXT, destination="loudspeaker")
            while not (seen and isinstance(seen[-1], ResponseDone)):
                event = engine.next_event(PATIENCE_S)
                assert event is not None, f"the response does not end; seen {seen[-3:]}"
                seen.append(event)

        heard = sound_card.record(play, CodecConfig().sample_rate_hz)
    done = seen[-1]
    assert isinstance(done, ResponseDone)
    assert done.status == "completed"
    assert done.speech is not None
    changes = [event.books for event in seen if isinstance(event, BooksChanged)]
    fewest, most = TINY_CODEC.semantic_codebooks, TINY_CODEC.codebooks
    assert changes[:2] == [fewest, most]
    assert changes[-1] == most, "a busy machine of the test's own may make it step down more often"
    assert 0 < done.speech.books[fewest] < done.speech.books[most]
    assert done.speech.frames > 2 * len(BUSY)
    assert heard.any()
