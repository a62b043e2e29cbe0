"""Causal decoder: one latent a frame to samples through an inverse STFT head (Siuzdak 2023). Its state is a value.

A hop's window begins `delay_samples` before the hop, so decoded audio trails its frame by that much.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from engine.codec.features import hann_window
from engine.config import CodecConfig
from engine.layers import AttentionCache, ConvNeXtBlock, RMSNorm, TransformerBlock


@dataclass(frozen=True, slots=True)
class DecoderState:
    """Unfinished overlap-add samples (B, window - hop), each block's past inputs, each layer's keys and values."""

    overlap: Tensor
    blocks: tuple[Tensor, ...]
    layers: tuple[AttentionCache, ...]


class Decoder(nn.Module):
    """latent -> causal transformer -> sub-frames -> ConvNeXt at the hop rate -> magnitude and phase -> overlap-add."""

    window: Tensor

    def __init__(self, config: CodecConfig) -> None:
        super().__init__()
        self.config = config
        width = config.decoder_width
        self.register_buffer("window", hann_window(config.window_samples), persistent=False)
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
        self.head = nn.Linear(width, config.window_samples + 2)

    def initial_state(self, batch: int = 1) -> DecoderState:
        """Digital silence before the stream."""
        device = self.window.device
        return DecoderState(
            torch.zeros(batch, self.config.delay_samples, device=device),
            tuple(block.initial_state(batch, device) for block in self.blocks),  # type: ignore[operator]
            tuple(layer.initial_state(batch, device) for layer in self.layers),  # type: ignore[operator]
        )

    def forward(self, latent: Tensor, state: DecoderState) -> tuple[Tensor, DecoderState]:
        """`latent` (B, T, D) to samples (B, T * frame_samples) that trail the frames by `delay_samples`."""
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
            samples, overlap = self.overlap_add(self.head(self.head_norm(x.float())), state.overlap)
        return samples, DecoderState(overlap, tuple(blocks), tuple(layers))

    def overlap_add(self, spectrum: Tensor, overlap: Tensor) -> tuple[Tensor, Tensor]:
        """Finished samples (B, hops * hop) and the new overlap, of log-magnitudes and phases (B, hops, window + 2)."""
        log_magnitude, phase = spectrum.chunk(2, dim=-1)
        magnitude = torch.exp(log_magnitude.clamp(max=6.0))
        frames = torch.fft.irfft(torch.polar(magnitude, phase), n=self.config.window_samples)
        hop, overlaps = self.config.hop_samples, self.config.window_samples // self.config.hop_samples
        # The squared Hann window adds up to 3/8 of the number of overlapping windows.
        frames = frames * self.window / (0.375 * overlaps)
        batch, hops, _ = frames.shape
        parts = frames.view(batch, hops, overlaps, hop)
        total = torch.cat((overlap, overlap.new_zeros(batch, hops * hop)), dim=1)
        pieces = [
            torch.nn.functional.pad(parts[:, :, i].reshape(batch, -1), (i * hop, (overlaps - 1 - i) * hop))
            for i in range(overlaps)
        ]
        total = total + torch.stack(pieces).sum(dim=0)
        return total[:, : hops * hop], total[:, hops * hop :]
