"""Speaking tokenised sentences freely and counting wrong phones with the codec's own linear probe.

Cheap enough to choose checkpoints by; no recogniser is involved.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from engine.codec import Codec
from engine.model import Generator, Sampling, SpeechModel, SpeechStream, unit_tensors
from training.data.durations import PAUSE_CLASS
from training.data.speech_rows import TokenUtterance
from training.evaluation.errors import edit_distance


@torch.inference_mode()
def speak_utterance(
    model: SpeechModel,
    codec: Codec,
    utterance: TokenUtterance,
    speaker: int,
    seed: int = 0,
    sampling: Sampling | None = None,
    true_durations: bool = False,
) -> Tensor:
    """Codes (T, K) for the units of `utterance`, from an empty state."""
    device = model.first_head.weight.device
    stream = SpeechStream(model)
    state = stream.create()
    generator = Generator(stream, codec.prosody, speaker, seed, sampling)
    codes: list[Tensor] = []
    for clause in range(int(utterance.units[-1, 3]) + 1):
        rows = utterance.units[utterance.units[:, 3] == clause]
        units = unit_tensors(
            rows[:, 0].tolist(), rows[:, 1].tolist(), rows[:, 2].tolist(), speaker, 0, device
        )
        quarters = None
        if true_durations:
            quarters = torch.from_numpy(rows[:, 4]).to(device)
            quarters[-1] += -int(quarters.sum()) % model.config.quarters_per_frame
        plan = stream.plan(state, units, quarters=quarters)
        codes.extend(generator.speak(state, plan, utterance.text))
    return torch.stack(codes)


def collapse(classes: Sequence[int]) -> list[int]:
    """Runs to single phones, silence left out."""
    return [c for i, c in enumerate(classes) if c != PAUSE_CLASS and (i == 0 or classes[i - 1] != c)]


def phone_error(codec: Codec, codes: Tensor, utterance: TokenUtterance) -> tuple[int, int]:
    """Edits between the probe's phones of `codes` (T, K) and the wanted ones, and how many were wanted.

    Runs of one quarter are dropped first: the probe flickers at phone boundaries.
    """
    heard = codec.phones(codes.unsqueeze(0))[0].tolist()
    steady = [c for i, c in enumerate(heard) if c in heard[max(0, i - 1) : i] or c in heard[i + 1 : i + 2]]
    wanted = collapse(utterance.phones.tolist())
    return edit_distance(collapse(steady), wanted), len(wanted)
