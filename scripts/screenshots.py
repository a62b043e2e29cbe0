"""Pictures of the desktop app for people to look at: every part, light and dark, at 1× and 2×, empty, busy, failing.

`python scripts/screenshots.py FOLDER` draws off-screen with the scripted engine of the tests; one process a scale.
"""

from __future__ import annotations

import contextlib
import math
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import failing_scenes
import numpy as np
from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget

from app.desktop import main as boot
from app.desktop.crash import CrashHandling
from app.desktop.desktop import Desktop
from app.desktop.dialogs import Dialogs
from app.desktop.view import Corrected, Unfolded
from engine.errands import (
    DeviceSummary,
    DialogueSetup,
    FindServers,
    FoundServers,
    ListDevices,
    ListTools,
    ModelChoice,
    ModelServer,
    ModelTimes,
    OfferedTool,
    OfferedTools,
    ReadDialogue,
    SoundDevices,
    ToolServerSetup,
    TryModel,
)
from engine.events import (
    ItemTruncated,
    ResponseDone,
    ToolUsed,
    TranscriptDelta,
    TranscriptionCompleted,
    TranscriptionPartial,
    TurnLatency,
)
from engine.meters import MemoryShown, MeterWriter, SlotShown
from engine.recogniser_events import FetchProgress
from engine.session.record import HeardAnswer
from engine.store import open_store
from tests.fakes.scripted_engine import ScriptedEngine

SCALES, THEMES = (1, 2), ("light", "dark")
LARGE_TOO = ("window-busy", "panels-busy", "settings-voices", "welcome-1")
"""At 2× only these are kept: all of them would be more than belongs into a repository."""

LIGHT_ONLY = (
    "window-failing-parts",
    "window-failing-loudspeaker",
    "settings-tools-failing",
    "settings-recognition-full",
)
"""What differs from others by a sentence alone."""

IN_GERMAN_TOO = ("settings-conversation", "settings-recognition")

SIZE, NARROW, LONG_PAGE = (1120, 760), (480, 640), (620, 840)
OLLAMA = "http://127.0.0.1:11434/v1"
CODE = (
    "Here is a function that does it:\n\n```python\ndef area(radius: float) -> float:\n"
    "    return math.pi * radius**2\n```\n\nIt takes **one** number, and works for:\n\n- circles\n- discs"
)
CUT_OFF = "The forecast says rain in the morning, then some sun in the afternoon with a light wind."


def run_for(ms: int) -> None:
    """Let Qt work."""
    loop = QEventLoop()
    QTimer.singleShot(ms, loop.quit)
    loop.exec()


def converse(engine: ScriptedEngine, desktop: Desktop) -> None:
    """A conversation with something of everything, and levels, memory and delays to it."""
    engine.feed(engine.state("listening"))
    engine.feed(TranscriptionCompleted(item_id="user_90", turn_id=90, transcript="What will the weather be?"))
    heard = "The forecast says rain in the morning,"
    engine.feed(
        TranscriptDelta(turn_id=90, delta=heard),
        ItemTruncated(turn_id=90, item_id="assistant_90", audio_end_ms=2400.0, heard_text=heard),
        ResponseDone(turn_id=90, status="cancelled", text=CUT_OFF, source="weather"),
    )
    run_for(100)
    desktop.type_text("Show me a function for the area of a circle")
    run_for(100)
    engine.feed(
        ToolUsed(
            turn_id=91,
            name="notes__search",
            owner="Notebook",
            arguments='{"words": "circle"}',
            result="r² · π",
        ),
        TranscriptDelta(turn_id=91, delta=CODE),
        ResponseDone(turn_id=91, status="completed", text=CODE, source="model"),
        TranscriptionPartial(item_id="user_92", turn_id=92, stable="and how do I", tentative="call it"),
        engine.state("user_speaking"),
    )
    for n in range(9):
        eot, speech = 140.0 + 30.0 * (n % 4), 80.0 + 12.0 * (n % 5)
        parts = {"eot": eot, "recognition": 55.0, "dialogue": 12.0 + 20.0 * (n % 3), "speech": speech}
        total = sum(parts.values()) + 75.0
        engine.feed(
            TurnLatency(
                turn_id=100 + n,
                v2v_ms=total,
                breakdown_ms=parts | {"leading_silence": 25.0, "output": 50.0},
                ahead_ms={},
                made_ahead=n % 3 == 0,
            )
        )
    assert desktop.meters is not None
    fill_meters(desktop.meters.name)


