"""Recipe: train the tokenizer on a corpus folder; one command, resumable, CPU or GPU.

    python -m training codec --corpus DIR --run DIR --minutes 30
    python -m training codec --corpus DIR --run DIR --minutes 30 --decoder-of codec.safetensors

Reads the corpus through `training.data`; writes metrics, checkpoints and, at the end, `codec.safetensors`.
"""

from __future__ import annotations

import argparse
from collections import deque
from dataclasses import replace
from pathlib import Path

import soundfile
import torch
from torch import Tensor

from engine.codec import Codec, load_codec, save_codec
from engine.codec.excitation import NOISE_HOPS
from engine.config import CodecConfig, load_config
from training.data.codec_batches import CodecBatches
from training.recipes.codec_losses import (
    PROSODY_CUTS,
    PhoneAdversary,
    SpectralLoss,
    hold_low_phase,
    latent_loss,
    periodicity_loss,
    phone_loss,
    pitch_loss,
    prosody_loss,
    voicing_loss,
)
from training.recipes.run import Average, Budget, Run, choose_device, cosine, mean_of, parameter_groups
from training.recipes.synthesis_window import with_synthesis_window

WEIGHTS = {
    "mel": 10.0,
    "pitch": 0.3,
    "voicing": 4.0,
    "commitment": 0.25,
    "codebook": 1.0,
    "phone": 1.2,
    "prosody": 0.5,
    "confusion": 1.0,
}
DECODER_WEIGHTS = {"mel": 10.0, "pitch": 0.1, "likeness": 6.0, "periodicity": 6.0, "voicing": 16.0}
ADVERSARY_RATE = 3e-3
RESTART_EVERY = 20
SAMPLES = 4


