"""Causal decoder: one latent a frame to samples. Its state is a value.

At each hop it writes the pitch and two filters, for a pulse train and for noise; their product with the excitation's
spectra goes through an inverse STFT (Siuzdak 2023 for the head, Engel et al. 2020 for the filters). Filters alone
cannot make pitch: without a discriminator, phases guessed hop by hop were seen to collapse onto the hop rate.

A hop's window begins `delay_samples` before the hop, so decoded audio trails its frame by that much.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from engine.codec.excitation import Excitation, ExcitationState
from engine.codec.features import synthesis_window
from engine.config import CodecConfig
from engine.layers import AttentionCache, ConvNeXtBlock, RMSNorm, TransformerBlock

FILTERS = 3
PULSES, PHASE, NOISE = range(FILTERS)
"""Filters of a hop: the pulses' gain, their phase, the noise's gain."""


@dataclass(frozen=True, slots=True)
class DecoderState:
    """Unfinished overlap-add samples (B, window - hop), the excitation's state, each block's past inputs, each
    layer's keys and values."""

    overlap: Tensor
    excitation: ExcitationState
    blocks: tuple[Tensor, ...]
    layers: tuple[AttentionCache, ...]

    def to(self, device: torch.device) -> DecoderState:
        """The same state on `device`. Raises RuntimeError where a tensor cannot be read."""
        excitation = self.excitation
        return DecoderState(
            self.overlap.to(device),
            replace(
                excitation,
                cycles=excitation.cycles.to(device),
                pitch_hz=excitation.pitch_hz.to(device),
                tail=excitation.tail.to(device),
            ),
            tuple(past.to(device) for past in self.blocks),
            tuple(
                replace(cache, keys=cache.keys.to(device), values=cache.values.to(device))
                for cache in self.layers
            ),
        )


class Decoder(nn.Module):
    """latent -> causal transformer -> sub-frames -> ConvNeXt at the hop rate -> pitch, filters -> overlap-add."""

    window: Tensor

    def __init__(self, config: CodecConfig) -> None:
        super().__init__()
        self.config = config
        width = config.decoder_width
        window = synthesis_window(config.synthesis_window, config.hop_samples)
        self.register_buffer("window", window, persistent=False)
        self.latent_in = nn.Linear(config.latent_width, config.transformer_width)
        self.layers = nn.ModuleList(
            TransformerBlock(
                config.transformer_width,
                config.transformer_heads,
                2 * config.transformer_width,
                config.attention_window,
            )
            for _ in range(config.decoder_layers)
        )
        self.norm = RMSNorm(config.transformer_width)
        self.to_hops = nn.Linear(config.transformer_width, width * config.hops_per_frame)
        self.blocks = nn.ModuleList(
            ConvNeXtBlock(width, config.kernel, config.block_expansion) for _ in range(config.decoder_blocks)
        )
        self.head_norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, FILTERS * self.bins)
        with torch.no_grad():  # begin about as loud as speech, more voiced than noisy
            self.head.bias.view(FILTERS, self.bins).copy_(torch.tensor([[-3.0], [0.0], [-5.0]]))
        self.pitch = nn.Linear(width, 1)
        self.excitation = Excitation(config)

    @property
    def bins(self) -> int:
        """Frequencies of a filter."""
        return self.config.synthesis_window // 2 + 1

    def initial_state(self, batch: int = 1) -> DecoderState:
        """Digital silence before the stream."""
        device = self.window.device
        return DecoderState(
            torch.zeros(batch, self.config.delay_samples, device=device),
            self.excitation.initial_state(batch),
            tuple(block.initial_state(batch, device) for block in self.blocks),  # type: ignore[operator]
            tuple(layer.initial_state(batch, device) for layer in self.layers),  # type: ignore[operator]
        )

    def forward(self, latent: Tensor, state: DecoderState) -> tuple[Tensor, DecoderState]:
        """`latent` (B, T, D) to samples (B, T * frame_samples) that trail the frames by `delay_samples`."""
        filters, octaves, state = self.hops(latent, state)
        return self.sound(filters, octaves, state)

    def hops(self, latent: Tensor, state: DecoderState) -> tuple[Tensor, Tensor, DecoderState]:
        """Filters (B, H, FILTERS * bins) and pitch in octaves about 128 Hz (B, H) of `latent` (B, T, D), and the
        state behind the networks; `sound` goes on from there."""
        x = self.latent_in(latent)
        blocks, layers = [], []
        for layer, cache in zip(self.layers, state.layers, strict=True):
            x, cache = layer(x, cache)
            layers.append(cache)
        x = self.to_hops(self.norm(x))
        x = x.reshape(x.shape[0], -1, self.config.decoder_width)
        for block, past in zip(self.blocks, state.blocks, strict=True):
            x, past = block(x, past)
            blocks.append(past)
        with torch.autocast(x.device.type, enabled=False):
            x = self.head_norm(x.float())
            filters, octaves = self.head(x), self.pitch(x)[..., 0]
        return filters, octaves, replace(state, blocks=tuple(blocks), layers=tuple(layers))

    def sound(self, filters: Tensor, octaves: Tensor, state: DecoderState) -> tuple[Tensor, DecoderState]:
        """Samples (B, H * hop) of the hops' filters and pitch, float32. Pitch is not learnt through the sound: the
        loss is not smooth in it."""
        windows, excitation = self.excitation(octaves.detach(), state.excitation)
        spectra = torch.fft.rfft(windows * self.window)
        pulse_gain, phase, noise_gain = filters.view(*filters.shape[:2], FILTERS, self.bins).unbind(2)
        voiced = spectra[:, :, 0] * torch.polar(_gain(pulse_gain), phase)
        samples, overlap = self.overlap_add(voiced + spectra[:, :, 1] * _gain(noise_gain), state.overlap)
        return samples, replace(state, overlap=overlap, excitation=excitation)

    def overlap_add(self, spectra: Tensor, overlap: Tensor) -> tuple[Tensor, Tensor]:
        """Samples (B, H * hop) of hops' `spectra` (B, H, bins), and what of them is not finished (B, window - hop)."""
        hop, overlaps = self.config.hop_samples, self.config.synthesis_window // self.config.hop_samples
        frames = torch.fft.irfft(spectra, n=self.config.synthesis_window) * self.window
        batch, hops, _ = frames.shape
        parts = frames.view(batch, hops, overlaps, hop)
        total = torch.cat((overlap, overlap.new_zeros(batch, hops * hop)), dim=1)
        pieces = [
            torch.nn.functional.pad(parts[:, :, i].reshape(batch, -1), (i * hop, (overlaps - 1 - i) * hop))
            for i in range(overlaps)
        ]
        total = total + torch.stack(pieces).sum(dim=0)
        return total[:, : hops * hop], total[:, hops * hop :]


def _gain(log_magnitude: Tensor) -> Tensor:
    return torch.exp(log_magnitude.clamp(max=6.0))
