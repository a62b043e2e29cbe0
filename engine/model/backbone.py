"""The backbone: one step a frame, voice attention and text attention fused by a gate, memory read in later blocks.

B batch, T frames, U units, N memory slots, D width, G query heads a key/value head. Modules hold weights only: where
keys and values come from is the caller's `KeyValues`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.config import SpeechModelConfig
from engine.layers import RMSNorm, SwiGLU, rotary_angles, rotate
from engine.memory import MemoryRead


class KeyValues(Protocol):
    """Gives each layer the keys and values (B, Hkv, *, d) it attends to, and the masks that go with them."""

    def voice(self, layer: int, key: Tensor, value: Tensor) -> tuple[Tensor, Tensor]:
        """Take this step's voice keys and values; give all that are visible."""
        ...

    def text(self, layer: int, attention: VoiceTextAttention) -> tuple[Tensor, Tensor]:
        """Text keys and values of this layer."""
        ...


@dataclass(frozen=True, slots=True)
class StepInputs:
    """Everything a pass needs beside keys and values.

    positions (B, T) stream frame numbers · unit_positions (B, T) current unit · voice_mask (B, T, keys) or None ·
    text_mask (B, T, U) or None · text_known (B, T) frames that have any text to attend to, or None for all.
    """

    positions: Tensor
    unit_positions: Tensor
    voice_mask: Tensor | None
    text_mask: Tensor | None
    text_known: Tensor | None = None


class MemorySource(Protocol):
    """Gives the reading blocks what is remembered, once the writing block's output is known."""

    def written(self, hidden: Tensor) -> None:
        """Take the writing block's output (B, T, D)."""
        ...

    def read(self) -> MemoryView | None:
        """What can be read, or None when memory is off."""
        ...


@dataclass(frozen=True, slots=True)
class MemoryView:
    """Slots (B, N, D) and (B, N, 8) with ages (B, T, N) in seconds; negative ages hide a slot."""

    semantic: Tensor
    prosodic: Tensor
    semantic_ages_s: Tensor
    prosodic_ages_s: Tensor


def attend(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None) -> Tensor:
    """Grouped-query attention: `query` (B, H, T, d) over (B, Hkv, N, d) without copying keys. Gives (B, H, T, d)."""
    batch, heads, steps, width = query.shape
    groups = heads // key.shape[1]
    folded = query.reshape(batch, key.shape[1], groups * steps, width)
    if mask is not None:
        mask = mask.unsqueeze(1).expand(-1, groups, -1, -1).reshape(mask.shape[0], 1, groups * steps, -1)
    return F.scaled_dot_product_attention(folded, key, value, attn_mask=mask).reshape(
        batch, heads, steps, width
    )


