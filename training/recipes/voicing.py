"""Recipe: teach a decoder which of its hops are voiced; everything else of the codec stays what it is.

    python -m training voicing --corpus DIR --codec codec.safetensors --out FILE

Left to losses of the sound, a decoder writes nearly everything with its pulses: with a phase that wanders they pass for
noise, but not for whoever looks for a pitch. Labels are those of the corpus; a few minutes on one CPU core.
"""

from __future__ import annotations

import argparse
import json
import math
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional as F

from engine.codec import Codec, load_codec, save_codec
from training.data.codec_batches import CodecBatches
from training.recipes.codec import draw_kept_books

WIDTH = 128
LEAN = 1.0
"""Odds are raised by so much afterwards: a voice that is left out is heard, and measured, before one that lingers."""
BATCH = 256
PEAK_LR = 1e-3
DROPOUT = 0.3


def with_voicing(codec: Codec, width: int) -> Codec:
    """A copy of `codec` that decides about voicing, untaught; one that does already starts from what it knows."""
    if codec.config.voicing_width == width:
        return codec
    made = Codec(replace(codec.config, voicing_width=width))
    weights = {name: w for name, w in codec.state_dict().items() if not name.startswith("decoder.voicing.")}
    own = {name: w for name, w in made.state_dict().items() if name.startswith("decoder.voicing.")}
    made.load_state_dict(weights | own)
    return made


@torch.no_grad()
def gather(codec: Codec, batches: list[dict[str, Tensor]], rng: torch.Generator) -> tuple[Tensor, Tensor]:
    """What the decision hears of each frame (N, H * C), and whether its hops are voiced (N, H)."""
    heard, labels = [], []
    handle = codec.decoder.head_norm.register_forward_hook(lambda _, __, made: heard.append(made))
    for batch in batches:
        kept = draw_kept_books(len(batch["clean"]), codec.config, rng)
        codes = codec.encode(batch["clean"])
        codes = codes.masked_fill(torch.arange(codes.shape[-1]) >= kept[:, None, None], -1)
        codec.decoder.hops(codec.quantiser.decode(codes), codec.decoder_state(len(kept)))
        labels.append(batch["voiced"].view(-1, codec.config.hops_per_frame))
    handle.remove()
    return torch.cat([made.flatten(0, 1) for made in heard]).view(len(torch.cat(labels)), -1), torch.cat(
        labels
    )


def learn(codec: Codec, heard: Tensor, labels: Tensor, epochs: int, rng: torch.Generator) -> None:
    """Fit the decision to `labels` (N, H) from `heard` (N, H * C), in place."""
    first, _, last = codec.decoder.voicing
    assert isinstance(first, torch.nn.Linear)
    mean, scale = heard.mean(0), heard.std(0).clamp_min(1e-2)
    optimizer = torch.optim.AdamW([*first.parameters(), *last.parameters()], lr=PEAK_LR, weight_decay=0.05)
    steps = epochs * max(1, len(heard) // BATCH)
    for step in range(steps):
        rows = torch.randint(0, len(heard), (min(BATCH, len(heard)),), generator=rng)
        for group in optimizer.param_groups:
            group["lr"] = PEAK_LR * 0.5 * (1.0 + math.cos(math.pi * step / steps))
        y = F.gelu(first((heard[rows] - mean) / scale), approximate="tanh")
        odds = last(F.dropout(y, DROPOUT))
        loss = F.binary_cross_entropy_with_logits(odds, labels[rows])
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        optimizer.step()
    with torch.no_grad():  # what it hears is not brought to one scale when it speaks
        first.weight /= scale
        first.bias.sub_(first.weight @ mean)
        assert isinstance(last.bias, Tensor)
        last.bias += LEAN


@torch.no_grad()
def accuracy(codec: Codec, heard: Tensor, labels: Tensor) -> float:
    """Share of the hops (N, H) that are taken for what they are."""
    odds: Tensor = codec.decoder.voicing(heard) - LEAN
    return float(((odds > 0) == (labels > 0.5)).float().mean())


def teach(
    codec: Codec, corpus: Path, batches: int, epochs: int, seed: int, batch: int = 16, frames: int = 40
) -> tuple[Codec, dict[str, float]]:
    """The codec with a decision taught on so many batches of the corpus, and how often it is right."""
    torch.manual_seed(seed)
    rng = torch.Generator().manual_seed(seed)
    made = with_voicing(codec, WIDTH).requires_grad_(False)
    data = CodecBatches(corpus, made.config, batch, frames, augment=False)
    heard, labels = gather(made, [data.draw(rng) for _ in range(batches)], rng)
    held_out = gather(made, data.held_out_batches(max(1, batches // 20)), rng)
    made.decoder.voicing.requires_grad_(True)
    learn(made, heard, labels, epochs, rng)
    figures = {
        "frames": len(labels),
        "voiced": float(labels.mean()),
        "accuracy": accuracy(made, heard, labels),
    }
    return made.eval(), figures | {"held_out_accuracy": accuracy(made, *held_out)}


def main(argv: list[str] | None = None) -> int:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m training voicing", description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--codec", type=Path, required=True, help="a codec.safetensors; its tokens stay")
    parser.add_argument("--out", type=Path, required=True, help="the codec.safetensors to write")
    parser.add_argument("--batches", type=int, default=80, help="of 16 × 2.4 s")
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args(argv)
    codec, figures = teach(load_codec(args.codec), args.corpus, args.batches, args.epochs, args.seed)
    save_codec(args.out, codec)
    print(json.dumps({**figures, "saved": str(args.out)}))
    return 0
