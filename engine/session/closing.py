"""Whether an English sentence may be over after these words: a logistic model over its first and last few words.

Pure, any thread. Its weights are a table that `training.recipes.turn_ends` writes; how long the text is, is not asked.
"""

from __future__ import annotations

import functools
from pathlib import Path

from engine.errors import SottoError
from engine.paths import resources_dir

CLOSING_FILE = resources_dir() / "turns" / "closing.tsv"
BIAS = "bias"


def traits(words: tuple[str, ...]) -> tuple[str, ...]:
    """What the model looks at in one or more words."""
    first, last = words[0], words[-1]
    found = (BIAS, f"last {last}", f"tail {last[-3:]}", f"first {first}")
    if len(words) == 1:
        return found
    return (*found, f"before {words[-2]}", f"pair {words[-2]} {last}", f"opening {first} {words[1]}")


class Closing:
    """Log odds that a sentence ends here rather than pauses."""

    def __init__(self, weights: dict[str, float]) -> None:
        self._weights = weights

    @classmethod
    def load(cls, path: Path = CLOSING_FILE) -> Closing:
        """Read a table of a trait, a tab and a weight on each line. Raises SottoError where it is none."""
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
            return cls({trait: float(weight) for trait, weight in (line.split("\t") for line in lines)})
        except (OSError, ValueError) as error:
            raise SottoError(
                f"The table of sentence ends {path} cannot be read ({error}); install Sotto anew."
            ) from error

    def log_odds(self, words: tuple[str, ...]) -> float:
        """Above 0: more likely over than not, as far as words tell."""
        return sum(self._weights.get(trait, 0.0) for trait in traits(words)) if words else 0.0


@functools.cache
def shipped() -> Closing:
    """The table that Sotto ships, read once."""
    return Closing.load()
