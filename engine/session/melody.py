"""Pitch and energy of the user's last half second, from which one hears whether more is meant to come.

Runs on the conversation's thread, one block at a time, about 0.1 ms each. Imports numpy only. The state is `Tracker`'s
own: a short track, no samples beyond one window.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.hearing import RECOGNISER_RATE_HZ

LOWEST_HZ, HIGHEST_HZ = 65.0, 420.0
WINDOW_MS = 46.0
"""Three periods of the lowest pitch, as an autocorrelation through a Hann window needs (Boersma 1993)."""

VOICED = 0.5
"""Autocorrelation at the period, relative to that at 0, from which a window is voiced; white noise stays below 0.3."""

OCTAVE_COST = 0.02
"""Taken from a candidate's strength for each octave below the highest pitch: of equal peaks the shortest wins."""

TRACK_S = 12.0
FINAL_MS, BEFORE_MS = 120.0, 450.0


@dataclass(frozen=True, slots=True)
class Melody:
    """How speech ended. Pitch in semitones, energy in dB, times in ms; all 0 where too little was voiced.

    `step`: the last FINAL_MS of voiced speech against the BEFORE_MS before; `slope`: change over the last voiced
    stretch; `above_floor`: the end against the turn's low pitch (10th percentile); `energy_step`: as `step`;
    `energy_below`: the end against the turn's median; `last_stretch_ms`: length of the last voiced stretch, long
    where the final syllable was drawn out; `voiced_ms`: how much was voiced in the turn.
    """

    step: float = 0.0
    slope: float = 0.0
    above_floor: float = 0.0
    energy_step: float = 0.0
    energy_below: float = 0.0
    last_stretch_ms: float = 0.0
    voiced_ms: float = 0.0

    @property
    def falls(self) -> bool:
        """The pitch came down to the speaker's floor."""
        return self.voiced_ms > 0 and self.above_floor < 1.5 and (self.step < -1.0 or self.slope < -1.0)

    @property
    def rises(self) -> bool:
        """The pitch went up: a question, or more to come."""
        return self.voiced_ms > 0 and self.slope > 1.5 and self.step > 0.0


class Pitch:
    """F0 of one window by its autocorrelation, divided by that of the window itself (Boersma 1993, eq. 9)."""

    def __init__(self, rate_hz: int = RECOGNISER_RATE_HZ) -> None:
        self.window_samples = round(rate_hz * WINDOW_MS / 1000.0)
        self._rate_hz = rate_hz
        self._window = np.hanning(self.window_samples + 2)[1:-1].astype(np.float32)
        self._size = 1 << (2 * self.window_samples - 1).bit_length()
        self._lags = np.arange(int(rate_hz / HIGHEST_HZ), int(rate_hz / LOWEST_HZ) + 1)
        own = self._autocorrelation(self._window)
        self._own = (own / own[0])[self._lags]
        self._cost = (OCTAVE_COST * np.log2(HIGHEST_HZ * self._lags / rate_hz)).astype(np.float32)

    def _autocorrelation(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        spectrum = np.fft.rfft(samples, self._size)
        power = spectrum.real**2 + spectrum.imag**2
        return np.asarray(np.fft.irfft(power)[: self._lags[-1] + 2], np.float32)

    def of(self, samples: NDArray[np.float32]) -> float:
        """log2 of the F0 in hertz of (window_samples,), or 0 where it is not voiced."""
        found = self._autocorrelation((samples - samples.mean()) * self._window)
        if found[0] <= 1e-7:
            return 0.0
        strength = found[self._lags] / (found[0] * self._own) - self._cost
        best = int(np.argmax(strength))
        if strength[best] < VOICED or best in (0, len(strength) - 1):
            return 0.0
        left, middle, right = strength[best - 1 : best + 2]
        bend = left - 2.0 * middle + right
        shift = 0.5 * (left - right) / bend if bend < 0 else 0.0
        return float(np.log2(self._rate_hz / (self._lags[best] + shift)))


class Tracker:
    """Follows one turn. `hear` every block of cleaned sound; `melody` once the voice is silent; `begin` a new turn."""

    def __init__(self, rate_hz: int = RECOGNISER_RATE_HZ) -> None:
        self._rate_hz = rate_hz
        self._pitch = Pitch(rate_hz)
        self._recent = np.zeros(self._pitch.window_samples, np.float32)
        self._octaves: list[float] = []
        self._levels: list[float] = []
        self._block_ms = 0.0

    def begin(self) -> None:
        """A new turn: what was heard before is forgotten."""
        self._octaves.clear()
        self._levels.clear()

    def hear(self, samples: NDArray[np.float32], voice: bool) -> None:
        """One block (S,); `voice`: the user is speaking, else its pitch is not looked for."""
        count = min(len(samples), len(self._recent))
        if not count:
            return
        self._block_ms = 1000.0 * len(samples) / self._rate_hz
        self._recent = np.concatenate((self._recent[count:], samples[-count:]))
        power = float(np.mean(np.square(self._recent), dtype=np.float64))
        self._levels.append(10.0 * float(np.log10(power + 1e-9)))
        self._octaves.append(self._pitch.of(self._recent) if voice else 0.0)
        longest = int(1000.0 * TRACK_S / self._block_ms)
        del self._octaves[:-longest], self._levels[:-longest]

    def melody(self) -> Melody:
        """How the speech so far ended."""
        octaves = np.asarray(self._octaves)
        voiced = np.flatnonzero(octaves)
        if len(voiced) * self._block_ms < FINAL_MS:
            return Melody(voiced_ms=len(voiced) * self._block_ms)
        tones, levels = 12.0 * octaves[voiced], np.asarray(self._levels)[voiced]
        final = max(2, round(FINAL_MS / self._block_ms))
        before = slice(-final - round(BEFORE_MS / self._block_ms), -final)
        if not len(tones[before]):
            before = slice(None)
        gaps = np.flatnonzero(np.diff(voiced) > 3)
        stretch = tones[gaps[-1] + 1 :] if len(gaps) else tones
        return Melody(
            step=_bounded(np.median(tones[-final:]) - np.median(tones[before])),
            slope=_bounded(_change(stretch[-3 * final :])),
            above_floor=_bounded(np.median(tones[-final:]) - np.percentile(tones, 10)),
            energy_step=float(np.mean(levels[-final:]) - np.mean(levels[before])),
            energy_below=float(np.median(levels) - np.mean(levels[-final:])),
            last_stretch_ms=len(stretch) * self._block_ms,
            voiced_ms=len(voiced) * self._block_ms,
        )


def _bounded(semitones: float | np.floating[Any]) -> float:
    """More than an octave is an error of the pitch, not the voice."""
    return float(np.clip(semitones, -12.0, 12.0))


def _change(track: NDArray[np.float64]) -> float:
    """Change over the whole track by least squares."""
    if len(track) < 4:
        return 0.0
    place = np.linspace(-0.5, 0.5, len(track))
    return float((place * (track - track.mean())).sum() / (place * place).sum())
