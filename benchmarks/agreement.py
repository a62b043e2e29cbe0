"""How far a runtime's codes agree with PyTorch's on speech of a trained voice, both along the same past.

PyTorch speaks freely; the other runtime is taken along the codes that it spoke, and asked at every book of every frame
what it would have chosen, with the same noise. Imports torch.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from engine.model import SpeechStream, TorchFrames, gumbel_noise, unit_tensors
from engine.runtime import Voice
from engine.runtime.onnx import OnnxFrames
from engine.text import Clause, symbol_id

SEED = 1


def spoken_agreement(voice: Voice, frames: OnnxFrames, texts: tuple[str, ...]) -> dict[str, Any]:
    """Shares of codes that agree, all and those of the semantic and acoustic books; relative error of the states."""
    model, sampling = voice.model, voice.card.sampling
    config = model.config
    window = min(voice.card.context_frames, config.voice_window_frames)
    reference = TorchFrames(model)
    theirs, ours = SpeechStream(model, window, reference), SpeechStream(model, window, frames)
    spoken, driven = theirs.create(), ours.create()
    speaker = torch.tensor(voice.speaker)
    same: list[Tensor] = []
    errors: list[Tensor] = []
    for clause in (clause for text in texts for clause in voice.frontend.clauses(text)):
        units = _units(clause, voice.speaker)
        plan = theirs.plan(spoken, units)
        first = theirs.begin_clause(spoken, plan)
        ours.begin_clause(driven, plan)
        for frame in range(plan.frames):
            wanted = theirs.speak_frame(spoken, plan, frame, first, speaker)
            made = ours.speak_frame(driven, plan, frame, first, speaker)
            noise = torch.from_numpy(
                gumbel_noise(SEED, spoken.mark.frame, config.codebooks, config.codebook_size)
            )
            codes = reference.choose(wanted, sampling, noise, config.codebooks)
            same.append(frames.choose_forced(made, sampling, noise, codes) == codes)
            errors.append((made - wanted).std() / wanted.std())
            prosody = voice.decoder.prosody(codes.view(1, 1, -1))[0, 0]
            theirs.finish_frame(spoken, codes, prosody)
            ours.finish_frame(driven, codes, prosody)
        theirs.end_clause(spoken, len(clause.units), clause.text)
        ours.end_clause(driven, len(clause.units), clause.text)
    agreed = torch.stack(same).float()
    semantic = config.semantic_codebooks
    return {
        "frames": len(same),
        "codes": round(float(agreed.mean()), 5),
        "semantic_codes": round(float(agreed[:, :semantic].mean()), 5),
        "acoustic_codes": round(float(agreed[:, semantic:].mean()), 5),
        "hidden_error": float(f"{torch.stack(errors).mean():.2g}"),
    }


def _units(clause: Clause, speaker: int) -> dict[str, Tensor]:
    return unit_tensors(
        [symbol_id(unit.symbol) for unit in clause.units],
        [unit.stress for unit in clause.units],
        [int(unit.word_start) for unit in clause.units],
        speaker,
        0,
        torch.device("cpu"),
    )