def set_up(engine: ScriptedEngine) -> None:
    """Somebody with a language model and two tool servers."""
    model = ModelChoice(
        address=OLLAMA,
        model="llama3.2:3b",
        persona="You are Sotto, a friendly voice assistant.",
        system_prompt="Answer in one to three short sentences, the answer first.",
    )
    command = ("-y", "@modelcontextprotocol/server-filesystem", "/home/me/notes")
    files = ToolServerSetup(
        name="files",
        command="npx",
        arguments=command,
        allowed=True,
        allowed_tools=("read_file",),
        refused_tools=("write_file",),
    )
    read = OfferedTool(name="read_file", description="The text of one file.")
    write = OfferedTool(name="write_file", description="Create a file, or write over it.")
    find = OfferedTool(name="search_files", description="Files whose name holds a word.")
    engine.results = {
        ReadDialogue: DialogueSetup(
            model=model,
            resting=None,
            tool_servers=(ToolServerSetup(name="calendar", url="http://127.0.0.1:7000/mcp"), files),
            keyed=(),
            default_persona="You are Sotto.",
            default_system_prompt=model.system_prompt,
        ),
        FindServers: FoundServers(
            servers=(
                ModelServer(address=OLLAMA, name="Ollama", models=("llama3.2:3b", "qwen3:8b", "gemma3:4b")),
                ModelServer(address="http://127.0.0.1:1234/v1", name="LM Studio", models=("phi-4-mini",)),
            )
        ),
        TryModel: ModelTimes(
            address=OLLAMA, model="llama3.2:3b", first_answer_ms=182.0, first_question_ms=2_140.0
        ),
        ListTools: OfferedTools(server="files", tools=(read, write, find)),
        ListDevices: SoundDevices(
            inputs=(DeviceSummary(label="Built-in Audio (PulseAudio)", is_default=True),),
            outputs=(DeviceSummary(label="Built-in Audio (PulseAudio)", is_default=True),),
        ),
    }


def fill_meters(name: str) -> None:
    """Half a minute of two voices taking turns, and what is remembered of them."""
    writer, rng = MeterWriter(name), np.random.default_rng(0)
    for block in range(3000):
        turn, place = divmod(block, 400)
        voice = rng.standard_normal(480).astype(np.float32) / 4
        level = np.float32(
            0.8 * abs(math.sin(block / 40)) * (0.5 + 0.5 * math.sin(block / 6)) * (60 < place < 360)
        )
        quiet = np.float32(0.01)
        own = turn % 2 == 0
        writer.block(voice * (level if own else quiet), voice * (np.float32(0) if own else level))
        if place == 60:
            writer.mark("user_started" if own else "reply_started")
        elif place == 360:
            writer.mark("turn" if own else "interrupted" if turn == 5 else "reply_ended")
    said = ("what will the weather be", "The forecast says rain in the morning,", "and how do I call it")
    slots = tuple(
        SlotShown(
            bank, age, math.exp(-age / tau), n % 2 == 0, 0.4 * (n == 1), 0.4 * n - 0.4, 0.5 - 0.4 * n, words
        )
        for bank, tau in (("semantic", 30.0), ("prosodic", 5.0))
        for n, (age, words) in enumerate(zip((2.0, 5.0, 9.0), said, strict=True))
    )
    writer.memory(MemoryShown(slots))
    writer.gauge("real_time_factor", 0.24)
    writer.close()


def fetch(engine: ScriptedEngine, dialogs: Dialogs) -> None:
    """A recogniser on its way."""
    assert dialogs.settings is not None
    dialogs.settings.tabs.setCurrentWidget(dialogs.settings.recognition)
    dialogs.settings.recognition.list.setCurrentRow(1)
    engine.feed(
        FetchProgress(recogniser="big", state="fetching", done_bytes=243_000_000, total_bytes=661_000_000)
    )
    run_for(200)


def keep_conversations(folder: Path) -> None:
    """Two conversations of other days."""
    store = open_store(folder)
    said = (("what is twelve times seven", "It is 84."), ("remind me to call Ada", "I will remind you."))
    for days, (question, answer) in enumerate(said, 1):
        record = store.record()
        record.user_said(1, question, True, 0.9, datetime.now().astimezone() - timedelta(days=days))
        record.assistant_heard(HeardAnswer(1, "skill", answer, answer, 900.0, False, True))
        record.close()
    store.close()


@contextlib.contextmanager
def opened(theme: str, folder: Path, language: str = "en") -> Iterator[tuple[Desktop, list[ScriptedEngine]]]:
    """The app with its engines, the last one running."""
    settings = f'version = 1\nwelcomed = true\n[appearance]\ntheme = "{theme}"\nreduced_motion = "on"\n'
    folder.mkdir()
    (folder / "settings.toml").write_text(settings, encoding="utf-8")
    engines: list[ScriptedEngine] = []

    def make_engine() -> ScriptedEngine:
        engines.append(ScriptedEngine())
        return engines[-1]

    desktop = boot.build(
        boot.make_application((language,)), make_engine, folder, folder / "data", CrashHandling(None)
    )
    window = desktop.window
    window.resize(*SIZE)
    window.painted.connect(lambda: boot.after_first_paint(desktop))
    window.show()
    window.setFocus()
    run_for(700)
    yield desktop, engines
    window.close()
    desktop.close()
    window.deleteLater()


