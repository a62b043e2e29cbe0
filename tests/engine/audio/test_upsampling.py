"""Upsampling in chunks: the same as in one piece, in place, and almost at once."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.audio.upsampling import REACH_SAMPLES, Upsampler, resampler


def tone(rate_hz: int, count: int, hz: float = 1000.0) -> np.typing.NDArray[np.float32]:
    return np.sin(2 * np.pi * hz * np.arange(count) / rate_hz).astype(np.float32)


def test_a_tone_stays_a_tone_in_its_place() -> None:
    up = Upsampler(2)
    made = np.concatenate([up(tone(24_000, 2400)), up.flush()])
    assert len(made) == 4800
    assert np.abs(made - tone(48_000, 4800))[200:-200].max() < 1e-5


@given(st.lists(st.integers(0, 900), min_size=1, max_size=6))
def test_chunks_make_what_the_whole_makes(sizes: list[int]) -> None:
    sound = np.random.default_rng(0).standard_normal(sum(sizes)).astype(np.float32)
    whole, chunked = Upsampler(2), Upsampler(2)
    pieces = np.split(sound, np.cumsum(sizes)[:-1])
    expected = np.concatenate([whole(sound), whole.flush()])
    made = np.concatenate([*(chunked(piece) for piece in pieces), chunked.flush()])
    assert len(made) == 2 * len(sound)
    np.testing.assert_allclose(made, expected, atol=1e-6)


def test_no_more_than_a_millisecond_is_held_back() -> None:
    assert len(Upsampler(2)(np.zeros(720, np.float32))) == 2 * (720 - REACH_SAMPLES)


def test_images_are_far_down() -> None:
    up = Upsampler(2)
    spectrum = np.abs(np.fft.rfft(up(tone(24_000, 24_000, 9000.0))[400:40_400] * np.hanning(40_000)))
    at_hz = np.fft.rfftfreq(40_000, 1 / 48_000)
    assert 20 * np.log10(spectrum[at_hz > 12_500].max() / spectrum.max()) < -75


def test_other_ratios_are_made_by_soxr() -> None:
    convert = resampler(44_100, 48_000)
    made = np.concatenate([convert(tone(44_100, 44_100)), convert.flush()])
    assert len(made) == pytest.approx(48_000, abs=2)


def test_fewer_samples_are_refused() -> None:
    with pytest.raises(ValueError, match="more samples"):
        Upsampler(0)
