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

ENOUGH_LOWERED_DB = 5.0
"""Once the loudspeaker is heard to be lower by 12 dB a voice stands out further, while a flaw of the echo filter has
become as quiet as the echo. So more is asked for."""

SUSPECTED_DB, SUSPECTED_RATE, SUSPECTED_PROBABILITY = 6.0, 0.35, 0.2
"""A mean excess, smoothed over three blocks, that may be the beginning of a voice, though the network, which wants to
hear a vowel first, is not sure of it. Enough to lower the loudspeaker, as that costs little if it was none."""

UNCONFIRMED_MS = 260.0
"""An overlap grows no longer than this, just short of what pauses the reply, while the recogniser's ear has heard
nothing of it: the suppressor takes away with an echo's flaw what it leaves of a voice, beside a lowered loudspeaker."""

CONFIRMED_PROBABILITY, CONFIRMED_WITHIN_MS = 0.05, 230.0
"""Of speech in what the suppressor leaves, its maximum over so long. In rooms for tuning 64 of 65 voices reach it, half
of them 12 dB below the loudspeaker, and 3 of 17 flaws of the filter that would have paused a reply."""

LOWERED_FROM_MS = 180.0
"""The session lowers the loudspeaker this long into an overlap, if it was not suspected before: its `duck_ms`, which a
test holds against this, as `UNCONFIRMED_MS` against its `pause_ms`."""

LOWERED_HEARD_MS = 60.0
"""From asking for a lower loudspeaker to its sound at the microphone, beside the echo's own delay: a block, the fade,
and the first of the room's tail."""

LEAST_PROBABILITY = 0.4
"""Of speech in what the filter left: clapping, typing and doors are more than echo too."""

GAP_MS = 300.0
"""A pause in the user's voice shorter than this does not end an overlap."""

FIRST_MS = 160.0
"""An overlap begins no longer than this and the time for which the loudspeaker is lowered already, whatever lies
behind, and grows no faster than time: between being lowered and being paused the assistant must have had the time to
show that it was its echo. What is sure grows faster, and does not wait for that."""

SURE_DB, SURE_PROBABILITY, SURE_OF_CLEANED, SURE_COUNTS = 5.0, 0.85, 0.8, 2.0
"""A block in which the excess and both ears say that there is a voice counts for so many. In twelve minutes of
echo alone, rooms for tuning, no reply was paused by it."""

VOICED_COUNTS = 1.15
"""An overlap is at most this many times as long as its voice: two flaws of the echo filter with nothing between them
are no long overlap."""


def mean_excess_db(excess_db: NDArray[np.float32]) -> float:
    """Of (bands,) as of NearField: the mean over the bands of a voice."""
    return float(np.clip(excess_db[WEIGHED_BANDS], LEAST_DB, MOST_DB).mean())


def near_score(mean_db: float, probability: float, lowered: bool) -> float:
    """0 to 1: how likely a block holds a near voice. `mean_db` as of mean_excess_db, `probability` of speech in what
    the echo filter left; `lowered`: the loudspeaker is heard to be lower."""
    if probability < LEAST_PROBABILITY:
        return 0.0
    enough_db = ENOUGH_LOWERED_DB if lowered else ENOUGH_DB
    return 1.0 / (1.0 + float(np.exp((enough_db - mean_db) / SOFTNESS_DB)))


class Overlap:
    """How long both have been heard, and whether that is suspected to begin. Samples are the microphone's."""

    def __init__(self, rate_hz: int) -> None:
        self._rate_hz = rate_hz
        self._since: int | None = None
        self._last_voice_at = self._voiced = self._last_end = 0
        self._smooth_db = 0.0
        self._counts = 1.0
        self._lowered_since: int | None = None
        self._lowered_until = 0
        self.ms = 0.0
        self.suspected = False

    @property
    def lowered_ms(self) -> float:
        """For how long the session has had reason to lower the loudspeaker."""
        since = self._lowered_since
        return 0.0 if since is None else 1000.0 * (self._last_end - since) / self._rate_hz

    def weigh(self, mean_db: float, of_residual: float, of_cleaned: float, beside: bool) -> None:
        """Take a block's evidence: its excess, and the probabilities of speech in what the echo filter left and in what
        the suppressor left of that. Call it before `step`."""
        self._smooth_db += SUSPECTED_RATE * (mean_db - self._smooth_db)
        self.suspected = beside and self._smooth_db >= SUSPECTED_DB and of_residual >= SUSPECTED_PROBABILITY
        sure = mean_db >= SURE_DB and of_residual >= SURE_PROBABILITY and of_cleaned >= SURE_OF_CLEANED
        self._counts = SURE_COUNTS if sure else 1.0

    def step(self, end: int, voice_since: int | None, beside: bool, confirmed: bool = True) -> float:
        """Milliseconds up to `end`, a sure block's counted SURE_COUNTS times. `voice_since`: where the voice began that
        is heard now, None where none is; `beside`: there is or may be echo of the assistant's sound; `confirmed`: the
        other ear has heard some of it."""
        block = end - self._last_end
        self._last_end = end
        most_ms = max(self.ms + 1000.0 * self._counts * block / self._rate_hz, FIRST_MS + self.lowered_ms)
        if not confirmed:
            most_ms = min(most_ms, max(self.ms, UNCONFIRMED_MS))
        self.ms = min(self._elapsed(end, voice_since, beside, block), most_ms)
        if self.suspected or self.ms >= LOWERED_FROM_MS:
            self._lowered_since = end if self._lowered_since is None else self._lowered_since
            self._lowered_until = end
        elif end - self._lowered_until > GAP_MS * self._rate_hz / 1000.0:
            self._lowered_since = None
        return self.ms

    def _elapsed(self, end: int, voice_since: int | None, beside: bool, block: int) -> float:
        if not beside:
            self._since = None
            return 0.0
        if voice_since is not None:
            if self._since is None:
                self._since, self._voiced = voice_since, 0
            self._voiced += end - max(voice_since, self._last_voice_at, self._since)
            self._last_voice_at = end
            more = round((self._counts - 1.0) * block)
            self._since, self._voiced = self._since - more, self._voiced + more
        elif end - self._last_voice_at > GAP_MS * self._rate_hz / 1000.0:
            self._since = None
        if self._since is None:
            return 0.0
        return 1000.0 * min(float(end - self._since), VOICED_COUNTS * self._voiced) / self._rate_hz
