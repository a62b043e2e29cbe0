"""The codec's decoding half over fixed tensors: the codec's own modules, its state packed into one vector.

States are the reference's own values, so any runtime can go on. Runs on the engine thread.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from engine.codec import Codec, DecoderState
from engine.codec.excitation import NOISE_HOPS, ExcitationState
from engine.layers import AttentionCache
from engine.runtime.cuda.graph import Step


class CudaDecoder:
    """Fulfils `engine.codec.StreamDecoder` for one stream at a time on the codec's device. Always float32."""

    def __init__(self, codec: Codec, graphs: bool = True) -> None:
        self._codec, config = codec, codec.config
        device = codec.decoder.window.device
        # What each code adds to the latent; the first row of a book is zeros, for an absent code.
        entries = torch.einsum("kel,kld->ked", codec.quantiser.entries, codec.quantiser.out)
        table = F.pad(entries, (0, 0, 1, 0))
        self._latents = table.flatten(0, 1)
        self._firsts = torch.arange(config.codebooks, device=device) * (config.codebook_size + 1) + 1
        heard = table[: config.semantic_codebooks] @ codec.prosody_probe.weight.t()
        self._prosody = heard.flatten(0, 1)
        self._layout = _Layout(codec)
        self._codes = torch.zeros(1, 1, config.codebooks, dtype=torch.long, device=device)
        self._packed = torch.zeros(self._layout.size, device=device)
        self._cycles = torch.zeros(1, dtype=torch.float64, device=device)
        self._hop, self._position = (torch.zeros((), dtype=torch.long, device=device) for _ in range(2))
        self._last: tuple[DecoderState, Tensor] | None = None
        self._step = Step(self._compute, device, graphs)

    def decoder_state(self, batch: int = 1) -> DecoderState:
        """See `StreamDecoder`."""
        return self._codec.decoder_state(batch)

    def flush(self, state: DecoderState) -> Tensor:
        """See `StreamDecoder`."""
        return self._codec.flush(state)

    def prosody(self, codes: Tensor) -> Tensor:
        """See `StreamDecoder`."""
        semantic = self._codec.config.semantic_codebooks
        rows = codes[..., :semantic] + self._firsts[:semantic]
        guess = self._prosody[rows].sum(dim=-2) + self._codec.prosody_probe.bias
        guess[..., 1].sigmoid_()
        return guess

    def decode_step(self, codes: Tensor, state: DecoderState) -> tuple[Tensor, DecoderState]:
        """See `StreamDecoder`; one stream, B = 1."""
        if codes.shape[0] != 1:
            raise ValueError(f"the cuda decoder takes one stream and got {codes.shape[0]}")
        codes = F.pad(codes, (0, self._codec.config.codebooks - codes.shape[-1]), value=-1)
        pieces = []
        for frame in torch.split(codes, 1, dim=1):
            samples, state = self._frame(frame, state)
            pieces.append(samples)
        return pieces[0] if len(pieces) == 1 else torch.cat(pieces, dim=1), state

    def _frame(self, codes: Tensor, state: DecoderState) -> tuple[Tensor, DecoderState]:
        known = self._last is not None and self._last[0] is state
        self._packed.copy_(self._last[1] if self._last and known else self._layout.pack(state))
        self._codes.copy_(codes)
        self._cycles.copy_(state.excitation.cycles)
        position = int(state.layers[0].position) if state.layers else 0
        hop = int(state.excitation.hop)
        self._position.fill_(position)
        self._hop.fill_(hop)
        samples, packed, cycles = (made.clone() for made in self._step())
        following = self._layout.unpack(
            packed, cycles, (hop + self._codec.config.hops_per_frame) % NOISE_HOPS, position + 1
        )
        self._last = (following, packed)
        return samples, following

    def _compute(self) -> tuple[Tensor, Tensor, Tensor]:
        """Samples (1, frame_size), the packed state that follows, and its cycles."""
        latent = F.embedding(self._codes + self._firsts, self._latents).sum(dim=2)
        state = self._layout.unpack(self._packed, self._cycles, self._hop, self._position)
        samples, state = self._codec.decoder(latent, state)
        return samples, self._layout.pack(state), state.excitation.cycles


class _Layout:
    """Where each float32 part of a decoder's state lies in one vector: a state is then one copy, not one a part.

    A layer's keys and values are kept at full length, the newest last; what was before the stream began is zeros,
    hidden by its position.
    """

    def __init__(self, codec: Codec) -> None:
        config = codec.config
        self._config = config
        fresh = codec.decoder_state()
        head_width = config.transformer_width // config.transformer_heads
        kept = (1, config.transformer_heads, config.attention_window - 1, head_width)
        parts = (fresh.overlap, fresh.excitation.pitch_hz, fresh.excitation.tail, *fresh.blocks)
        self._shapes = [tuple(part.shape) for part in parts] + [kept] * (2 * len(fresh.layers))
        self._blocks = len(fresh.blocks)
        self._sizes = [math.prod(shape) for shape in self._shapes]

    @property
    def size(self) -> int:
        """Numbers in a packed state."""
        return sum(self._sizes)

    def pack(self, state: DecoderState) -> Tensor:
        """One vector of `state`."""
        full = self._config.attention_window - 1
        caches = [kept for layer in state.layers for kept in (layer.keys, layer.values)]
        padded = [
            F.pad(kept, (0, 0, full - kept.shape[2], 0)) if kept.shape[2] < full else kept for kept in caches
        ]
        excitation = state.excitation
        parts = (state.overlap, excitation.pitch_hz, excitation.tail, *state.blocks, *padded)
        return torch.cat([part.flatten() for part in parts])

    def unpack(
        self, packed: Tensor, cycles: Tensor, hop: int | Tensor, position: int | Tensor
    ) -> DecoderState:
        """The state that `packed` holds, as views; with an int for a position, caches hold no zeros in front."""
        parts = [
            part.view(shape)
            for part, shape in zip(torch.split(packed, self._sizes), self._shapes, strict=True)
        ]
        overlap, pitch_hz, tail, *rest = parts
        blocks, caches = rest[: self._blocks], rest[self._blocks :]
        if isinstance(position, int):
            full = self._config.attention_window - 1
            caches = [kept[:, :, full - min(position, full) :] for kept in caches]
        layers = [
            AttentionCache(keys, values, position)
            for keys, values in zip(caches[::2], caches[1::2], strict=True)
        ]
        return DecoderState(
            overlap, ExcitationState(cycles, pitch_hz, tail, hop), tuple(blocks), tuple(layers)
        )
