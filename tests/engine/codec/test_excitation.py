"""The pulses follow the pitch they are told, glide between pitches, and know nothing of how they are cut."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from engine.codec.excitation import NOISE_HOPS, OCTAVE_STEPS, Excitation, ExcitationState
from engine.config import CodecConfig

CONFIG = CodecConfig()


@pytest.fixture(scope="module")
def excitation() -> Excitation:
    return Excitation(CONFIG)


def signal_of(windows: Tensor) -> Tensor:
    """(2, S) pulses and noise of windows (1, H, 2, window)."""
    return windows[0, :, :, -CONFIG.hop_samples :].transpose(0, 1).flatten(1)


@pytest.mark.parametrize("hertz", [80.0, 128.0, 220.0, 400.0])
def test_a_steady_pitch_is_heard_at_its_frequency_and_its_harmonics(
    excitation: Excitation, hertz: float
) -> None:
    octaves = torch.full((1, 200), math.log2(hertz / 128.0))
    windows, _ = excitation(octaves, excitation.initial_state())
    pulses = signal_of(windows)[0, -CONFIG.sample_rate_hz :]
    spectrum = torch.fft.rfft(pulses * torch.hann_window(len(pulses))).abs()
    loud = spectrum[: 20 * round(hertz)].topk(9).indices.sort().values
    nearest = (loud / hertz).round() * hertz
    assert (loud - nearest).abs().max() <= 1 + 0.02 * hertz
    assert pulses.square().mean() == pytest.approx(1.0, rel=0.1)
    power = spectrum.square()
    assert power[round(0.47 * CONFIG.sample_rate_hz) :].sum() < 0.01 * power.sum()


def test_a_glide_has_no_jump(excitation: Excitation) -> None:
    """Seen on the lowest harmonic, whose phase moves on evenly where the pitch moves."""
    octaves = torch.linspace(-0.5, 0.5, 100).view(1, -1)
    windows, _ = excitation(octaves, excitation.initial_state())
    pulses = signal_of(windows)[0]
    peaks = ((pulses[1:-1] > pulses[:-2]) & (pulses[1:-1] > pulses[2:]) & (pulses[1:-1] > 5.0)).nonzero()[
        :, 0
    ]
    periods = peaks.diff().float()
    assert len(peaks) > 100
    assert periods.diff().abs().max() <= 4  # samples


@pytest.mark.parametrize("chunk", [1, 6, 7])
def test_chunks_equal_the_whole(excitation: Excitation, chunk: int) -> None:
    octaves = torch.randn(2, 42, generator=torch.Generator().manual_seed(0)) * 0.5
    whole, _ = excitation(octaves, excitation.initial_state(2))
    state: ExcitationState = excitation.initial_state(2)
    parts = []
    for piece in octaves.split(chunk, dim=1):
        part, state = excitation(piece, state)
        parts.append(part)
    assert (torch.cat(parts, dim=1) - whole).abs().max() < 1e-4  # of pulses twenty high


def test_the_last_bits_of_a_pitch_do_not_matter(excitation: Excitation) -> None:
    steps = torch.randint(-500, 500, (1, 60), generator=torch.Generator().manual_seed(0))
    octaves = steps / OCTAVE_STEPS
    one, _ = excitation(octaves, excitation.initial_state())
    other, _ = excitation(octaves + 1e-6, excitation.initial_state())
    assert torch.equal(one, other)


def test_an_hour_later_it_is_as_exact_as_at_first(excitation: Excitation) -> None:
    octaves = torch.zeros(1, 10)
    state = excitation.initial_state()
    late = ExcitationState(state.cycles, state.pitch_hz, state.tail, 360_000 % NOISE_HOPS)
    first, _ = excitation(octaves, state)
    again, after = excitation(octaves, late)
    assert torch.equal(first[:, :, 0], again[:, :, 0])
    assert not torch.equal(first[:, :, 1], again[:, :, 1])
    assert 0 <= float(after.cycles) < 1
