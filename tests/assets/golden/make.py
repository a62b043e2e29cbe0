"""The golden two-layer model: how it, its inputs and what is expected of it are made.

    python -m tests.assets.golden.make

writes `model.safetensors` and `expected.json` anew. Do so only when codes or losses are *meant* to change, and say why
in the commit. The tests import the functions below and compare; they never write.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from engine.model import FrameRunner, Generator, SpeechModel, SpeechStream, Windows, load_model, save_model
from tests.fixtures.tiny_models import clause_units, made_up, tiny_model
from training.data.speech_rows import RowBuilder, TokenUtterance

FOLDER = Path(__file__).parent
MODEL, EXPECTED = FOLDER / "model.safetensors", FOLDER / "expected.json"
FRAMES = 50
SEED = 2024


def utterances(model: SpeechModel) -> list[TokenUtterance]:
    """A conversation: agent, user, agent of two clauses, agent."""
    rng = np.random.default_rng(SEED)
    roles = (("agent", 1), ("user", 1), ("agent", 2), ("agent", 1))
    return [made_up(rng, model.config, units=8, clauses=clauses, role=role) for role, clauses in roles]


def prosody(codes: Tensor) -> Tensor:
    """(1, T, 3) in place of a codec's probe."""
    return codes[..., :3].float() / 8.0 - 1.0


@torch.inference_mode()
def free_running(model: SpeechModel, frames: FrameRunner | None = None) -> Tensor:
    """Codes (FRAMES, K) of predicted durations and the usual sampling, over several clauses with memory."""
    stream = SpeechStream(model, frames=frames)
    state = stream.create()
    generator = Generator(stream, prosody, 1, SEED)
    codes: list[Tensor] = []
    rng = np.random.default_rng(SEED + 1)
    while len(codes) < FRAMES:
        plan = stream.plan(state, clause_units(made_up(rng, model.config, units=10)))
        codes.extend(generator.speak(state, plan, "golden"))
    return torch.stack(codes[:FRAMES])


@torch.inference_mode()
def losses(model: SpeechModel) -> dict[str, float]:
    """Teacher-forced cross entropies in float32, without augmentation."""
    said = utterances(model)
    builder = RowBuilder(model.config, {"first": 1}, sum(u.frames for u in said))
    batch = builder.build([said], np.random.default_rng(0), augment=False)
    windows = Windows(torch.tensor([24]), torch.tensor([12]), torch.tensor([True]))
    hidden, encodings, _ = model.parallel(batch.rows, windows)
    spoken, codes = hidden[batch.agent], batch.codes[batch.agent]
    depth = model.depth(spoken, codes).flatten(0, 1)
    known = batch.durations > 0
    durations = model.text.duration_logits(encodings)[known]
    phones = model.phone_head(hidden).view(*batch.phones.shape, -1)
    heard = batch.phones >= 0
    named = {
        "first": F.cross_entropy(model.first_head(spoken), codes[:, 0]),
        "depth": F.cross_entropy(depth, codes[:, 1:].flatten()),
        "duration": F.cross_entropy(durations, batch.durations[known] - 1),
        "phone": F.cross_entropy(phones[heard], batch.phones[heard]),
    }
    return {name: float(value) for name, value in named.items()}


def expected_of(model: SpeechModel) -> dict[str, Any]:
    """What `expected.json` holds."""
    return {"losses": losses(model), "codes": free_running(model).tolist()}


def main() -> None:
    """Write both files."""
    save_model(MODEL, tiny_model(SEED), "golden", {"speakers": {"first": 1}})
    EXPECTED.write_text(json.dumps(expected_of(load_model(MODEL)[0])) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
