"""Tries a built program as a user would: its window comes, what is typed and what is said is answered, it ends well.

`python scripts/smoke.py PROGRAM [ARGUMENT …]` brings its own screen and sound card (Xvfb, openbox, xdotool, PulseAudio)
and judges by a recording, a picture of the screen and what was kept. Exit code 0, or 1 with a sentence.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np

from app.desktop.theme import LIGHT
from benchmarks.gui import screen
from benchmarks.virtual_card import RIG_LISTENS_TO, RIG_SPEAKS_INTO, environment, virtual_card, wait_for
from engine.config import CodecConfig
from engine.errors import SottoError

READY_S, ANSWER_S, END_S = 120.0, 60.0, 30.0
SETTINGS = 'version = 1\nwelcomed = true\n[appearance]\ntheme = "light"\n'
QUESTION = "What time is it?"
RECORDING, SPOKEN = "heard.wav", "question.wav"
HEADER_BYTES = 44
LOUD = 500
"""Of 32767: far above the silence of a virtual sound card, far below speech."""

BUBBLE_PIXELS = 1000
"""A picture of the screen shows what was typed where at least so many pixels have the colour of its bubble."""

TAKE_PICTURE = (
    "import sys; from PySide6.QtGui import QGuiApplication\n"
    "app = QGuiApplication([]); app.primaryScreen().grabWindow(0).save(sys.argv[1])\n"
)
COUNT_PIXELS = (
    "import sys; from PySide6.QtGui import QImage\n"
    "image = QImage(sys.argv[1]).convertToFormat(QImage.Format.Format_RGB32)\n"
    "print(bytes(image.constBits()).count(bytes.fromhex(sys.argv[2])))\n"
)


def windows() -> list[str]:
    """The visible windows named Sotto."""
    found = subprocess.run(
        ["xdotool", "search", "--onlyvisible", "--name", "^Sotto$"], capture_output=True, text=True
    )
    return found.stdout.split()


def activated(window: str) -> bool:
    """Whether the window has the focus now, which takes a window manager that has started."""
    command = ["xdotool", "windowactivate", "--sync", window]
    return subprocess.run(command, capture_output=True).returncode == 0


def loudest(path: Path) -> int:
    """The highest sample of a recording that may still be under way."""
    data = path.read_bytes()[HEADER_BYTES:]  # the header's own length is written last
    samples = np.frombuffer(data[: len(data) // 2 * 2], np.int16)
    return int(np.abs(samples.astype(np.int32)).max()) if len(samples) else 0


def kept_turns(data: Path) -> list[tuple[str, str, bool]]:
    """What was asked, what was heard of the answer, and whether the question was spoken; of every turn so far."""
    with contextlib.closing(
        sqlite3.connect(f"file:{data / 'conversations.db'}?mode=ro", uri=True)
    ) as database:
        found = database.execute("SELECT user_text, heard_text, spoken FROM turns ORDER BY id").fetchall()
    return [(user or "", heard or "", bool(spoken)) for user, heard, spoken in found]


def picture_shows_a_bubble(path: Path) -> bool:
    """Take a picture of the screen and look for what the user typed."""
    subprocess.run([sys.executable, "-c", TAKE_PICTURE, path], check=True)
    blue_green_red = bytes.fromhex(LIGHT.accent_soft[1:])[::-1] + b"\xff"
    counted = subprocess.run(
        [sys.executable, "-c", COUNT_PIXELS, path, blue_green_red.hex()],
        check=True,
        capture_output=True,
        text=True,
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
    )
    return int(counted.stdout) >= BUBBLE_PIXELS


def speak(question: Path) -> None:
    """Call Sotto by its key, and say the question into its microphone."""
    subprocess.run(["xdotool", "key", "ctrl+space"], check=True)
    subprocess.run(["paplay", "-d", RIG_SPEAKS_INTO, question], check=True)


def converse(app: subprocess.Popen[bytes], voice: subprocess.Popen[bytes], folder: Path) -> None:
    """Type, listen, look; then speak what `voice` makes. Raises SottoError with what did not happen."""
    recording, data = folder / RECORDING, folder / "data"
    wait_for(lambda: bool(windows()) or app.poll() is not None, "the window", READY_S)
    if app.poll() is not None:
        raise SottoError(f"The program ended at once, with exit code {app.returncode}.")
    wait_for(lambda: activated(windows()[0]), "the window manager", READY_S)
    subprocess.run(["xdotool", "type", "--delay", "40", "what time is it"], check=True)
    subprocess.run(["xdotool", "key", "Return"], check=True)
    ready_and_said = READY_S + ANSWER_S
    wait_for(lambda: recording.exists() and loudest(recording) > LOUD, "the answer", ready_and_said)
    if not picture_shows_a_bubble(folder / "screen.png"):
        raise SottoError("The picture of the screen does not show what was typed.")
    wait_for(lambda: any(heard for _, heard, _ in kept_turns(data)), "the end of the answer", ANSWER_S)
    wait_for(lambda: voice.poll() is not None, "the question to be made", READY_S)
    speak(folder / SPOKEN)
    answered = "the answer to what was said"
    wait_for(lambda: any(spoken and heard for _, heard, spoken in kept_turns(data)), answered, ANSWER_S)
    subprocess.run(["xdotool", "key", "alt+F4"], check=True)
    wait_for(lambda: app.poll() is not None, "the program to end", END_S)
    if app.returncode:
        raise SottoError(f"The program ended with exit code {app.returncode}.")


def try_out(program: list[str], folder: Path) -> None:
    """The whole of it. Raises SottoError with what did not happen."""
    rate = f"--rate={CodecConfig().sample_rate_hz}"
    record = ["parec", "-d", RIG_LISTENS_TO, rate, "--channels=1", "--format=s16le"]
    with (
        subprocess.Popen(["openbox"], stderr=subprocess.DEVNULL) as manager,
        subprocess.Popen([*record, "--file-format=wav", str(folder / RECORDING)]) as recorder,
        subprocess.Popen(program) as app,
        subprocess.Popen(
            [*program, "say", QUESTION, "--out", str(folder / SPOKEN)], stdout=subprocess.DEVNULL
        ) as voice,
    ):
        try:
            converse(app, voice, folder)
        finally:
            for process in (app, voice, recorder, manager):
                process.terminate()


def main(program: list[str]) -> int:
    """The exit code."""
    missing = [tool for tool in ("xdotool", "openbox", "parec", "paplay") if shutil.which(tool) is None]
    if not program or missing:
        print(f"Usage: python scripts/smoke.py PROGRAM …; missing: {', '.join(missing) or 'the program'}")
        return 1
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "settings.toml").write_text(SETTINGS, encoding="utf-8")
        places = {"SOTTO_CONFIG_DIR": name, "SOTTO_DATA_DIR": str(folder / "data")}
        hidden = ("DISPLAY", "WAYLAND_DISPLAY")
        try:
            with environment(places, without=hidden), screen(), virtual_card():
                try_out(program, folder)
        except SottoError as error:
            print(f"smoke: {error}")
            return 1
    name = os.path.basename(program[0])
    print(f"smoke: {name} showed its window, answered what was typed and what was said, and ended well")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
