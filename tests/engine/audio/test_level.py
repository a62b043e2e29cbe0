"""What a meter shows."""

from __future__ import annotations

import numpy as np
import pytest

from engine.audio.level import FLOOR_DBFS, measure
from tests.fixtures.listening import tone


def test_a_tone_silence_and_clipping() -> None:
    level = measure(tone(1000.0, 0.1))
    assert level.peak_dbfs == pytest.approx(-6.0, abs=0.1)
    assert level.rms_dbfs == pytest.approx(-9.0, abs=0.1)
    assert not level.clipped
    assert measure(np.zeros(480, np.float32)).rms_dbfs == FLOOR_DBFS
    assert measure(np.zeros(0, np.float32)).peak_dbfs == FLOOR_DBFS
    assert measure(np.array([0.1, -1.0], np.float32)).clipped
