"""A small linear model of how long to wait: how the words look, whether a sentence may close, how the voice ended.

Pure, any thread. Its weights are a small TOML file that `training.recipes.turn_ends` writes.
"""

from __future__ import annotations

import functools
import tomllib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.errors import SottoError
from engine.paths import resources_dir
from engine.session.closing import Closing
from engine.session.melody import Melody
from engine.session.wording import LOOKS, Wording

WEIGHTS_FILE = resources_dir() / "turns" / "weights.toml"
_OPEN = ("sentence", "short", "dangling")
_SUNG = ("step", "slope", "floor", "energy", "drop", "stretch")
FEATURES = (
    "bias",
    *(f"look {look}" for look in LOOKS),
    "closing",
    *(f"open {name}" for name in _SUNG),
    *(f"command {name}" for name in _SUNG),
)
"""The order of the weights. The melody of open text and of commands that may go on is weighed apart."""


def _sung(melody: Melody | None) -> tuple[float, ...]:
    """The melody on scales of about 1."""
    if melody is None:
        return (0.0,) * len(_SUNG)
    return (
        melody.step / 3.0,
        melody.slope / 3.0,
        melody.above_floor / 3.0,
        melody.energy_step / 6.0,
        melody.energy_below / 6.0,
        min(melody.last_stretch_ms, 600.0) / 300.0,
    )


def features(wording: Wording, melody: Melody | None, closing: Closing) -> tuple[float, ...]:
    """FEATURES of one moment."""
    is_open, may_go_on = wording.look in _OPEN, wording.look == "extendable"
    sung = _sung(melody)
    still = (0.0,) * len(_SUNG)
    return (
        1.0,
        *(float(wording.look == look) for look in LOOKS),
        min(max(closing.log_odds(wording.words), -4.0), 4.0) if is_open else 0.0,
        *(sung if is_open else still),
        *(sung if may_go_on else still),
    )


@dataclass(frozen=True, slots=True)
class TurnModel:
    """`weights` (F,) in the order of FEATURES give log odds that the turn is over; at even odds `even_ms` of silence
    end it, and `per_logit_ms` less for each unit of log odds, between `least_ms` and `most_ms`."""

    weights: tuple[float, ...]
    even_ms: float
    per_logit_ms: float
    least_ms: float
    most_ms: float

    @classmethod
    def load(cls, path: Path = WEIGHTS_FILE) -> TurnModel:
        """Raises SottoError where the file is missing or lacks something."""
        try:
            table = tomllib.loads(path.read_text(encoding="utf-8"))
            named = table["weights"]
            return cls(
                tuple(float(named[name]) for name in FEATURES),
                *(float(table[name]) for name in ("even_ms", "per_logit_ms", "least_ms", "most_ms")),
            )
        except (OSError, KeyError, TypeError, ValueError) as error:
            raise SottoError(
                f"The weights of turn ends {path} cannot be read ({error}); install Sotto anew."
            ) from error

    def log_odds(self, values: tuple[float, ...]) -> float:
        """That the turn is over, given its FEATURES."""
        return float(np.dot(self.weights, values))

    def wait_ms(self, values: tuple[float, ...]) -> float:
        """Silence that ends the turn at patience 1."""
        wait_ms = self.even_ms - self.per_logit_ms * self.log_odds(values)
        return min(max(wait_ms, self.least_ms), self.most_ms)


@functools.cache
def shipped() -> TurnModel:
    """The model that Sotto ships, read once."""
    return TurnModel.load()
