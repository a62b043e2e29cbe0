"""The backbone's step over fixed tensors: ring caches, masks and memory slots of one shape, whatever the stream holds.

A ring and the slots are copies of what the stream state holds; the state stays the truth. Which copy is still good is
told by the caches' revisions, so that clones, rollbacks and other runtimes need no notice. Runs on the engine thread.
"""

from __future__ import annotations

import math
import weakref
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from engine.layers import RMSNorm, rotary_angles
from engine.memory import MemoryRead, MemoryState
from engine.model import FrameInput, SpeechModel, StreamState
from engine.model.backbone import Block
from engine.model.cache import KeyValueCache
from engine.runtime.cuda.graph import CudaOptions, Step, add_product


class Backbone:
    """One step for streams that look `window` frames back."""

    def __init__(self, model: SpeechModel, window: int, options: CudaOptions) -> None:
        self.model, self.window, self.dtype = model, window, options.dtype
        config, device = model.config, model.first_head.weight.device
        head_width = config.width // config.heads
        self._blocks = [_Weights.of(block, self.dtype) for block in model.backbone.blocks]  # type: ignore[arg-type]
        self._memory = _Slots(model, self.dtype) if config.memory_read_layers else None

        def numbers(*shape: int) -> Tensor:
            return torch.zeros(shape, dtype=torch.long, device=device)

        quarters = config.quarters_per_frame
        self._previous, self._kind, self._speaker = (
            numbers(1, 1, config.codebooks),
            numbers(1, 1),
            numbers(1, 1),
        )
        self._frame, self._unit, self._slot, self._filled = (numbers(1) for _ in range(4))
        self._text_units = numbers(1)
        self._elapsed, self._remaining = numbers(1, 1, quarters), numbers(1, 1, quarters)
        self._present = torch.zeros(1, 1, quarters, device=device)
        self._spoken = torch.zeros(1, 1, quarters, config.text_width, device=device)
        shape = (config.layers, 2, config.kv_heads)
        self._ring = torch.zeros(*shape, window, head_width, dtype=self.dtype, device=device)
        self._text = torch.zeros(
            *shape, config.text_window_units, head_width, dtype=self.dtype, device=device
        )
        self._next = 0
        self._voice_copy, self._text_copy = _Copy(), _Copy()
        self._step = Step(self._compute, device, options.graphs)

    def step(self, state: StreamState, inputs: FrameInput) -> tuple[Tensor, Tensor]:
        """See `FrameRunner`."""
        self._take(state)
        self._previous.copy_(inputs.previous.view(1, 1, -1))
        self._kind.fill_(inputs.kind)
        self._speaker.copy_(inputs.speaker.view(1, 1))
        self._frame.fill_(state.mark.frame)
        self._unit.copy_(inputs.unit)
        self._present.fill_(0.0 if inputs.spoken is None else 1.0)
        if inputs.spoken is not None:
            self._spoken.copy_(inputs.spoken.encodings.view_as(self._spoken))
            self._elapsed.copy_(inputs.spoken.elapsed.view_as(self._elapsed))
            self._remaining.copy_(inputs.spoken.remaining.view_as(self._remaining))
        slot = self._next % self.window
        self._slot.fill_(slot)
        self._filled.fill_(min(self._next + 1, self.window))
        self._voice_copy.lose()  # until the state has the new keys as well
        hidden, written = self._step()
        for cache, ring in zip(state.voice, self._ring, strict=True):
            cache.append_pair(ring[:, None, :, slot])
        self._next += 1
        self._voice_copy.is_of(state.voice[0])
        return hidden.clone(), written.clone()

    def _take(self, state: StreamState) -> None:
        """Copy what has changed in the state since it was here last: as a rule nothing, at a clause its text."""
        # What is hidden still takes part in the arithmetic: a number that is none must not stay behind.
        if not self._voice_copy.holds(state.voice[0]):
            self._ring.zero_()
            for cache, ring in zip(state.voice, self._ring, strict=True):
                begin, end = cache.span(self.window - 1)  # the step's own key is the last one
                ring[:, :, : end - begin] = cache.pair[:, begin:end].transpose(1, 2)
            self._next = end - begin
        if not self._text_copy.holds(state.text[0]):
            self._text.zero_()
            for cache, text in zip(state.text, self._text, strict=True):
                begin, end = cache.span()
                text[:, :, : end - begin] = cache.pair[:, begin:end].transpose(1, 2)
            # Softmax cannot express attention to nothing: without text it goes to a unit of zeros.
            self._text_units.fill_(max(1, end - begin))
            self._text_copy.is_of(state.text[0])
        if self._memory is not None:
            self._memory.take(state.mark.memory)

    def _compute(self) -> tuple[Tensor, Tensor]:
        """Hidden state (1, D) and the writing block's output (D,); the new keys are in the ring."""
        model, config = self.model, self.model.config
        quarters = model.embed_quarters(self._spoken, self._elapsed, self._remaining, self._present)
        x = model.frame_inputs(self._previous, self._kind, self._speaker, quarters)[0]
        cos, sin = self._angles()
        voice_mask = self._mask(self.window, self._filled)
        text_mask = self._mask(config.text_window_units, self._text_units)
        if self._memory is not None:
            decay, slot_mask = self._memory.weights(self._frame)
        written = x
        for layer, block in enumerate(self._blocks):
            query, gate = self._project(x, layer, block, cos, sin)
            mixed = self._attend(query[0], self._ring[layer], voice_mask)
            heard = self._attend(query[1], self._text[layer], text_mask)
            mixed = torch.addcmul(mixed, gate, heard)
            add_product(x, mixed.reshape(1, -1), block.out)
            if self._memory is not None:
                self._memory.read(x, layer, decay, slot_mask)
            gate, value = F.linear(block.ffn_norm(x), block.up).chunk(2, dim=-1)
            add_product(x, F.silu(gate) * value, block.down)
            if layer == config.memory_write_layer:
                written = x[0].clone()  # the blocks that follow go on in place
        return model.backbone.norm(x), written

    def _angles(self) -> tuple[Tensor, Tensor]:
        """Cosines and signed sines (heads, d) for the voice's queries and keys, then the text's queries."""
        config = self.model.config
        places = torch.cat(
            (self._frame.expand(config.heads + config.kv_heads), self._unit.expand(config.heads))
        )
        cos, sin = rotary_angles(places, config.width // config.heads, config.rope_base)
        return torch.cat((cos, cos), dim=-1).to(self.dtype), torch.cat((-sin, sin), dim=-1).to(self.dtype)

    def _mask(self, size: int, filled: Tensor) -> Tensor:
        """(1, 1, 1, size) to be added to scores: only the first `filled` count."""
        seen = torch.arange(size, device=filled.device) < filled
        return (
            torch.zeros(size, dtype=self.dtype, device=filled.device)
            .masked_fill(~seen, -math.inf)
            .view(1, 1, 1, -1)
        )

    def _project(
        self, x: Tensor, layer: int, block: _Weights, cos: Tensor, sin: Tensor
    ) -> tuple[tuple[Tensor, Tensor], Tensor]:
        """Queries for voice and text (1, Hkv, G, d) and the text's gate (1, Hkv, G, 1); puts key and value into
        the ring."""
        config = self.model.config
        head_width, kv_heads = config.width // config.heads, config.kv_heads
        rows = F.linear(block.attention_norm(x), block.into, block.into_bias)
        sizes = [len(cos) * head_width, kv_heads * head_width, config.heads]
        turned, still, gate = torch.split(rows, sizes, dim=-1)
        turned = turned.view(len(cos), head_width)
        swapped = turned.view(len(cos), 2, -1).flip(1).view_as(turned)
        turned = torch.addcmul(turned * cos, swapped, sin)
        query, key, text_query = torch.split(turned, [config.heads, kv_heads, config.heads])
        self._ring[layer, 0].index_copy_(1, self._slot, key.unsqueeze(1))
        self._ring[layer, 1].index_copy_(1, self._slot, still.view(kv_heads, 1, head_width))
        shape = (1, kv_heads, -1, head_width)
        return (query.view(shape), text_query.view(shape)), torch.tanh(gate).view(1, kv_heads, -1, 1)

    def _attend(self, query: Tensor, pair: Tensor, mask: Tensor) -> Tensor:
        return F.scaled_dot_product_attention(query, pair[0:1], pair[1:2], attn_mask=mask)


class _Copy:
    """Which cache, at which revision, the fixed tensors are a copy of."""

    def __init__(self) -> None:
        self._cache: weakref.ref[KeyValueCache] | None = None
        self._revision = 0

    def holds(self, cache: KeyValueCache) -> bool:
        """Whether the copy is of this cache as it is now."""
        return self._cache is not None and self._cache() is cache and self._revision == cache.revision

    def is_of(self, cache: KeyValueCache) -> None:
        """The copy is of this cache as it is now."""
        self._cache, self._revision = weakref.ref(cache), cache.revision

    def lose(self) -> None:
        """The copy is of nothing."""
        self._cache = None


@dataclass(frozen=True, slots=True, eq=False)
class _Norm:
    """RMS norm of a float32 residual, given in the dtype of the product that follows."""

    norm: RMSNorm
    dtype: torch.dtype

    def __call__(self, x: Tensor) -> Tensor:
        normed: Tensor = self.norm(x)
        return normed.to(self.dtype)


@dataclass(frozen=True, slots=True, eq=False)
class _Weights:
    """A block's weights. `into` gives, in one product, what is turned by its position (queries, keys, text queries),
    then values and gates."""

    attention_norm: _Norm
    into: Tensor
    into_bias: Tensor
    out: Tensor
    ffn_norm: _Norm
    up: Tensor
    down: Tensor

    @staticmethod
    def of(block: Block, dtype: torch.dtype) -> _Weights:
        """Gather the weights of `block`."""
        attention = block.attention
        width = attention.heads * attention.head_width
        kv_width = attention.kv_heads * attention.head_width
        query, key, value = torch.split(attention.query_key_value.weight, [width, kv_width, kv_width])
        into = torch.cat((query, key, attention.text_query.weight, value, attention.gate.weight))
        bias = F.pad(attention.gate.bias, (len(into) - attention.heads, 0))
        return _Weights(
            _Norm(block.attention_norm, dtype),
            into.to(dtype),
            bias.to(dtype),
            attention.out.weight.to(dtype),
            _Norm(block.ffn_norm, dtype),
            block.ffn.up.weight.to(dtype),
            block.ffn.down.weight.to(dtype),
        )


class _Slots:
    """Both banks of memory as fixed tensors, projected for every reading block. N slots behind an empty one, of
    zeros: it scores 0 and so stands for the 1 in the denominator; H heads a bank."""

    def __init__(self, model: SpeechModel, dtype: torch.dtype) -> None:
        config = model.config.memory
        device = model.first_head.weight.device
        self._heads, self._frame_s, self._drop_below = config.heads, model.config.frame_s, config.drop_below
        self._reads: dict[int, tuple[_Norm, tuple[MemoryRead, MemoryRead], Tensor, Tensor]] = {}
        self._pairs: dict[int, Tensor] = {}
        for layer in model.config.memory_read_layers:
            block = model.backbone.blocks[layer]
            assert isinstance(block, Block)
            banks = (block.semantic, block.prosodic)
            scale = block.semantic.head_width**-0.5
            query = torch.cat([bank.query.weight * scale for bank in banks]).to(dtype)
            out = torch.cat([bank.out.weight for bank in banks], dim=1).to(dtype)
            self._reads[layer] = (_Norm(block.memory_norm, dtype), banks, query, out)
            shape = (2, 2, config.heads, 1 + config.slots, block.semantic.head_width)
            self._pairs[layer] = torch.zeros(shape, dtype=dtype, device=device)  # keys, values; bank by bank
        # Float64, as the banks themselves reckon. A slot that is not there was written long ago.
        self._written_s = torch.full((2, config.slots), -math.inf, dtype=torch.float64, device=device)
        self._tau_s = torch.tensor(
            ((config.semantic_tau_s,), (config.prosodic_tau_s,)), dtype=torch.float64, device=device
        )
        self._memory: MemoryState | None = None

    def take(self, memory: MemoryState) -> None:
        """Project `memory` unless it is here already; it changes once a clause."""
        if memory is self._memory:
            return
        for pairs in self._pairs.values():
            pairs.zero_()
        times = torch.full(self._written_s.shape, -math.inf, dtype=torch.float64)
        for bank, slots in enumerate((memory.semantic.slots, memory.prosodic.slots)):
            if not slots:
                continue
            times[bank, : len(slots)] = torch.tensor([slot.written_s for slot in slots], dtype=torch.float64)
            vectors = torch.stack([slot.vector for slot in slots]).to(self._written_s.device)
            for layer, (_, reads, _, _) in self._reads.items():
                pair = reads[bank].key_value(vectors).view(len(slots), 2, self._heads, -1)
                self._pairs[layer][:, bank, :, 1 : 1 + len(slots)] = pair.permute(1, 2, 0, 3)
        self._written_s.copy_(times)
        self._memory = memory

    def weights(self, frame: Tensor) -> tuple[Tensor, Tensor]:
        """Decay and mask (2, 1, 1 + N) of the slots at `frame` (1,), float32."""
        age_s = (frame.double() * self._frame_s - self._written_s).clamp_min(0.0)
        decay = torch.exp(-age_s / self._tau_s)
        mask = torch.zeros_like(decay, dtype=torch.float32).masked_fill(decay < self._drop_below, -math.inf)
        return F.pad(decay.float(), (1, 0)).unsqueeze(1), F.pad(mask, (1, 0)).unsqueeze(1)

    def read(self, x: Tensor, layer: int, decay: Tensor, mask: Tensor) -> None:
        """Add to `x` (1, D) what its block reads from both banks, where it reads."""
        if layer not in self._reads:
            return
        norm, _, query, out = self._reads[layer]
        keys, values = self._pairs[layer]
        asked = F.linear(norm(x), query).view(2, self._heads, 1, -1)
        scores = (asked @ keys.transpose(-1, -2)).float().squeeze(2) + mask
        weights = (scores.softmax(dim=-1) * decay).to(values.dtype)
        add_product(x, (weights.unsqueeze(2) @ values).reshape(1, -1), out)
