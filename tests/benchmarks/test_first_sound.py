"""When a listener hears the first sound of speech that is played as it is made."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.first_sound import Listener

RATE_HZ = 1000
LOUD, QUIET = 0.5, 0.001  # -6 and -60 dBFS


def chunk(*stretches: tuple[int, float]) -> NDArray[np.float32]:
    return np.concatenate([np.full(count, level, np.float32) for count, level in stretches])


def test_the_silence_in_front_of_speech_is_waited_for() -> None:
    listener = Listener(RATE_HZ)
    listener.hear(chunk((30, QUIET)), at_s=0.020)
    listener.hear(chunk((10, QUIET), (20, LOUD)), at_s=0.033)
    listener.hear(chunk((30, LOUD)), at_s=0.046)
    assert listener.first_samples_s == 0.020
    assert listener.made_s == 0.033
    assert listener.leading_silence_s == pytest.approx(0.040)
    assert listener.heard_s == pytest.approx(0.020 + 0.040)


def test_a_chunk_that_comes_too_late_is_heard_later() -> None:
    """The first chunk is played out at 50 ms, the second is there at 100."""
    listener = Listener(RATE_HZ)
    listener.hear(chunk((30, QUIET)), at_s=0.020)
    listener.hear(chunk((10, QUIET), (20, LOUD)), at_s=0.100)
    assert listener.leading_silence_s == pytest.approx(0.040)
    assert listener.heard_s == pytest.approx(0.100 + 0.010)


def test_sound_from_the_first_sample_on_is_heard_at_once() -> None:
    listener = Listener(RATE_HZ)
    listener.hear(chunk((30, -LOUD)), at_s=0.020)
    assert (listener.first_samples_s, listener.made_s, listener.heard_s) == (0.020, 0.020, 0.020)


def test_a_whisper_below_the_threshold_is_never_heard() -> None:
    listener = Listener(RATE_HZ)
    listener.hear(chunk((300, QUIET)), at_s=0.020)
    assert listener.first_samples_s == 0.020
    assert listener.heard_s is None
