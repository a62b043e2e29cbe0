"""The conversational speech model: text encoder, backbone, first-book head, depth decoder, one audio table.

`parallel` is the training pass over whole rows; `engine.model.stream` walks the same weights one frame at a time.
B batch, T frames, U units, C clauses, K books, D width, Q quarters a frame.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.config import SpeechModelConfig
from engine.model.backbone import Backbone, MemoryView, StepInputs, VoiceTextAttention
from engine.model.depth import DepthDecoder
from engine.model.text_encoder import TextEncoder

AGENT, USER, START = 0, 1, 2
PROGRESS_STEPS = 16


@dataclass(frozen=True, slots=True)
class Rows:
    """Whole rows of a conversation, for training and for the streaming-equality tests.

    previous (B, T, K) input codes, -1 where absent · kind (B, T) AGENT, USER or START (agent without a past) ·
    speaker (B, T) · quarter_unit (B, T, Q) row's unit spoken in each quarter, -1 none · elapsed, remaining (B, T, Q)
    quarters since the unit began and until it ends · clause (B, T) the clause a frame belongs to, -1 none · visible
    (B, T) the last clause whose units a frame may see · units: symbol, stress, word_start, owner, clause, speaker,
    (B, U) each · clause_end (B, C) the frame after each clause, a large number where there is none · prosodic_slots
    (B, C, 8).
    """

    previous: Tensor
    kind: Tensor
    speaker: Tensor
    quarter_unit: Tensor
    elapsed: Tensor
    remaining: Tensor
    clause: Tensor
    visible: Tensor
    units: dict[str, Tensor]
    clause_end: Tensor
    prosodic_slots: Tensor


@dataclass(frozen=True, slots=True)
class Windows:
    """How far each row may look back: voice frames and text units, (B,) each; memory on or off, (B,) bool."""

    voice: Tensor
    text: Tensor
    memory: Tensor


class SpeechModel(nn.Module):
    """All weights of one voice but the codec's."""

    def __init__(self, config: SpeechModelConfig) -> None:
        super().__init__()
        self.config = config
        width = config.width
        self.audio = nn.Embedding(config.codebooks * config.codebook_size, config.audio_width)
        nn.init.normal_(self.audio.weight, std=0.05)
        self.audio_in = (
            nn.Linear(config.audio_width, width, bias=False) if config.audio_width != width else nn.Identity()
        )
        self.kind = nn.Embedding(3, width)
        self.speaker = nn.Embedding(config.speakers, width)
        nn.init.normal_(self.kind.weight, std=0.05)
        nn.init.normal_(self.speaker.weight, std=0.05)
        self.text = TextEncoder(config)
        self.elapsed = nn.Embedding(PROGRESS_STEPS, config.text_width)
        self.remaining = nn.Embedding(PROGRESS_STEPS, config.text_width)
        self.quarters_in = nn.Linear(config.quarters_per_frame * config.text_width, width, bias=False)
        self.backbone = Backbone(config)
        self.first_head = nn.Linear(width, config.codebook_size, bias=False)
        self.phone_head = nn.Linear(width, config.quarters_per_frame * config.phone_classes)
        self.depth = DepthDecoder(config)

    def embed_codes(self, codes: Tensor) -> Tensor:
        """Sum of the codes' embeddings (..., D) for `codes` (..., K); -1 is absent and adds nothing."""
        flat = codes.reshape(-1, codes.shape[-1])
        offsets = torch.arange(codes.shape[-1], device=codes.device) * self.config.codebook_size
        present = (flat >= 0).to(self.audio.weight.dtype)
        rows = F.embedding_bag(
            flat.clamp_min(0) + offsets, self.audio.weight, mode="sum", per_sample_weights=present
        )
        embedded: Tensor = self.audio_in(rows)
        return embedded.view(*codes.shape[:-1], -1)

    def embed_quarters(self, spoken: Tensor, elapsed: Tensor, remaining: Tensor, present: Tensor) -> Tensor:
        """What a frame speaks (B, T, D): `spoken` (B, T, Q, text_width) unit encodings and progress inside them."""
        x = (
            spoken
            + self.elapsed(elapsed.clamp(0, PROGRESS_STEPS - 1))
            + self.remaining(remaining.clamp(0, PROGRESS_STEPS - 1))
        )
        embedded: Tensor = self.quarters_in((x * present.unsqueeze(-1)).flatten(-2))
        return embedded

    def frame_inputs(self, previous: Tensor, kind: Tensor, speaker: Tensor, spoken: Tensor) -> Tensor:
        """Backbone input (B, T, D)."""
        x: Tensor = self.embed_codes(previous) + self.kind(kind) + self.speaker(speaker) + spoken
        return x

    def encode_units(self, units: dict[str, Tensor], manner: Tensor | None = None) -> Tensor:
        """Text encodings (B, U, text_width)."""
        encodings: Tensor = self.text(units, self.speaker(units["speaker"]), manner)
        return encodings

    def parallel(
        self, rows: Rows, windows: Windows, manner: Tensor | None = None
    ) -> tuple[Tensor, Tensor, tuple[Tensor, Tensor] | None]:
        """Hidden states (B, T, D), text encodings (B, U, text_width) and memory weights of the last reading block."""
        encodings = self.encode_units(rows.units, manner)
        index = rows.quarter_unit.clamp_min(0).flatten(1)
        spoken = encodings.gather(1, index.unsqueeze(-1).expand(-1, -1, encodings.shape[-1]))
        spoken = spoken.view(*rows.quarter_unit.shape, -1)
        quarters = self.embed_quarters(spoken, rows.elapsed, rows.remaining, rows.quarter_unit >= 0)
        x = self.frame_inputs(rows.previous, rows.kind, rows.speaker, quarters)
        source = _ParallelSource(self, rows, windows, encodings)
        hidden, weights = self.backbone(x, source.inputs, source, source)
        return hidden, encodings, weights