def scenes(theme: str, folder: Path) -> Iterator[tuple[str, QWidget]]:
    """Every picture of one theme, one after the other."""
    with opened(theme, folder / "first") as (desktop, engines):
        window = desktop.window
        yield "window-empty", window
        keep_conversations(folder / "first" / "data")
        desktop.archive.refresh()
        converse(engines[-1], desktop)
        run_for(700)
        yield "window-busy", window
        yield from conversation_scenes(desktop)
        yield from dialog_scenes(desktop, engines[-1])
        yield from failing_scenes.settings_scenes(desktop, engines[-1], run_for)
        yield from failing_scenes.window_scenes(desktop, engines[-1], run_for)
    with opened(theme, folder / "silent") as (desktop, engines):
        yield from failing_scenes.silent_scenes(desktop, engines[-1], run_for)
    with opened(theme, folder / "start") as (desktop, engines):
        yield from failing_scenes.start_scenes(desktop, engines[-1], run_for)
    if theme == "light":
        yield from german_scenes(theme, folder / "german")


def german_scenes(theme: str, folder: Path) -> Iterator[tuple[str, QWidget]]:
    """Another language, whose words are longer."""
    with opened(theme, folder, "de") as (desktop, engines):
        converse(engines[-1], desktop)
        run_for(700)
        yield "german-busy", desktop.window
        for name, widget in dialog_scenes(desktop, engines[-1]):
            if name in IN_GERMAN_TOO:
                yield f"german-{name}", widget


def conversation_scenes(desktop: Desktop) -> Iterator[tuple[str, QWidget]]:
    """A corrected turn, a tool's details, the window narrow and its panels whole."""
    window = desktop.window
    view = window.transcript
    view.setFocus()
    view.setCurrentIndex(view.model().index(0, 0))
    desktop.dispatch(Corrected(desktop.state.lines[0], "What will the weather be tomorrow?"))
    tool = next(line for line in desktop.state.lines if line.role == "tool")
    desktop.dispatch(Unfolded(tool.key))
    run_for(200)
    yield "turns-corrected", window
    window.controls.entry.setFocus()
    desktop.dispatch(Unfolded(tool.key))
    window.resize(*NARROW)
    run_for(300)
    yield "narrow-busy", window
    window.right_button.click()
    run_for(300)
    yield "narrow-panels", window
    window.resize(SIZE[0], 1080)
    run_for(400)
    yield "panels-busy", window
    window.resize(*SIZE)


def dialog_scenes(desktop: Desktop, engine: ScriptedEngine) -> Iterator[tuple[str, QWidget]]:
    """Every page of the settings, then the welcome."""
    dialogs = desktop.dialogs
    assert isinstance(dialogs, Dialogs)
    set_up(engine)
    dialogs.open_settings()
    run_for(300)
    assert dialogs.settings is not None
    for errand in (FindServers(), TryModel(address=OLLAMA, model="llama3.2:3b"), ListTools(server="files")):
        desktop.run_errand(errand)
    run_for(100)
    natural = dialogs.settings.size().toTuple()
    pages = ("conversation", "voices", "answers", "tools", "recognition", "appearance", "privacy")
    for number, name in enumerate(pages):
        dialogs.settings.tabs.setCurrentIndex(number)
        dialogs.settings.resize(*(LONG_PAGE if name in ("answers", "tools") else natural))
        run_for(100)
        yield f"settings-{name}", dialogs.settings
    fetch(engine, dialogs)
    yield "settings-recognition-busy", dialogs.settings
    dialogs.settings.close()
    dialogs.open_welcome()
    run_for(200)
    assert dialogs.welcome is not None
    for step in (1, 2, 3):
        yield f"welcome-{step}", dialogs.welcome
        dialogs.welcome.forward.click()
        run_for(100)


def right_part(window: QWidget, image: QImage) -> QImage:
    """The panels alone."""
    width = round(image.width() * 0.285)
    return image.copy(image.width() - width, 0, width, image.height())


def draw(scale: int, folder: Path) -> None:
    """All pictures at this scale."""
    for theme in THEMES:
        with tempfile.TemporaryDirectory() as settings:
            for name, widget in scenes(theme, Path(settings)):
                if (scale > 1 and name not in LARGE_TOO) or (theme == "dark" and name in LIGHT_ONLY):
                    continue
                image = widget.grab().toImage()
                if name in ("panels-busy", "panels-failing"):
                    image = right_part(widget, image)
                image = image.convertToFormat(QImage.Format.Format_RGB888)
                image.save(str(folder / f"{name}-{theme}-{scale}x.png"), "PNG", 0)


def main(arguments: list[str]) -> int:
    """One process a scale, since Qt takes it from its environment at the start."""
    folder = Path(arguments[0])
    if len(arguments) == 2:
        draw(int(arguments[1]), folder)
        return 0
    folder.mkdir(parents=True, exist_ok=True)
    for scale in SCALES:
        environment = os.environ | {"QT_SCALE_FACTOR": str(scale)}
        subprocess.run([sys.executable, __file__, str(folder), str(scale)], env=environment, check=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
