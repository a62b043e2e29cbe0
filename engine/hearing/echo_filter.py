"""The echo of the loudspeaker in the microphone, learned and taken away without touching anything else.

A partitioned-block Kalman filter in the frequency domain: Enzner and Vary, "Frequency-domain adaptive Kalman filter
for acoustic echo control in hands-free telephones", Signal Processing 86 (2006); partitioned as by Kuech, Mabande and
Enzner (ICASSP 2014). Linear, so that a near voice passes it unharmed. What was heard a moment ago is learned from again
while the path is new (`Moments`). Runs on the conversation's thread. Imports numpy.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.hearing.clock_drift import ClockDrift
from engine.hearing.loudspeaker import Loudspeaker
from engine.hearing.moments import LONGEST_AGO, Moment, Moments

Array = NDArray[np.float32]

DOUBT_A_PPM, MOST_DOUBT = 0.1, 2.0
"""A path that was learned with a wrong drift is doubted by this share of its power, so that it is learned anew."""

CAUTION = 8.0
"""A lesson from an earlier block is doubted by so many times what is no echo, what is new by 2. With less a voice that
talks over the first reply is learned as a part of the room: 2 to 3 dB less are gone behind it."""

HANDED_TAPS = 32
"""So far beyond its ends a partition's impulse response belongs to the next partition, or the one before. Cut off
instead, a drift of 50 ppm takes a tap a second from each: 5 to 10 dB of echo more were left."""

Spectra = NDArray[np.complex64]


@dataclass(frozen=True, slots=True)
class EchoFilterConfig:
    """`length_ms` holds the delay between reference and echo as well as the room. `keep` is how much of the path stays
    from block to block: a clock that drifts, a head that moves. `near_keep` smooths the estimate of what is no echo.
    Each of the first `again_blocks` blocks with sound is followed by `again` lessons from earlier ones."""

    rate_hz: int = 16_000
    block_samples: int = 160
    length_ms: float = 500.0
    keep: float = 0.9998
    near_keep: float = 0.95
    start_variance: float = 0.1
    constrained_at_once: int = 10
    again: int = 4
    again_blocks: int = 500

    @property
    def partitions(self) -> int:
        """Blocks that the filter is long."""
        return round(self.length_ms * self.rate_hz / 1000.0 / self.block_samples)


@dataclass(frozen=True, slots=True, eq=False)
class Parted:
    """One block, (block_samples,) each: what the filter takes for echo, and what is left.

    `unsure` (block_samples + 1,) is the power that the filter itself expects to have missed, a bin.
    """

    echo: Array
    residual: Array
    unsure: Array


def _teaches(past_power: Array) -> bool:
    """Whether a loudspeaker's past was loud enough to learn from."""
    return float(past_power.sum()) > 1e-7 * past_power.size


