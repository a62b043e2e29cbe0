"""Whether someone speaks beside the assistant's own sound, and for how long.

On the conversation's thread. Imports numpy.
"""

from __future__ import annotations

import numpy as np

from engine.hearing.near import Near

WEIGHED_BANDS = slice(1, 12)
"""300 Hz to 5 kHz: below there is rumble, above little of a voice."""

MOST_DB, LEAST_DB = 15.0, -6.0
"""A band says at most so much, so that no single one decides."""

ENOUGH_DB, SOFTNESS_DB = 3.0, 1.0
"""Mean excess over remaining echo that makes a near voice as likely as not. Echo alone stays below it in 99 blocks of a
hundred, a voice 12 dB below the loudspeaker is above it for most of its vowels."""

LEAST_PROBABILITY = 0.4
"""Of speech in what the filter left: clapping, typing and doors are more than echo too."""

GAP_MS = 300.0
"""A pause in the user's voice shorter than this does not end an overlap."""


def near_score(near: Near, probability: float) -> float:
    """0 to 1: how likely this block holds a near voice. `probability`: of speech in what the echo filter left."""
    if probability < LEAST_PROBABILITY:
        return 0.0
    mean_db = float(np.clip(near.excess_db[WEIGHED_BANDS], LEAST_DB, MOST_DB).mean())
    return 1.0 / (1.0 + float(np.exp((ENOUGH_DB - mean_db) / SOFTNESS_DB)))


class Overlap:
    """How long both have been heard. Samples are the microphone's."""

    def __init__(self, rate_hz: int) -> None:
        self._rate_hz = rate_hz
        self._since: int | None = None
        self._last_voice_at = 0

    def step(self, end: int, voice_since: int | None, beside: bool) -> float:
        """Milliseconds up to `end`. `voice_since`: where the voice began that is heard now, None where none is;
        `beside`: there is or may be echo of the assistant's sound."""
        if not beside:
            self._since = None
            return 0.0
        if voice_since is not None:
            self._last_voice_at = end
            if self._since is None:
                self._since = voice_since
        elif end - self._last_voice_at > GAP_MS * self._rate_hz / 1000.0:
            self._since = None
        return 0.0 if self._since is None else 1000.0 * (end - self._since) / self._rate_hz
