"""What the decoder's filters are excited by: a band-limited pulse train that follows the pitch, and noise.

With the phase of the harmonics kept by a running counter instead of being guessed hop by hop, a decoder learns pitch
from magnitudes alone (source-filter synthesis: Wang et al. 2019; Engel et al. 2020). Its state is a value.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from engine.config import CodecConfig

REFERENCE_HZ = 128.0
LOWEST_OCTAVE, HIGHEST_OCTAVE = -1.25, 2.0
"""Of the pitch, about 128 Hz: 54 to 512 Hz."""
OCTAVE_STEPS = 1024
"""The pitch moves in steps of about a cent, so that the last bits of a runtime's arithmetic do not add up in phase."""
NOISE_HOPS = 997
"""The noise repeats after so many hops: ten seconds, and a prime, so that no rhythm of speech meets it again."""
BAND = 0.45
"""Harmonics up to this share of the sample rate; the rest is left to the noise."""


@dataclass(frozen=True, slots=True)
class ExcitationState:
    """Cycles (B,) float64 of the pulse train, 0 to 1; the last hop's pitch (B,) in hertz; the last window - hop
    samples of pulses and noise (B, 2, window - hop); the number of the next hop, modulo NOISE_HOPS, as an int or a
    tensor () of one."""

    cycles: Tensor
    pitch_hz: Tensor
    tail: Tensor
    hop: int | Tensor


class Excitation(nn.Module):
    """Holds the noise and the pitches that can be spoken; no weights."""

    noise: Tensor
    pitches_hz: Tensor

    def __init__(self, config: CodecConfig) -> None:
        super().__init__()
        self.config = config
        rng = torch.Generator().manual_seed(0)
        self.register_buffer(
            "noise", torch.randn(NOISE_HOPS, config.hop_samples, generator=rng), persistent=False
        )

        steps = torch.arange(round((HIGHEST_OCTAVE - LOWEST_OCTAVE) * OCTAVE_STEPS) + 1)
        pitches_hz = REFERENCE_HZ * torch.exp2(LOWEST_OCTAVE + steps.double() / OCTAVE_STEPS)
        self.register_buffer("pitches_hz", pitches_hz.float(), persistent=False)

    def initial_state(self, batch: int = 1) -> ExcitationState:
        """Nothing sounding."""
        device, delay = self.noise.device, self.config.delay_samples
        return ExcitationState(
            torch.zeros(batch, dtype=torch.float64, device=device),
            torch.full((batch,), REFERENCE_HZ, device=device),
            torch.zeros(batch, 2, delay, device=device),
            0,
        )

    def forward(self, octaves: Tensor, state: ExcitationState) -> tuple[Tensor, ExcitationState]:
        """Windows (B, H, 2, window) of pulses and noise that end with each hop, for the pitch `octaves` (B, H)."""
        config = self.config
        batch, hops = octaves.shape
        steps = (
            (octaves.float().clamp(LOWEST_OCTAVE, HIGHEST_OCTAVE) - LOWEST_OCTAVE) * OCTAVE_STEPS
        ).round()
        pitch_hz = self.pitches_hz[steps.long()]
        pulses, cycles = self._pulses(pitch_hz, state)
        numbers = (state.hop + torch.arange(hops, device=octaves.device)) % NOISE_HOPS
        noise = self.noise[numbers].flatten().expand(batch, -1)
        signal = torch.cat((state.tail, torch.stack((pulses.flatten(1), noise), dim=1)), dim=2)
        windows = signal.unfold(2, config.synthesis_window, config.hop_samples).transpose(1, 2)
        tail = signal[:, :, signal.shape[2] - config.delay_samples :]
        return windows, ExcitationState(cycles, pitch_hz[:, -1], tail, (state.hop + hops) % NOISE_HOPS)

    def _pulses(self, pitch_hz: Tensor, state: ExcitationState) -> tuple[Tensor, Tensor]:
        """Pulses (B, H, hop) of unit power, and the cycles (B,) behind the last of them."""
        hop, rate_hz = self.config.hop_samples, self.config.sample_rate_hz
        before = torch.cat((state.pitch_hz[:, None], pitch_hz[:, :-1]), dim=1)[..., None] / rate_hz
        step = pitch_hz[..., None] / rate_hz - before
        place = torch.arange(1, hop + 1, device=pitch_hz.device, dtype=torch.float32)
        within = before * place + step * (place * (place + 1) / (2 * hop))  # the pitch glides over the hop
        # Counted in float64 and modulo 1, so that an hour's stream and its chunks stay exact.
        ends = state.cycles[:, None] + within[..., -1].double().cumsum(1)
        starts = torch.cat((state.cycles[:, None], ends[:, :-1]), dim=1).frac()
        turn = starts.float()[..., None] + within
        half_angle = math.pi * (turn - turn.round())
        harmonics = (BAND * rate_hz / pitch_hz).floor()[..., None]
        # 1 + 2 sum cos(k x) is Dirichlet's kernel sin((2 K + 1) x / 2) / sin(x / 2), and 2 K + 1 where x is 0.
        below = half_angle.sin()
        peak = below.abs() < 1e-6
        kernel = ((2.0 * harmonics + 1.0) * half_angle).sin() / torch.where(peak, 1.0, below)
        kernel = torch.where(peak, 2.0 * harmonics + 1.0, kernel)
        return (kernel - 1.0) * 0.5 * (2.0 / harmonics).sqrt(), ends[:, -1].frac()
