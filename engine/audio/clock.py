"""Two devices, two clocks: when a sample was at its converter, and which sample of the other device was there then.

Time stamps of sound servers jump and wander by milliseconds while the crystals behind them are steady, so what is
fitted here is slow on purpose. Pure: no clock is read. Runs on the conversation's thread. Imports numpy only.
"""

from __future__ import annotations

from collections import deque

import numpy as np

BIN_S = 0.5
"""Stamps of so much time give one median."""

WINDOW_BINS = 60
"""Medians that the line is laid through: half a minute, over which a wander of milliseconds averages out."""

SETTLING_S = 2.0
"""A sound server's stamps are off by up to 25 ms right after a start or a gap and run in over about so long: until
then only the latest count."""

SLOPE_BINS = 20
"""With fewer medians the clocks are taken to run alike: a slope from a few seconds is the stamps' noise."""

MOST_DRIFT = 500e-6
"""Crystals are better than 100 ppm, resampling sound servers pull by a few hundred; more is a misreading."""

SETTLE_S = 20.0
"""An alignment that has settled moves by an e-th part of what it lacks in this time."""

LEAP_S = 0.03
"""An error of this size is no drift but a lost buffer: the alignment leaps."""

LEAP_READINGS = 20
"""Readings in a row that have to agree before it does: a single late stamp is no leap."""


class ClockFit:
    """The second at which each sample of one stream passes its converter: a robust line through its stamps.

    Medians over half a second, their median slope (Theil 1950, Sen 1968), the median of what is left.
    """

    def __init__(self, rate_hz: int) -> None:
        self._rate_hz = rate_hz
        self._bins: deque[tuple[float, float]] = deque(
            maxlen=WINDOW_BINS
        )  # nominal second, stamp's excess over it
        self._pending: list[float] = []
        self._bin_end_s = BIN_S
        self._start_s: float | None = None
        self._slope = 0.0
        self._offset_s: float | None = None

    @property
    def is_ready(self) -> bool:
        """Whether a stamp has come."""
        return self._offset_s is not None

    @property
    def drift(self) -> float:
        """By how much slower than its nominal rate the stream runs (1e-6: one part in a million)."""
        return self._slope

    def restart(self) -> None:
        """Samples were lost or lacked: what the old stamps say holds no more. The drift stays."""
        self._bins.clear()
        self._pending.clear()
        self._start_s = None

    def add(self, position: int, at_s: float) -> None:
        """A stamp: the sample `position` passes the converter at `at_s`."""
        nominal_s = position / self._rate_hz
        self._start_s = nominal_s if self._start_s is None else self._start_s
        if nominal_s >= self._bin_end_s and self._pending:
            if self._bin_end_s - self._start_s < SETTLING_S:
                self._bins.clear()
            self._bins.append((self._bin_end_s - BIN_S / 2, float(np.median(self._pending))))
            self._pending.clear()
            self._fit()
        if nominal_s >= self._bin_end_s:
            self._bin_end_s = (nominal_s // BIN_S + 1) * BIN_S
        self._pending.append(at_s - nominal_s)
        if not self._bins:
            self._offset_s = float(np.median(self._pending)) - self._slope * nominal_s

    def time_of(self, position: float) -> float:
        """The second of a sample. `is_ready` must hold."""
        assert self._offset_s is not None, "a stamp comes first"
        nominal_s = position / self._rate_hz
        return nominal_s * (1.0 + self._slope) + self._offset_s

    def position_at(self, at_s: float) -> float:
        """The sample at a second, with its fraction. `is_ready` must hold."""
        assert self._offset_s is not None, "a stamp comes first"
        return (at_s - self._offset_s) / (1.0 + self._slope) * self._rate_hz

    def _fit(self) -> None:
        seconds, excess = np.array(self._bins).T
        if len(seconds) >= SLOPE_BINS:
            first, second = np.triu_indices(len(seconds), k=1)
            slopes = (excess[second] - excess[first]) / (seconds[second] - seconds[first])
            self._slope = float(np.clip(np.median(slopes), -MOST_DRIFT, MOST_DRIFT))
        self._offset_s = float(np.median(excess - self._slope * seconds))


class Alignment:
    """How far the loudspeaker's count is ahead of the microphone's, followed calmly.

    Echo cancellers bear a wrong delay that stays better than a right one that moves, so the offset approaches the
    fits' value slowly once it has settled, at the pace of real drift, and leaps where a buffer was lost.
    """

    def __init__(self, rate_hz: int) -> None:
        self._rate_hz = rate_hz
        self._offset: float | None = None
        self._age_s = 0.0
        self._far = 0

    def restart(self) -> None:
        """One of the streams began anew: settle again."""
        self._age_s, self._far = 0.0, 0

    def follow(self, wanted: float, elapsed_s: float) -> float:
        """The offset in samples to use now, after `elapsed_s` more, where the fits want `wanted`."""
        self._age_s += elapsed_s
        if self._offset is None:
            self._offset = wanted
        error = wanted - self._offset
        self._far = self._far + 1 if abs(error) > LEAP_S * self._rate_hz else 0
        if self._age_s < SETTLING_S:
            self._offset = wanted
        elif self._far >= LEAP_READINGS:
            self._offset, self._age_s, self._far = wanted, 0.0, 0
        elif not self._far:
            self._offset += error * min(1.0, elapsed_s / min(SETTLE_S, self._age_s))
        return self._offset