class VoiceTextAttention(nn.Module):
    """Attention to past frames and to text units, separately; a learned gate a head lets text in."""

    def __init__(self, config: SpeechModelConfig) -> None:
        super().__init__()
        self.heads, self.kv_heads = config.heads, config.kv_heads
        self.head_width = config.width // config.heads
        self.base = config.rope_base
        kv_width = self.kv_heads * self.head_width
        self.query_key_value = nn.Linear(config.width, config.width + 2 * kv_width, bias=False)
        self.text_query = nn.Linear(config.width, config.width, bias=False)
        self.text_key_value = nn.Linear(config.text_width, 2 * kv_width, bias=False)
        self.gate = nn.Linear(config.width, config.heads)
        nn.init.zeros_(self.gate.weight)
        nn.init.zeros_(self.gate.bias)
        self.out = nn.Linear(config.width, config.width, bias=False)

    def _split(self, x: Tensor, heads: int) -> Tensor:
        return x.view(x.shape[0], x.shape[1], heads, self.head_width).transpose(1, 2)

    def text_keys(self, encodings: Tensor, unit_positions: Tensor) -> tuple[Tensor, Tensor]:
        """Rotated keys and values (B, Hkv, U, d) of text `encodings` (B, U, text_width)."""
        key, value = self.text_key_value(encodings).chunk(2, dim=-1)
        cos, sin = rotary_angles(unit_positions, self.head_width, self.base)
        return rotate(self._split(key, self.kv_heads), cos.unsqueeze(1), sin.unsqueeze(1)), self._split(
            value, self.kv_heads
        )

    def forward(self, x: Tensor, layer: int, inputs: StepInputs, source: KeyValues) -> Tensor:
        batch, steps, width = x.shape
        kv_width = self.kv_heads * self.head_width
        query, key, value = self.query_key_value(x).split((width, kv_width, kv_width), dim=-1)
        cos, sin = rotary_angles(inputs.positions, self.head_width, self.base)
        cos, sin = cos.unsqueeze(1), sin.unsqueeze(1)
        query = rotate(self._split(query, self.heads), cos, sin)
        key = rotate(self._split(key, self.kv_heads), cos, sin)
        keys, values = source.voice(layer, key, self._split(value, self.kv_heads))
        mixed = attend(query, keys, values, inputs.voice_mask)
        text_keys, text_values = source.text(layer, self)
        if text_keys.shape[2]:
            cos, sin = rotary_angles(inputs.unit_positions, self.head_width, self.base)
            query = rotate(self._split(self.text_query(x), self.heads), cos.unsqueeze(1), sin.unsqueeze(1))
            heard = attend(query, text_keys, text_values, inputs.text_mask)
            if inputs.text_known is not None:
                heard = heard * inputs.text_known[:, None, :, None]
            mixed = mixed + torch.tanh(self.gate(x)).transpose(1, 2).unsqueeze(-1) * heard
        y: Tensor = self.out(mixed.transpose(1, 2).reshape(batch, steps, width))
        return y


class Block(nn.Module):
    """Voice-text attention, optional memory reads, SwiGLU; pre-norm residuals."""

    def __init__(self, config: SpeechModelConfig, reads_memory: bool) -> None:
        super().__init__()
        width, memory = config.width, config.memory
        self.attention_norm, self.ffn_norm = RMSNorm(width), RMSNorm(width)
        self.attention = VoiceTextAttention(config)
        self.ffn = SwiGLU(width, config.ffn)
        self.reads_memory = reads_memory
        if reads_memory:
            head_width = width // memory.heads // 4
            self.memory_norm = RMSNorm(width)
            self.semantic = MemoryRead(width, width, memory.heads, head_width, memory.semantic_tau_s)
            self.prosodic = MemoryRead(
                width, memory.prosodic_features, memory.heads, head_width, memory.prosodic_tau_s
            )

    def forward(
        self, x: Tensor, layer: int, inputs: StepInputs, source: KeyValues, memory: MemoryView | None
    ) -> tuple[Tensor, tuple[Tensor, Tensor] | None]:
        """Next hidden states, and the weights of both banks where this block reads them."""
        x = x + self.attention(self.attention_norm(x), layer, inputs, source)
        weights = None
        if self.reads_memory and memory is not None:
            normed = self.memory_norm(x)
            semantic, semantic_weights = self.semantic(normed, memory.semantic, memory.semantic_ages_s)
            prosodic, prosodic_weights = self.prosodic(normed, memory.prosodic, memory.prosodic_ages_s)
            x = x + semantic + prosodic
            weights = (semantic_weights, prosodic_weights)
        return x + self.ffn(self.ffn_norm(x)), weights


class Backbone(nn.Module):
    """All blocks and the final norm."""

    def __init__(self, config: SpeechModelConfig) -> None:
        super().__init__()
        self.config = config
        self.blocks = nn.ModuleList(
            Block(config, layer in config.memory_read_layers) for layer in range(config.layers)
        )
        self.norm = RMSNorm(config.width)

    def forward(
        self, x: Tensor, inputs: StepInputs, source: KeyValues, memory: MemorySource
    ) -> tuple[Tensor, tuple[Tensor, Tensor] | None]:
        """Normed hidden states (B, T, D), and the memory weights of the last reading block."""
        weights = None
        view: MemoryView | None = None
        for layer, block in enumerate(self.blocks):
            x, read = block(x, layer, inputs, source, view)
            weights = read or weights
            if layer == self.config.memory_write_layer:
                memory.written(x)
                view = memory.read()
        return self.norm(x), weights
