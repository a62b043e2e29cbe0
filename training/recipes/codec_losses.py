"""Losses of the codec: multi-scale log-mel, the pitch of every hop; phones and prosody from the books.

All in float32. Shapes: B batch, S samples, T frames, K books.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.codec import Codec
from engine.codec.features import mel_filterbank
from engine.config import CodecConfig

SCALES = ((320, 32), (960, 80), (2048, 160))
"""(window samples, mel bands); the longest tells the harmonics of a low voice apart."""
PROSODY_CUTS = (1, 2, 4, 10)


class SpectralLoss(nn.Module):
    """Mean absolute log-mel difference of two signals (B, S) over several STFT resolutions.

    Magnitudes alone: the decoder's excitation has a phase of its own.
    """

    def __init__(self, config: CodecConfig, scales: tuple[tuple[int, int], ...] = SCALES) -> None:
        super().__init__()
        self.scales = scales
        for window, mels in scales:
            self.register_buffer(f"window_{window}", torch.hann_window(window), persistent=False)
            filters = mel_filterbank(window // 2 + 1, mels, config.sample_rate_hz)
            self.register_buffer(f"filters_{window}", filters, persistent=False)

    def _log_mel(self, signal: Tensor, window: int) -> Tensor:
        """Log-mel magnitudes (B, F, mels)."""
        shape = getattr(self, f"window_{window}")
        spectra = torch.stft(signal, window, window // 4, window=shape, center=False, return_complex=True)
        magnitude = (spectra.real.square() + spectra.imag.square() + 1e-8).sqrt().transpose(1, 2)
        mels: Tensor = (magnitude @ getattr(self, f"filters_{window}")).clamp_min(1e-4).log()
        return mels

    def forward(self, made: Tensor, wanted: Tensor) -> Tensor:
        """The distance, a scalar."""
        total = made.new_zeros(())
        for window, _ in self.scales:
            with torch.no_grad():
                theirs = self._log_mel(wanted, window)
            total = total + (self._log_mel(made, window) - theirs).abs().mean()
        return total / len(self.scales)


def pitch_loss(octaves: Tensor, pitch: Tensor, config: CodecConfig) -> Tensor:
    """Semitones between the decoder's pitch `octaves` (B, H) and `pitch` (B, quarters, 2), over voiced hops."""
    centres = (torch.arange(octaves.shape[1], device=pitch.device) + 0.5) * config.hop_samples
    wanted = pitch[:, (centres / config.quarter_samples).long()]
    voiced = wanted[..., 1]
    distance = F.smooth_l1_loss(12.0 * octaves, 12.0 * wanted[..., 0], reduction="none", beta=0.5)
    return (distance * voiced).sum() / voiced.sum().clamp_min(1.0)


def phone_loss(codec: Codec, semantic: Tensor, cut: int, phones: Tensor) -> tuple[Tensor, Tensor]:
    """Cross entropy of the linear phone probe on books 1..cut and its accuracy.

    `semantic` (B, T, books, D) cumulative; `phones` (B, T, quarters), -1 where unlabelled.
    """
    logits = codec.phone_probe(semantic[:, :, cut - 1]).view(*phones.shape, -1)
    known = phones >= 0
    if not bool(known.any()):
        return logits.sum() * 0.0, logits.new_zeros(())
    loss = F.cross_entropy(logits[known].float(), phones[known], label_smoothing=0.02)
    return loss, (logits[known].argmax(-1) == phones[known]).float().mean()


def prosody_loss(codec: Codec, semantic: Tensor, cut: int, prosody: Tensor) -> Tensor:
    """Regression of log2 F0 (voiced frames), voicing and energy from books 1..cut.

    `prosody` (B, T, 3): log2(F0 / 128 Hz), voiced 0..1, energy in units of 20 dB about -40 dBFS.
    """
    guess = codec.prosody_probe(semantic[:, :, cut - 1]).float()
    voiced = prosody[..., 1]
    pitch = (
        F.smooth_l1_loss(guess[..., 0], prosody[..., 0], reduction="none", beta=0.1) * (voiced > 0.5)
    ).mean()
    voicing = F.binary_cross_entropy_with_logits(guess[..., 1], voiced)
    energy = F.smooth_l1_loss(guess[..., 2], prosody[..., 2], beta=0.1)
    return 2.0 * pitch + 0.3 * voicing + energy
