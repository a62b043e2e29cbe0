"""One real forward and backward pass of a preset on four frames: that its weights fit, run and learn on this machine.

    python -m benchmarks.medium_pass [--config resources/configs/medium.toml] [--dtype bfloat16]

Prints one JSON object. Main thread of a process of its own; imports torch, no voice.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

import torch
from torch.nn import functional as F

from engine.config import SpeechModelConfig, load_config
from engine.errors import SottoError
from engine.model import START, Rows, SpeechModel, Windows
from engine.paths import resources_dir

FRAMES = 4
QUARTERS_A_UNIT = 2


def random_model(config: SpeechModelConfig, dtype: torch.dtype) -> SpeechModel:
    """A model of random weights, made in `dtype` at once: the usual initialisation takes twice the memory."""
    with torch.device("meta"):
        model = SpeechModel(config).to(dtype)
    model = model.to_empty(device="cpu")
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.fill_(1.0) if parameter.dim() == 1 else parameter.uniform_(-0.03, 0.03)
    return model


def random_rows(config: SpeechModelConfig) -> tuple[Rows, Windows, torch.Tensor]:
    """A row of one clause, its windows and its codes (1, FRAMES, K)."""
    rng = torch.Generator().manual_seed(0)
    quarters = FRAMES * config.quarters_per_frame
    count = quarters // QUARTERS_A_UNIT
    place = torch.arange(quarters).view(1, FRAMES, -1)
    codes = torch.randint(0, config.codebook_size, (1, FRAMES, config.codebooks), generator=rng)
    previous = torch.cat((torch.full_like(codes[:, :1], -1), codes[:, :-1]), dim=1)
    kind = torch.zeros(1, FRAMES, dtype=torch.long)
    kind[0, 0] = START
    nothing = torch.zeros(1, count, dtype=torch.long)
    units = dict.fromkeys(("stress", "word_start", "owner", "clause", "speaker"), nothing)
    units["symbol"] = torch.randint(2, 40, (1, count), generator=rng)
    rows = Rows(
        previous=previous,
        kind=kind,
        speaker=torch.zeros_like(kind),
        quarter_unit=place // QUARTERS_A_UNIT,
        elapsed=place % QUARTERS_A_UNIT,
        remaining=QUARTERS_A_UNIT - 1 - place % QUARTERS_A_UNIT,
        clause=torch.zeros_like(kind),
        visible=torch.zeros_like(kind),
        units=units,
        clause_end=torch.full((1, 1), FRAMES),
        prosodic_slots=torch.zeros(1, 1, config.memory.prosodic_features),
    )
    voice = torch.tensor([config.voice_window_frames])
    return rows, Windows(voice, torch.tensor([config.text_window_units]), torch.tensor([False])), codes


def one_pass(config: SpeechModelConfig, dtype: torch.dtype) -> dict[str, Any]:
    """Figures of one forward and backward pass: seconds, loss, share of weights that got a gradient, memory."""
    started_s = time.perf_counter()
    model = random_model(config, dtype)
    rows, windows, codes = random_rows(config)
    built_s = time.perf_counter()
    hidden, encodings, _ = model.parallel(rows, windows)
    first = F.cross_entropy(model.first_head(hidden[0]).float(), codes[0, :, 0])
    depth = F.cross_entropy(model.depth(hidden[0], codes[0]).float().flatten(0, 1), codes[0, :, 1:].flatten())
    durations = model.text.duration_logits(encodings)[0].float()
    duration = F.cross_entropy(durations, torch.full((len(durations),), QUARTERS_A_UNIT - 1))
    loss = first + depth + duration
    forward_s = time.perf_counter()
    torch.autograd.backward(loss)
    backward_s = time.perf_counter()
    parameters = list(model.parameters())
    taught = [p for p in parameters if p.grad is not None]
    return {
        "preset": config.name,
        "dtype": str(dtype).removeprefix("torch."),
        "parameters": sum(p.numel() for p in parameters),
        "frames": FRAMES,
        "loss": round(float(loss.detach()), 4),
        "gradients_finite": all(bool(p.grad.isfinite().all()) for p in taught if p.grad is not None),
        "share_with_gradient": round(sum(p.numel() for p in taught) / sum(p.numel() for p in parameters), 4),
        "build_s": round(built_s - started_s, 3),
        "forward_s": round(forward_s - built_s, 3),
        "backward_s": round(backward_s - forward_s, 3),
        "peak_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def main(argv: list[str]) -> int:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.medium_pass", description=__doc__)
    parser.add_argument("--config", type=Path, default=resources_dir() / "configs" / "medium.toml")
    parser.add_argument("--dtype", choices=("bfloat16", "float32"), default="bfloat16")
    chosen = parser.parse_args(argv)
    torch.manual_seed(0)
    try:
        figures = one_pass(load_config(SpeechModelConfig, chosen.config), getattr(torch, chosen.dtype))
    except SottoError as error:
        print(f"sotto: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    print(json.dumps(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
