"""Tries a built program as a user would: its window comes, a typed sentence is answered aloud, it closes cleanly.

`python scripts/smoke.py PROGRAM [ARGUMENT …]` brings its own screen and sound card (Xvfb, openbox, xdotool,
PulseAudio).
Exit code 0, or 1 with a sentence.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np

from benchmarks.gui import screen
from benchmarks.virtual_card import environment, virtual_card, wait_for
from engine.errors import SottoError

READY_S, ANSWER_S, END_S = 120.0, 60.0, 30.0
SETTINGS = "version = 1\nwelcomed = true\n"
HEADER_BYTES = 44
RECORDING_HZ = 24_000
LOUD = 500
"""Of 32767: far above the silence of a virtual sound card, far below speech."""


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


def try_out(program: list[str], folder: Path) -> None:
    """The whole of it. Raises SottoError with what did not happen."""
    recording = folder / "heard.wav"
    record = ["parec", "-d", "speaker.monitor", f"--rate={RECORDING_HZ}", "--channels=1", "--format=s16le"]
    with (
        subprocess.Popen(["openbox"], stderr=subprocess.DEVNULL) as manager,
        subprocess.Popen([*record, "--file-format=wav", str(recording)]) as recorder,
        subprocess.Popen(program) as app,
    ):
        try:
            wait_for(lambda: bool(windows()) or app.poll() is not None, "the window", READY_S)
            if app.poll() is not None:
                raise SottoError(f"The program ended at once, with exit code {app.returncode}.")
            wait_for(lambda: activated(windows()[0]), "the window manager", READY_S)
            subprocess.run(["xdotool", "type", "--delay", "40", "what time is it"], check=True)
            subprocess.run(["xdotool", "key", "Return"], check=True)
            ready_and_said = READY_S + ANSWER_S
            wait_for(lambda: recording.exists() and loudest(recording) > LOUD, "the answer", ready_and_said)
            subprocess.run(["xdotool", "key", "alt+F4"], check=True)
            wait_for(lambda: app.poll() is not None, "the program to end", END_S)
            if app.returncode:
                raise SottoError(f"The program ended with exit code {app.returncode}.")
        finally:
            for process in (app, recorder, manager):
                process.terminate()


def main(program: list[str]) -> int:
    """The exit code."""
    missing = [tool for tool in ("xdotool", "openbox", "parec") if shutil.which(tool) is None]
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
    print(f"smoke: {os.path.basename(program[0])} showed its window, answered aloud and ended well")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
