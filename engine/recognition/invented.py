"""Words that a model wrote down though nobody said them: on noise, in loops, or faster than anyone speaks.

Pure. Neural recognisers were trained on sentences and make sentences of anything; the gate holds silence back, this
looks at what came of the rest. Imports numpy. The limits are estimates: no model could be had where they were chosen.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

MOST_LETTERS_A_SECOND = 30.0
"""Hurried English has some 20."""

LEAST_MODULATION_DB = 3.0
"""The level of speech goes up and down by far more; that of a fan, a hum or a tone by less."""

LOOPS = 4
"""So often nobody says the same in a row."""

_LONGEST_LOOP = 6
_HOPS = 4
_SILENT_BELOW_DB = 25.0
_TINY = 1e-12

PHANTOMS = frozenset(
    {
        ("thanks", "for", "watching"),
        ("thank", "you", "for", "watching"),
        ("please", "subscribe"),
        ("like", "and", "subscribe"),
        ("subtitles", "by", "the", "amara", "org", "community"),
        ("you",),
        ("bye",),
    }
)
"""What models that learnt from subtitles write for a breath or a click."""


def is_invented(words: tuple[str, ...], speech_s: float, modulation_db: float, sure: bool) -> bool:
    """Whether these words cannot have been said in so much of this sound. `sure`: the model told how sure it is."""
    letters = sum(map(len, words))
    return (
        letters > MOST_LETTERS_A_SECOND * speech_s
        or modulation_db < LEAST_MODULATION_DB
        or loops(words)
        or (not sure and words in PHANTOMS)
    )


def modulation_db(energies: NDArray[np.float64]) -> float:
    """How far the level of a sound goes up and down, from the energies (N,) of its hops: between the softest and the
    loudest tenth of its 32 ms that are no silence."""
    whole = energies[: len(energies) // _HOPS * _HOPS].reshape(-1, _HOPS)
    if not len(whole):
        return 0.0
    levels_db = 10.0 * np.log10(whole.mean(axis=1) + _TINY)
    sounding = levels_db[levels_db > levels_db.max() - _SILENT_BELOW_DB]
    soft, loud = np.quantile(sounding, (0.1, 0.9))
    return float(loud - soft)


def loops(words: tuple[str, ...]) -> bool:
    """Whether a phrase stands LOOPS times in a row; a single word once more than that ("no no no no")."""
    for length in range(1, _LONGEST_LOOP + 1):
        times = LOOPS + (length == 1)
        for start in range(len(words) - length * times + 1):
            phrase = words[start : start + length]
            if all(words[start + n * length : start + (n + 1) * length] == phrase for n in range(times)):
                return True
    return False
