"""A long conversation at real time: gaps in what was heard that the sound server alone does not make, and memory.

A `pacat` plays an even tone into a sink of its own meanwhile, recorded by a `parec` of its own: its gaps are the
machine's. Ours are silences of more than GAP_MS inside an answer where the speech that was made is loud.
"""

from __future__ import annotations

import contextlib
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray

from benchmarks.conversations import AUDIBLE, Talker, conversing
from benchmarks.duplex_rig import RATE_HZ, Rig
from benchmarks.user_lines import make_line
from benchmarks.virtual_card import virtual_card, wait_for
from engine.commands import StartConversation
from engine.events import ResponseDone

QUESTIONS = ("what can you do", "tell me a joke", "what time is it", "how much is twelve times seven")
EVERY_S = 15.0
"""From question to question; longer where an answer is, since one that is interrupted has an end that is no gap."""

PATIENCE_S, PAUSE_S = 45.0, 1.5
"""For an answer to end, and behind it. One that never comes is missing from the figures."""

GAP_MS = 10.0
SETTLED_S = 300.0
"""Memory is compared from here on: caches have filled by then."""

_GAP = round(RATE_HZ * GAP_MS / 1000.0)


def measure(minutes: float, voice: str | None) -> dict[str, Any]:
    """So many minutes."""
    said = [make_line(words, "command", "awb", False, 0) for words in QUESTIONS]
    duration_s = 60.0 * minutes
    resident: list[tuple[float, float]] = []
    with virtual_card(), tempfile.TemporaryDirectory() as name, _control(Path(name)) as control:
        command = StartConversation(voice=voice, keep_audio=Path(name) / "kept")
        with conversing(command) as talker, Rig(duration_s + EVERY_S + PATIENCE_S + 30.0) as rig:
            started_s = time.monotonic()
            number = 0
            while (passed_s := time.monotonic() - started_s) < duration_s:
                line, answers = said[number % len(said)], len(_done(talker))
                rig.say(line.samples)
                number += 1
                resident.append((passed_s, resident_mb(talker.engine.process_id)))
                rig.wait_until(rig.place + round((EVERY_S - PAUSE_S) * RATE_HZ))
                _wait_for_answer(talker, rig, answers)
                rig.wait_until(rig.place + round(PAUSE_S * RATE_HZ))
            heard, troubles = rig.heard(0), rig.troubles
        ours = _gaps_in_answers(heard, Path(name) / "kept")
        theirs = _gaps_in_tone(np.fromfile(control, "<i2"))
    return _figures(talker, ours, theirs, troubles, resident, number)


def _wait_for_answer(talker: Talker, rig: Rig, before: int) -> None:
    """`before`: the answers that had ended when this one's question was asked."""
    given_up = rig.place + round(PATIENCE_S * RATE_HZ)
    wait_for(lambda: len(_done(talker)) > before or rig.place >= given_up, "an answer", 2.0 * PATIENCE_S)


def _done(talker: Talker) -> list[ResponseDone]:
    """The answers that have ended."""
    return [event for event in list(talker.events) if isinstance(event, ResponseDone)]


def resident_mb(process_id: int) -> float:
    """Memory that a process holds, in MiB (Linux)."""
    for line in Path(f"/proc/{process_id}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024.0
    return 0.0


@contextlib.contextmanager
def _control(folder: Path) -> Iterator[Path]:
    """An even tone by the sound server's own player, and its recording."""
    at = np.arange(RATE_HZ)
    tone = np.round(8000 * np.sin(2 * np.pi * 440 * at / RATE_HZ)).astype("<i2").tobytes()
    path = folder / "control.raw"
    pcm = ["--rate=48000", "--channels=1", "--format=s16le", "--latency-msec=100"]
    with (
        path.open("wb") as out,
        subprocess.Popen(["parec", "-d", "control.monitor", *pcm], stdout=out) as recorder,
        subprocess.Popen(["pacat", "-d", "control", *pcm], stdin=subprocess.PIPE) as player,
    ):
        import threading

        ending = threading.Event()

        def feed() -> None:
            assert player.stdin is not None
            with contextlib.suppress(BrokenPipeError, ValueError):
                while not ending.is_set():
                    player.stdin.write(tone)

        feeder = threading.Thread(target=feed, name="control", daemon=True)
        feeder.start()
        try:
            yield path
        finally:
            ending.set()
            player.terminate()
            recorder.terminate()
            feeder.join(5.0)


def _gaps_in_tone(sound: NDArray[np.int16]) -> int:
    """Silences of more than GAP_MS between the tone's first and last sample."""
    loud = np.flatnonzero(np.abs(sound) > 200)
    return int((np.diff(loud) > _GAP).sum()) if len(loud) else 0


def _gaps_in_answers(heard: NDArray[np.float32], folder: Path) -> int:
    """Silences of more than GAP_MS inside answers, where the speech made has none."""
    gaps, place = 0, 0
    for path in sorted(folder.rglob("turn_*_assistant.wav")):
        made = soundfile.read(path, dtype="float32")[0]
        window = heard[place : place + round((2.0 * EVERY_S + PATIENCE_S) * RATE_HZ)]
        size = 1 << (len(window) + RATE_HZ).bit_length()  # a length with large prime factors takes minutes
        spectrum = np.fft.rfft(window, size) * np.conj(np.fft.rfft(made[:RATE_HZ], size))
        offset = int(np.argmax(np.fft.irfft(spectrum, size)[: max(1, len(window))]))
        begin = place + offset
        played = _sounding(heard[begin : begin + len(made) + RATE_HZ])
        gaps += max(0, len(_silences(played)) - len(_silences(_sounding(made))))
        place = begin + len(made) // 2
    return gaps


def _sounding(sound: NDArray[np.float32]) -> NDArray[np.float32]:
    loud = np.flatnonzero(np.abs(sound) > AUDIBLE)
    return sound[loud[0] : loud[-1] + 1] if len(loud) else sound[:0]


def _silences(sound: NDArray[np.float32]) -> NDArray[np.int64]:
    """Stretches of more than GAP_MS of digital silence: speech that was made never holds any, a gap does."""
    there = np.flatnonzero(np.abs(sound) > 1.5 / 32768.0)
    steps = np.diff(there)
    return steps[steps > _GAP]


def _figures(
    talker: Talker, ours: int, theirs: int, troubles: int, resident: list[tuple[float, float]], questions: int
) -> dict[str, Any]:
    late = [megabytes for at_s, megabytes in resident if at_s >= SETTLED_S] or [mb for _, mb in resident[-2:]]
    done = _done(talker)
    ended = talker.seen.ended
    return {
        "questions": questions,
        "answers": sum(event.status == "completed" for event in done),
        "gaps": ours,
        "control_gaps": theirs,
        "gaps_beyond_control": max(0, ours - theirs),
        "starved": ended.starved if ended else -1,
        "output_underflows": ended.output_underflows if ended else -1,
        "lost_input_samples": ended.lost_input_samples if ended else -1,
        "rig_troubles": troubles,
        "resident_mb": {"settled": round(late[0], 1), "end": round(late[-1], 1)},
        "resident_growth": round(late[-1] / late[0] - 1.0, 4),
        "errors": sorted(set(talker.errors)),
    }
