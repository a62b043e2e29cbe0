"""The silence before an answer is left out, and nothing else of it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.events import ItemTruncated, StateChanged
from engine.session.onset import AUDIBLE, BEFORE_MS, MOST_MS, Onset
from tests.fakes.scenario import HushedTones, RememberingTones, Scenario
from tests.fakes.spoken_tones import ms
from tests.fakes.tone_conversations import REPLIES
from tests.fakes.tones import CODEC

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


def test_nobody_waits_for_the_silence_that_a_voice_begins_with() -> None:
    """It is not played; what was heard is counted without it, and the voice's own place with it."""
    first_ms, ends = [], []
    for voice in (RememberingTones(), HushedTones()):
        scenario = Scenario(dict(REPLIES) | {"stop": ""}, voice=voice)
        scenario.say(500, "tell me a story")
        scenario.say_after(StateChanged, 1000, "stop", state="speaking")
        told = scenario.run(7000)
        first_ms.append(ms(int(np.flatnonzero(np.abs(told.played) > 0.01)[0])))
        (cut,) = told.of(ItemTruncated)
        assert isinstance(cut, ItemTruncated)
        ends.append((cut.audio_end_ms * CODEC.sample_rate_hz / 1000.0, scenario.kept[0]))
        assert cut.heard_text
        assert REPLIES["tell me a story"].startswith(cut.heard_text)
    assert first_ms[1] - first_ms[0] == pytest.approx(BEFORE_MS, abs=1.0)
    assert ends[0][1] == pytest.approx(ends[0][0], abs=2)
    before = BEFORE_MS * CODEC.sample_rate_hz / 1000.0
    assert ends[1][1] - ends[1][0] == pytest.approx(HushedTones.HUSH_SAMPLES - before, abs=5)
