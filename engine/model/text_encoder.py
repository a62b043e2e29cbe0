"""Bidirectional encoder of one known clause: keys for the backbone and a duration for each unit.

Durations carry progress: they decide which units each frame speaks, so nothing can be skipped, repeated or endless.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.config import SpeechModelConfig
from engine.layers import RMSNorm, SwiGLU, rotary_angles, rotate
from engine.text import SYMBOLS

OWNERS = ("agent", "user")


class _Layer(nn.Module):
    def __init__(self, config: SpeechModelConfig) -> None:
        super().__init__()
        width = config.text_width
        self.heads, self.base = config.text_heads, config.rope_base
        self.attention_norm, self.ffn_norm = RMSNorm(width), RMSNorm(width)
        self.query_key_value = nn.Linear(width, 3 * width, bias=False)
        self.out = nn.Linear(width, width, bias=False)
        self.ffn = SwiGLU(width, config.text_ffn)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        batch, units, width = x.shape
        qkv = self.query_key_value(self.attention_norm(x)).view(batch, units, 3, self.heads, -1)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)
        cos, sin = rotary_angles(torch.arange(units, device=x.device), width // self.heads, self.base)
        mixed = F.scaled_dot_product_attention(rotate(q, cos, sin), rotate(k, cos, sin), v, attn_mask=mask)
        x = x + self.out(mixed.transpose(1, 2).reshape(batch, units, width))
        y: Tensor = x + self.ffn(self.ffn_norm(x))
        return y


class TextEncoder(nn.Module):
    """Units (B, U) of one or more clauses to encodings (B, U, text_width); clauses do not see each other."""

    def __init__(self, config: SpeechModelConfig) -> None:
        super().__init__()
        width = config.text_width
        self.config = config
        self.symbol = nn.Embedding(len(SYMBOLS), width)
        self.stress = nn.Embedding(3, width)
        self.word_start = nn.Embedding(2, width)
        self.owner = nn.Embedding(len(OWNERS), width)
        self.speaker = nn.Linear(config.width, width, bias=False)
        # Prosodic memory at clause start sets the manner; zero at first, so that training without it loses nothing.
        self.manner = nn.Linear(config.memory.prosodic_features, width, bias=False)
        nn.init.zeros_(self.manner.weight)
        self.layers = nn.ModuleList(_Layer(config) for _ in range(config.text_layers))
        self.norm = RMSNorm(width)
        self.duration = nn.Sequential(
            nn.Linear(width, width), nn.SiLU(), nn.Linear(width, config.max_duration_quarters)
        )

    def forward(self, units: dict[str, Tensor], speaker: Tensor, manner: Tensor | None = None) -> Tensor:
        """Encodings. `units` holds symbol, stress, word_start, owner, clause, each (B, U); clause < 0 is padding.

        `speaker` (B, U, D) is the speaker embedding of each unit's clause; `manner` (B, U, 8) prosodic memory.
        """
        x = (
            self.symbol(units["symbol"])
            + self.stress(units["stress"])
            + self.word_start(units["word_start"])
            + self.owner(units["owner"])
            + self.speaker(speaker)
        )
        if manner is not None:
            x = x + self.manner(manner)
        clause = units["clause"]
        mask = (clause[:, :, None] == clause[:, None, :]).unsqueeze(1)
        for layer in self.layers:
            x = layer(x, mask)
        y: Tensor = self.norm(x)
        return y

    def duration_logits(self, encodings: Tensor) -> Tensor:
        """(B, U, max_duration_quarters): class d means d + 1 quarters of a frame."""
        logits: Tensor = self.duration(encodings)
        return logits

    def expected_quarters(self, encodings: Tensor) -> Tensor:
        """Mean duration (B, U) in quarters under the predicted distribution."""
        odds = self.duration_logits(encodings).float().softmax(-1)
        classes = torch.arange(1, odds.shape[-1] + 1, device=odds.device, dtype=torch.float32)
        return odds @ classes
