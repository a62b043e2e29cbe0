"""Losses of the codec: multi-scale log-mel, compressed complex STFT, waveform; phones and prosody from the books.

All in float32. Shapes: B batch, S samples, T frames, K books.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.codec import Codec
from engine.codec.features import mel_filterbank
from engine.config import CodecConfig

SCALES = ((320, 32), (960, 80), (2048, 80))
PROSODY_CUTS = (1, 2, 4, 10)


class SpectralLoss(nn.Module):
    """Distances between two signals (B, S) over several STFT resolutions, given as (window samples, mel bands)."""

    def __init__(self, config: CodecConfig, scales: tuple[tuple[int, int], ...] = SCALES) -> None:
        super().__init__()
        self.scales = scales
        for window, mels in scales:
            self.register_buffer(f"window_{window}", torch.hann_window(window), persistent=False)
            filters = mel_filterbank(window // 2 + 1, mels, config.sample_rate_hz)
            self.register_buffer(f"filters_{window}", filters, persistent=False)

    def _spectra(self, signal: Tensor, window: int) -> tuple[Tensor, Tensor, Tensor]:
        """Complex spectra (B, F, bins), their magnitudes, log-mel magnitudes."""
        shape = getattr(self, f"window_{window}")
        spectra = torch.stft(signal, window, window // 4, window=shape, center=False, return_complex=True)
        spectra = spectra.transpose(1, 2)
        magnitude = (spectra.real.square() + spectra.imag.square() + 1e-8).sqrt()
        return spectra, magnitude, (magnitude @ getattr(self, f"filters_{window}")).clamp_min(1e-4).log()

    def forward(self, made: Tensor, wanted: Tensor) -> tuple[Tensor, Tensor]:
        """(mean absolute log-mel difference over the scales, difference of compressed complex spectra at one scale)."""
        mel_total = complex_total = made.new_zeros(())
        for window, _ in self.scales:
            ours, our_magnitude, our_mel = self._spectra(made, window)
            with torch.no_grad():
                theirs, their_magnitude, their_mel = self._spectra(wanted, window)
            mel_total = mel_total + (our_mel - their_mel).abs().mean()
            if window == self.scales[len(self.scales) // 2][0]:
                # |X|^0.5 keeps quiet partials audible to the loss; phase stays in it (Braun & Tashev 2021).
                difference = ours * our_magnitude.rsqrt() - theirs * their_magnitude.rsqrt()
                complex_total = (difference.real.abs() + difference.imag.abs()).mean()
        return mel_total / len(self.scales), complex_total


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
