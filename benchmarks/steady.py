"""Does speech stay as quick as it was? One stream that never ends: a frame late in it beside a frame of minute 4.

Minutes are of audio, which is made faster than it is heard. Two comparisons: of the frames as they came, which are far
apart in time; and, since a machine changes meanwhile, of minute 4's state, kept as a copy, and the last state, which
take turns frame by frame. Imports torch.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import cycle, islice
from typing import Any

import numpy as np

from benchmarks.bench_voice import Costs, conditions, warm_voice
from benchmarks.frame import TEXT
from benchmarks.machine import peak_mb, resident_mb
from engine.errors import SottoError
from engine.model import StreamState
from engine.runtime import SpeechChunk, Synthesiser, Voice

EARLY_MINUTE = 4.0
MOST_IN_TURNS = 300


class Stretch(Costs):
    """Frames of one stretch of a stream."""

    def over(self, other: Stretch) -> dict[str, float]:
        """How many times `other`'s the cost of a frame is, at the median and at the 99th percentile."""
        return {
            f"{clock}_p{p}": round(float(np.percentile(mine, p) / np.percentile(others, p)), 4)
            for clock, mine, others in (
                ("wall", self.wall_ms, other.wall_ms),
                ("cpu", self.cpu_ms, other.cpu_ms),
            )
            for p in (50, 99)
        }


def measure(voice: str | None, device: str | None, runtime: str | None, minutes: float) -> dict[str, Any]:
    """Ratios of late frames to early ones, and the memory held at both. Raises SottoError for too short a stream."""
    speaker = warm_voice(voice, device, runtime)
    frame_s = speaker.frame_samples / speaker.sample_rate_hz
    frames = round(60.0 * minutes / frame_s)
    stretch = min(round(60.0 / frame_s), frames // 2)
    if stretch < 1:
        raise SottoError("Two stretches of the stream are compared; give it more minutes.")
    # The fourth minute, or the one before the last where the stream is shorter.
    early_end = min(round(60.0 * EARLY_MINUTE / frame_s), frames - stretch)

    synthesiser = Synthesiser(speaker)
    early, late = Stretch(), Stretch()
    early_state, early_mb = synthesiser.state, 0.0
    chunks = _timed(synthesiser.stream(_endless()))
    for frame, (wall_ms, cpu_ms) in enumerate(islice(chunks, frames), 1):
        for part, end in ((early, early_end), (late, frames)):
            if end - stretch < frame <= end:
                part.wall_ms.append(wall_ms)
                part.cpu_ms.append(cpu_ms)
        if frame == early_end:
            early_state, early_mb = synthesiser.state.clone(), resident_mb()
    late_mb = resident_mb()
    beside_early, beside_late = _in_turns(
        speaker, min(stretch, MOST_IN_TURNS), early_state, synthesiser.state
    )
    return conditions(speaker) | {
        "minutes": minutes,
        "early": {"until_minute": round(early_end * frame_s / 60.0, 2)} | early.figures(),
        "late": {"until_minute": round(frames * frame_s / 60.0, 2)} | late.figures(),
        "ratio": late.over(early),
        "ratio_in_turns": beside_late.over(beside_early),
        "resident_early_mb": round(early_mb, 1),
        "resident_late_mb": round(late_mb, 1),
        "peak_mb": round(peak_mb(), 1),
    }


def _endless() -> Iterator[str]:
    """The same paragraph, for ever."""
    return (word + " " for word in cycle(TEXT.split()))


def _timed(chunks: Iterator[SpeechChunk]) -> Iterator[tuple[float, float]]:
    """Milliseconds of wall and CPU time that each chunk took."""
    while True:
        wall_s, cpu_s = time.perf_counter(), time.process_time()
        next(chunks)
        yield 1000.0 * (time.perf_counter() - wall_s), 1000.0 * (time.process_time() - cpu_s)


def _in_turns(voice: Voice, frames: int, *states: StreamState) -> list[Stretch]:
    """The same text from each state, a frame of one after a frame of the other."""
    synthesisers = [Synthesiser(voice) for _ in states]
    for synthesiser, state in zip(synthesisers, states, strict=True):
        synthesiser.state = state.clone()
    speaking = [_timed(synthesiser.stream(_endless())) for synthesiser in synthesisers]
    stretches = [Stretch() for _ in states]
    for _ in range(frames):
        for chunks, stretch in zip(speaking, stretches, strict=True):
            wall_ms, cpu_ms = next(chunks)
            stretch.wall_ms.append(wall_ms)
            stretch.cpu_ms.append(cpu_ms)
    return stretches
