"""How much of what the echo filter left is more than remaining echo, band by band: what a near voice shows itself by.

What remains of the echo is taken for a sum of powers with learned shares: the echo that was found, the same fading
away, what the filter knows that it missed, and the whole echo spread over all bands (a loudspeaker that distorts). The
shares follow the Itakura-Saito fit of non-negative factorisation (Fevotte, Bertin and Durrieu 2009), slowly once the
filter has learned, and a near voice cannot pull them far then. Runs on the conversation's thread. Imports numpy.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.hearing.echo_filter import Parted

Array = NDArray[np.float32]

BANDS_HZ = (100, 300, 500, 700, 900, 1150, 1450, 1800, 2200, 2700, 3300, 4000, 5000, 6200, 7600)

FADE = 0.8
"""Of the fading echo, a block: 60 dB in 0.6 s, as in a live room; slower, and a lowered reply would hide the user."""

RATE, FIRST_RATE, FIRST_BLOCKS = 0.02, 0.3, 200.0
"""How fast the shares follow, a block: fast while the filter still learns and leaves less from moment to moment, or a
voice would be measured by what was left before. The first rate has halved after FIRST_BLOCKS that sound, and RATE is
reached after 14 times as many."""

MOST_PULL = 4.0
"""A block counts at most this many times what was expected: 6 dB. A near voice is more, and is not to be learned."""

MOST_BENT = 10.0
"""Distortion grows faster than the sound: with its power's square, up to this many times the usual power."""

START_SHARES = (0.3, 0.05, 2.0, 0.001)
LEAST = 1e-6

NOISE_SMOOTH, NOISE_BLOCKS, NOISE_PIECES, NOISE_OVER = 0.8, 40, 5, 2.0
"""The room's own noise, a band: the least smoothed power of NOISE_PIECES times NOISE_BLOCKS blocks, which lies under
the mean by about NOISE_OVER."""


class NearField:
    """Weighs what an EchoFilter left. One object a stream."""

    def __init__(self, rate_hz: int, block_samples: int) -> None:
        self._block = block_samples
        self._window = np.sqrt(np.hanning(2 * block_samples + 1)[:-1]).astype(np.float32)
        self._residual = np.zeros(2 * block_samples, np.float32)
        self._echo = np.zeros(2 * block_samples, np.float32)
        self._unsure = np.zeros(block_samples + 1, np.float32)
        self._edges = np.array([round(hz * 2 * block_samples / rate_hz) for hz in BANDS_HZ])
        self._widths = np.diff(self._edges).astype(np.float32)
        bands = len(self._widths)
        self._fading = np.zeros(bands, np.float32)
        self._shares = np.tile(np.array(START_SHARES, np.float32)[:, None], (1, bands))
        self._usual = 0.0
        self._learned_blocks = 0
        self._smooth = np.zeros(bands, np.float32)
        self._quietest: list[Array] = []
        self._in_piece = 0

    def step(self, parted: Parted) -> Array:
        """Of a block of the filter's and the one before: (bands,) how many decibels more there is than echo leaves."""
        self._residual = np.concatenate([self._residual[self._block :], parted.residual])
        self._echo = np.concatenate([self._echo[self._block :], parted.echo])
        left = np.fft.rfft(self._residual * self._window)
        gone = np.fft.rfft(self._echo * self._window)
        found = self._bands(np.square(gone.real) + np.square(gone.imag))
        self._fading = np.maximum(found, FADE * self._fading)
        unsure = self._bands(self._unsure + parted.unsure)
        self._unsure = parted.unsure
        whole_power = float(found.mean())
        self._usual += 0.01 * (whole_power - self._usual) if whole_power > LEAST else 0.0
        bent = whole_power * min(whole_power / (self._usual + LEAST), MOST_BENT)
        causes = np.stack([found, self._fading, unsure, np.full_like(found, bent)])
        seen = self._bands(np.square(left.real) + np.square(left.imag)) + LEAST
        expected = (self._shares * causes).sum(axis=0) + self._noise(seen)
        if float(self._fading.max()) > 10.0 * LEAST:
            self._learn(causes, seen, expected)
        excess_db: Array = 10.0 * np.log10(seen / expected)
        return excess_db

    def _noise(self, seen: Array) -> Array:
        """The room without voices and echo, (bands,)."""
        if not self._quietest:
            self._smooth, self._quietest = seen, [seen]
        self._smooth = NOISE_SMOOTH * self._smooth + (1.0 - NOISE_SMOOTH) * seen
        if self._in_piece == NOISE_BLOCKS:
            self._quietest = [*self._quietest[-NOISE_PIECES + 1 :], self._smooth]
            self._in_piece = 0
        self._in_piece += 1
        self._quietest[-1] = np.minimum(self._quietest[-1], self._smooth)
        noise: Array = NOISE_OVER * np.minimum.reduce(self._quietest)
        return noise

    def _bands(self, power: NDArray[np.floating]) -> Array:
        """Mean power of each band's bins."""
        sums: Array = np.add.reduceat(power[: self._edges[-1]], self._edges[:-1]).astype(np.float32)
        return sums / self._widths

    def _learn(self, causes: Array, seen: Array, expected: Array) -> None:
        """Move the shares towards the best fit of what was left,."""
        self._learned_blocks += 1
        rate = max(RATE, FIRST_RATE / (1.0 + self._learned_blocks / FIRST_BLOCKS))
        wrong = np.minimum(seen / expected, MOST_PULL) - 1.0
        self._shares *= np.exp(rate * self._shares * causes / expected * wrong)
        np.clip(self._shares, 1e-6, 30.0, out=self._shares)
