"""The failing half of the pictures: what a user sees when a device, a server, a disk or the engine is gone.

A part of `scripts/screenshots.py`; its sentences are like those that the engine says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from PySide6.QtWidgets import QWidget

from app.desktop.desktop import Desktop
from app.desktop.dialogs import Dialogs
from app.desktop.settings_dialog import SettingsDialog
from app.desktop.view import Dismissed, Notice, Told, Typed
from engine.errands import FindServers, ListModels, ListTools, ReadDialogue, StoreKey, TryModel
from engine.event_values import DamagedVoice
from engine.events import (
    DeviceChanged,
    ErrorOccurred,
    ResponseDone,
    SessionEnded,
    StateChanged,
    TranscriptDelta,
    TranscriptDone,
    TranscriptionCompleted,
    VoicesListed,
)
from engine.recogniser_events import FetchProgress
from tests.fakes.scripted_engine import VOICE, ScriptedEngine

Waits = Callable[[int], None]
Scene = tuple[str, QWidget]

HEADSET = "Headset (PulseAudio)"
LOST = DeviceChanged(
    direction="input",
    kind="lost",
    message="The microphone stopped sending: Headset (PulseAudio).",
    mend="Check that it is connected and switched on; Sotto goes on when it is back, and you can type meanwhile.",
)
NO_LOUDSPEAKER = DeviceChanged(
    direction="output",
    kind="lost",
    message="There is no loudspeaker.",
    mend="Check that it is connected and switched on; Sotto goes on when it is back, and answers can be read"
    " meanwhile.",
)
WRITTEN = (
    ("What time is it?", "It is twelve minutes past three."),
    ("And what is the weather like?", "It rains in the morning, and clears up"),
)
NO_MICROPHONE = "There is no microphone; plug one in, then try again."
NO_VOICE = "There is no voice named 'amy'; choose one of those installed: rms, slt."
INTERRUPTED = "The connection to the hub broke off; what has come is kept. Resume when the network is back."
DISK_FULL = "The disk is too full: 661 MB are needed and 120 MB are free; free some, then resume."
SERVER = "http://127.0.0.1:11434/v1"
NO_SERVER = (
    f"No language model server answers at {SERVER}; start it there, or change the address in the settings."
)
NO_KEYRING = "This computer has no keyring, so the key cannot be kept; install one (Debian: gnome-keyring)."
NO_TOOL = (
    "The tool server 'files' cannot be started: there is no program 'npx'; install it, or change the command."
)
NEWER = (
    "/home/me/.local/share/sotto/conversations.db was written by a newer Sotto (version 9, this one knows 5); update"
    " Sotto, or move the file away. It was left as it is."
)
READ_ONLY = (
    "The settings cannot be saved in /home/me/.config/sotto (Read-only file system); they hold until Sotto ends."
    " Make the folder writable."
)


def window_scenes(desktop: Desktop, engine: ScriptedEngine, wait: Waits) -> Iterator[Scene]:
    """The window itself, after the conversation that it shows; the engine's end comes last."""
    window = desktop.window
    engine.feed(LOST, engine.state("failed", LOST.message))
    engine.feed(
        ErrorOccurred(
            code="recogniser",
            message="The recogniser stopped answering and was started anew; please say that again.",
        ),
        ErrorOccurred(code="dialogue", message=NO_SERVER, cause="ConnectError"),
    )
    wait(300)
    yield "window-failing-parts", window
    engine.feed(ErrorOccurred(code="sound_device", message=NO_MICROPHONE))
    wait(200)
    desktop.dispatch(Told(Notice("archive", "warning", NEWER)))
    desktop.dispatch(Told(Notice("settings", "warning", READ_ONLY)))
    wait(300)
    yield "window-failing-device", window
    window.resize(480, 640)
    wait(300)
    yield "narrow-failing", window
    window.resize(1120, 1080)
    engine.die()
    wait(200)
    for notice in desktop.state.notices[:-1]:
        desktop.dispatch(Dismissed(notice.key))
    wait(300)
    yield "panels-failing", window
    window.resize(1120, 760)
    wait(300)
    yield "window-failing", window


