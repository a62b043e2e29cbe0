"""How far a runtime's codes agree with PyTorch's on speech of a trained voice, both along the same past.

PyTorch on the CPU speaks freely; the other runtime, on whatever device, is taken along the codes that it spoke, and
asked at every book of every frame what it would have chosen, with the same noise. Imports torch.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import torch
from torch import Tensor

from engine.errors import SottoError
from engine.model import (
    FrameRunner,
    Sampling,
    SpeechModel,
    SpeechStream,
    TorchFrames,
    gumbel_noise,
    unit_tensors,
)
from engine.runtime import Voice
from engine.text import Clause, symbol_id

SEED = 1


class ForcedFrames(FrameRunner, Protocol):
    """A frame runner that also says what it would choose along given codes."""

    def choose_forced(self, hidden: Tensor, sampling: Sampling, noise: Tensor, codes: Tensor) -> Tensor:
        """What would be chosen for each book (K,) after the true `codes` (K,) of the books before it."""
        ...


@torch.inference_mode()
def spoken_agreement(
    reference: Voice, model: SpeechModel, frames: ForcedFrames, texts: Sequence[str], count: int | None = None
) -> dict[str, Any]:
    """Shares of codes that agree, all and those of the semantic and acoustic books; relative error of the states.

    `reference` lies on the CPU, `model`, the same weights, where `frames` computes. Over all of `texts`, or their first
    `count` frames. Raises SottoError where they have fewer.
    """
    config, sampling, chooser = reference.model.config, reference.card.sampling, TorchFrames(reference.model)
    window = reference.card.window_frames(config)
    theirs, ours = SpeechStream(reference.model, window, chooser), SpeechStream(model, window, frames)
    spoken, driven = theirs.create(), ours.create()
    speakers = [torch.tensor(reference.speaker, device=state.device) for state in (spoken, driven)]
    same: list[Tensor] = []
    errors: list[Tensor] = []
    for clause in (clause for text in texts for clause in reference.frontend.clauses(text)):
        plan = theirs.plan(spoken, _units(clause, reference.speaker, spoken.device))
        units = _units(clause, reference.speaker, driven.device)
        our_plan = ours.plan(driven, units, quarters=plan.quarters.to(driven.device))
        first = theirs.begin_clause(spoken, plan)
        ours.begin_clause(driven, our_plan)
        for frame in range(plan.frames):
            wanted = theirs.speak_frame(spoken, plan, frame, first, speakers[0])
            made = ours.speak_frame(driven, our_plan, frame, first, speakers[1])
            drawn = gumbel_noise(SEED, spoken.mark.frame, config.codebooks, config.codebook_size)
            noise = torch.from_numpy(drawn)
            codes = chooser.choose(wanted, sampling, noise, config.codebooks)
            our_codes = codes.to(driven.device)
            same.append(frames.choose_forced(made, sampling, noise, our_codes).cpu() == codes)
            errors.append((made.cpu() - wanted).std() / wanted.std())
            prosody = reference.codec.prosody(codes.view(1, 1, -1))[0, 0]
            theirs.finish_frame(spoken, codes, prosody)
            ours.finish_frame(driven, our_codes, prosody.to(driven.device))
            if len(same) == count:
                return _shares(same, errors, config.semantic_codebooks)
        theirs.end_clause(spoken, len(clause.units), clause.text)
        ours.end_clause(driven, len(clause.units), clause.text)
    if count is not None:
        raise SottoError(f"The voice spoke the text in fewer than {count} frames; measure another voice.")
    return _shares(same, errors, config.semantic_codebooks)


def _shares(same: list[Tensor], errors: list[Tensor], semantic: int) -> dict[str, Any]:
    agreed = torch.stack(same).float()
    return {
        "frames": len(same),
        "codes": round(float(agreed.mean()), 5),
        "semantic_codes": round(float(agreed[:, :semantic].mean()), 5),
        "acoustic_codes": round(float(agreed[:, semantic:].mean()), 5),
        "hidden_error": float(f"{torch.stack(errors).mean():.2g}"),
    }


def _units(clause: Clause, speaker: int, device: torch.device) -> dict[str, Tensor]:
    return unit_tensors(
        [symbol_id(unit.symbol) for unit in clause.units],
        [unit.stress for unit in clause.units],
        [int(unit.word_start) for unit in clause.units],
        speaker,
        0,
        device,
    )
