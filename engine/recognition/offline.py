"""What an offline model is to the listener: samples in, text out. Values and one protocol; imports numpy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text as the model writes it. `log_probability`: the sum over its `tokens`; None where the model tells none."""

    text: str
    tokens: int
    log_probability: float | None


class OfflineModel(Protocol):
    """What the listener decodes with."""

    def decode(self, samples: NDArray[np.float32]) -> Decoded:
        """The words in samples (S,) at RATE_HZ, all from the beginning."""
