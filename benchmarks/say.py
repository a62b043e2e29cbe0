"""Time to first audio (text handed over -> first samples) and real-time factor, sentence by sentence, warm.

Imports torch. The sentences are spoken in order, ROUNDS times, each by a voice that remembers nothing.
"""

from __future__ import annotations

import time
from typing import Any

from benchmarks.bench_voice import conditions, percentiles, warm_voice
from engine.runtime import Synthesiser

SENTENCES = (
    "Yes.",
    "It is half past nine.",
    "The kettle has boiled, and your tea is ready.",
    "I found three messages from this morning, and one of them is marked as urgent.",
    "Tomorrow will be cold and bright, with a light wind from the north and no rain before the evening.",
)
ROUNDS = 4


def measure(name: str | None, device: str | None, runtime: str | None) -> dict[str, Any]:
    """Figures over every sentence of every round."""
    voice = warm_voice(name, device, runtime)
    ttfa_ms: list[float] = []
    rtf: list[float] = []
    for seed in range(ROUNDS):
        for sentence in SENTENCES:
            synthesiser = Synthesiser(voice, seed=seed)
            started_s = time.perf_counter()
            samples = 0
            for chunk in synthesiser.stream(sentence):
                if not samples:
                    ttfa_ms.append(1000.0 * (time.perf_counter() - started_s))
                samples += len(chunk.samples)
            rtf.append((time.perf_counter() - started_s) * voice.sample_rate_hz / samples)
    return conditions(voice) | {
        "utterances": len(rtf),
        "words": [min(len(s.split()) for s in SENTENCES), max(len(s.split()) for s in SENTENCES)],
        "ttfa_ms": percentiles(ttfa_ms),
        "rtf": percentiles(rtf),
    }
