"""Compute time of each frame over a paragraph, and whether it would have played without a gap. Imports torch."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from benchmarks.bench_voice import conditions, percentiles, warm_voice
from engine.runtime import Synthesiser

TEXT = " ".join(
    (
        "A lighthouse keeper wrote down the weather every hour for thirty years.",
        "Most of the pages say that nothing happened, and that the lamp was clean.",
        "Now and then a ship is named, or a bird that had lost its way.",
        "When the light was changed to electricity, he was asked what he would miss.",
        "He said that he would miss the smell of the oil, and the stairs in the morning.",
    )
)


def measure(voice: str | None, device: str | None, runtime: str | None) -> dict[str, Any]:
    """Figures over every frame of TEXT."""
    speaker = warm_voice(voice, device, runtime)
    chunks, marks_s = [], [time.process_time()]
    for chunk in Synthesiser(speaker).stream(TEXT):
        chunks.append((chunk.compute_ms, len(chunk.samples)))
        marks_s.append(time.process_time())
    frame_ms = [compute_ms for compute_ms, _ in chunks]
    audio_ms = 1000.0 * sum(samples for _, samples in chunks) / speaker.sample_rate_hz
    return conditions(speaker) | {
        "words": len(TEXT.split()),
        "frames": len(chunks),
        "frame_audio_ms": round(1000.0 * speaker.frame_samples / speaker.sample_rate_hz, 3),
        "frame_ms": percentiles(frame_ms),
        "frame_cpu_ms": percentiles(1000.0 * np.diff(marks_s)),  # what it would be without other load
        "rtf": round(sum(frame_ms) / audio_ms, 4),
    }