class _ParallelSource:
    """Keys, masks and memory of whole rows."""

    def __init__(self, model: SpeechModel, rows: Rows, windows: Windows, encodings: Tensor) -> None:
        self.model, self.rows, self.windows, self.encodings = model, rows, windows, encodings
        device = rows.previous.device
        frames = torch.arange(rows.kind.shape[1], device=device)
        units = torch.arange(encodings.shape[1], device=device)
        self.unit_positions = units.expand(len(rows.kind), -1)
        current = rows.quarter_unit[..., 0].clamp_min(0)
        age = frames[:, None] - frames[None, :]
        voice_mask = (age >= 0) & (age < windows.voice[:, None, None])
        # A frame sees every unit of the clauses up to its own, and of those the last `text` ones.
        known = (rows.units["clause"][:, None, :] <= rows.visible[:, :, None]) & (rows.units["clause"] >= 0)[
            :, None
        ]
        last = torch.where(known, units, -1).amax(dim=-1, keepdim=True)
        text_mask = known & (units > last - windows.text[:, None, None])
        # Softmax cannot express attention to nothing: a frame before any text looks at unit 0, and that is dropped.
        text_known = text_mask.any(dim=-1)
        text_mask[..., 0] |= ~text_known
        positions = frames.expand(len(rows.kind), -1)
        self.inputs = StepInputs(positions, current, voice_mask, text_mask, text_known)
        self.slots: Tensor | None = None

    def voice(self, layer: int, key: Tensor, value: Tensor) -> tuple[Tensor, Tensor]:
        return key, value

    def text(self, layer: int, attention: VoiceTextAttention) -> tuple[Tensor, Tensor]:
        return attention.text_keys(self.encodings, self.unit_positions)

    def written(self, hidden: Tensor) -> None:
        clauses = torch.arange(self.rows.clause_end.shape[1], device=hidden.device)
        share = (self.rows.clause[:, None, :] == clauses[None, :, None]).to(hidden.dtype)
        self.slots = share @ hidden / share.sum(dim=-1, keepdim=True).clamp_min(1.0)

    def read(self) -> MemoryView | None:
        if self.slots is None or not bool(self.windows.memory.any()):
            return None
        config = self.model.config
        frames = self.inputs.positions.unsqueeze(-1)
        passed = (frames - self.rows.clause_end[:, None, :]).float() * self.frame_s
        passed = torch.where(self.windows.memory[:, None, None], passed, -1.0)
        limit = torch.log(torch.tensor(config.memory.drop_below)).abs().item()
        semantic = torch.where(passed <= limit * config.memory.semantic_tau_s, passed, -1.0)
        prosodic = torch.where(passed <= limit * config.memory.prosodic_tau_s, passed, -1.0)
        return MemoryView(self.slots, self.rows.prosodic_slots, semantic, prosodic)

    @property
    def frame_s(self) -> float:
        return self.model.config.frame_s