def draw_kept_books(batch: int, config: CodecConfig, rng: torch.Generator) -> Tensor:
    """Quantiser dropout: extra mass on exactly the semantic books, half the books and all of them."""
    marks = torch.tensor([config.semantic_codebooks, config.codebooks // 2, config.codebooks, 0])
    pick = torch.multinomial(torch.tensor([0.2, 0.15, 0.45, 0.2]), batch, replacement=True, generator=rng)
    uniform = torch.randint(1, config.codebooks + 1, (batch,), generator=rng)
    return torch.where(pick == 3, uniform, marks[pick])


def training_losses(
    codec: Codec,
    spectral: SpectralLoss,
    adversary: PhoneAdversary,
    batch: dict[str, Tensor],
    kept: Tensor,
    cut: int,
    first_hop: int = 0,
) -> tuple[dict[str, Tensor], Tensor, Tensor]:
    """Named losses of one batch, and the codes (B, T, K) and look-ups (K, B*T, D) that dead books restart from.

    `first_hop` is where the excitation's noise begins, so that no filter is fitted to one stretch of it.
    """
    device_type = batch["noisy"].device.type
    frozen = not codec.quantiser.entries.requires_grad
    with torch.autocast(device_type, torch.bfloat16):
        with (
            torch.autocast(device_type, enabled=not frozen),
            torch.set_grad_enabled(torch.is_grad_enabled() and not frozen),
        ):
            # Frozen tokens are the exact ones of the engine's float32 encoder.
            latent, _ = codec.encoder(batch["noisy"], codec.encoder.initial_state(len(kept)))
            with torch.autocast(device_type, enabled=False):
                quantised = codec.quantiser(latent.float(), kept)
        state = codec.decoder.initial_state(len(kept))
        state = replace(state, excitation=replace(state.excitation, hop=first_hop))
        filters, octaves, state = codec.decoder.hops(quantised.latent, state)
    made, _ = codec.decoder.sound(filters, octaves, state)
    delay = codec.config.delay_samples
    made, wanted = made[:, delay:], batch["clean"][:, : made.shape[1] - delay]
    phone, accuracy = phone_loss(codec, quantised.semantic, cut, batch["phones"])
    losses = {
        "mel": spectral(made, wanted),
        "pitch": pitch_loss(octaves, batch["pitch"], codec.config),
        "voicing": voicing_loss(filters, batch["voiced"], codec.config),
        "commitment": quantised.commitment,
        "codebook": quantised.codebook,
        "phone": phone,
        "prosody": prosody_loss(codec, quantised.semantic, cut, batch["prosody"]),
        "phone_accuracy": accuracy,
    }
    if frozen:
        losses["likeness"] = latent_loss(codec, made, wanted)
        losses["periodicity"] = periodicity_loss(made, wanted, codec.config)
    else:
        losses |= adversary(quantised.acoustic, batch["phones"])
    return losses, quantised.codes, quantised.lookups


class DeadCodes:
    """Restarts entries that no frame has chosen for a while with look-ups of the current batch."""

    def __init__(self, codec: Codec) -> None:
        self.usage = torch.ones(codec.quantiser.entries.shape[:2], device=codec.quantiser.entries.device)

    @torch.no_grad()
    def update(self, codec: Codec, codes: Tensor, lookups: Tensor, step: int, rng: torch.Generator) -> int:
        """Count the batch's codes; every RESTART_EVERY steps replace dead entries. Gives how many were replaced."""
        books, size = self.usage.shape
        flat = codes.flatten(0, 1).t()
        counts = torch.zeros_like(self.usage).scatter_add_(
            1, flat, torch.ones_like(flat, dtype=self.usage.dtype)
        )
        self.usage.mul_(0.97).add_(counts * (0.03 * size / flat.shape[1]))
        if (step + 1) % RESTART_EVERY:
            return 0
        dead = self.usage < 0.02
        for book in range(books):
            where = dead[book].nonzero().flatten()
            if len(where):
                chosen = torch.randint(0, lookups.shape[1], (len(where),), generator=rng).to(lookups.device)
                codec.quantiser.entries[book, where] = lookups[book, chosen]
        self.usage[dead] = 0.5
        return int(dead.sum())


@torch.no_grad()
def validate(
    codec: Codec, spectral: SpectralLoss, adversary: PhoneAdversary, batches: list[dict[str, Tensor]]
) -> dict[str, float]:
    """Held-out log-mel distance with all books and with the semantic ones; phone accuracy of the semantic ones by the
    codec's own probe, and of the acoustic ones by the adversary's."""
    config = codec.config
    rows = []
    for batch in batches:
        size = len(batch["clean"])
        row: dict[str, float] = {}
        for name, books in (("all", config.codebooks), ("semantic", config.semantic_codebooks)):
            kept = torch.full((size,), books, device=batch["clean"].device)
            losses, _, _ = training_losses(codec, spectral, adversary, batch, kept, config.semantic_codebooks)
            row[f"valid_mel_{name}"] = float(losses["mel"])
            row[f"valid_pitch_{name}"] = float(losses["pitch"])
            row[f"valid_voicing_{name}"] = float(losses["voicing"])
            if "periodicity" in losses:
                row[f"valid_periodicity_{name}"] = float(losses["periodicity"])
                row[f"valid_likeness_{name}"] = float(losses["likeness"])
            row["valid_phone_accuracy"] = float(losses["phone_accuracy"])
            if "acoustic_phone_accuracy" in losses:  # no adversary learns beside a decoder alone
                row["valid_acoustic_phone_accuracy"] = float(losses["acoustic_phone_accuracy"])
        rows.append(row)
    return mean_of(rows)


def train(
    corpus: Path,
    run: Run,
    config: CodecConfig,
    budget: Budget,
    *,
    batch_size: int = 16,
    frames: int = 20,
    peak_lr: float = 8e-4,
    seed: int = 0,
    device: torch.device | None = None,
    log_every: int = 25,
    validate_every: int = 200,
    start: Codec | None = None,
    decoder_only: bool = False,
    augment: bool = True,
) -> Codec:
    """Train to the end of `budget`, resuming from the run's checkpoint. Returns the averaged codec.

    `start` gives the weights to begin from. With `decoder_only` its tokens stay what they are, so speech models stay
    valid; else the tokens change and every model on them must be trained anew. Without `augment` the encoder hears
    the corpus as it is, which is for learning a few utterances by heart.
    """
    device = device or torch.device("cpu")
    torch.manual_seed(seed)
    rng = torch.Generator().manual_seed(seed)
    codec = start.to(device).train() if start else Codec(config).to(device)
    codec.requires_grad_(not decoder_only)
    codec.decoder.requires_grad_(True)
    hold_low_phase(codec)
    lesson = _Lesson(codec, peak_lr, decoder_only)
    average = Average(codec, 0.998)
    kept = {"usage": lesson.dead.usage, **lesson.adversary.state_dict()}
    step = run.resume(codec, average, lesson.optimizer, rng, kept)
    data = CodecBatches(corpus, config, batch_size, frames, device, augment)
    held_out = data.held_out_batches(4)
    recent: deque[dict[str, float]] = deque(maxlen=log_every)
    while (progress := budget.progress(step, run.trained_s)) < 1.0:
        recent.append(lesson.step(data.draw(rng), cosine(progress, step, peak_lr, 100), step, rng))
        average.update(codec, step)
        step += 1
        run.tick()
        if step % log_every == 0:
            run.log(step=step, minutes=run.trained_s / 60, progress=progress, **mean_of(recent))
        if step % validate_every == 0:
            run.log(step=step, **validate(codec, lesson.spectral, lesson.adversary, held_out))
        if run.checkpoint_due():
            run.save(step, codec, average, lesson.optimizer, rng, kept)
    run.save(step, codec, average, lesson.optimizer, rng, kept)
    codec.load_state_dict(average.weights)
    run.log(step=step, averaged=True, **validate(codec, lesson.spectral, lesson.adversary, held_out))
    write_samples(codec, held_out[0]["clean"], run.folder)
    return codec


class _Lesson:
    """One step of training, with what is needed for it beside the codec."""

    def __init__(self, codec: Codec, peak_lr: float, decoder_only: bool) -> None:
        self.codec, self.decoder_only = codec, decoder_only
        device = codec.quantiser.entries.device
        self.spectral = SpectralLoss(codec.config).to(device)
        self.adversary = PhoneAdversary(codec.config).to(device)
        groups = parameter_groups(codec, 0.01)
        groups.append(
            {"params": list(self.adversary.parameters()), "weight_decay": 0.0, "rate": ADVERSARY_RATE}
        )
        self.optimizer = torch.optim.AdamW(groups, lr=peak_lr, betas=(0.8, 0.98), fused=True)
        self.dead = DeadCodes(codec)
        self.weights = DECODER_WEIGHTS if decoder_only else WEIGHTS

    def step(
        self, batch: dict[str, Tensor], rate: float, step: int, rng: torch.Generator
    ) -> dict[str, float]:
        """Learn from one batch at this learning rate; gives the losses."""
        codec, config = self.codec, self.codec.config
        for group in self.optimizer.param_groups:
            group["lr"] = group.get("rate", rate)
        kept = draw_kept_books(len(batch["clean"]), config, rng).to(batch["clean"].device)
        cut = PROSODY_CUTS[int(torch.multinomial(torch.tensor([1.0, 1.0, 1.0, 3.0]), 1, generator=rng))]
        first_hop = int(torch.randint(0, NOISE_HOPS, (1,), generator=rng))
        losses, codes, lookups = training_losses(
            codec, self.spectral, self.adversary, batch, kept, min(cut, config.semantic_codebooks), first_hop
        )
        total = torch.stack([weight * losses[name] for name, weight in self.weights.items()]).sum()
        self.optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(total if self.decoder_only else total + losses["adversary"])
        norm = torch.nn.utils.clip_grad_norm_(codec.parameters(), 2.0)
        self.optimizer.step()
        hold_low_phase(codec)
        restarted = 0 if self.decoder_only else self.dead.update(codec, codes, lookups, step, rng)
        figures = {name: float(value.detach()) for name, value in losses.items()}
        return figures | {"norm": float(norm), "dead": restarted}


@torch.no_grad()
def write_samples(codec: Codec, clean: Tensor, folder: Path) -> None:
    """Held-out crops (B, S) as they come back from all books: `sample-0.wav` and on."""
    made = codec.decode(codec.encode(clean[:SAMPLES])).float().cpu().numpy()
    for index, samples in enumerate(made):
        soundfile.write(folder / f"sample-{index}.wav", samples, codec.sample_rate)


def main(argv: list[str] | None = None) -> int:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m training codec", description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument(
        "--run", type=Path, required=True, help="folder for checkpoints, metrics and the codec"
    )
    parser.add_argument("--config", type=Path, help="TOML of CodecConfig; its defaults without")
    parser.add_argument("--minutes", type=float)
    parser.add_argument("--steps", type=int)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--lr", type=float, default=8e-4)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device")
    start = parser.add_mutually_exclusive_group()
    start.add_argument("--start", type=Path, help="a codec.safetensors to begin from; its tokens change")
    start.add_argument(
        "--decoder-of", type=Path, help="a codec.safetensors: better its decoder, keep its tokens"
    )
    parser.add_argument(
        "--synthesis-window",
        type=int,
        help="samples of the decoder's window, with --decoder-of; its own without",
    )
    args = parser.parse_args(argv)
    if args.minutes is None and args.steps is None:
        parser.error("say how long: --minutes or --steps")
    if args.synthesis_window and not args.decoder_of:
        parser.error("--synthesis-window goes with --decoder-of; for a new codec it stands in --config")
    begin = args.decoder_of or args.start
    given = load_codec(begin) if begin else None
    if given and args.synthesis_window:
        given = with_synthesis_window(given, args.synthesis_window)
    config = load_config(CodecConfig, args.config) if args.config else CodecConfig()
    run = Run(args.run)
    codec = train(
        args.corpus,
        run,
        given.config if given else config,
        Budget(args.steps, args.minutes),
        batch_size=args.batch,
        peak_lr=args.lr,
        seed=args.seed,
        device=choose_device(args.device),
        start=given,
        decoder_only=args.decoder_of is not None,
    )
    save_codec(args.run / "codec.safetensors", codec, {"trained_minutes": round(run.trained_s / 60, 1)})
    run.log(saved=str(args.run / "codec.safetensors"))
    return 0
