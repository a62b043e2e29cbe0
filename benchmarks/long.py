"""A thousand words in one go: does memory stay where it is, and does speech keep ahead of itself? Imports torch."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle, islice
from typing import Any

from benchmarks.bench_voice import conditions, percentiles, warm_voice
from benchmarks.frame import TEXT
from benchmarks.machine import peak_mb
from engine.runtime import Synthesiser

WORDS = 1000


def measure(voice: str | None, device: str | None, runtime: str | None, words: int = WORDS) -> dict[str, Any]:
    """Peak memory after a quarter of the text and at its end, and figures over every frame."""
    speaker = warm_voice(voice, device, runtime)
    spoken = 0

    def pieces() -> Iterator[str]:
        nonlocal spoken
        for word in islice(cycle(TEXT.split()), words):
            spoken += 1
            yield word + " "

    quarter_mb = 0.0
    frame_ms: list[float] = []
    samples = 0
    for chunk in Synthesiser(speaker).stream(pieces()):
        frame_ms.append(chunk.compute_ms)
        samples += len(chunk.samples)
        if not quarter_mb and spoken >= words // 4:
            quarter_mb = peak_mb()
    audio_s = samples / speaker.sample_rate_hz
    return conditions(speaker) | {
        "words": words,
        "audio_s": round(audio_s, 1),
        "rtf": round(sum(frame_ms) / 1000.0 / audio_s, 4),
        "frame_ms": percentiles(frame_ms),
        "peak_at_quarter_mb": round(quarter_mb, 1),
        "peak_at_end_mb": round(peak_mb(), 1),
    }
