"""Cold start: from the start of a fresh `sotto say` to its first sound, several times, with what it reads in memory.

The other process stamps what happens in it on the monotonic clock, which all processes share (`benchmarks.fresh_say`).
A first run, not counted, brings the files from disk. Imports nothing heavy.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

from engine.errors import SottoError

SENTENCE = "The kettle has boiled, and your tea is ready."
STAGES = ("engine_asked_s", "voice_loaded_s", "first_samples_s", "first_sound_s")


def measure(voice: str | None, device: str | None, runtime: str | None, runs: int) -> dict[str, Any]:
    """Seconds from the start of the process until each stage, over `runs` runs."""
    chosen = {"--voice": voice, "--device": device, "--runtime": runtime}
    options = [part for option, value in chosen.items() if value is not None for part in (option, value)]
    stamps = [_fresh_run(options) for _ in range(1 + runs)][1:]
    figures: dict[str, Any] = {"runs": runs, "voice": stamps[0]["voice"], "runtime": stamps[0]["runtime"]}
    for stage in (*STAGES, "engine_cpu_s"):  # the engine's CPU time to the chunk with the first sound
        took_s = [stamp[stage] for stamp in stamps]
        figures[stage] = {"p50": round(median(took_s), 3), "max": round(max(took_s), 3)}
    return figures


def _fresh_run(options: list[str]) -> dict[str, Any]:
    """The stamps of one run, in seconds from its start. Raises SottoError where it failed or nothing was heard."""
    with tempfile.TemporaryDirectory() as folder:
        stamps, wav = Path(folder) / "stamps.json", Path(folder) / "said.wav"
        command = [
            sys.executable,
            "-m",
            "benchmarks.fresh_say",
            str(stamps),
            "say",
            "--out",
            str(wav),
            *options,
            SENTENCE,
        ]
        started_s = time.monotonic()
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            told = (done.stderr.strip().splitlines() or ["it said nothing"])[-1].removeprefix("sotto: ")
            raise SottoError(f"The fresh `sotto say` ended with exit code {done.returncode}: {told}")
        stamped: dict[str, Any] = json.loads(stamps.read_text(encoding="utf-8"))
    if stamped["first_sound_s"] is None:
        raise SottoError("The voice said nothing that can be heard; measure another voice.")
    return stamped | {stage: stamped[stage] - started_s for stage in STAGES}
