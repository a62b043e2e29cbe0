"""Causal encoder: 24 kHz samples to one latent a frame. Its state is a value."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from engine.codec.features import hann_window, log_mel, mel_filterbank
from engine.config import CodecConfig
from engine.layers import AttentionCache, ConvNeXtBlock, RMSNorm, TransformerBlock


@dataclass(frozen=True, slots=True)
class EncoderState:
    """The last window's overlap (B, window - hop), each block's past inputs, each layer's keys and values."""

    samples: Tensor
    blocks: tuple[Tensor, ...]
    layers: tuple[AttentionCache, ...]


class Encoder(nn.Module):
    """log-mel + learned hop filters -> ConvNeXt at the hop rate -> frames -> causal transformer -> latent."""

    mel_window: Tensor
    mel_filters: Tensor

    def __init__(self, config: CodecConfig) -> None:
        super().__init__()
        self.config = config
        width = config.encoder_width
        self.register_buffer("mel_window", hann_window(config.window_samples), persistent=False)
        filters = mel_filterbank(config.window_samples // 2 + 1, config.mels, config.sample_rate_hz)
        self.register_buffer("mel_filters", filters, persistent=False)
        self.mel_in = nn.Linear(config.mels, width)
        self.wave_in = nn.Linear(2 * config.hop_samples, width, bias=False)
        self.blocks = nn.ModuleList(
            ConvNeXtBlock(width, config.kernel, config.block_expansion) for _ in range(config.encoder_blocks)
        )
        self.to_frames = nn.Linear(width * config.hops_per_frame, config.transformer_width)
        self.layers = nn.ModuleList(
            TransformerBlock(
                config.transformer_width,
                config.transformer_heads,
                2 * config.transformer_width,
                config.attention_window,
            )
            for _ in range(config.encoder_layers)
        )
        self.norm = RMSNorm(config.transformer_width)
        self.latent = nn.Linear(config.transformer_width, config.latent_width)

    def initial_state(self, batch: int = 1) -> EncoderState:
        """Digital silence before the stream."""
        device = self.mel_window.device
        return EncoderState(
            torch.zeros(batch, self.config.analysis_past_samples, device=device),
            tuple(block.initial_state(batch, device) for block in self.blocks),  # type: ignore[operator]
            tuple(layer.initial_state(batch, device) for layer in self.layers),  # type: ignore[operator]
        )

    def forward(self, samples: Tensor, state: EncoderState) -> tuple[Tensor, EncoderState]:
        """`samples` (B, T * frame_samples) to latents (B, T, D)."""
        config = self.config
        padded = torch.cat((state.samples, samples), dim=1)
        windows = padded.unfold(1, config.window_samples, config.hop_samples)
        with torch.autocast(samples.device.type, enabled=False):
            mels = log_mel(windows, self.mel_window, self.mel_filters)
        recent = windows[..., -2 * config.hop_samples :]
        x = self.mel_in(mels) + self.wave_in(recent * 4.0)
        blocks, layers = [], []
        for block, past in zip(self.blocks, state.blocks, strict=True):
            x, past = block(x, past)
            blocks.append(past)
        x = self.to_frames(x.reshape(x.shape[0], -1, x.shape[-1] * config.hops_per_frame))
        for layer, cache in zip(self.layers, state.layers, strict=True):
            x, cache = layer(x, cache)
            layers.append(cache)
        kept = padded[:, padded.shape[1] - config.analysis_past_samples :]
        return self.latent(self.norm(x)), EncoderState(kept, tuple(blocks), tuple(layers))
