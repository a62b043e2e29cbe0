"""Rotary position embedding (Su et al. 2021), angles in float32 so that hour-long streams stay exact enough."""

from __future__ import annotations

import torch
from torch import Tensor


def rotary_angles(positions: Tensor, head_width: int, base: float = 10_000.0) -> tuple[Tensor, Tensor]:
    """Cosines and sines for integer `positions` (..., T), each (..., T, head_width / 2), float32."""
    half = head_width // 2
    frequencies = base ** (-torch.arange(half, device=positions.device, dtype=torch.float32) / half)
    angles = positions.to(torch.float32).unsqueeze(-1) * frequencies
    return angles.cos(), angles.sin()


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Rotate halves of the last axis of `x` (..., H, T, D) by angles (..., T, D/2) broadcast over heads."""
    first, second = x.chunk(2, dim=-1)
    cos, sin = cos.to(x.dtype), sin.to(x.dtype)
    return torch.cat((first * cos - second * sin, second * cos + first * sin), dim=-1)
