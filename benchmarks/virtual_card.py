"""A sound card of software: a PulseAudio server of our own, with a microphone that can be spoken into.

A context manager; what is set in the environment is put back. Engine processes that are started inside find it as the
system's default devices.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from engine.errors import SottoError

# norewinds=1 keeps a null sink from holding two seconds back
SERVER = """
.fail
load-module module-native-protocol-unix auth-anonymous=1
load-module module-null-sink sink_name=speaker rate=48000 channels=2 norewinds=1
load-module module-null-sink sink_name=micfeed rate=48000 channels=1 norewinds=1
load-module module-null-sink sink_name=control rate=48000 channels=1 norewinds=1
load-module module-remap-source source_name=mic master=micfeed.monitor
set-default-sink speaker
set-default-source mic
"""

RIG_LISTENS_TO = "speaker.monitor"
RIG_SPEAKS_INTO = "micfeed"
LOOP = "micfeed.monitor"
"""What the rig records where its own delay is to be measured."""

_PATIENCE_S = 20.0


def wait_for(condition: Callable[[], bool], what: str, patience_s: float = _PATIENCE_S) -> None:
    """Poll until the condition holds. Raises SottoError after `patience_s`."""
    deadline_s = time.monotonic() + patience_s
    while not condition():
        if time.monotonic() > deadline_s:
            raise SottoError(
                f"Waited {patience_s:.0f} s in vain for {what}; look whether the machine is busy."
            )
        time.sleep(0.02)


@contextlib.contextmanager
def virtual_card() -> Iterator[None]:
    """The running server. Raises SottoError where PulseAudio is not installed."""
    if shutil.which("pulseaudio") is None or shutil.which("pactl") is None:
        raise SottoError("This benchmark needs PulseAudio; install it (Debian: apt-get install pulseaudio).")
    with tempfile.TemporaryDirectory() as name:  # short: a socket's path holds at most 107 characters
        script = Path(name) / "sound.pa"
        script.write_text(SERVER, encoding="utf-8")
        # HOME stays: recognisers and voices lie below it. The server is found by its socket alone.
        changed = {"XDG_RUNTIME_DIR": name, "PULSE_SERVER": f"unix:{name}/pulse/native"}
        with environment(changed, without=("PULSE_SINK", "PULSE_SOURCE")):
            command = ["pulseaudio", "-n", "-F", str(script), "--daemonize=no", "--exit-idle-time=-1"]
            with subprocess.Popen(command, stderr=subprocess.DEVNULL) as server:
                try:
                    wait_for(_answers, "the sound server to start")
                    yield
                finally:
                    server.terminate()


def _answers() -> bool:
    return subprocess.run(["pactl", "info"], capture_output=True).returncode == 0


@contextlib.contextmanager
def environment(changed: dict[str, str], without: tuple[str, ...] = ()) -> Iterator[None]:
    """Variables set and removed meanwhile."""
    before = {name: os.environ.get(name) for name in (*changed, *without)}
    os.environ.update(changed)
    for name in without:
        os.environ.pop(name, None)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
