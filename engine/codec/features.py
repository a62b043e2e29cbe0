"""Causal log-mel features, a fixed transform without weights to train.

Each hop's window ends with that hop: nothing looks ahead. Imports torch alone.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor


def mel_filterbank(bins: int, mels: int, sample_rate_hz: int, top_hz: float | None = None) -> Tensor:
    """Triangular filters (bins, mels) on the HTK mel scale, each with unit peak, normalised to unit area."""
    top = top_hz or sample_rate_hz / 2

    def to_mel(hz: Tensor) -> Tensor:
        return 2595.0 * torch.log10(1.0 + hz / 700.0)

    edges_mel = torch.linspace(0.0, float(to_mel(torch.tensor(top))), mels + 2)
    edges_hz = 700.0 * (10.0 ** (edges_mel / 2595.0) - 1.0)
    frequencies = torch.linspace(0.0, sample_rate_hz / 2, bins)[:, None]
    rising = (frequencies - edges_hz[:-2]) / (edges_hz[1:-1] - edges_hz[:-2])
    falling = (edges_hz[2:] - frequencies) / (edges_hz[2:] - edges_hz[1:-1])
    triangles = torch.minimum(rising, falling).clamp_min(0.0)
    return triangles / triangles.sum(dim=0, keepdim=True).clamp_min(1.0)


def hann_window(samples: int) -> Tensor:
    """Periodic Hann window, float32: its squares at 75 % overlap add up to a constant."""
    return 0.5 - 0.5 * torch.cos(2.0 * math.pi * torch.arange(samples, dtype=torch.float32) / samples)


def synthesis_window(samples: int, hop: int) -> Tensor:
    """Window (samples,) of the decoder, applied before and after its filters; its squares, overlapping at every `hop`,
    add up to one. Hann where at least three overlap, its square root, a half sine, where two do."""
    overlaps = samples // hop
    taper = hann_window(samples) if overlaps > 2 else hann_window(samples).sqrt()
    return taper / taper.square().view(overlaps, hop).sum(0).mean().sqrt()


def log_mel(windows: Tensor, window: Tensor, filterbank: Tensor) -> Tensor:
    """Natural-log mel magnitudes (..., mels) of `windows` (..., window_samples), about unit variance for speech."""
    magnitudes = torch.fft.rfft(windows.float() * window).abs()
    return (torch.log(magnitudes @ filterbank + 1e-4) + 2.0) * 0.5
