"""The window's benchmark measures what it says, on an app with a scripted engine."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QTimer

from app.desktop.crash import CrashHandling
from benchmarks import gui_app
from benchmarks.bars import BARS
from engine.meters import MeterWriter
from tests.app.desktop.conftest import sit_down


def test_pictures_and_turns_are_measured(
    qtbot: object, tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gui_app, "TURNS", 2000)
    monkeypatch.setattr(gui_app, "SCROLLS", 20)
    with sit_down(qtbot, tmp_path, CrashHandling(None)) as user:
        assert user.desktop.meters is not None
        writer, block = MeterWriter(user.desktop.meters.name), np.zeros(480, np.float32)
        microphone = QTimer()
        microphone.timeout.connect(lambda: writer.block(block, block))
        microphone.start(10)
        figures = {"first_paint_s": 0.5, "ready_s": 1.0} | gui_app.measure_painting(user.desktop, 0.6)
        figures["transcript"] = gui_app.measure_transcript(user.desktop)
        microphone.stop()
        writer.close()
    assert figures["gap_ms"]["pictures"] >= 3
    assert figures["gap_ms"]["p50"] <= figures["gap_ms"]["max"]
    assert figures["transcript"]["turns"] == 2000
    for bar in BARS["gui"]:
        assert bar.judged(figures)["value"] >= -0.1
