"""Rooms that do not exist: a loudspeaker, a person and a microphone in them, with everything that makes echo hard.

Block by block in simulated time, so that what is played may answer to what was heard. Imports numpy alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]

SPEED_OF_SOUND = 343.0


@dataclass(frozen=True, slots=True)
class Room:
    """What differs between rooms. `echo_db` is the echo's level over the speaker's at the microphone; `drift_ppm` how
    much faster the loudspeaker's clock runs; `drive` how far the loudspeaker is driven into its tanh."""

    seed: int
    rt60_s: float
    delay_ms: float
    drift_ppm: float
    drive: float
    noise_dbfs: float

    @staticmethod
    def drawn(seed: int) -> Room:
        """One of the rooms that the bars speak of: RT60 0.15-0.6 s, drift within 100 ppm, delay up to 250 ms."""
        draw = np.random.default_rng([seed, 77])
        return Room(
            seed=seed,
            rt60_s=float(draw.uniform(0.15, 0.6)),
            delay_ms=float(draw.uniform(0.0, 240.0)),
            drift_ppm=float(draw.uniform(-100.0, 100.0)),
            drive=float(draw.uniform(0.3, 2.0)),
            noise_dbfs=float(draw.uniform(-72.0, -58.0)),
        )


def impulse_response(rt60_s: float, direct_db: float, rate_hz: int, draw: np.random.Generator) -> Array:
    """(S,) of unit energy: a direct path, then early reflections and a tail that decay by 60 dB in `rt60_s`.

    `direct_db` is the direct sound's energy over all that follows it.
    """
    count = int(rate_hz * min(rt60_s, 0.7))
    time_s = np.arange(count) / rate_hz
    tail = draw.standard_normal(count) * 10.0 ** (-3.0 * time_s / rt60_s)
    sparse = draw.random(count) < np.minimum(1.0, 0.02 + time_s / 0.05)  # reflections grow dense within 50 ms
    tail *= sparse
    first = int(0.0015 * rate_hz)
    tail[:first] = 0.0
    tail = np.convolve(tail, [0.25, 0.5, 0.25])[:count]  # walls swallow the highest frequencies first
    tail *= np.sqrt(10.0 ** (-direct_db / 10.0) / max(np.sum(tail**2), 1e-12))
    tail[0] += 1.0
    return np.asarray(tail / np.sqrt(np.sum(tail**2)), np.float32)


class BlockConvolver:
    """A long impulse response on short blocks (uniformly partitioned overlap-save)."""

    def __init__(self, response: Array, block: int) -> None:
        parts = -(-len(response) // block)
        padded = np.zeros(parts * block, np.float32)
        padded[: len(response)] = response
        self._block = block
        self._filters = np.fft.rfft(padded.reshape(parts, block), 2 * block, axis=1).astype(np.complex64)
        self._spectra = np.zeros_like(self._filters)
        self._last = np.zeros(block, np.float32)

    def step(self, samples: Array) -> Array:
        """(block,) in, (block,) out."""
        self._spectra[1:] = self._spectra[:-1]
        self._spectra[0] = np.fft.rfft(np.concatenate([self._last, samples]))
        self._last = samples
        summed = np.einsum("pk,pk->k", self._spectra, self._filters)
        return np.fft.irfft(summed)[self._block :].astype(np.float32)


class EchoPath:
    """From what is played to the echo at the microphone: delay, drift, distortion, room."""

    def __init__(self, room: Room, gain: float, rate_hz: int, block: int) -> None:
        draw = np.random.default_rng([room.seed, 1])
        response = impulse_response(room.rt60_s, float(draw.uniform(-3.0, 6.0)), rate_hz, draw)
        self._convolver = BlockConvolver(response, block)
        self._gain = gain
        self._drive = room.drive
        self._step = 1.0 + room.drift_ppm * 1e-6
        self._margin = int(0.06 * rate_hz)  # a clock that runs fast must not overtake what was played
        self._delay = room.delay_ms * rate_hz / 1000.0
        self._played = np.zeros(int(rate_hz * 2.0), np.float32)
        self._read_back = self._delay + 4.0

    def step(self, played: Array) -> Array:
        """(block,) as it goes to the loudspeaker; (block,) as it comes back."""
        block = len(played)
        self._played = np.concatenate([self._played[block:], played])
        slip = self._step - 1.0
        places = len(self._played) - block - self._read_back + np.arange(block, dtype=np.float64) * self._step
        self._read_back = self._read_back - slip * block
        if not 4.0 <= self._read_back < len(self._played) - 2 * block:
            self._read_back = min(max(self._read_back, 4.0), len(self._played) - 2.0 * block)
        moved = _cubic(self._played, places)
        bent = np.tanh(self._drive * moved) / self._drive
        return self._convolver.step(np.asarray(self._gain * bent, np.float32))


def _cubic(samples: Array, places: NDArray[np.float64]) -> NDArray[np.float64]:
    """Samples between samples (Lagrange, four points)."""
    whole = np.floor(places).astype(np.int64)
    t = places - whole
    a, b, c, d = (samples[np.clip(whole + k, 0, len(samples) - 1)].astype(np.float64) for k in (-1, 0, 1, 2))
    result: NDArray[np.float64] = (
        a * (-t * (t - 1.0) * (t - 2.0) / 6.0)
        + b * ((t + 1.0) * (t - 1.0) * (t - 2.0) / 2.0)
        + c * (-t * (t + 1.0) * (t - 2.0) / 2.0)
        + d * (t * (t + 1.0) * (t - 1.0) / 6.0)
    )
    return result
