"""Reading memory: attention over slots whose weights fade with real time.

w_i = exp(s_i - dt_i / tau) / (1 + sum_j exp(s_j)): the denominator has no age in it, so a slot left alone fades too,
and the 1 is an always-present empty slot. The output projection starts at zero: an untrained memory changes nothing.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


def read_weights(scores: Tensor, ages_s: Tensor, tau_s: float) -> Tensor:
    """Weights (B, H, T, N) for `scores` (B, H, T, N) and `ages_s` (B, T, N); a negative age hides the slot."""
    hidden = (ages_s < 0).unsqueeze(1)
    scores = scores.float().masked_fill(hidden, float("-inf"))
    top = scores.amax(dim=-1, keepdim=True).clamp_min(0.0) if scores.shape[-1] else scores.new_zeros(())
    raised = torch.exp(scores - top)
    total = torch.exp(-top) + raised.sum(dim=-1, keepdim=True)
    return raised * torch.exp(-ages_s.clamp_min(0.0) / tau_s).unsqueeze(1) / total


class MemoryRead(nn.Module):
    """One bank's reading head group inside a backbone block."""

    def __init__(self, width: int, slot_width: int, heads: int, head_width: int, tau_s: float) -> None:
        super().__init__()
        self.heads, self.head_width, self.tau_s = heads, head_width, tau_s
        inner = heads * head_width
        self.query = nn.Linear(width, inner, bias=False)
        self.key_value = nn.Linear(slot_width, 2 * inner, bias=False)
        self.out = nn.Linear(inner, width, bias=False)
        nn.init.zeros_(self.out.weight)

    def forward(self, x: Tensor, slots: Tensor, ages_s: Tensor) -> tuple[Tensor, Tensor]:
        """Residual update (B, T, D) for `x` (B, T, D) from `slots` (B, N, Ds), and the weights (B, H, T, N)."""
        batch, steps, _ = x.shape
        query = self.query(x).view(batch, steps, self.heads, self.head_width).transpose(1, 2)
        pair = self.key_value(slots).view(batch, slots.shape[1], 2, self.heads, self.head_width)
        key, value = pair.permute(2, 0, 3, 1, 4)
        scores = query @ key.transpose(-1, -2) * self.head_width**-0.5
        weights = read_weights(scores, ages_s, self.tau_s)
        mixed = (weights.to(value.dtype) @ value).transpose(1, 2).reshape(batch, steps, -1)
        return self.out(mixed), weights
