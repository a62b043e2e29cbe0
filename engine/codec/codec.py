"""The tokenizer's contract: frame size, rate, books; encode, decode, whole or streamed with explicit state.

Runs on whichever thread owns it; holds weights only.
"""

from __future__ import annotations

from typing import Protocol

import torch
from torch import Tensor, nn

from engine.codec.decoder import Decoder, DecoderState
from engine.codec.encoder import Encoder, EncoderState
from engine.codec.quantiser import ResidualQuantiser
from engine.config import CodecConfig
from engine.weights import hash_tensors


class StreamDecoder(Protocol):
    """The half of the contract that speaking needs, whatever runtime computes it. `Codec` is the reference."""

    def decoder_state(self, batch: int = 1) -> DecoderState:
        """Digital silence before the stream."""
        ...

    def decode_step(self, codes: Tensor, state: DecoderState) -> tuple[Tensor, DecoderState]:
        """Samples (B, n * frame_size) for `codes` (B, n, k), and the state that follows."""
        ...

    def flush(self, state: DecoderState) -> Tensor:
        """The samples (B, delay) that no further frame will change."""
        ...

    def prosody(self, codes: Tensor) -> Tensor:
        """(B, T, 3) of `codes` (B, T, K): pitch, voicing, energy."""
        ...


class Codec(nn.Module):
    """Hierarchical RVQ codec. B batch, S samples, T frames, K books."""

    def __init__(self, config: CodecConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = Encoder(config)
        self.quantiser = ResidualQuantiser(config)
        self.decoder = Decoder(config)
        # Linear probes: the supervision of the semantic books, later the measure of what a frame says.
        self.phone_probe = nn.Linear(config.latent_width, config.quarters_per_frame * config.phone_classes)
        self.prosody_probe = nn.Linear(config.latent_width, 3)

    @property
    def frame_size(self) -> int:
        """Samples a frame."""
        return self.config.frame_samples

    @property
    def sample_rate(self) -> int:
        """Hertz."""
        return self.config.sample_rate_hz

    @property
    def frame_rate(self) -> float:
        """Frames a second."""
        return self.config.frame_rate_hz

    @property
    def num_codebooks(self) -> int:
        """Books in all; any prefix decodes."""
        return self.config.codebooks

    def _require_frames(self, samples: Tensor) -> None:
        if samples.dim() != 2 or samples.shape[1] == 0 or samples.shape[1] % self.frame_size:
            raise ValueError(
                f"the codec takes (batch, samples) in whole frames of {self.frame_size} samples and got "
                f"{tuple(samples.shape)}; the caller must buffer"
            )

    def encode_step(self, samples: Tensor, state: EncoderState) -> tuple[Tensor, EncoderState]:
        """Codes (B, n, K) of the next n whole frames of `samples` (B, n * frame_size)."""
        self._require_frames(samples)
        latent, state = self.encoder(samples, state)
        return self.quantiser.encode(latent), state

    def encode(self, samples: Tensor) -> Tensor:
        """Codes (B, T, K) of a whole recording (B, S), zero-padded to whole frames."""
        missing = -samples.shape[1] % self.frame_size
        padded = torch.nn.functional.pad(samples, (0, missing))
        return self.encode_step(padded, self.encoder.initial_state(samples.shape[0]))[0]

    def decoder_state(self, batch: int = 1) -> DecoderState:
        """Digital silence before the stream."""
        return self.decoder.initial_state(batch)

    def decode_step(self, codes: Tensor, state: DecoderState) -> tuple[Tensor, DecoderState]:
        """Samples (B, n * frame_size) for `codes` (B, n, k <= K), trailing the frames by `config.delay_samples`.

        A code of -1 is absent: that frame is decoded without the book. Frames go one by one, however many come
        together: the decoder counts its pitch into a phase, in which differences of rounding would add up.
        """
        parts: list[Tensor] = []
        for frame in torch.split(self.quantiser.decode(codes), 1, dim=1):
            samples, state = self.decoder(frame, state)
            parts.append(samples)
        return torch.cat(parts, dim=1), state

    def flush(self, state: DecoderState) -> Tensor:
        """The last `config.delay_samples` samples (B, delay) that no further frame will change."""
        return state.overlap

    def decode(self, codes: Tensor) -> Tensor:
        """Samples (B, T * frame_size) aligned with the recording that was encoded."""
        samples, state = self.decode_step(codes, self.decoder_state(codes.shape[0]))
        return torch.cat((samples, self.flush(state)), dim=1)[:, self.config.delay_samples :]

    def phones(self, codes: Tensor) -> Tensor:
        """Most likely phone class (B, T * quarters) of the semantic books of `codes`; the last class is silence."""
        latent = self.quantiser.decode(codes[..., : self.config.semantic_codebooks])
        logits = self.phone_probe(latent)
        classes: Tensor = logits.view(*logits.shape[:-1], self.config.quarters_per_frame, -1).argmax(-1)
        return classes.flatten(1)

    def prosody(self, codes: Tensor) -> Tensor:
        """(B, T, 3) of the semantic books: log2(F0 / 128 Hz), voicing 0..1, energy in 20 dB about -40 dBFS."""
        guess = self.prosody_probe(self.quantiser.decode(codes[..., : self.config.semantic_codebooks]))
        return torch.stack((guess[..., 0], guess[..., 1].sigmoid(), guess[..., 2]), dim=-1)

    def token_hash(self) -> str:
        """SHA-256 of the encoder and the books: what the tokens mean. Models are bound to it, decoders are not."""
        named = (*self.encoder.named_parameters(), *self.quantiser.named_parameters())
        return hash_tensors(named)
