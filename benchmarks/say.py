"""Time to first audio and real-time factor, sentence by sentence, warm.

Three times to first audio, from the text's being handed over: until the first samples are there, until the chunk that
holds the first sample above -50 dBFS is there, and until that sample is heard, which is later by the silence in front
of it. Imports torch. The sentences are spoken in order, ROUNDS times, each by a voice that remembers nothing.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from benchmarks.bench_voice import conditions, percentiles, warm_voice
from benchmarks.first_sound import Listener
from engine.errors import SottoError
from engine.runtime import Synthesiser, Voice

SENTENCES = (
    "Yes.",
    "It is half past nine.",
    "The kettle has boiled, and your tea is ready.",
    "I found three messages from this morning, and one of them is marked as urgent.",
    "Tomorrow will be cold and bright, with a light wind from the north and no rain before the evening.",
)
ROUNDS = 4


@dataclass(frozen=True)
class Spoken:
    """One sentence, as its listener heard it and as one on the clock of process CPU time would have."""

    heard: Listener
    heard_cpu: Listener
    rtf: float
    rtf_cpu: float


def measure(voice: str | None, device: str | None, runtime: str | None) -> dict[str, Any]:
    """Figures over every sentence of every round. The ones of CPU time are what they would be without other load."""
    speaker = warm_voice(voice, device, runtime)
    spoken = [_spoken(speaker, sentence, seed) for seed in range(ROUNDS) for sentence in SENTENCES]
    return conditions(speaker) | {
        "utterances": len(spoken),
        "words": [min(len(s.split()) for s in SENTENCES), max(len(s.split()) for s in SENTENCES)],
        "first_samples_ms": _milliseconds([said.heard.first_samples_s for said in spoken]),
        "leading_silence_ms": _milliseconds([said.heard.leading_silence_s for said in spoken]),
        "first_sound_made_ms": _milliseconds([said.heard.made_s for said in spoken]),
        "first_sound_ms": _milliseconds([said.heard.heard_s for said in spoken]),
        "first_samples_cpu_ms": _milliseconds([said.heard_cpu.first_samples_s for said in spoken]),
        "first_sound_cpu_ms": _milliseconds([said.heard_cpu.heard_s for said in spoken]),
        "rtf": percentiles([said.rtf for said in spoken]),
        "rtf_cpu": percentiles([said.rtf_cpu for said in spoken]),
    }


def _spoken(voice: Voice, sentence: str, seed: int) -> Spoken:
    synthesiser = Synthesiser(voice, seed=seed)
    heard, heard_cpu = Listener(voice.sample_rate_hz), Listener(voice.sample_rate_hz)
    started_s, started_cpu_s = time.perf_counter(), time.process_time()
    samples = 0
    for chunk in synthesiser.stream(sentence):
        now_s, now_cpu_s = time.perf_counter() - started_s, time.process_time() - started_cpu_s
        heard.hear(chunk.samples, now_s)
        heard_cpu.hear(chunk.samples, now_cpu_s)
        samples += len(chunk.samples)
    audio_s = samples / voice.sample_rate_hz
    return Spoken(heard, heard_cpu, now_s / audio_s, now_cpu_s / audio_s)


def _milliseconds(moments_s: list[float | None]) -> dict[str, float]:
    """Percentiles of moments that came. Raises SottoError where one never did."""
    came = [1000.0 * moment for moment in moments_s if moment is not None]
    if len(came) < len(moments_s):
        raise SottoError(
            f"The voice said nothing that can be heard in {len(moments_s) - len(came)} of {len(moments_s)} sentences,"
            " so there is no first sound to time; measure another voice."
        )
    return percentiles(came)
