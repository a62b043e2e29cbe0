"""How far the loudspeaker bends what it is given: small ones driven hard do, and no linear filter takes that away.

What is played is taken for the sound and a share of its third power, without memory, in front of the room: Stenger and
Kellermann, "Adaptation of a memoryless preprocessor for nonlinear acoustic echo cancelling", Signal Processing 80
(2000). The room is the echo filter's; with it known, the share is a least-squares fit. Runs on the conversation's
thread. Imports numpy.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
Spectra = NDArray[np.complex64]

LEAST_SHARE, MOST_SHARE = -3.0, 0.5
"""Of the cube. A soft limit at 1 / d has -d^2 / 3 in its series; one that swells is rare and slight."""

DOUBT = 0.5
"""Inverse variance of the share before anything was heard: most loudspeakers do not bend much."""

FIT_EVERY_BLOCKS, FIT_KEEP = 10, 0.995
"""Between two fits the share stays; what was heard counts for 20 s of the assistant's speech."""


class Loudspeaker:
    """Past spectra of the reference and its cube, and the share of the cube, learned. `blocks` are remembered."""

    def __init__(self, block_samples: int, blocks: int) -> None:
        self._block = block_samples
        self._last = np.zeros((2, block_samples), np.float32)
        self._sound = np.zeros((blocks, block_samples + 1), np.complex64)
        self._cube = np.zeros((blocks, block_samples + 1), np.complex64)
        self._known, self._fresh, self._slope = DOUBT, 0.0, 0.0
        self._blocks = 0
        self.share = 0.0

    def play(self, reference: Array, newest: int | None = None) -> Spectra:
        """One block (block_samples,) more; spectra of what the loudspeaker made of the `newest` (all without), the
        newest first."""
        now = np.stack([reference, reference**3])
        spectra = np.fft.rfft(np.concatenate([self._last, now], axis=1), axis=1)
        self._last = now
        for past, spectrum in zip((self._sound, self._cube), spectra, strict=True):
            past[1:] = past[:-1]
            past[0] = spectrum
        played: Spectra = self._sound[:newest] + np.float32(self.share) * self._cube[:newest]
        return played

    def learn(self, path: Spectra, error: Spectra, doubt: Array) -> None:
        """`path` (P, bins) left the spectrum `error` (bins,) of the last block; `doubt` (bins,) is how much power of
        that need not be the loudspeaker's."""
        cube = np.fft.irfft(np.einsum("pk,pk->k", self._cube[: len(path)], path))
        cube[: self._block] = 0.0
        spectrum = np.fft.rfft(cube)
        weighed = np.conj(spectrum) / doubt
        self._fresh += float((weighed @ spectrum).real)
        self._slope += float((weighed @ error).real)
        self._blocks += 1
        if self._blocks == FIT_EVERY_BLOCKS:
            self._fit()

    def _fit(self) -> None:
        self._known = FIT_KEEP * self._known + (1.0 - FIT_KEEP) * DOUBT + self._fresh
        self.share = min(MOST_SHARE, max(LEAST_SHARE, self.share + self._slope / self._known))
        self._fresh, self._slope, self._blocks = 0.0, 0.0, 0