def silent_scenes(desktop: Desktop, engine: ScriptedEngine, wait: Waits) -> Iterator[Scene]:
    """Answers on a machine without a loudspeaker: one that could only be read, and one under way."""
    engine.feed(NO_LOUDSPEAKER)
    for turn, (asked, answer) in enumerate(WRITTEN, 1):
        desktop.dispatch(Typed(asked))
        engine.feed(
            engine.state("speaking"),
            TranscriptionCompleted(item_id=f"user_{turn}", turn_id=turn, transcript=asked),
            TranscriptDelta(turn_id=turn, delta=answer, heard=False),
        )
        if turn < len(WRITTEN):
            engine.feed(
                TranscriptDone(turn_id=turn, transcript="", written=answer),
                ResponseDone(turn_id=turn, status="completed", text=answer, source="time"),
            )
        wait(200)
    yield "window-failing-loudspeaker", desktop.window


def start_scenes(desktop: Desktop, engine: ScriptedEngine, wait: Waits) -> Iterator[Scene]:
    """A start at which the conversation cannot begin, with the welcome in front and without it."""
    engine.feed(
        StateChanged(state="failed", at_sample=0, message=NO_VOICE),
        SessionEnded(),  # the scripted engine had begun one
        ErrorOccurred(code="refused", message=NO_VOICE),
    )
    wait(300)
    yield "window-failing-start", desktop.window
    dialogs = desktop.dialogs
    assert isinstance(dialogs, Dialogs)
    dialogs.open_welcome()
    assert dialogs.welcome is not None
    wait(200)
    yield "welcome-failing", dialogs.welcome
    dialogs.welcome.reject()


def settings_scenes(desktop: Desktop, engine: ScriptedEngine, wait: Waits) -> Iterator[Scene]:
    """Every page of the settings that can fail."""
    dialogs = desktop.dialogs
    assert isinstance(dialogs, Dialogs)
    engine.results |= {
        FindServers: NO_SERVER,
        ListModels: NO_SERVER,
        TryModel: NO_SERVER,
        StoreKey: NO_KEYRING,
        ListTools: NO_TOOL,
    }
    dialogs.open_settings()
    wait(300)
    settings = dialogs.settings
    assert settings is not None
    lost = Path("/home/me/.local/share/sotto/voices/amy")
    engine.feed(
        VoicesListed(
            voices=(VOICE,),
            damaged=(
                DamagedVoice(
                    name="amy", path=str(lost), reason=f"{lost} has no voice.toml; remove the folder."
                ),
            ),
        ),
        FetchProgress(
            recogniser="big",
            state="failed",
            done_bytes=243_000_000,
            total_bytes=661_000_000,
            message=INTERRUPTED,
        ),
    )
    for errand in (
        ReadDialogue(),
        TryModel(address=SERVER, model="llama3.2:3b"),
        StoreKey(address=SERVER, key="x"),
        ListTools(server="files"),
    ):
        desktop.run_errand(errand)
    wait(200)
    yield from _pages(settings, engine, wait)
    settings.close()


def _pages(settings: SettingsDialog, engine: ScriptedEngine, wait: Waits) -> Iterator[Scene]:
    natural = settings.size()
    settings.input.render_devices((), HEADSET)
    yield "settings-conversation-failing", settings
    for page, name in ((settings.voices, "voices"), (settings.recognition, "recognition")):
        settings.tabs.setCurrentWidget(page)
        settings.recognition.list.setCurrentRow(1)
        wait(100)
        yield f"settings-{name}-failing", settings
    engine.feed(
        FetchProgress(
            recogniser="big", state="failed", done_bytes=0, total_bytes=661_000_000, message=DISK_FULL
        )
    )
    wait(100)
    yield "settings-recognition-full", settings
    for page, name in ((settings.answers, "answers"), (settings.tools, "tools")):
        settings.resize(620, 840)
        settings.tabs.setCurrentWidget(page)
        wait(100)
        yield f"settings-{name}-failing", settings
    settings.resize(natural)
