"""The app as a program of its own, on a virtual screen with a window manager, a virtual sound card, the real engine."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOOLS = ("Xvfb", "openbox", "xdotool", "pulseaudio", "parec")


@pytest.mark.skipif(
    any(shutil.which(tool) is None for tool in TOOLS),
    reason=f"needs {', '.join(TOOLS)}; scripts/system-packages.sh installs them",
)
def test_what_is_typed_and_what_is_said_is_answered_aloud() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "scripts" / "smoke.py", sys.executable, "-m", "app"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "answered what was typed and what was said, and ended well" in done.stdout
