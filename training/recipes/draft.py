"""Recipe: train draft heads for a finished voice, whose weights stay as they are.

    python -m training draft --tokens DIR --voice V --out V/draft.safetensors --minutes 5

First the frozen model draws the books of many frames behind true histories (about a minute and a half); then the heads
learn to guess its draws. Takes minutes, so it keeps no checkpoints: what was stopped is run again.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from engine.errors import SottoError
from engine.model import Sampling, SpeechModel, Windows, load_model
from engine.model.speculation import DraftHeads, save_draft
from engine.runtime import find_voice
from engine.runtime.voices import MODEL, read_card
from training.data.speech_rows import RowBuilder, SpeechBatch, SpeechRows, TokenUtterance, read_tokens
from training.recipes.run import Budget, choose_device, cosine, parameter_groups
from training.recipes.speech import full_windows, to_device, token_hash_of

GREEDY = 1e-3
"""What a temperature of 0 counts as here, where it divides."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The sizes of a run; `drawn_frames` are taken from batches of `rows` rows, at most `frames_a_batch` of each."""

    drawn_frames: int = 47 * 512
    frames_a_batch: int = 512
    rows: int = 6
    held_out_batches: int = 2
    batch: int = 256
    peak_lr: float = 1.5e-3
    log_every: int = 200


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """What the frozen model drew for N frames. state (N, D) · codes (N, K) · noise (N, K, E) it drew with, for held-out
    frames only · places, shares (N, K-1, top) the entries that could be drawn for books 2..K, and their probability."""

    state: Tensor
    codes: Tensor
    noise: Tensor
    places: Tensor
    shares: Tensor


class Drawer:
    """Draws frames from the frozen model behind true histories, as speaking would."""

    def __init__(self, model: SpeechModel, sampling: Sampling, memory: bool, rng: torch.Generator) -> None:
        self.model, self.sampling, self.memory, self.rng = model, sampling, memory, rng
        semantic = torch.arange(1, model.config.codebooks) < model.config.semantic_codebooks
        temperature = torch.where(semantic, sampling.semantic_temperature, sampling.acoustic_temperature)
        self.temperature = temperature.clamp_min(GREEDY).view(-1, 1)
        self.top = torch.where(semantic, sampling.semantic_top_k, sampling.acoustic_top_k).view(-1, 1)

    @torch.inference_mode()
    def draw(self, batch: SpeechBatch, most: int, keep_noise: bool) -> Drawn:
        """At most `most` agent frames of a batch."""
        model, config = self.model, self.model.config
        device = batch.codes.device
        with torch.autocast(device.type, torch.bfloat16):
            hidden, _, _ = model.parallel(batch.rows, self._windows(batch))
        spoken = hidden[batch.agent].float()
        chosen = torch.randperm(len(spoken), generator=self.rng)[:most]
        state = spoken[chosen.to(device)]
        uniform = torch.rand(len(state), config.codebooks, config.codebook_size, generator=self.rng)
        noise = -(-uniform.clamp(1e-9, 1.0 - 1e-7).log()).log().to(device)
        codes = [self.sampling.choose(model.first_head(state), noise[:, 0], semantic=True)]
        walk, rows = model.depth.start(state), []
        for book in range(1, config.codebooks):
            with torch.autocast(device.type, torch.bfloat16):
                logits = walk.next_logits(codes[-1]).float()
            semantic = book < config.semantic_codebooks
            codes.append(self.sampling.choose(logits, noise[:, book], semantic))
            rows.append(logits.cpu())
        places, shares = self._shares(torch.stack(rows, dim=1))
        return Drawn(
            state.half().cpu(),
            torch.stack(codes, dim=1).cpu(),
            noise.cpu() if keep_noise else noise[:, :, :0].cpu(),
            places.to(torch.int16),
            shares.half(),
        )

    def _windows(self, batch: SpeechBatch) -> Windows:
        windows, device = full_windows(len(batch.agent), self.model.config, self.memory), batch.codes.device
        return Windows(windows.voice.to(device), windows.text.to(device), windows.memory.to(device))

    def _shares(self, logits: Tensor) -> tuple[Tensor, Tensor]:
        """Entries (N, K-1, top) that could be drawn after `logits` (N, K-1, E), and the probability of each."""
        most = min(int(self.top.max()), logits.shape[-1])
        values, places = logits.topk(most, dim=-1)
        out = torch.arange(most) >= self.top
        return places, (values / self.temperature).masked_fill(out, -torch.inf).softmax(dim=-1)


def gather(parts: list[Drawn]) -> Drawn:
    """All frames of several draws."""
    return Drawn(*(torch.cat([getattr(p, name) for p in parts]) for name in Drawn.__dataclass_fields__))


def begin(model: SpeechModel) -> DraftHeads:
    """Heads that start from the depth decoder's own tables and heads."""
    heads, depth = DraftHeads(model.config), model.depth
    with torch.no_grad():
        heads.state_in.weight.copy_(depth.state_in.weight)
        heads.codes.weight.copy_(depth.codes.weight[: model.config.codebook_size])
        heads.heads.weight.copy_(depth.heads.transpose(1, 2).flatten(0, 1))
        heads.ffn.down.weight.zero_()
    return heads.to(depth.place.device)


