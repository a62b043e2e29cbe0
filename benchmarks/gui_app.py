"""The app under measurement: `main([STARTED, OUT, SECONDS])`, on its main thread.

Boots as `app.desktop.main` does, converses by typed texts, and writes one JSON object.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QEvent, QEventLoop, QObject, QTimer
from PySide6.QtWidgets import QApplication, QGraphicsView

from app.desktop import main as boot
from app.desktop.crash import CrashHandling
from app.desktop.desktop import Desktop
from app.desktop.panels.panel import Panel
from app.desktop.view import Earlier, Line, Opened
from engine.handle import EngineHandle
from engine.paths import config_dir, data_dir

TURNS = 10_000
SCROLLS = 300
READY_S = 80.0
REQUESTS = ("What can you do?", "Tell me a joke.", "What is twelve times seven?", "What time is it?")
REQUEST_MS = 6000


class PaintTimes(QObject):
    """When a widget was painted."""

    def __init__(self) -> None:
        super().__init__()
        self.at_s: list[float] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Note each painting."""
        if event.type() == QEvent.Type.Paint:
            self.at_s.append(time.monotonic())
        return False

    def gaps_ms(self) -> dict[str, float]:
        """Between one picture and the next."""
        gaps = 1000.0 * np.diff(self.at_s)
        return {
            "pictures": len(self.at_s),
            "p50": round(float(np.percentile(gaps, 50)), 2),
            "p99": round(float(np.percentile(gaps, 99)), 2),
            "max": round(float(gaps.max()), 2),
        }


def wait_until(condition: Callable[[], bool], limit_s: float) -> bool:
    """Let Qt work until the condition holds."""
    loop, until_s = QEventLoop(), time.monotonic() + limit_s
    look = QTimer()

    def try_it() -> None:
        if condition() or time.monotonic() > until_s:
            loop.quit()

    look.timeout.connect(try_it)
    look.start(20)
    loop.exec()
    look.stop()
    return condition()


def run_for(seconds: float) -> float:
    """Let Qt work; gives the CPU seconds of this thread."""
    loop = QEventLoop()
    before_s = time.thread_time()
    QTimer.singleShot(round(1000 * seconds), loop.quit)
    loop.exec()
    return time.thread_time() - before_s


def panel(desktop: Desktop, name: str) -> Panel:
    """A panel by its name."""
    return next(found for found in desktop.window.findChildren(Panel) if found.name == name)


def measure_painting(desktop: Desktop, seconds: float) -> dict[str, Any]:
    """Conversing with every panel open, then with the waveform folded, so that the difference is its cost."""
    waveform, times = panel(desktop, "Waveform"), PaintTimes()
    viewport = waveform.findChildren(QGraphicsView)[0].viewport()
    texts = iter(REQUESTS * 100)
    talk = QTimer()
    talk.timeout.connect(lambda: desktop.type_text(next(texts)))
    talk.start(REQUEST_MS)
    desktop.type_text(next(texts))
    run_for(1.0)  # the first pictures pay for fonts and caches
    viewport.installEventFilter(times)
    open_s = run_for(seconds)
    viewport.removeEventFilter(times)
    waveform.set_unfolded(False)
    run_for(0.5)
    folded_s = run_for(seconds)
    waveform.set_unfolded(True)
    talk.stop()
    meters = desktop.meters
    assert meters is not None
    return {
        "gap_ms": times.gaps_ms(),
        "thread_cpu": {"open": round(open_s / seconds, 4), "folded": round(folded_s / seconds, 4)},
        "waveform_core": round((open_s - folded_s) / seconds, 4),
        "underruns": meters.counters().underruns,
    }


def measure_transcript(desktop: Desktop) -> dict[str, float]:
    """Ten thousand turns: opened, then scrolled through from the end."""
    words = "What was said here is of no importance, but it has a length. "
    lines = tuple(
        Line(n, "user" if n % 2 else "assistant", f"{n}: " + words * (1 + n % 5), stage="final")
        for n in range(1, TURNS + 1)
    )
    view = desktop.window.transcript
    before_s = time.perf_counter()
    desktop.dispatch(Opened(Earlier(1, "Ten thousand turns", lines)))
    view.viewport().repaint()
    open_s = time.perf_counter() - before_s
    bar, steps = view.verticalScrollBar(), []
    for _ in range(SCROLLS):
        before_s = time.perf_counter()
        bar.setValue(bar.value() - 137)
        view.viewport().repaint()
        steps.append(1000.0 * (time.perf_counter() - before_s))
    return {
        "turns": TURNS,
        "open_s": round(open_s, 4),
        "scroll_p99_ms": round(float(np.percentile(steps, 99)), 2),
        "scroll_max_ms": round(max(steps), 2),
    }


def main(arguments: list[str]) -> int:
    """Boot, measure, write, end."""
    started_s, out, seconds = float(arguments[0]), Path(arguments[1]), float(arguments[2])
    app = boot.make_application()
    folder = data_dir()
    desktop = boot.build(app, EngineHandle, config_dir(), folder, CrashHandling(None))
    moments: dict[str, float] = {}

    def painted() -> None:
        moments["first_paint_s"] = round(time.monotonic() - started_s, 3)
        boot.after_first_paint(desktop)

    desktop.window.painted.connect(painted)
    desktop.window.show()
    ready = wait_until(lambda: desktop.state.can_converse, READY_S)
    moments["ready_s"] = round(time.monotonic() - started_s, 3)
    try:
        if not ready:
            reasons = "; ".join(str(notice.message) for notice in desktop.state.notices)
            print(reasons or "It did not get ready.", file=sys.stderr)
            return 1
        heavy = [name for name in ("torch", "onnxruntime", "sounddevice") if name in sys.modules]
        figures = moments | {"heavy_imports": heavy} | measure_painting(desktop, seconds)
        figures["transcript"] = measure_transcript(desktop)
        out.write_text(json.dumps(figures), encoding="utf-8")
    finally:
        desktop.window.close()
        desktop.close()
        QApplication.processEvents()
    return 0
