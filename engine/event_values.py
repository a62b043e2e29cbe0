"""Values inside events: what was measured, which voices there are, what was found.

Frozen, safe on any thread and across processes. Imports nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechFigures:
    """One utterance, measured: time to first audio, compute time over audio time, percentiles of a frame's compute,
    frames by their books, clauses that were taken up again where they went wrong, clauses that were cut."""

    voice: str
    runtime: str
    device: str
    seed: int
    audio_s: float
    frames: int
    ttfa_ms: float
    rtf: float
    frame_p50_ms: float
    frame_p95_ms: float
    frame_p99_ms: float
    underruns: int = 0
    books: dict[int, int] = field(default_factory=dict)
    respoken: int = 0
    cut: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceSummary:
    """One installed voice, named as its folder is; `card` is its voice.toml."""

    name: str
    path: str
    kind: str
    licence: str
    sample_rate_hz: int
    card: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class DamagedVoice:
    """A folder among the voices whose card cannot be read; `reason` is the sentence to show."""

    name: str
    path: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing the doctor looked at: what it is, whether it is well, and the mend where it is not."""

    subject: str
    state: Literal["good", "warning", "problem"]
    finding: str
    mend: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RememberedFact:
    """Something that the user wanted remembered: its number in the store, and the sentence by which it is told."""

    number: int
    sentence: str


RecogniserState = Literal["bundled", "available", "partial", "fetching", "installed"]
FetchState = Literal["waiting", "fetching", "paused", "done", "failed"]
FetchTrouble = Literal[
    "", "gated", "unknown", "offline", "refused", "network", "disk", "checksum", "internal"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecogniserSummary:
    """A recogniser that is here or can be had: what it is for people, where it comes from, how much of it is here."""

    name: str
    title: str
    state: RecogniserState
    licence: str
    languages: tuple[str, ...]
    hardware: str
    about: str
    repo: str = ""
    revision: str = ""
    size_bytes: int = 0
    done_bytes: int = 0
    folder: str = ""
