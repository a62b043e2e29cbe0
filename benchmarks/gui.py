"""How quickly the window stands and is ready, how smoothly it paints while conversing, what the waveform costs.

Starts the app as a process of its own, on a virtual screen where there is none, with a virtual sound card and the real
engine. Imports no Qt.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.virtual_card import environment, virtual_card
from engine.errors import SottoError

START_S = 90.0
"""How long the app may take to get ready before the benchmark gives up, beside what is measured."""

SETTINGS = 'version = 1\nwelcomed = true\n\n[conversing]\nlisten = "open"\n'


@contextlib.contextmanager
def screen() -> Iterator[None]:
    """A display: the one there is, else a virtual one. Raises SottoError where there is neither."""
    if os.environ.get("DISPLAY"):
        yield
        return
    if shutil.which("Xvfb") is None:
        raise SottoError(
            "This benchmark needs a display, or Xvfb; install it (Debian: apt-get install xvfb)."
        )
    read, write = os.pipe()
    # Without -noreset it starts anew whenever its last client goes, and refuses the others meanwhile.
    size = ["-screen", "0", "1280x900x24", "-nolisten", "tcp", "-noreset"]
    command = ["Xvfb", "-displayfd", str(write), *size]
    with subprocess.Popen(command, pass_fds=(write,), stderr=subprocess.DEVNULL) as server:
        os.close(write)
        try:
            with os.fdopen(read) as answer:
                number = answer.readline().strip()
            if not number:
                raise SottoError("The virtual screen did not start; run Xvfb by hand to see why.")
            with environment({"DISPLAY": f":{number}", "QT_QPA_PLATFORM": "xcb"}):
                yield
        finally:
            server.terminate()


def measure(seconds: float = 20.0) -> dict[str, Any]:
    """Every figure of the window, converse and paint measured over `seconds` each."""
    with tempfile.TemporaryDirectory() as name, screen(), virtual_card():
        folder = Path(name)
        (folder / "settings.toml").write_text(SETTINGS, encoding="utf-8")
        out = folder / "figures.json"
        changed = {"SOTTO_CONFIG_DIR": name, "SOTTO_DATA_DIR": str(folder / "data")}
        with environment(changed):
            started_s = time.monotonic()  # the same clock in every process of this machine
            # By -c: a process that is spawned imports its parent's main module. With -m the engine would load Qt,
            # which it does not where a user starts Sotto.
            run = "import sys; from benchmarks.gui_app import main; sys.exit(main(sys.argv[1:]))"
            command = [sys.executable, "-c", run, str(started_s), str(out), str(seconds)]
            try:
                done = subprocess.run(
                    command, capture_output=True, text=True, timeout=START_S + 4.0 * seconds
                )
            except subprocess.TimeoutExpired as late:
                raise SottoError("The app did not get ready; run sotto doctor to see why.") from late
        if not out.exists():
            raise SottoError(
                f"The app ended without figures: {done.stderr.strip()[-500:] or 'no reason told'}"
            )
        figures: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
        return figures
