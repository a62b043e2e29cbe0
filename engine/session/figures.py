"""What a conversation counts: answers made ahead, computing in vain, the speech of an answer measured.

Pure. Imports numpy.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from engine.event_values import SpeechFigures
from engine.session.making import Making
from engine.speaking import SpeakingVoice


@dataclass(slots=True)
class Tally:
    """Totals of one conversation. `wasted` are answers made ahead that were not wanted."""

    made_ahead: int = 0
    used_ahead: int = 0
    starved: int = 0
    computed_ms: float = 0.0
    wasted: list[Making] = field(default_factory=list)
    wasted_before_ms: float = 0.0

    @property
    def wasted_ms(self) -> float:
        """Computing of frames that were thrown away."""
        done = [making for making in self.wasted if making.speech_done]
        self.wasted = [making for making in self.wasted if not making.speech_done]
        self.wasted_before_ms += sum(sum(making.frame_ms) for making in done)
        return self.wasted_before_ms + sum(sum(making.frame_ms) for making in self.wasted)


def speech_figures(
    making: Making, voice: SpeakingVoice, seed: int, rate_hz: int, underruns: int
) -> SpeechFigures | None:
    """The speech of an answer, measured; None where there was none."""
    frame_ms = list(making.frame_ms)
    audio_s = making.made / rate_hz
    if not frame_ms or not audio_s:
        return None
    p50, p95, p99 = np.percentile(frame_ms, (50, 95, 99))
    moments = making.moments
    ttfa_s = (moments.speech_s or 0.0) - (moments.text_s or 0.0)
    return SpeechFigures(
        voice=voice.name,
        runtime=voice.runtime,
        device=voice.device,
        seed=seed,
        audio_s=audio_s,
        frames=len(frame_ms),
        ttfa_ms=1000.0 * ttfa_s,
        rtf=sum(frame_ms) / 1000.0 / audio_s,
        frame_p50_ms=float(p50),
        frame_p95_ms=float(p95),
        frame_p99_ms=float(p99),
        underruns=underruns,
    )
