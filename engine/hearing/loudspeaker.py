"""How far the loudspeaker bends what it is given: small ones driven hard do, and no linear filter takes that away.

What is played is taken for the sound plus shares of its third and fifth power, without memory, in front of the room:
Stenger and Kellermann, "Adaptation of a memoryless preprocessor for nonlinear acoustic echo cancelling", Signal
Processing 80 (2000). The room is the echo filter's; with it known, the two shares are a least-squares fit. Runs on the
conversation's thread. Imports numpy.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
Spectra = NDArray[np.complex64]

ORDERS = (3, 5)
"""Beside the first. Saturation is odd; what a loudspeaker adds of even orders is not modelled."""

LEAST_SHARES, MOST_SHARES = np.array([-4.0, -4.0]), np.array([0.5, 8.0])
"""A soft limit of 1 / d has -d^2 / 3 and 2 d^4 / 15 in its series: these hold any up to d of about 3."""

DOUBT = np.array([0.5, 0.05])
"""Inverse variances of the shares before anything was heard."""

FIT_EVERY_BLOCKS, FIT_KEEP = 10, 0.995
"""Between two fits, in which the shares stay; what was heard counts for 20 s of the assistant's speech."""


class Loudspeaker:
    """Past spectra of the reference and its powers, and the shares of those, learned."""

    def __init__(self, block_samples: int, partitions: int) -> None:
        self._block = block_samples
        self._last = np.zeros((1 + len(ORDERS), block_samples), np.float32)
        self._past = np.zeros((1 + len(ORDERS), partitions, block_samples + 1), np.complex64)
        self._known = np.diag(DOUBT)
        self._fresh = np.zeros((len(ORDERS), len(ORDERS)))
        self._slope = np.zeros(len(ORDERS))
        self._blocks = 0
        self.shares = np.zeros(len(ORDERS))

    def play(self, reference: Array) -> Spectra:
        """One block (block_samples,) more; what the loudspeaker made of the last ones, (P, bins), newest first."""
        now = np.stack([reference, *(reference**order for order in ORDERS)])
        self._past[:, 1:] = self._past[:, :-1]
        self._past[:, 0] = np.fft.rfft(np.concatenate([self._last, now], axis=1), axis=1)
        self._last = now
        played: Spectra = self._past[0] + np.tensordot(self.shares.astype(np.float32), self._past[1:], 1)
        return played

    def learn(self, path: Spectra, error: Spectra, doubt: Array) -> None:
        """`path` (P, bins) led to the spectrum `error` (bins,) of what was left, `doubt` (bins,) is the power in that
        which is not for the loudspeaker to explain."""
        block = self._block
        powers = np.fft.irfft(np.einsum("ipk,pk->ik", self._past[1:], path), axis=1)
        powers[:, :block] = 0.0
        spectra = np.fft.rfft(powers, axis=1)
        weighed = np.conj(spectra) / doubt
        self._fresh += (weighed @ spectra.T).real
        self._slope += (weighed @ error).real
        self._blocks += 1
        if self._blocks == FIT_EVERY_BLOCKS:
            self._fit()

    def _fit(self) -> None:
        self._known = FIT_KEEP * self._known + (1.0 - FIT_KEEP) * np.diag(DOUBT) + self._fresh
        self.shares = np.clip(
            self.shares + np.linalg.solve(self._known, self._slope), LEAST_SHARES, MOST_SHARES
        )
        self._fresh[:], self._slope[:], self._blocks = 0.0, 0.0, 0