def guess_loss(heads: DraftHeads, drawn: Drawn, rows: Tensor) -> Tensor:
    """Cross entropy, in nats a book, between what could be drawn for the frames `rows` (n,) and the guess."""
    device = heads.codes.weight.device
    with torch.autocast(device.type, torch.bfloat16):
        logits = heads(drawn.state[rows].float().to(device), drawn.codes[rows, 0].to(device))
    picked = logits.float().log_softmax(dim=-1).gather(-1, drawn.places[rows].long().to(device))
    loss: Tensor = -(picked * drawn.shares[rows].float().to(device)).sum(dim=-1).mean()
    return loss


@torch.no_grad()
def validate(heads: DraftHeads, drawn: Drawn) -> dict[str, float]:
    """Held-out loss, and the share of codes that are guessed with the noise they were drawn with."""
    device = heads.codes.weight.device
    logits = heads(drawn.state.float().to(device), drawn.codes[:, 0].to(device)).cpu()
    right = (logits + drawn.noise[:, 1:]).argmax(dim=-1) == drawn.codes[:, 1:]
    loss = guess_loss(heads, drawn, torch.arange(len(drawn.state)))
    return {"valid_loss": float(loss), "valid_right": float(right.float().mean())}


def train(
    model: SpeechModel, train: Drawn, held_out: Drawn, budget: Budget, plan: Plan, rng: torch.Generator
) -> DraftHeads:
    """Learn to the end of `budget`, logging JSON lines."""
    heads = begin(model)
    optimizer = torch.optim.AdamW(parameter_groups(heads, 0.05), lr=plan.peak_lr, betas=(0.9, 0.95))
    started_s, step = time.monotonic(), 0
    while (progress := budget.progress(step, time.monotonic() - started_s)) < 1.0:
        for group in optimizer.param_groups:
            group["lr"] = cosine(progress, step, plan.peak_lr, 50)
        rows = torch.randint(0, len(train.state), (plan.batch,), generator=rng)
        loss = guess_loss(heads, train, rows)
        optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        nn.utils.clip_grad_norm_(heads.parameters(), 1.0)
        optimizer.step()
        step += 1
        if step % plan.log_every == 0:
            log(step=step, progress=progress, loss=float(loss.detach()), **validate(heads, held_out))
    log(step=step, **validate(heads, held_out))
    return heads


def log(**values: float | str) -> None:
    """One JSON line."""
    print(json.dumps({k: round(v, 4) if isinstance(v, float) else v for k, v in values.items()}), flush=True)


def make(
    tokens: list[TokenUtterance],
    voice: Path,
    out: Path,
    budget: Budget,
    plan: Plan,
    device: torch.device,
    seed: int = 0,
) -> DraftHeads:
    """Draw, train and write the heads of the voice in the folder `voice`."""
    model, about = load_model(voice / MODEL, device)
    card = read_card(voice)
    strange = sorted({u.speaker for u in tokens} - set(about["speakers"]))
    if strange:
        raise SottoError(f"the tokens have a speaker {strange[0]!r} that the voice in {voice} does not know")
    torch.manual_seed(seed)
    rng, drawn = torch.Generator().manual_seed(seed), np.random.default_rng(seed)
    rows = SpeechRows(tokens, RowBuilder(model.config, about["speakers"], card.context_frames), plan.rows)
    drawer = Drawer(model, card.sampling, bool(about.get("memory_trained")), rng)
    parts: list[Drawn] = []
    while sum(len(part.state) for part in parts) < plan.drawn_frames:
        parts.append(drawer.draw(to_device(rows.draw(drawn), device), plan.frames_a_batch, keep_noise=False))
    held_out = [
        drawer.draw(to_device(batch, device), plan.frames_a_batch, keep_noise=True)
        for batch in rows.held_out(plan.held_out_batches)
    ]
    log(drawn_frames=sum(len(part.state) for part in parts))
    heads = train(model, gather(parts), gather(held_out), budget, plan, rng)
    save_draft(out, heads, about["sha256"])
    return heads


def main(argv: list[str] | None = None) -> int:
    """Command line."""
    defaults = Plan()
    parser = argparse.ArgumentParser(prog="python -m training draft", description=__doc__)
    parser.add_argument("--tokens", type=Path, required=True)
    parser.add_argument("--voice", required=True, help="name or folder of a voice")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, help="of training, after the frames are drawn")
    parser.add_argument("--steps", type=int)
    parser.add_argument("--frames", type=int, default=defaults.drawn_frames, help="to draw and learn from")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device")
    args = parser.parse_args(argv)
    if args.minutes is None and args.steps is None:
        parser.error("say how long: --minutes or --steps")
    voice = find_voice(args.voice)
    if token_hash_of(args.tokens) != load_model(voice / MODEL)[1].get("tokens"):
        parser.error(f"{args.tokens} was made with another codec than that of the voice in {voice}")
    plan = Plan(drawn_frames=args.frames)
    budget = Budget(args.steps, args.minutes)
    make(read_tokens(args.tokens), voice, args.out, budget, plan, choose_device(args.device), args.seed)
    log(saved=str(args.out))
    return 0
