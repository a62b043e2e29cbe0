"""Whether someone speaks beside the assistant's own sound, and for how long.

On the conversation's thread. Imports numpy.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

WEIGHED_BANDS = slice(1, 12)
"""300 Hz to 5 kHz: below there is rumble, above little of a voice."""

MOST_DB, LEAST_DB = 15.0, -6.0
"""A band says at most so much, so that no single one decides."""

ENOUGH_DB, SOFTNESS_DB = 3.0, 1.0
"""Mean excess over remaining echo that makes a near voice as likely as not. Echo alone stays below it in 99 blocks of a
hundred, a voice 12 dB below the loudspeaker is above it for most of its vowels."""

LOWERED_AFTER_MS, ENOUGH_LOWERED_DB = 230.0, 4.0
"""So long into an overlap the session has lowered the loudspeaker by 12 dB: a voice now stands out further, while a
flaw of the echo filter has become as quiet as the echo. So more is asked for."""

LEAST_PROBABILITY = 0.4
"""Of speech in what the filter left: clapping, typing and doors are more than echo too."""

GAP_MS = 300.0
"""A pause in the user's voice shorter than this does not end an overlap."""

FIRST_MS = 160.0
"""An overlap begins no longer than this, whatever lies behind, and grows no faster than time: between being lowered and
being paused the assistant must have had the time to show that it was its echo."""

VOICED_COUNTS = 1.3
"""An overlap is at most this many times as long as its voice: two flaws of the echo filter with nothing between them
are no long overlap."""


def near_score(excess_db: NDArray[np.float32], probability: float, overlap_ms: float) -> float:
    """0 to 1: how likely a block holds a near voice. `excess_db` (bands,) as of NearField, `probability` of speech in
    what the echo filter left, `overlap_ms` how long one has been heard."""
    if probability < LEAST_PROBABILITY:
        return 0.0
    mean_db = float(np.clip(excess_db[WEIGHED_BANDS], LEAST_DB, MOST_DB).mean())
    enough_db = ENOUGH_LOWERED_DB if overlap_ms > LOWERED_AFTER_MS else ENOUGH_DB
    return 1.0 / (1.0 + float(np.exp((enough_db - mean_db) / SOFTNESS_DB)))


class Overlap:
    """How long both have been heard. Samples are the microphone's."""

    def __init__(self, rate_hz: int) -> None:
        self._rate_hz = rate_hz
        self._since: int | None = None
        self._last_voice_at = self._voiced = self._last_end = 0
        self.ms = 0.0

    def step(self, end: int, voice_since: int | None, beside: bool) -> float:
        """Milliseconds up to `end`. `voice_since`: where the voice began that is heard now, None where none is;
        `beside`: there is or may be echo of the assistant's sound."""
        block_ms = 1000.0 * (end - self._last_end) / self._rate_hz
        self._last_end = end
        most_ms = max(self.ms + block_ms, FIRST_MS)
        self.ms = min(self._elapsed(end, voice_since, beside), most_ms)
        return self.ms

    def _elapsed(self, end: int, voice_since: int | None, beside: bool) -> float:
        if not beside:
            self._since = None
            return 0.0
        if voice_since is not None:
            if self._since is None:
                self._since, self._voiced = voice_since, 0
            self._voiced += end - max(voice_since, self._last_voice_at, self._since)
            self._last_voice_at = end
        elif end - self._last_voice_at > GAP_MS * self._rate_hz / 1000.0:
            self._since = None
        if self._since is None:
            return 0.0
        return 1000.0 * min(float(end - self._since), VOICED_COUNTS * self._voiced) / self._rate_hz
