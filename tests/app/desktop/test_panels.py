"""The panels draw what the engine writes into the shared memory, and cost nothing when folded."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from app.desktop.panels.latency import LatencyPanel
from app.desktop.panels.memory import MemoryPanel
from app.desktop.panels.waveform import WaveformPanel
from app.desktop.theme import DARK, LIGHT
from app.desktop.view import Latency, ViewState
from engine.config import AudioConfig
from engine.event_values import RememberedFact
from engine.meters import MemoryShown, MeterReader, MeterWriter, SlotShown

BLOCK = AudioConfig().block_samples


@pytest.fixture
def reader() -> Iterator[MeterReader]:
    with MeterReader() as reader:
        yield reader


@pytest.fixture
def writer(reader: MeterReader) -> Iterator[MeterWriter]:
    writer = MeterWriter(reader.name)
    yield writer
    writer.close()


def speak(writer: MeterWriter, blocks: int, level: float = 0.5) -> None:
    loud = np.tile(np.array([level, -level], np.float32), BLOCK // 2)
    for _ in range(blocks):
        writer.block(loud, np.zeros(BLOCK, np.float32))


def test_the_waveform_shows_both_sides_on_one_axis(
    qtbot: QtBot, reader: MeterReader, writer: MeterWriter
) -> None:
    panel = WaveformPanel(reader, LIGHT)
    qtbot.addWidget(panel)
    panel.show()
    speak(writer, 300)
    writer.mark("turn")
    speak(writer, 100)
    qtbot.waitUntil(lambda: panel._seen_blocks == 400)
    user, assistant = (panel._curves[side].getData() for side in ("user", "assistant"))
    assert np.array_equal(user[0], assistant[0])
    assert -4.0 <= user[0].min() < user[0].max() <= 0.0
    assert np.ptp(user[1]) == pytest.approx(1.0, abs=1e-3)
    assert np.ptp(assistant[1]) < 0.05
    marks = panel._marks.getData()
    assert marks[0].tolist() == [-1.0]


def test_the_waveform_stops_when_folded_hidden_or_frozen(
    qtbot: QtBot, reader: MeterReader, writer: MeterWriter
) -> None:
    panel = WaveformPanel(reader, DARK)
    qtbot.addWidget(panel)
    panel.show()
    speak(writer, 10)
    qtbot.waitUntil(lambda: panel._seen_blocks == 10)
    panel.set_unfolded(False)
    assert not panel._timer.isActive()
    panel.set_unfolded(True)
    panel._pause.click()
    speak(writer, 10)
    draws = panel.draws
    panel.pull()
    panel.pull()
    assert panel._seen_blocks == 10
    assert panel.draws <= draws + 1
    panel._pause.click()
    panel.pull()
    assert panel._seen_blocks == 20
    panel.hide()
    assert not panel._timer.isActive()


def test_zooming_goes_to_the_ends_and_no_further(qtbot: QtBot, reader: MeterReader) -> None:
    panel = WaveformPanel(reader, LIGHT)
    qtbot.addWidget(panel)
    for _ in range(9):
        panel._in.click()
    assert panel.span_s == 5.0
    assert not panel._in.isEnabled()
    for _ in range(9):
        panel._out.click()
    assert panel.span_s == 60.0
    assert not panel._out.isEnabled()
    assert "60 seconds" in panel._plot.accessibleDescription()


def test_the_memory_fades_before_ones_eyes(qtbot: QtBot, reader: MeterReader, writer: MeterWriter) -> None:
    panel = MemoryPanel(reader, LIGHT)
    qtbot.addWidget(panel)
    panel.show()
    slots = [SlotShown("semantic", float(n), math.exp(-n / 30.0), label=f"clause {n}") for n in range(12)]
    writer.memory(
        MemoryShown((*slots, SlotShown("prosodic", 1.0, 0.8, of_user=True, label="hi")), fading=True)
    )
    semantic, prosodic = panel._banks["semantic"], panel._banks["prosodic"]
    qtbot.waitUntil(lambda: "clause 0" in semantic.accessibleDescription())
    assert semantic.accessibleDescription().startswith("Sotto, clause 0, 0 seconds old, weight ")
    assert semantic._hidden == 4
    assert "you, hi" in prosodic.accessibleDescription()
    assert "12" in panel._titles["semantic"].text()
    first = prosodic._slots[0].weight
    qtbot.waitUntil(lambda: prosodic._slots[0].weight < first - 0.02)
    panel.grab()


def test_the_memory_lists_what_was_to_be_remembered_newest_first(qtbot: QtBot, reader: MeterReader) -> None:
    panel = MemoryPanel(reader, LIGHT)
    qtbot.addWidget(panel)
    panel.show()
    assert "0" in panel._facts_title.text()
    assert not panel._facts.isVisible()
    facts = tuple(RememberedFact(number=number, sentence=f"Fact {number}.") for number in range(1, 12))
    panel.render_state(ViewState(facts=facts, facts_count=300))
    lines = panel._facts.text().splitlines()
    assert (lines[0], lines[-2:]) == ("Fact 11.", ["Fact 4.", "and 292 more"])
    assert panel._facts.isVisible()


def test_delays_are_bars_numbers_and_a_report(qtbot: QtBot, reader: MeterReader, writer: MeterWriter) -> None:
    panel = LatencyPanel(reader, LIGHT)
    qtbot.addWidget(panel)
    panel.show()
    turns = tuple(
        Latency(n, 400.0 + n, (("eot", 300.0), ("speech", 100.0 + n)), made_ahead=n == 1) for n in range(20)
    )
    panel.render_state(ViewState(latencies=turns, runtime="onnx", device="cpu"))
    assert panel.bars.accessibleDescription().count("ms") == 12
    first = panel.bars._places()[0].center().toPoint()
    assert panel.bars.turn_at(first) is turns[8]
    assert panel.bars.turn_at(first - first) is None
    writer.count("underruns", 3)
    panel.pull()
    shown = {label.text(): value.text() for label, value in panel._rows}
    assert shown["Underruns"] == "3"
    assert shown["Answers begun ahead"] == "1 of 20"
    qtbot.mouseClick(panel.copy, Qt.MouseButton.LeftButton)
    assert "Turn 20: 419 ms" in QGuiApplication.clipboard().text()
    panel.grab()
