"""Free running: the codes of planned clauses, frame by frame, along one stream state.

Knows nothing of text normalisation or audio; the codec enters only as a reader of prosody.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from engine.model.sampling import Sampling, gumbel_noise
from engine.model.state import StreamState
from engine.model.stream import ClausePlan, SpeechStream

Prosody = Callable[[Tensor], Tensor]
"""Codec prosody (1, T, 3) of codes (1, T, K)."""


def unit_tensors(
    symbols: list[int],
    stress: list[int],
    word_start: list[int],
    speaker: int,
    owner: int,
    device: torch.device,
) -> dict[str, Tensor]:
    """One clause's units as the text encoder takes them, (1, U) each."""

    def row(values: list[int]) -> Tensor:
        return torch.tensor([values], device=device)

    count = len(symbols)
    return {
        "symbol": row(symbols),
        "stress": row(stress),
        "word_start": row(word_start),
        "owner": row([owner] * count),
        "speaker": row([speaker] * count),
        "clause": row([0] * count),
    }


class NotFiniteError(ArithmeticError):
    """The model computed a number that is none: its weights or its state are damaged."""


class Generator:
    """Speaks planned clauses along a state with one seed.

    `books` may be changed between frames: fewer make a coarser frame in less time.
    """

    def __init__(
        self,
        stream: SpeechStream,
        prosody: Prosody,
        speaker: int,
        seed: int,
        sampling: Sampling | None = None,
        books: int | None = None,
    ) -> None:
        self.stream, self.prosody, self.seed = stream, prosody, seed
        self.model = stream.model
        self.sampling = sampling or Sampling()
        self.books = books or self.model.config.codebooks
        self.speaker = torch.tensor(speaker, device=self.model.first_head.weight.device)

    @torch.inference_mode()
    def speak(
        self, state: StreamState, plan: ClausePlan, text: str, first_frame: int = 0
    ) -> Iterator[Tensor]:
        """Codes (K,) frame after frame; the clause enters memory when its last frame is out.

        From a `first_frame` on that is not 0, a clause that was begun already is gone on with. Raises NotFiniteError
        where the model computes a number that is none; the frame it came up in must then be rolled back.
        """
        config = self.model.config
        if first_frame == 0:
            first_unit = self.stream.begin_clause(state, plan)
        else:
            first_unit = state.mark.units - plan.encodings.shape[1]
        for frame in range(first_frame, plan.frames):
            hidden = self.stream.speak_frame(state, plan, frame, first_unit, self.speaker)
            if not math.isfinite(float(hidden.sum())):
                raise NotFiniteError(f"the backbone's state is not finite in frame {state.mark.frame}")
            noise = gumbel_noise(self.seed, state.mark.frame, config.codebooks, config.codebook_size)
            codes = self.stream.frames.choose(
                hidden, self.sampling, torch.from_numpy(noise).to(hidden.device), self.books
            )
            self.stream.finish_frame(state, codes, self.prosody(codes.view(1, 1, -1))[0, 0])
            if frame == plan.frames - 1:
                self.stream.end_clause(state, plan.encodings.shape[1], text)
            yield codes
