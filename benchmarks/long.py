"""A thousand words in one go: does memory stay where it is, and does speech keep ahead of itself? Imports torch."""

from __future__ import annotations

import resource
import sys
from collections.abc import Iterator
from itertools import cycle, islice
from typing import Any

from benchmarks.bench_voice import conditions, percentiles, warm_voice
from benchmarks.frame import TEXT
from engine.runtime import Synthesiser

WORDS = 1000


def measure(name: str | None, device: str | None, runtime: str | None) -> dict[str, Any]:
    """Peak memory after a quarter of the text and at its end, and figures over every frame."""
    voice = warm_voice(name, device, runtime)
    words = list(islice(cycle(TEXT.split()), WORDS))
    spoken = 0

    def pieces() -> Iterator[str]:
        nonlocal spoken
        for word in words:
            spoken += 1
            yield word + " "

    quarter_mb = 0.0
    frame_ms: list[float] = []
    samples = 0
    for chunk in Synthesiser(voice).stream(pieces()):
        frame_ms.append(chunk.compute_ms)
        samples += len(chunk.samples)
        if not quarter_mb and spoken >= WORDS // 4:
            quarter_mb = peak_mb()
    audio_s = samples / voice.sample_rate_hz
    return conditions(voice) | {
        "words": WORDS,
        "audio_s": round(audio_s, 1),
        "rtf": round(sum(frame_ms) / 1000.0 / audio_s, 4),
        "frame_ms": percentiles(frame_ms),
        "peak_at_quarter_mb": round(quarter_mb, 1),
        "peak_at_end_mb": round(peak_mb(), 1),
    }


def peak_mb() -> float:
    """The most memory this process ever held."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1e6 if sys.platform == "darwin" else 1e3)
