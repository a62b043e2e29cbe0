"""Steady noise lowered before recognition, and how much of it there is: log-spectral amplitude estimation, streaming.

Runs in the recogniser's process. Sources: Ephraim & Malah 1985 (gain), 1984 (decision-directed SNR); Martin 2001
(minimum statistics, simplified). Imports numpy.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from engine.recognition.contract import RATE_HZ

Spectrum = NDArray[np.float64]

WINDOW = 512
HOP = 128
HOP_S = HOP / RATE_HZ
_SHAPE = np.sqrt(0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(WINDOW) / WINDOW))
_OVERLAP = WINDOW / HOP / 2.0  # what overlapping squared windows sum to

GAIN_FLOOR = 0.1
"""Noise is lowered by 20 dB at most: less leaves too much for the recogniser, more makes musical noise."""

_LEAST_PRIOR = 10.0**-2.5
_MEMORY = 0.98
_FIRST_FRAMES = 8
_MINIMUM_FRAMES = 100  # 0.8 s: longer than a syllable, shorter than an utterance
_SURE_FRAMES = 40
_RISE = 1.005  # 3 dB a second: speech without a pause has a minimum, too
_MINIMUM_BIAS = 2.3  # the minimum of smoothed noise lies about so far below its mean
_SPEECH_EVIDENCE = 0.15  # mean log likelihood ratio above which a frame does not teach the noise
_TINY = 1e-6  # white noise of -84 dBFS: nothing quieter counts as noise to be told from speech


def _exponential_integral(x: Spectrum) -> Spectrum:
    """E1(x) for x > 0: series below 1, continued fraction above (Abramowitz & Stegun 5.1.11, 5.1.22)."""
    small = np.minimum(x, 1.0)
    series = -np.euler_gamma - np.log(small)
    term = np.ones_like(small)
    for n in range(1, 20):
        term = term * -small / n
        series = series - term / n
    large = np.maximum(x, 1.0)
    fraction = np.zeros_like(large)
    for n in range(40, 0, -1):
        fraction = n / (1.0 + n / (large + fraction))
    return np.where(x < 1.0, series, np.exp(-large) / (large + fraction))


_V_DB = np.linspace(-60.0, 20.0, 801)
_V_GAIN = np.exp(0.5 * _exponential_integral(10.0 ** (_V_DB / 10.0)))


@dataclass(slots=True)
class NoiseState:
    """What is known about the noise, kept from one utterance to the next. `power` (WINDOW / 2 + 1,), None at first."""

    power: Spectrum | None = None


@dataclass(slots=True)
class _Frames:
    """State inside one utterance."""

    waiting: NDArray[np.float64]
    overlap: NDArray[np.float64]
    amplitude: Spectrum | None = None
    smoothed: Spectrum | None = None
    recent: list[Spectrum] = field(default_factory=list)
    unknown: bool = False


class Denoiser:
    """One utterance at a time: begin, then any number of `cleaned`. Output trails input by less than a window."""

    def __init__(self, state: NoiseState | None = None) -> None:
        self._state = state or NoiseState()
        self.begin()

    @property
    def noise(self) -> Spectrum:
        """The noise's power spectrum now, (WINDOW / 2 + 1,)."""
        return self._state.power if self._state.power is not None else np.full(WINDOW // 2 + 1, _TINY)

    def begin(self) -> None:
        """A new utterance over the noise known so far."""
        self._frames = _Frames(np.zeros(0), np.zeros(WINDOW), unknown=self._state.power is None)

    def cleaned(
        self, samples: NDArray[np.float32], last: bool = False
    ) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
        """As many samples as are ready, F times HOP, and the level (F,) of each HOP over the noise in dB.

        `last` pads and gives the rest.
        """
        frames = self._frames
        heard = np.concatenate([frames.waiting, samples, np.zeros(WINDOW - HOP if last else 0)])
        count = max(0, (len(heard) - WINDOW) // HOP + 1)
        made, levels_db = np.empty(count * HOP, np.float32), np.empty(count)
        for index in range(count):
            spectrum = np.fft.rfft(heard[index * HOP : index * HOP + WINDOW] * _SHAPE)
            gain, levels_db[index] = self._gain(np.abs(spectrum) ** 2)
            frames.overlap += np.fft.irfft(spectrum * gain) * _SHAPE / _OVERLAP
            made[index * HOP : (index + 1) * HOP] = frames.overlap[:HOP]
            frames.overlap = np.concatenate([frames.overlap[HOP:], np.zeros(HOP)])
        frames.waiting = heard[count * HOP :]
        return made, levels_db

    def _gain(self, power: Spectrum) -> tuple[Spectrum, float]:
        frames = self._frames
        noise = self._noise_before(power)
        posterior = np.minimum(power / noise, 1000.0)
        now = np.maximum(posterior - 1.0, 0.0)
        before = now if frames.amplitude is None else frames.amplitude
        prior = np.maximum(_MEMORY * before + (1.0 - _MEMORY) * now, _LEAST_PRIOR)
        wiener = prior / (1.0 + prior)
        v_db = 10.0 * np.log10(np.maximum(wiener * posterior, 1e-6))
        amplitude = np.minimum(wiener * np.interp(v_db, _V_DB, _V_GAIN), 1.0)
        frames.amplitude = amplitude**2 * posterior
        evidence = float(np.mean(posterior * wiener - np.log1p(prior)))
        self._learn(power, noise, evidence)
        level_db = 10.0 * float(np.log10(np.sum(power) / np.sum(noise) + _TINY))
        return np.maximum(amplitude, GAIN_FLOOR), level_db

    def _noise_before(self, power: Spectrum) -> Spectrum:
        """What is known; nothing at first: the mean of the first frames, which the minimum mends where they spoke."""
        frames, state = self._frames, self._state
        if state.power is None or frames.unknown:
            frames.unknown = len(frames.recent) < _FIRST_FRAMES
            seen = len(frames.recent)
            before = np.zeros_like(power) if state.power is None else state.power
            state.power = (before * seen + power) / (seen + 1) + _TINY
        return state.power

    def _learn(self, power: Spectrum, noise: Spectrum, evidence: float) -> None:
        """Slowly where no speech is heard; held near the minimum of the last while in any case."""
        frames = self._frames
        frames.smoothed = power if frames.smoothed is None else 0.85 * frames.smoothed + 0.15 * power
        frames.recent = [*frames.recent[1 - _MINIMUM_FRAMES :], frames.smoothed]
        if frames.unknown:
            return
        if evidence < _SPEECH_EVIDENCE:
            noise = 0.98 * noise + 0.02 * power
        if len(frames.recent) >= _SURE_FRAMES:
            least = _MINIMUM_BIAS * np.min(frames.recent, axis=0)
            noise = np.clip(noise, np.minimum(0.5 * least, _RISE * noise), 2.0 * least)
        self._state.power = np.maximum(noise, _TINY)
