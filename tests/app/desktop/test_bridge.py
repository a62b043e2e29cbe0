"""Commands out and events in, in order, without the window waiting; the engine's end and its successor."""

from __future__ import annotations

import threading

import pytest
from pytestqt.qtbot import QtBot

from app.desktop.bridge import MAX_BURST, Bridge
from engine.commands import Mute, StopSpeaking, TypedText
from engine.errors import SottoError
from engine.events import ErrorOccurred, Event, TranscriptDelta
from engine.handle import EngineHandle
from tests.fakes.scripted_engine import ScriptedEngine
from tests.fakes.tones import ToneShelf


class Slow(ScriptedEngine):
    """Takes its time to start, until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.go = threading.Event()

    def start(self) -> None:
        """Wait to be let go."""
        assert self.go.wait(10)


def collect(bridge: Bridge) -> list[Event]:
    got: list[Event] = []
    bridge.arrived.connect(got.extend)
    return got


def test_nothing_waits_for_an_engine_that_starts_slowly(qtbot: QtBot) -> None:
    engine = Slow()
    bridge = Bridge(lambda: engine)
    got = collect(bridge)
    bridge.start()
    bridge.send(Mute(on=True))
    bridge.send(StopSpeaking())
    assert engine.commands == []
    engine.go.set()
    qtbot.waitUntil(lambda: len(got) == 2)
    assert engine.commands == [Mute(on=True), StopSpeaking()]
    bridge.close()
    bridge.close()
    assert engine.closed


def test_events_come_in_order_and_in_bursts(qtbot: QtBot) -> None:
    engine, sizes = ScriptedEngine(), list[int]()
    engine.feed(*(TranscriptDelta(turn_id=n, delta="x") for n in range(300)))
    bridge = Bridge(lambda: engine)
    got = collect(bridge)
    bridge.arrived.connect(lambda events: sizes.append(len(events)))
    bridge.start()
    qtbot.waitUntil(lambda: len(got) == 300)
    assert [event.turn_id for event in got] == list(range(300))
    assert max(sizes) <= MAX_BURST
    bridge.close()


def test_a_dead_engine_has_a_successor(qtbot: QtBot) -> None:
    engines: list[ScriptedEngine] = []

    def make() -> ScriptedEngine:
        engines.append(ScriptedEngine())
        return engines[-1]

    bridge = Bridge(make)
    got = collect(bridge)
    bridge.start()
    bridge.send(TypedText(text="crash"))
    qtbot.waitUntil(lambda: any(isinstance(e, ErrorOccurred) and e.fatal for e in got))
    bridge.restart()
    bridge.send(TypedText(text="hello"))
    qtbot.waitUntil(lambda: any(isinstance(e, TranscriptDelta) for e in got))
    assert (len(engines), engines[0].closed) == (2, True)
    bridge.close()


@pytest.mark.parametrize(
    ("error", "code"), [(SottoError("Too long."), "refused"), (OSError("no memory"), "engine_died")]
)
def test_what_cannot_be_done_is_told(qtbot: QtBot, error: Exception, code: str) -> None:
    class Refusing(ScriptedEngine):
        def converse(self, command: object) -> None:
            raise error

    bridge = Bridge(Refusing)
    got = collect(bridge)
    bridge.start()
    bridge.send(StopSpeaking())
    qtbot.waitUntil(lambda: bool(got))
    assert isinstance(got[0], ErrorOccurred)
    assert got[0].code == code
    bridge.close()


def test_a_bridge_that_never_started_closes_without_an_engine() -> None:
    made: list[ScriptedEngine] = []

    def make() -> ScriptedEngine:
        made.append(ScriptedEngine())
        return made[-1]

    Bridge(make).close()
    assert made == []


def test_the_real_handle_lists_its_voices_and_ends(qtbot: QtBot) -> None:
    bridge = Bridge(lambda: EngineHandle(ToneShelf))
    got = collect(bridge)
    bridge.start()
    bridge.list_voices()
    qtbot.waitUntil(lambda: any(event.type == "sotto.voices.listed" for event in got), timeout=20_000)
    bridge.close()
    assert not [event for event in got if isinstance(event, ErrorOccurred)]
