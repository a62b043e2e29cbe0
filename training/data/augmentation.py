"""What a room and a microphone do to speech: gain, equalisation, reverberation, noise, another voice.

Pure functions of a batch (B, S) and a torch generator. They never delay the speech, so its labels stay true.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

GAIN_DB = (-14.0, 6.0)
CLEAN_SHARE = 0.4
"""Of the rows, these reach the encoder as they are: most of what it will hear from the agent is clean."""
NOISE_DB = (10.0, 45.0)
NOISE_COLOUR = (0.0, 1.0)
"""Exponent of the noise's power over frequency: white to pink."""
OVERLAP_DB = (10.0, 25.0)
EQUALISER_DB = 9.0
EQUALISER_POINTS = 6
REVERBERATION_S = (0.08, 0.5)
DIRECT_TO_REVERBERANT_DB = (3.0, 15.0)


def _uniform(rows: int, low: float, high: float, rng: torch.Generator) -> Tensor:
    return torch.empty(rows, 1).uniform_(low, high, generator=rng)


def _level(wave: Tensor) -> Tensor:
    """RMS of every row, (B, 1)."""
    return wave.square().mean(dim=1, keepdim=True).sqrt()


def draw_gain_db(rows: int, rng: torch.Generator) -> Tensor:
    """Loudness of each row (rows, 1) in decibels about the corpus' own."""
    return _uniform(rows, *GAIN_DB, rng)


def equalise(wave: Tensor, rng: torch.Generator) -> Tensor:
    """Each row through a smooth random curve of up to `EQUALISER_DB` either way, the same at every moment.

    Its phase is minimal (folded cepstrum, Oppenheim and Schafer 1975), so that it does not ring ahead of the speech.
    """
    size = 2048
    bins = size // 2 + 1
    points = torch.empty(len(wave), 1, EQUALISER_POINTS).uniform_(-EQUALISER_DB, EQUALISER_DB, generator=rng)
    curve = torch.nn.functional.interpolate(points, size=bins, mode="linear", align_corners=True)[:, 0]
    cepstrum = torch.fft.irfft(curve * (math.log(10.0) / 20.0), n=size)
    fold = torch.zeros(size)
    fold[0] = fold[size // 2] = 1.0
    fold[1 : size // 2] = 2.0
    response = torch.fft.irfft(torch.exp(torch.fft.rfft(cepstrum * fold)), n=size)
    return convolve(wave, response[:, : size // 4])


def convolve(wave: Tensor, response: Tensor) -> Tensor:
    """Causal convolution of every row (B, S) with its response (B, R), cut to S samples."""
    size = 1 << (wave.shape[1] + response.shape[1] - 1).bit_length()
    spectrum = torch.fft.rfft(wave, n=size) * torch.fft.rfft(response, n=size)
    cut: Tensor = torch.fft.irfft(spectrum, n=size)[:, : wave.shape[1]]
    return cut


def reverberate(wave: Tensor, sample_rate_hz: int, rng: torch.Generator) -> Tensor:
    """Direct sound at full strength and an exponentially decaying tail of noise behind it (Polack 1988)."""
    rows = len(wave)
    decay_s = _uniform(rows, *REVERBERATION_S, rng)
    times_s = torch.arange(int(REVERBERATION_S[1] * sample_rate_hz)) / sample_rate_hz
    tail = torch.randn(rows, len(times_s), generator=rng) * torch.exp(-6.9 * times_s / decay_s)
    tail[:, : int(0.002 * sample_rate_hz)] = 0.0
    ratio_db = _uniform(rows, *DIRECT_TO_REVERBERANT_DB, rng)
    tail = tail * 10.0 ** (-ratio_db / 20.0) / tail.square().sum(dim=1, keepdim=True).sqrt()
    tail[:, 0] = 1.0
    return convolve(wave, tail)


def add_noise(wave: Tensor, level: Tensor, rng: torch.Generator) -> Tensor:
    """Noise between white and pink, at `NOISE_DB` below `level` (B, 1)."""
    samples = wave.shape[1]
    spectrum = torch.fft.rfft(torch.randn(wave.shape, generator=rng))
    frequency = torch.arange(spectrum.shape[1]).clamp_min(1.0) / samples
    colour = _uniform(len(wave), *NOISE_COLOUR, rng)
    noise: Tensor = torch.fft.irfft(spectrum * frequency ** (-0.5 * colour), n=samples)
    ratio_db = _uniform(len(wave), *NOISE_DB, rng)
    return wave + noise / _level(noise) * level * torch.pow(10.0, -ratio_db / 20.0)


def add_voice(wave: Tensor, other: Tensor, level: Tensor, rng: torch.Generator) -> Tensor:
    """Another row's speech at `OVERLAP_DB` below `level` (B, 1)."""
    gain = level * 10.0 ** (-_uniform(len(wave), *OVERLAP_DB, rng) / 20.0)
    return wave + other * gain / _level(other).clamp_min(1e-4)


def as_heard(wave: Tensor, sample_rate_hz: int, rng: torch.Generator) -> Tensor:
    """What a microphone in a room makes of `wave` (B, S); `CLEAN_SHARE` of the rows stay as they are."""
    level = _level(wave).clamp_min(1e-4)
    others = wave.roll(1, dims=0)
    touched = torch.rand(len(wave), generator=rng) >= CLEAN_SHARE
    changes: tuple[tuple[float, Callable[[Tensor, Tensor], Tensor]], ...] = (
        (0.5, lambda x, _: equalise(x, rng)),
        (0.4, lambda x, _: reverberate(x, sample_rate_hz, rng)),
        (0.15, lambda x, rows: add_voice(x, others[rows], level[rows], rng)),
        (0.7, lambda x, rows: add_noise(x, level[rows], rng)),
    )
    heard = wave.clone()
    for share, change in changes:
        rows = (touched & (torch.rand(len(wave), generator=rng) < share)).nonzero().flatten()
        if len(rows):
            heard[rows] = change(heard[rows], rows)
    return heard.clamp(-1.0, 1.0)
