"""The silence before an answer is left out, and nothing else of it."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engine.session.onset import AUDIBLE, BEFORE_MS, MOST_MS, Onset

RATE_HZ = 8000


@given(st.integers(0, 4000), st.lists(st.integers(1, 900), min_size=1, max_size=12))
def test_a_sound_begins_where_it_is_first_heard(silent: int, sizes: list[int]) -> None:
    total = sum(sizes)
    sound = np.full(total, 2.0 * AUDIBLE, np.float32)
    sound[:silent] = 0.5 * AUDIBLE
    onset = Onset(RATE_HZ)
    played = np.concatenate([onset.of(piece) for piece in np.split(sound, np.cumsum(sizes)[:-1])])
    np.testing.assert_array_equal(played, sound[onset.skipped :])
    most, before = RATE_HZ * MOST_MS / 1000.0, RATE_HZ * BEFORE_MS / 1000.0
    assert onset.skipped <= min(silent, total, most)
    if silent < total:  # a piece that is silent to its end keeps nothing back for the next
        assert onset.skipped >= min(silent - before, most)
