"""The depth decoder: the codes of books 2..K of one frame, one after the other, from the backbone's state and book 1.

The first book is the backbone's own (as in Sesame's CSM). The cache lives for one frame only.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.config import SpeechModelConfig
from engine.layers import RMSNorm, SwiGLU
from engine.model.backbone import attend


def attend_briefly(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
    """Causal grouped-query attention of `query` (N, H, T, d) over `key` and `value` (N, Hkv, T, d), written out.

    Over 31 places the fused kernel costs three to eight times as much on a CPU, forward and backward.
    """
    rows, heads, steps, width = query.shape
    kv_heads = key.shape[1]
    folded = query.reshape(rows, kv_heads, -1, width) * width**-0.5
    scores = (folded @ key.transpose(-1, -2)).view(rows, kv_heads, -1, steps, steps)
    later = torch.ones(steps, steps, dtype=torch.bool, device=query.device).triu(1)
    weights = scores.float().masked_fill(later, -torch.inf).softmax(dim=-1).to(value.dtype)
    mixed: Tensor = weights.view(rows, kv_heads, -1, steps) @ value
    return mixed.view(rows, heads, steps, width)


class DepthLayer(nn.Module):
    """Causal attention over the books so far and SwiGLU; pre-norm residuals."""

    def __init__(self, config: SpeechModelConfig) -> None:
        super().__init__()
        width = config.depth_width
        self.heads, self.kv_heads = config.depth_heads, config.depth_kv_heads
        self.head_width = width // self.heads
        self.attention_norm, self.ffn_norm = RMSNorm(width), RMSNorm(width)
        self.query_key_value = nn.Linear(width, width + 2 * self.kv_heads * self.head_width, bias=False)
        self.out = nn.Linear(width, width, bias=False)
        self.ffn = SwiGLU(width, config.depth_ffn)

    def project(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Query (N, H, T, d), key and value (N, Hkv, T, d)."""
        rows, steps, width = x.shape
        kv_width = self.kv_heads * self.head_width
        q, k, v = self.query_key_value(self.attention_norm(x)).split((width, kv_width, kv_width), dim=-1)
        shape = (rows, steps, -1, self.head_width)
        return q.view(shape).transpose(1, 2), k.view(shape).transpose(1, 2), v.view(shape).transpose(1, 2)

    def finish(self, x: Tensor, mixed: Tensor) -> Tensor:
        """Residuals after attention output `mixed` (N, H, T, d)."""
        x = x + self.out(mixed.transpose(1, 2).reshape(x.shape))
        y: Tensor = x + self.ffn(self.ffn_norm(x))
        return y


class DepthDecoder(nn.Module):
    """Step i (1..K-1) sees the backbone state, the code and the number of book i, and gives logits of book i+1."""

    def __init__(self, config: SpeechModelConfig) -> None:
        super().__init__()
        self.config = config
        steps, width = config.codebooks - 1, config.depth_width
        self.state_in = nn.Linear(config.width, width, bias=False)
        self.codes = nn.Embedding(steps * config.codebook_size, width)
        self.place = nn.Parameter(torch.randn(steps, width) * 0.02)
        self.layers = nn.ModuleList(DepthLayer(config) for _ in range(config.depth_layers))
        self.norm = RMSNorm(width)
        self.heads = nn.Parameter(torch.randn(steps, width, config.codebook_size) * width**-0.5)

    def forward(self, state: Tensor, codes: Tensor) -> Tensor:
        """Teacher-forced logits (N, k-1, entries) of books 2..k for `state` (N, D) and true `codes` (N, k), k <= K."""
        steps = codes.shape[1] - 1
        offsets = torch.arange(steps, device=codes.device) * self.config.codebook_size
        x = self.codes(codes[:, :steps] + offsets) + self.place[:steps] + self.state_in(state).unsqueeze(1)
        for layer in self.layers:
            q, k, v = layer.project(x)  # type: ignore[operator]
            x = layer.finish(x, attend_briefly(q, k, v))  # type: ignore[operator]
        return torch.einsum("nsd,sde->nse", self.norm(x), self.heads[:steps])

    def start(self, state: Tensor) -> DepthPass:
        """Begin the codes of one frame from the backbone's `state` (N, D)."""
        return DepthPass(self, self.state_in(state))


class DepthPass:
    """One frame's walk through the books; its cache is thrown away with it."""

    def __init__(self, decoder: DepthDecoder, state: Tensor) -> None:
        self.decoder, self.state = decoder, state
        config = decoder.config
        shape = (
            len(state),
            config.depth_kv_heads,
            config.codebooks - 1,
            config.depth_width // config.depth_heads,
        )
        self.keys = [state.new_empty(shape) for _ in decoder.layers]
        self.values = [state.new_empty(shape) for _ in decoder.layers]
        self.step = 0

    def next_logits(self, code: Tensor) -> Tensor:
        """Logits (N, entries) of the next book, given the `code` (N,) of the one before."""
        decoder, step = self.decoder, self.step
        row = decoder.codes.weight[code + step * decoder.config.codebook_size]
        x = (row + decoder.place[step] + self.state).unsqueeze(1)
        for layer, keys, values in zip(decoder.layers, self.keys, self.values, strict=True):
            q, k, v = layer.project(x)  # type: ignore[operator]
            keys[:, :, step : step + 1], values[:, :, step : step + 1] = k, v
            mixed = F.scaled_dot_product_attention(
                q.reshape(len(x), keys.shape[1], -1, q.shape[-1]),
                keys[:, :, : step + 1],
                values[:, :, : step + 1],
            )
            x = layer.finish(x, mixed.reshape(q.shape))  # type: ignore[operator]
        self.step += 1
        logits: Tensor = decoder.norm(x)[:, 0] @ decoder.heads[step]
        return logits

    def following_logits(self, codes: Tensor) -> Tensor:
        """Logits (N, L, entries) of the next L books at once, if `codes` (N, L) are those of the book before each.

        The walk then stands behind all of them; `rewind` takes it back to the codes that proved right.
        """
        decoder, begin = self.decoder, self.step
        end = begin + codes.shape[1]
        places = torch.arange(begin, end, device=codes.device)
        x = decoder.codes(codes + places * decoder.config.codebook_size) + decoder.place[begin:end]
        x = x + self.state.unsqueeze(1)
        mask = torch.arange(end, device=codes.device) <= places.unsqueeze(1)
        for layer, keys, values in zip(decoder.layers, self.keys, self.values, strict=True):
            q, k, v = layer.project(x)  # type: ignore[operator]
            keys[:, :, begin:end], values[:, :, begin:end] = k, v
            mixed = attend(q, keys[:, :, :end], values[:, :, :end], mask.expand(len(x), -1, -1))
            x = layer.finish(x, mixed)  # type: ignore[operator]
        self.step = end
        return torch.einsum("nsd,sde->nse", decoder.norm(x), decoder.heads[begin:end])

    def rewind(self, step: int) -> None:
        """Forget every code after the first `step`."""
        self.step = step
