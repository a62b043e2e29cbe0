"""One frame: the backbone's step and the walk through the books. The protocol every runtime fulfils, and the reference.

B is 1 throughout. D width, K books, Q quarters a frame, E entries a book. Runs on the engine thread.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from engine.model.backbone import MemoryView, StepInputs, VoiceTextAttention
from engine.model.sampling import Sampling
from engine.model.speech import SpeechModel
from engine.model.state import StreamState


@dataclass(frozen=True, slots=True, eq=False)
class Spoken:
    """What an agent frame speaks: encodings (Q, text_width) of its units, quarters elapsed and remaining (Q,)."""

    encodings: Tensor
    elapsed: Tensor
    remaining: Tensor


@dataclass(frozen=True, slots=True, eq=False)
class FrameInput:
    """What a step takes in beside the state.

    previous (K,) codes, -1 where absent · kind AGENT, USER or START · speaker () · unit (1,) the current unit's
    position · spoken None in a user frame.
    """

    previous: Tensor
    kind: int
    speaker: Tensor
    unit: Tensor
    spoken: Spoken | None


class FrameRunner(Protocol):
    """Computes frames. Holds weights and buffers only: whatever outlives a frame is in the state."""

    def step(self, state: StreamState, inputs: FrameInput) -> tuple[Tensor, Tensor]:
        """Backbone state (1, D), and what the writing block gave (D,) for memory; appends to the voice caches."""
        ...

    def choose(self, hidden: Tensor, sampling: Sampling, noise: Tensor, books: int) -> Tensor:
        """Codes (K,) of the frame from `hidden` (1, D) and `noise` (K, E).

        Books beyond `books` are -1, absent: the frame is coarser, never wrong.
        """
        ...


class TorchFrames:
    """The reference: the model's own modules, eagerly."""

    def __init__(self, model: SpeechModel) -> None:
        self.model = model

    def step(self, state: StreamState, inputs: FrameInput) -> tuple[Tensor, Tensor]:
        """See `FrameRunner`."""
        model, spoken = self.model, inputs.spoken
        if spoken is None:
            text = torch.zeros(1, 1, model.config.width, device=state.device)
        else:
            elapsed, remaining = spoken.elapsed.view(1, 1, -1), spoken.remaining.view(1, 1, -1)
            present = torch.ones_like(elapsed, dtype=torch.bool)
            encodings = spoken.encodings.view(1, 1, elapsed.shape[-1], -1)
            text = model.embed_quarters(encodings, elapsed, remaining, present)
        kind = torch.full((1, 1), inputs.kind, device=state.device)
        x = model.frame_inputs(inputs.previous.view(1, 1, -1), kind, inputs.speaker.view(1, 1), text)
        positions = torch.full((1, 1), state.mark.frame, device=state.device)
        source = _StreamSource(state)
        hidden: Tensor
        hidden, _ = model.backbone(
            x, StepInputs(positions, inputs.unit.view(1, 1), None, None), source, source
        )
        assert source.clause_state is not None
        return hidden[:, 0], source.clause_state

    def choose(self, hidden: Tensor, sampling: Sampling, noise: Tensor, books: int) -> Tensor:
        """See `FrameRunner`."""
        model = self.model
        codes = torch.full((model.config.codebooks,), -1, dtype=torch.long, device=hidden.device)
        code = sampling.choose(model.first_head(hidden), noise[:1], semantic=True)
        codes[0] = code[0]
        walk = model.depth.start(hidden)
        for book in range(1, books):
            semantic = book < model.config.semantic_codebooks
            code = sampling.choose(walk.next_logits(code), noise[book : book + 1], semantic)
            codes[book] = code[0]
        return codes


class _StreamSource:
    """Keys from the state's caches; memory as it stood before this frame."""

    def __init__(self, state: StreamState) -> None:
        self.state = state
        self.clause_state: Tensor | None = None

    def voice(self, layer: int, key: Tensor, value: Tensor) -> tuple[Tensor, Tensor]:
        cache = self.state.voice[layer]
        cache.append(key, value)
        return cache.visible()

    def text(self, layer: int, attention: VoiceTextAttention) -> tuple[Tensor, Tensor]:
        return self.state.text[layer].visible()

    def written(self, hidden: Tensor) -> None:
        self.clause_state = hidden[0, 0]

    def read(self) -> MemoryView | None:
        state = self.state
        now_s = state.now_s
        semantic, prosodic = state.mark.memory.semantic.fade(now_s), state.mark.memory.prosodic.fade(now_s)
        if not semantic.slots and not prosodic.slots:
            return None
        config = state.config
        return MemoryView(
            semantic.vectors(state.device, config.width),
            prosodic.vectors(state.device, config.memory.prosodic_features),
            semantic.ages_s(now_s, state.device),
            prosodic.ages_s(now_s, state.device),
        )
