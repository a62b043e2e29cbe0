"""When a listener hears the first sound of speech that is played as it is made.

First samples are not yet sound: speech begins with a little silence, which has to be played before the sound is heard.
Playback is thought to start with the first chunk and to lose no time of its own, so a sound card's delay comes on top.
Imports numpy.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from training.evaluation.sound import ONSET_DBFS


class Listener:
    """Hears one utterance. All moments are seconds on the clock of whoever calls `hear`; None until they have come.

    `first_samples_s`: the first chunk was there · `made_s`: the chunk that holds the first sample above -50 dBFS was ·
    `leading_silence_s`: audio before that sample · `heard_s`: it is heard. That is `first_samples_s` +
    `leading_silence_s`, or later where a chunk comes after the one before it has been played out.
    """

    def __init__(self, sample_rate_hz: int) -> None:
        self._rate_hz = sample_rate_hz
        self._played_out_s = 0.0
        self._samples = 0
        self.first_samples_s: float | None = None
        self.made_s: float | None = None
        self.leading_silence_s: float | None = None
        self.heard_s: float | None = None

    def hear(self, samples: NDArray[np.float32], at_s: float) -> None:
        """The next chunk (S,), which was there at `at_s`."""
        if self.heard_s is not None or not len(samples):
            return
        if self.first_samples_s is None:
            self.first_samples_s = at_s
        begins_s = max(at_s, self._played_out_s)
        loud = np.flatnonzero(np.abs(samples) > 10 ** (ONSET_DBFS / 20))
        if len(loud):
            self.made_s = at_s
            self.leading_silence_s = (self._samples + int(loud[0])) / self._rate_hz
            self.heard_s = begins_s + int(loud[0]) / self._rate_hz
        self._samples += len(samples)
        self._played_out_s = begins_s + len(samples) / self._rate_hz
