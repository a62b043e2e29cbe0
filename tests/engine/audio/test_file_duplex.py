"""A conversation with files: one clock, what is decided on a block sounds from the next on, a stereo recording."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.audio.file_duplex import EchoPath, FileDuplex
from engine.config import AudioConfig
from engine.errors import SottoError
from tests.fixtures.listening import tone

CONFIG = AudioConfig()
BLOCK, RATE_HZ = CONFIG.block_samples, CONFIG.rate_hz
NOISE = (0.1 * np.random.default_rng(0).standard_normal(RATE_HZ)).astype(np.float32)


class SteppedClock:
    """Seconds that pass by themselves, a little with each look."""

    def __init__(self, step_s: float) -> None:
        self.now_s, self._step_s = 100.0, step_s

    def __call__(self) -> float:
        self.now_s += self._step_s
        return self.now_s


def test_both_voices_lie_on_one_clock(tmp_path: Path) -> None:
    question, out = tmp_path / "question.wav", tmp_path / "both.wav"
    soundfile.write(question, tone(440.0, 0.5, 16_000), 16_000)
    duplex = FileDuplex(question, CONFIG, recording=out)
    duplex.start()
    answered_at = 0
    while not duplex.ended:
        block = duplex.read(0.0)
        assert block is not None
        if duplex.exhausted and not answered_at:
            answered_at = duplex.now_samples
            duplex.playback.begin(1)
            duplex.playback.append(NOISE)
            duplex.playback.end()
        if answered_at and duplex.playback.position.finished:
            duplex.finish()
    assert duplex.read(0.0) is None
    assert not out.exists(), "the recording appears whole"
    duplex.close()
    duplex.close()
    samples, rate_hz = soundfile.read(out, dtype="float32")
    assert rate_hz == RATE_HZ
    user, assistant = samples.T
    assert np.abs(user[: RATE_HZ // 2]).max() == pytest.approx(0.5, abs=0.02)
    assert np.abs(user[RATE_HZ // 2 + BLOCK :]).max() < 1e-3
    assert not assistant[:answered_at].any()
    np.testing.assert_allclose(assistant[answered_at : answered_at + len(NOISE)], NOISE, atol=1e-4)


def test_blocks_are_whole_and_follow_each_other() -> None:
    duplex = FileDuplex(tone(440.0, 0.123), CONFIG)
    duplex.start()
    blocks = [duplex.read(0.0) for _ in range(30)]
    assert [block.at_sample for block in blocks if block] == [n * BLOCK for n in range(30)]
    assert {len(block.samples) for block in blocks if block} == {BLOCK}
    assert duplex.exhausted
    assert not duplex.ended, "silence follows until it is told to end"


@settings(max_examples=20)
@given(
    delay=st.integers(0, 3000),
    gain_db=st.floats(-30.0, 6.0),
    taps=st.integers(1, 2000),
    seed=st.integers(0, 9),
)
def test_the_echo_is_what_was_played_through_the_room(
    delay: int, gain_db: float, taps: int, seed: int
) -> None:
    room = np.concatenate([np.zeros(delay), np.random.default_rng(seed).standard_normal(taps) / taps])
    duplex = FileDuplex(None, CONFIG, echo=EchoPath(room.astype(np.float32), gain_db))
    duplex.start()
    duplex.playback.begin(1)
    duplex.playback.append(NOISE[: 20 * BLOCK])
    duplex.playback.end()
    blocks = [duplex.read(0.0) for _ in range(40)]
    heard = np.concatenate([block.samples for block in blocks if block])
    played = np.concatenate([block.reference for block in blocks if block])
    expected = np.convolve(played, room * 10 ** (gain_db / 20))[: len(heard)]
    np.testing.assert_allclose(heard, expected, atol=1e-5)


def test_the_user_may_speak_when_something_happened() -> None:
    duplex = FileDuplex(None, CONFIG)
    duplex.start()
    duplex.read(0.0)
    begin = duplex.speak(NOISE[:1000])
    assert begin == BLOCK
    assert duplex.speak(NOISE[:1000], at_sample=begin + 100) == begin + 100
    assert not duplex.exhausted
    heard = np.concatenate([block.samples for _ in range(5) if (block := duplex.read(0.0))])
    expected = np.zeros(5 * BLOCK, np.float32)
    expected[:1000] += NOISE[:1000]
    expected[100:1100] += NOISE[:1000]
    np.testing.assert_allclose(heard, expected, atol=1e-6)
    assert duplex.exhausted
    with pytest.raises(ValueError, match="has passed"):
        duplex.speak(NOISE, at_sample=0)


def test_pacing_gives_each_block_when_its_time_has_come() -> None:
    clock = SteppedClock(step_s=0.001)
    duplex = FileDuplex(NOISE, CONFIG, realtime=True, clock=clock)
    assert not duplex.is_simulated
    duplex.start()
    begin_s = clock.now_s
    assert duplex.read(0.0) is None, "its time has not come"
    for n in range(20):
        while duplex.read(0.0) is None:
            assert clock.now_s - begin_s < 1.0
        assert clock.now_s - begin_s >= (n + 1) * CONFIG.block_ms / 1000.0


def test_what_was_odd_about_a_recording_is_told_once(tmp_path: Path) -> None:
    path = tmp_path / "loud.wav"
    soundfile.write(path, np.clip(4.0 * tone(440.0, 0.2), -1.0, 1.0), RATE_HZ)
    duplex = FileDuplex(path, CONFIG)
    assert [notice.kind for notice in duplex.notices()] == ["changed"]
    assert duplex.notices() == ()


def test_a_file_that_cannot_be_heard_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(SottoError, match="There is no file"):
        FileDuplex(tmp_path / "missing.wav", CONFIG, recording=tmp_path / "out.wav")
    assert list(tmp_path.iterdir()) == []


def test_an_abandoned_conversation_leaves_no_recording(tmp_path: Path) -> None:
    duplex = FileDuplex(NOISE, CONFIG, recording=tmp_path / "out.wav")
    duplex.start()
    duplex.read(0.0)
    duplex.abandon()
    duplex.close()
    assert list(tmp_path.iterdir()) == []
