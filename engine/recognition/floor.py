"""One and the same soft hiss under everything that is decoded, however quiet or noisy the room is.

Decoders adapt their cepstral means to the silence between words. Lowered noise and a quiet room differ there by 40 dB,
and means from the one made hiss of the other into words: "s…" before every command (docs/decisions/0015). Runs in the
recogniser's process. Imports numpy.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

BELOW_SPEECH_DB = 36.0
"""As far below the speech as what the denoiser leaves of noise at 16 dB."""

USUAL_SPEECH_DBFS = -26.0
_LEAST_DBFS, _MOST_DBFS = -50.0, -14.0
_FOLLOW = 0.3
_SEED = 1


class Floor:
    """Kept from one utterance to the next: it follows how loud the user speaks, between utterances only."""

    def __init__(self) -> None:
        self._speech_dbfs = USUAL_SPEECH_DBFS
        self.begin()

    def begin(self) -> None:
        """A new utterance. The hiss is the same each time, so that the same sound gives the same words."""
        self._draw = np.random.default_rng(_SEED)
        self._amplitude = 10.0 ** ((self._speech_dbfs - BELOW_SPEECH_DB) / 20.0)

    def under(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """(S,) with the hiss beneath."""
        hiss = self._draw.standard_normal(len(samples), np.float32)
        return samples + np.float32(self._amplitude) * hiss

    def learn(self, speech_dbfs: float) -> None:
        """How loud speech was that has been understood."""
        bounded = min(max(speech_dbfs, _LEAST_DBFS), _MOST_DBFS)
        self._speech_dbfs += _FOLLOW * (bounded - self._speech_dbfs)
