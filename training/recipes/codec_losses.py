"""Losses of the codec: multi-scale log-mel, the pitch of every hop; phones and prosody from the books, and an adversary
that keeps phones out of the acoustic ones.

All in float32. Shapes: B batch, S samples, T frames, K books.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.codec import Codec
from engine.codec.decoder import FILTERS, NOISE, PHASE, PULSES
from engine.codec.features import mel_filterbank
from engine.config import CodecConfig

SCALES = ((320, 32), (960, 80), (2048, 160))
"""(window samples, mel bands); the longest tells the harmonics of a low voice apart."""
PROSODY_CUTS = (1, 2, 4, 10)
LOWEST_PITCH_HZ, HIGHEST_PITCH_HZ = 60, 400
VOICE_HZ = 1000
"""Below this a voice is looked for, by ear and by pitch trackers: its fundamental and the first formant. A plosive's
release, which needs a phase of its own, lies above."""
DECISIVENESS = 8.0
EVEN_ODDS = 0.6
"""Half pulses and half noise are found a voice more often than not: a hop that may be either has to decide, and equal
parts of both stand for log odds of so much."""


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


def periodicity_loss(made: Tensor, wanted: Tensor, config: CodecConfig) -> Tensor:
    """Mean absolute difference of the normalised autocorrelations of two signals (B, S), at the lags of a pitch.

    How voiced a sound is: log-mel distance hardly tells a harmonic from noise of its level (autocorrelation without the
    window's own slope: Boersma 1993). Counted where `wanted` is louder than -50 dBFS.
    """
    rate_hz = config.sample_rate_hz
    window = torch.hann_window(rate_hz // 20, device=made.device)
    first, last = rate_hz // HIGHEST_PITCH_HZ, rate_hz // LOWEST_PITCH_HZ

    def correlated(signal: Tensor) -> tuple[Tensor, Tensor]:
        spectra = torch.fft.rfft(signal, n=2 * len(window))
        products = torch.fft.irfft(spectra.real.square() + spectra.imag.square())
        energy = products[..., 0]
        return products[..., first : last + 1] / (energy[..., None] + 1e-6), energy

    slope, _ = correlated(window)
    parts = [signal.unfold(1, len(window), config.quarter_samples) for signal in (made, wanted)]
    (ours, _), (theirs, energy) = (correlated(part * window) for part in parts)
    loud = (energy > 1e-5 * window.square().sum()).float()
    distance = ((ours - theirs) / slope).abs().mean(-1)
    return (distance * loud).sum() / loud.sum().clamp_min(1.0)


def latent_loss(codec: Codec, made: Tensor, wanted: Tensor) -> Tensor:
    """Mean absolute difference of what the codec's own frozen encoder makes of two signals (B, S), in its units.

    Log-mel distance takes all differences alike; the encoder was taught which of them tell phones apart (a perceptual
    loss, Johnson et al. 2016). For a decoder that learns alone: an encoder that learns with it would give way.
    """
    whole = made.shape[1] // codec.frame_size * codec.frame_size
    state = codec.encoder.initial_state(len(made))
    with torch.no_grad():
        target, _ = codec.encoder(wanted[:, :whole], state)
    latent, _ = codec.encoder(made[:, :whole], state)
    scale = target.float().std(dim=(0, 1)).clamp_min(1e-3)
    distance: Tensor = ((latent.float() - target.float()).abs() / scale).mean()
    return distance


def pitch_loss(octaves: Tensor, pitch: Tensor, config: CodecConfig) -> Tensor:
    """Semitones between the decoder's pitch `octaves` (B, H) and `pitch` (B, quarters, 2), over voiced hops."""
    centres = (torch.arange(octaves.shape[1], device=pitch.device) + 0.5) * config.hop_samples
    wanted = pitch[:, (centres / config.quarter_samples).long()]
    voiced = wanted[..., 1]
    distance = F.smooth_l1_loss(12.0 * octaves, 12.0 * wanted[..., 0], reduction="none", beta=0.5)
    return (distance * voiced).sum() / voiced.sum().clamp_min(1.0)


def voicing_loss(filters: Tensor, voiced: Tensor, config: CodecConfig) -> Tensor:
    """Cross entropy of whether each hop is `voiced` (B, H). The odds, at each frequency below VOICE_HZ, are those of
    its pulses' energy to its noise's, flattened. `filters` (B, H, FILTERS * bins) are the decoder's.

    A hop's window lies about its first sample. Losses of the sound leave this open where it is quiet: under a loud
    fricative, weak pulses cost nothing, but they are a voice. So is a fundamental under a louder noise beside it.
    """
    low = filters.float().view(*voiced.shape, FILTERS, -1)[..., : low_bins(config)]
    odds = 2.0 * (low[:, :, PULSES] - low[:, :, NOISE]) / DECISIVENESS + EVEN_ODDS
    return F.binary_cross_entropy_with_logits(odds, voiced[..., None].expand_as(odds))


def low_bins(config: CodecConfig) -> int:
    """How many of a filter's frequencies lie below VOICE_HZ."""
    return VOICE_HZ * config.synthesis_window // config.sample_rate_hz


@torch.no_grad()
def hold_low_phase(codec: Codec) -> None:
    """Leave the pulses' phase as it is below VOICE_HZ, by weights that are zero.

    Given a phase from hop to hop, pulses pass for noise where there should be noise, and for noise where there should
    be a voice: the fundamental's period wanders, and whoever looks for a pitch loses it.
    """
    for weights in (codec.decoder.head.weight, codec.decoder.head.bias):
        weights.view(FILTERS, codec.decoder.bins, -1)[PHASE, : low_bins(codec.config)] = 0.0


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


class PhoneAdversary(nn.Module):
    """A linear probe that learns phones from the acoustic books, and what they lose by letting it.

    Reversing the probe's own gradient has no lower end, so the books are asked instead to leave it at the phones' plain
    frequencies (the confusion loss of Tzeng et al. 2015; phones are kept out of acoustic tokens so in NaturalSpeech 3,
    Ju et al. 2024).
    """

    mean: Tensor
    spread: Tensor
    shares: Tensor

    def __init__(self, config: CodecConfig) -> None:
        super().__init__()
        self.probe = nn.Linear(config.latent_width, config.quarters_per_frame * config.phone_classes)
        self.register_buffer("mean", torch.zeros(config.latent_width))
        self.register_buffer("spread", torch.ones(config.latent_width))
        self.register_buffer("shares", torch.full((config.phone_classes,), 1.0 / config.phone_classes))

    def _logits(self, acoustic: Tensor, shape: torch.Size, frozen: bool) -> Tensor:
        parameters: list[Tensor] = [self.probe.weight, self.probe.bias]
        if frozen:
            parameters = [parameter.detach() for parameter in parameters]
        return F.linear((acoustic - self.mean) / self.spread, *parameters).view(*shape, -1)

    @torch.no_grad()
    def _follow(self, acoustic: Tensor, phones: Tensor) -> None:
        """Track the books' scale and how frequent each phone is."""
        rows = acoustic.flatten(0, 1)
        self.mean.lerp_(rows.mean(0), 0.05)
        self.spread.lerp_(rows.std(0).clamp_min(1e-3), 0.05)
        counts = torch.bincount(phones, minlength=len(self.shares)).to(self.shares.dtype)
        self.shares.lerp_((counts + 1.0) / (counts + 1.0).sum(), 0.05)

    def forward(self, acoustic: Tensor, phones: Tensor) -> dict[str, Tensor]:
        """`adversary`: the probe's cross entropy, for the probe alone; `confusion`: the cross entropy of its guesses to
        the phones' frequencies, for the books alone; `acoustic_phone_accuracy`. `acoustic` (B, T, D); `phones`
        (B, T, quarters), -1 where unlabelled.
        """
        known = phones >= 0
        if not bool(known.any()):
            nothing = acoustic.sum() * 0.0
            return {"adversary": nothing, "confusion": nothing, "acoustic_phone_accuracy": nothing.detach()}
        if self.training and torch.is_grad_enabled():
            self._follow(acoustic.detach(), phones[known])
        guesses = self._logits(acoustic.detach(), phones.shape, frozen=False)[known]
        fooled = self._logits(acoustic, phones.shape, frozen=True)[known]
        return {
            "adversary": F.cross_entropy(guesses, phones[known]),
            "confusion": -(fooled.log_softmax(-1) @ self.shares).mean() + (self.shares.log() @ self.shares),
            "acoustic_phone_accuracy": (guesses.argmax(-1) == phones[known]).float().mean(),
        }