class EchoFilter:
    """One echo path. Feed it every block, silent or not."""

    def __init__(self, config: EchoFilterConfig) -> None:
        self.config = config
        bins = config.block_samples + 1
        shape = (config.partitions, bins)
        self._path = np.zeros(shape, np.complex64)
        self._variance = np.full(shape, config.start_variance, np.float32)
        self._loudspeaker = Loudspeaker(config.block_samples, config.partitions + LONGEST_AGO)
        self._moments = Moments()
        self._blocks_learned = 0
        self._past = np.zeros(shape, np.complex64)  # spectra of what the loudspeaker played, newest first
        self._past_power = np.zeros(shape, np.float32)
        self._near = np.full(bins, 1e-6, np.float32)
        self._next_constrained = 0
        self._drift = ClockDrift(config.rate_hz, config.block_samples)

    def step(self, microphone: Array, reference: Array) -> Parted:
        """Both (block_samples,). The echo may trail the reference by any part of `length_ms`."""
        block, partitions = self.config.block_samples, self.config.partitions
        is_new = self._blocks_learned < self.config.again_blocks
        played = self._loudspeaker.play(reference, partitions + LONGEST_AGO * is_new)
        self._past = played[:partitions]
        self._past_power = self._past.real**2 + self._past.imag**2
        echo = np.fft.irfft(np.einsum("pk,pk->k", self._past, self._path))[block:].astype(np.float32)
        residual = microphone - echo
        self._path *= self._drift.turn  # the echo slips further in silence too
        learning = _teaches(self._past_power)
        unsure = (self._past_power * self._variance).sum(axis=0)
        if learning:
            self._learn(residual, unsure)
            if is_new:
                self._blocks_learned += 1
                self._learn_again(played)
        if is_new:
            self._moments.keep(Moment(microphone, self._near))
        corrected_ppm = self._drift.step(self._path, learning)
        if corrected_ppm:
            share = min(MOST_DOUBT, DOUBT_A_PPM * abs(corrected_ppm))
            self._variance += share * (self._path.real**2 + self._path.imag**2)
        return Parted(echo, residual, unsure)

    def _learn(self, residual: Array, unsure: Array) -> None:
        config, block = self.config, self.config.block_samples
        error = np.fft.rfft(np.concatenate([np.zeros(block, np.float32), residual])).astype(np.complex64)
        power = error.real**2 + error.imag**2
        self._near = config.near_keep * self._near + (1.0 - config.near_keep) * power
        doubt = np.asarray(unsure + 2.0 * self._near + 1e-7, np.float32)
        self._loudspeaker.learn(self._path, error, doubt)
        gain = self._variance / doubt
        self._path += gain * np.conj(self._past) * error
        self._variance *= 1.0 - 0.5 * gain * self._past_power
        self._constrain()
        keep = config.keep
        self._path *= keep
        self._variance *= keep * keep
        self._variance += (1.0 - keep * keep) * (self._path.real**2 + self._path.imag**2)
        np.maximum(self._variance, 1e-8, out=self._variance)

    def _learn_again(self, played: Spectra) -> None:
        """Learn from blocks of the last moments once more: a step of the filter takes a block for independent of its
        neighbours, which speech is not, and so learns too little of it. The variance stays what it is: nothing new was
        heard."""
        config, block = self.config, self.config.block_samples
        for ago in self._moments.draw(config.again):
            past = played[ago : ago + config.partitions]
            power = past.real**2 + past.imag**2
            if not _teaches(power):
                continue
            turned = (
                self._drift.turn**ago
            )  # the echo has slipped since; one block's turn is neglected, as in _learn
            echo = np.fft.irfft(np.einsum("pk,pk->k", past, self._path) * np.conj(turned))[block:]
            moment = self._moments[ago]
            left = np.concatenate([np.zeros(block, np.float32), moment.microphone - echo.astype(np.float32)])
            error = np.fft.rfft(left).astype(np.complex64) * turned
            # A voice that was there then is none of the path's, though it may be silent now.
            near = np.maximum(self._near, moment.near)
            unsure = (power * self._variance).sum(axis=0)
            doubt = np.asarray(unsure + CAUTION * near + 1e-7, np.float32)
            self._path += self._variance / doubt * np.conj(past) * error
            self._constrain()

    def _constrain(self) -> None:
        """Make a share of the partitions causal again: the circular half of their impulse responses is no path.

        What lies just beyond a partition's ends was turned across them by the drift, or belongs to a reflection that
        lies on them, and goes to its neighbours.
        """
        config, block = self.config, self.config.block_samples
        first = self._next_constrained
        stop = min(first + config.constrained_at_once, config.partitions)
        taps = np.fft.irfft(self._path[first:stop], axis=1)
        kept = np.zeros((stop - first + 2, 2 * block), np.float32)
        kept[1:-1, :block] = taps[:, :block]
        kept[2:, :HANDED_TAPS] += taps[:, block : block + HANDED_TAPS]
        kept[:-2, block - HANDED_TAPS : block] += taps[:, 2 * block - HANDED_TAPS :]
        spectra = np.fft.rfft(kept, axis=1)
        self._path[first:stop] = spectra[1:-1]
        if first > 0:
            self._path[first - 1] += spectra[0]
        if stop < config.partitions:
            self._path[stop] += spectra[-1]
        self._next_constrained = 0 if stop >= config.partitions else stop

    @property
    def drift_ppm(self) -> float:
        """How much faster the loudspeaker's clock runs than the microphone's, as far as is known."""
        return -self._drift.ppm

    @property
    def loudspeaker_share(self) -> float:
        """How much of the sound's cube the loudspeaker adds, as far as is known."""
        return self._loudspeaker.share

    @property
    def delay_ms(self) -> float | None:
        """Where the learned path is strongest, None before anything was learned."""
        strength = (self._path.real**2 + self._path.imag**2).sum(axis=1)
        if not strength.any():
            return None
        return float(strength.argmax()) * self.config.block_samples / self.config.rate_hz * 1000.0
