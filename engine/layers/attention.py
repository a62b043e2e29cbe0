"""Causal sliding-window self-attention whose cache is a value, and the pre-norm block around it.

Keys are stored rotated by absolute stream position, so a cache can be cut, cloned or rolled back without change.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.layers.norm import RMSNorm, SwiGLU
from engine.layers.rotary import rotary_angles, rotate


@dataclass(frozen=True, slots=True)
class AttentionCache:
    """Keys and values (B, H, N, D) of the last N < window positions, and the position that comes next, as an int or
    a tensor () of one. Entries that would lie before position 0 are padding and are not seen."""

    keys: Tensor
    values: Tensor
    position: int | Tensor


class CausalSelfAttention(nn.Module):
    """Multi-head attention over the last `window` positions, own position included."""

    def __init__(self, width: int, heads: int, window: int, rope_base: float = 10_000.0) -> None:
        super().__init__()
        self.heads, self.window, self.rope_base = heads, window, rope_base
        self.head_width = width // heads
        self.query_key_value = nn.Linear(width, 3 * width, bias=False)
        self.out = nn.Linear(width, width, bias=False)

    def initial_state(self, batch: int, device: torch.device | None = None) -> AttentionCache:
        """An empty cache at position 0."""
        empty = torch.zeros(batch, self.heads, 0, self.head_width, device=device)
        return AttentionCache(empty, empty, 0)

    def forward(self, x: Tensor, state: AttentionCache) -> tuple[Tensor, AttentionCache]:
        batch, steps, width = x.shape
        q, k, v = (
            self.query_key_value(x).view(batch, steps, 3, self.heads, self.head_width).permute(2, 0, 3, 1, 4)
        )
        positions = state.position + torch.arange(steps, device=x.device)
        cos, sin = rotary_angles(positions, self.head_width, self.rope_base)
        q, k = rotate(q, cos, sin), rotate(k, cos, sin)
        keys = torch.cat((state.keys.to(k.dtype), k), dim=2)
        values = torch.cat((state.values.to(v.dtype), v), dim=2)
        past = keys.shape[2] - steps
        places = torch.arange(keys.shape[2], device=x.device)
        age = places[past:, None] - places
        seen = (age >= 0) & (age < self.window) & (places >= past - state.position)
        mixed = F.scaled_dot_product_attention(q, keys, values, attn_mask=seen)
        kept = min(self.window - 1, keys.shape[2])
        cache = AttentionCache(
            keys[:, :, keys.shape[2] - kept :], values[:, :, keys.shape[2] - kept :], state.position + steps
        )
        return self.out(mixed.transpose(1, 2).reshape(batch, steps, width)), cache


class TransformerBlock(nn.Module):
    """Pre-norm attention and SwiGLU with residuals."""

    def __init__(self, width: int, heads: int, hidden: int, window: int) -> None:
        super().__init__()
        self.attention_norm, self.ffn_norm = RMSNorm(width), RMSNorm(width)
        self.attention = CausalSelfAttention(width, heads, window)
        self.ffn = SwiGLU(width, hidden)

    def initial_state(self, batch: int, device: torch.device | None = None) -> AttentionCache:
        """State of the attention."""
        return self.attention.initial_state(batch, device)

    def forward(self, x: Tensor, state: AttentionCache) -> tuple[Tensor, AttentionCache]:
        y, state = self.attention(self.attention_norm(x), state)
        x = x + y
        return x + self.ffn(self.ffn_norm(x)), state
