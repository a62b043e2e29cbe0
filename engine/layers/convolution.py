"""Causal depthwise convolution and the ConvNeXt block (Liu et al. 2022; Siuzdak 2023 for audio), time last but one.

The stream's state is the last kernel - 1 inputs, passed in and returned.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class CausalDepthwise(nn.Module):
    """One filter a channel over (B, T, D), looking back only."""

    def __init__(self, width: int, kernel: int) -> None:
        super().__init__()
        self.kernel = kernel
        self.width = width
        self.weight = nn.Parameter(torch.randn(width, 1, kernel) * (1.0 / kernel) ** 0.5)
        self.bias = nn.Parameter(torch.zeros(width))

    def initial_state(self, batch: int, device: torch.device | None = None) -> Tensor:
        """Silence before the stream: zeros (B, kernel - 1, D)."""
        return torch.zeros(batch, self.kernel - 1, self.width, device=device)

    def forward(self, x: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        padded = torch.cat((state.to(x.dtype), x), dim=1)
        y = F.conv1d(padded.transpose(1, 2), self.weight, self.bias, groups=self.width).transpose(1, 2)
        return y, padded[:, padded.shape[1] - (self.kernel - 1) :]


class ConvNeXtBlock(nn.Module):
    """x + scale * W2 gelu(W1 norm(depthwise(x))). `scale` starts small so that deep stacks start near identity."""

    def __init__(self, width: int, kernel: int, expansion: int) -> None:
        super().__init__()
        self.depthwise = CausalDepthwise(width, kernel)
        self.norm = nn.LayerNorm(width)
        self.up = nn.Linear(width, expansion * width)
        self.down = nn.Linear(expansion * width, width)
        self.scale = nn.Parameter(torch.full((width,), 0.2))

    def initial_state(self, batch: int, device: torch.device | None = None) -> Tensor:
        """State of the depthwise filter."""
        return self.depthwise.initial_state(batch, device)

    def forward(self, x: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        y, state = self.depthwise(x, state)
        return x + self.scale * self.down(F.gelu(self.up(self.norm(y)), approximate="tanh")), state
