"""How often a growing utterance may be decoded anew, and how much of it at once, given how fast a model is here.

Pure. Offline models decode from the beginning each time, so without a bound a long sentence would cost its square.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

SHARE = 0.5
"""Computing for words so far may take this much of the time in which they are said."""

LEAST_STEP_S = 0.3
"""New speech before which words so far are not asked for again."""

LONGEST_DECODE_S = 2.0
"""No single decoding takes longer: the last word on a sentence is awaited, and a watch ends what hangs."""

MOST_WINDOW_S = 12.0
"""Models are made for sentences; longer speech is decoded in pieces."""

LEAST_WINDOW_S = 3.0
"""Pieces shorter than this have too little context."""

_SHORT_S, _LONG_S = 1.0, 5.0
_FASTEST = 2.0**-8


@dataclass(frozen=True, slots=True)
class Pace:
    """Decoding L seconds takes `fixed_s` + L * `rate` seconds."""

    fixed_s: float
    rate: float

    @property
    def window_s(self) -> float:
        """The longest piece of speech that is decoded at once."""
        return min(MOST_WINDOW_S, (LONGEST_DECODE_S - self.fixed_s) / self.rate)

    @property
    def too_slow(self) -> bool:
        """Whether even short pieces take longer than somebody waits."""
        return self.window_s < LEAST_WINDOW_S

    def cost_s(self, speech_s: float) -> float:
        """What decoding so much speech takes."""
        return self.fixed_s + self.rate * speech_s


def measured(decode_s: Callable[[float], float]) -> Pace:
    """`decode_s` decodes so many seconds and tells how long that took.

    Rounded up to powers of two, so that the same machine comes to the same pace every time.
    """
    short_s, long_s = decode_s(_SHORT_S), decode_s(_LONG_S)
    rate = max(_FASTEST, (long_s - short_s) / (_LONG_S - _SHORT_S))
    fixed_s = max(0.0, short_s - rate * _SHORT_S)
    return Pace(_rounded_up(fixed_s), _rounded_up(rate))


def _rounded_up(value: float) -> float:
    return 0.0 if value < _FASTEST else 2.0 ** math.ceil(math.log2(value))


class Credit:
    """Computing time that speech has earned and decoding has spent, one utterance."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._left_s = LONGEST_DECODE_S / 2.0

    def earn(self, heard_s: float) -> None:
        """So much time went by."""
        self._left_s = min(LONGEST_DECODE_S, self._left_s + SHARE * heard_s)

    def affords(self, speech_s: float, borrow: bool = False) -> bool:
        """Whether so much speech may be decoded; `borrow`: as it is at a pause, when words are wanted at once."""
        return self._left_s + (LONGEST_DECODE_S / 2.0 if borrow else 0.0) >= self._pace.cost_s(speech_s)

    def spend(self, speech_s: float) -> None:
        """So much was decoded."""
        self._left_s -= self._pace.cost_s(speech_s)
