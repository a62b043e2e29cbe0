"""What a callback leaves arrives whole, in order, at its place; gaps stay gaps; blocks have one size."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.audio.ahead import AHEAD_S, RenderAhead
from engine.audio.microphone import MicrophoneReader
from engine.audio.playback import Playback
from engine.audio.track import Regrouper, Track, TrackReader
from engine.config import AudioConfig
from tests.fixtures.listening import loudest_hz, tone

BLOCK = 48


def places(begin: int, size: int) -> NDArray[np.float32]:
    """Samples that tell their own place."""
    return np.arange(begin, begin + size, dtype=np.float32)


@given(steps=st.lists(st.tuples(st.booleans(), st.integers(1, 40)), max_size=80), rows=st.integers(1, 8))
def test_a_track_loses_whole_blocks_and_says_where(steps: list[tuple[bool, int]], rows: int) -> None:
    track = Track(capacity_samples=100, capacity_blocks=rows)
    put, taken, last = 0, 0, 0
    for is_put, size in steps:
        if is_put:
            track.put(places(put, size), at_s=put / 1000.0, flagged=size % 7 == 0)
            put += size
        elif (block := track.take()) is not None:
            np.testing.assert_array_equal(block.samples, places(block.position, len(block.samples)))
            assert block.position >= last
            assert block.at_s == pytest.approx(block.position / 1000.0)
            assert block.flagged == (len(block.samples) % 7 == 0)
            last, taken = block.position + len(block.samples), taken + len(block.samples)
    while (block := track.take()) is not None:
        taken += len(block.samples)
    assert taken + track.lost_samples == put == track.position
    assert track.callbacks == sum(is_put for is_put, _ in steps)


def test_two_threads_lose_and_reorder_nothing() -> None:
    track, total = Track(capacity_samples=20_000, capacity_blocks=500), 60_000
    got: list[NDArray[np.float32]] = []

    def read() -> None:
        read_samples = 0
        while read_samples + track.lost_samples < total:
            if (block := track.take()) is not None:
                assert block.samples[0] == block.position
                got.append(block.samples)
                read_samples += len(block.samples)

    reader = threading.Thread(target=read)
    reader.start()
    for begin in range(0, total, 120):
        track.put(places(begin, 120), 0.0, False)
    reader.join()
    samples = np.concatenate(got)
    assert np.all(np.diff(samples) >= 1.0)
    assert len(samples) + track.lost_samples == total


@given(
    pieces=st.lists(st.tuples(st.integers(0, 200), st.integers(0, 150)), max_size=40),
    start=st.integers(0, 1000),
)
def test_blocks_have_one_size_and_every_sample_its_place(pieces: list[tuple[int, int]], start: int) -> None:
    """Pieces of any size with gaps of any size between them."""
    regrouper, at, blocks, sent = Regrouper(BLOCK), start, [], set()
    for gap, size in pieces:
        at += gap
        blocks += regrouper.put(at, places(at + 1, size))  # one more, so that none is zero
        sent |= set(range(at, at + size))
        at += size
    arrived, end = set(), 0
    for position, samples in blocks:
        assert len(samples) == BLOCK
        assert position >= end
        end = position + BLOCK
        for place in np.flatnonzero(samples):
            assert samples[place] == position + place + 1
            arrived.add(position + int(place))
    missing = sent - arrived
    assert len(missing) < BLOCK, "only an unfinished block waits"
    assert not missing or min(missing) >= end


def test_time_goes_one_way() -> None:
    regrouper = Regrouper(BLOCK)
    assert [position for position, _ in regrouper.put(100, places(100, 60))] == [100]
    blocks = regrouper.put(150, places(150, 100))  # ten samples came before
    assert [position for position, _ in blocks] == [148, 196]
    np.testing.assert_array_equal(blocks[0][1], places(148, BLOCK))


@settings(max_examples=12)
@given(device_rate_hz=st.sampled_from([8_000, 16_000, 44_100, 96_000]), size=st.integers(80, 700))
def test_another_rate_keeps_time_and_sound(device_rate_hz: int, size: int) -> None:
    rate_hz, frequency_hz = 48_000, 500.0
    track = Track(4 * device_rate_hz, 10_000)
    reader = TrackReader(track, device_rate_hz, rate_hz)
    t = np.arange(device_rate_hz) / device_rate_hz
    wave = np.sin(2 * np.pi * frequency_hz * t).astype(np.float32)
    for begin in range(0, len(wave), size):
        track.put(wave[begin : begin + size], 5.0 + begin / device_rate_hz, False)
    received: dict[int, NDArray[np.float32]] = {}
    while (block := reader.take()) is not None:
        assert block.at_s == pytest.approx(5.0 + block.position / rate_hz, abs=1e-3)
        received[block.position] = block.samples
    out = np.concatenate([received[position] for position in sorted(received)])
    assert len(out) == pytest.approx(rate_hz, abs=0.05 * rate_hz)
    expected = np.sin(2 * np.pi * frequency_hz * np.arange(len(out)) / rate_hz)
    middle = slice(rate_hz // 10, -rate_hz // 10)
    np.testing.assert_allclose(out[middle], expected[middle], atol=0.02)


def test_a_gap_at_another_rate_is_a_gap_of_the_same_time() -> None:
    track = Track(10_000, 100)
    reader = TrackReader(track, 16_000, 48_000)
    track.put(np.ones(1600, np.float32), 0.0, False)
    track.position += 1600  # a tenth of a second was lost
    track.put(np.ones(1600, np.float32), 0.2, False)
    first, second = reader.take(), reader.take()
    assert first is not None
    assert second is not None
    assert (first.position, second.position) == (0, 9600)


def test_what_the_driver_lost_is_told_by_the_stamps() -> None:
    """PortAudio says that there was an overflow, not of how much; without one a late stamp means nothing."""
    config = AudioConfig()
    rate_hz, size = config.rate_hz, config.block_samples
    track = Track(rate_hz, 1000)
    microphone = MicrophoneReader(TrackReader(track, rate_hz, rate_hz), config)
    lost_s, positions = 0.0, []
    for n in range(90):
        lost_s += 0.05 if n == 60 else 0.0
        late_s = 0.2 if n == 30 else 0.0
        track.put(np.zeros(size, np.float32), n * 0.01 + lost_s + late_s, flagged=n == 60)
        positions += [position for position, _ in microphone.take()]
    steps = np.diff(positions)
    assert np.flatnonzero(steps != size).tolist() == [59]
    assert steps[59] == pytest.approx(size + 0.05 * rate_hz, abs=5)
    assert microphone.lost_samples == pytest.approx(0.05 * rate_hz, abs=5)


@pytest.mark.parametrize("device_rate_hz", [16_000, 44_100, 96_000])
def test_a_loudspeaker_of_another_rate_plays_the_same(device_rate_hz: int) -> None:
    config = AudioConfig()
    playback = Playback(config.rate_hz)
    ahead = RenderAhead(playback, device_rate_hz, config)
    size = device_rate_hz // 100
    heard = []
    playback.begin(1)
    playback.append(tone(500.0, 1.0))
    for n in range(100):
        ahead.live = n >= 10
        ahead.fill()
        block = np.zeros(size, np.float32)
        assert ahead.ring.read_into(block) == size, "it never runs dry"
        heard.append(block)
    assert not any(block.any() for block in heard[:10])
    samples = np.concatenate(heard)
    assert loudest_hz(samples[device_rate_hz // 2 :], device_rate_hz) == pytest.approx(500.0, abs=5.0)
    assert np.abs(samples[device_rate_hz // 2 :]).max() == pytest.approx(0.5, abs=0.02)
    first_ms = 10.0 * 10 + 1000.0 * AHEAD_S
    assert 1000.0 * np.flatnonzero(np.abs(samples) > 0.05)[0] / device_rate_hz < first_ms + 50.0
    ahead.stop()
