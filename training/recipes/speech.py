"""Recipe: train the speech model on tokens of a frozen codec; one command, resumable, CPU or GPU.

    python -m training speech --tokens DIR --codec codec.safetensors --config resources/configs/tiny.toml \
        --run DIR --minutes 60

Reads tokens through `training.data`; writes metrics, checkpoints, samples and, at the end, `model.safetensors`.
"""

from __future__ import annotations

import argparse
import copy
import json
import math
from collections import deque
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
import torch
from safetensors import safe_open
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional as F

from engine.codec import Codec, load_codec
from engine.config import SpeechModelConfig, load_config
from engine.errors import SottoError
from engine.model import Rows, SpeechModel, Windows, load_model, save_model
from training.data.speech_rows import RowBuilder, SpeechBatch, SpeechRows, TokenUtterance, read_tokens
from training.evaluation.free_running import phone_error, speak_utterance
from training.recipes.run import (
    Average,
    Budget,
    Run,
    choose_device,
    cosine,
    mean_of,
    parameter_groups,
    save_atomically,
)

SAMPLES = 4
WEIGHTS = {"first": 1.0, "ahead": 0.5, "semantic": 1.0, "acoustic": 1.5, "duration": 0.5, "phone": 0.1}


@dataclass(frozen=True, slots=True)
class Plan:
    """The sizes of a run. Depth share: on which part of the frames the depth decoder is trained on all books, early
    and late; `semantic_share` more of them are trained on the semantic books alone, which carry the words and cost
    a third."""

    rows: int = 6
    frames: int = 256
    peak_lr: float = 1.2e-3
    depth_share_early: float = 1 / 16
    depth_share_late: float = 1 / 6
    semantic_share: float = 1 / 4
    memory: bool = False
    log_every: int = 25
    validate_every: int = 250
    speak_every: int = 2000
    speak_sentences: int = 50


class Trainee(nn.Module):
    """The model and the training-only heads that guess the other semantic books of the frame straight from the
    backbone, so that every frame teaches it, not only those that the depth decoder visits."""

    def __init__(self, config: SpeechModelConfig) -> None:
        super().__init__()
        self.model = SpeechModel(config)
        self.ahead = nn.Linear(
            config.width, (config.semantic_codebooks - 1) * config.codebook_size, bias=False
        )


def to_device(batch: SpeechBatch, device: torch.device) -> SpeechBatch:
    """All tensors of a batch on `device`."""
    rows = batch.rows
    moved = {name: getattr(rows, name).to(device) for name in Rows.__dataclass_fields__ if name != "units"}
    units = {name: tensor.to(device) for name, tensor in rows.units.items()}
    return SpeechBatch(
        Rows(**moved, units=units),
        *(t.to(device) for t in (batch.codes, batch.agent, batch.durations, batch.phones)),
    )


def draw_windows(rows: int, config: SpeechModelConfig, memory: bool, rng: np.random.Generator) -> Windows:
    """On half of the rows the voice window shrinks to 64-512 frames and the text window to 16-64 units; memory is
    dropped on a quarter of the rows."""
    short = rng.random(rows) < 0.5
    voice = np.where(short, rng.integers(64, 513, rows), config.voice_window_frames)
    text = np.where(short, rng.integers(16, 65, rows), config.text_window_units)
    on = (rng.random(rows) >= 0.25) & memory
    return Windows(torch.from_numpy(voice), torch.from_numpy(text), torch.from_numpy(on))


def full_windows(rows: int, config: SpeechModelConfig, memory: bool) -> Windows:
    """Nothing cut, for validation."""
    return Windows(
        torch.full((rows,), config.voice_window_frames),
        torch.full((rows,), config.text_window_units),
        torch.full((rows,), memory),
    )


def model_losses(
    trainee: Trainee,
    batch: SpeechBatch,
    windows: Windows,
    shares: tuple[float, float],
    rng: torch.Generator,
) -> dict[str, Tensor]:
    """Named losses of one batch. `shares`: parts of the frames whose depth pass covers all books, and only the
    semantic ones."""
    model, config = trainee.model, trainee.model.config
    semantic = config.semantic_codebooks - 1
    device = batch.codes.device
    windows = Windows(windows.voice.to(device), windows.text.to(device), windows.memory.to(device))
    with torch.autocast(device.type, torch.bfloat16):
        hidden, encodings, _ = model.parallel(batch.rows, windows)
        spoken, codes = hidden[batch.agent], batch.codes[batch.agent]
        first = model.first_head(spoken)
        ahead = trainee.ahead(spoken).view(len(spoken), config.semantic_codebooks - 1, -1)
        shuffled = torch.randperm(len(spoken), generator=rng).to(device)
        whole, partial = (max(1, int(share * len(spoken))) for share in shares)
        chosen, few = shuffled[:whole], shuffled[whole : whole + partial]
        depth = model.depth(spoken[chosen], codes[chosen])
        shallow = model.depth(spoken[few], codes[few, : semantic + 1])
        phones = model.phone_head(hidden).view(*batch.phones.shape, -1)
        durations = model.text.duration_logits(encodings)
    words = torch.cat((depth[:, :semantic], shallow)).float()
    known = batch.durations > 0
    classes = (batch.durations[known] - 1).clamp_max(config.max_duration_quarters - 1)
    heard = batch.phones >= 0
    return {
        "first": F.cross_entropy(first.float(), codes[:, 0]),
        "ahead": F.cross_entropy(ahead.float().flatten(0, 1), codes[:, 1 : semantic + 1].flatten()),
        "semantic": F.cross_entropy(
            words.flatten(0, 1), codes[torch.cat((chosen, few)), 1 : semantic + 1].flatten()
        ),
        "acoustic": F.cross_entropy(
            depth[:, semantic:].float().flatten(0, 1), codes[chosen, semantic + 1 :].flatten()
        ),
        "duration": F.cross_entropy(durations[known].float(), classes),
        "phone": F.cross_entropy(phones[heard].float(), batch.phones[heard]),
    }


@torch.no_grad()
def validate(trainee: Trainee, batches: list[SpeechBatch], memory: bool) -> dict[str, float]:
    """Held-out losses, depth decoder on half of the frames, half of those without the acoustic books."""
    rng = torch.Generator().manual_seed(0)
    rows = []
    for batch in batches:
        windows = full_windows(len(batch.agent), trainee.model.config, memory)
        rows.append(
            {
                f"valid_{n}": float(v)
                for n, v in model_losses(trainee, batch, windows, (0.25, 0.25), rng).items()
            }
        )
    return mean_of(rows)


class Listener:
    """Speaks held-out sentences freely with averaged weights, on the CPU, and keeps the weights that erred least.

    Teacher-forced losses say little about free running; phone error by the codec's own linear probe does.
    """

    def __init__(
        self, codec: Codec, speakers: dict[str, int], sentences: list[TokenUtterance], folder: Path
    ) -> None:
        self.codec = copy.deepcopy(codec).cpu()
        self.speakers, self.sentences, self.folder = speakers, sentences, folder

    @property
    def best_path(self) -> Path:
        """The averaged weights that erred least so far."""
        return self.folder / "best.safetensors"

    def listen(self, trainee: Trainee, average: Average) -> dict[str, float]:
        """Figures over the sentences; the first ones are kept as WAV."""
        speaking = Trainee(trainee.model.config).eval()
        speaking.load_state_dict({name: tensor.cpu() for name, tensor in average.weights.items()})
        errors, lengths, ratios = 0, 0, []
        for index, utterance in enumerate(self.sentences):
            codes = speak_utterance(speaking.model, self.codec, utterance, self.speakers[utterance.speaker])
            wrong, length = phone_error(self.codec, codes, utterance)
            errors, lengths = errors + wrong, lengths + length
            ratios.append(len(codes) / utterance.frames)
            if index < SAMPLES:
                with torch.inference_mode():
                    audio = self.codec.decode(codes.unsqueeze(0))[0].numpy()
                soundfile.write(self.folder / f"sample-{index}.wav", audio, self.codec.sample_rate)
        error = errors / max(1, lengths)
        if error <= self._least():
            save_atomically(self.best_path, speaking.state_dict(), {"phone_error": repr(error)})
        return {"phone_error": error, "duration_ratio": float(np.mean(ratios))}

    def load_best(self, trainee: Trainee) -> None:
        """Give the trainee the weights that erred least."""
        trainee.load_state_dict(load_file(self.best_path))

    def _least(self) -> float:
        if not self.best_path.exists():
            return math.inf
        with safe_open(str(self.best_path), framework="pt") as file:
            return float(file.metadata()["phone_error"])


class _Lesson:
    """One step of training, with what is needed for it beside the model."""

    def __init__(
        self, trainee: Trainee, data: SpeechRows, plan: Plan, seed: int, device: torch.device
    ) -> None:
        self.trainee, self.data, self.plan, self.seed, self.device = trainee, data, plan, seed, device
        groups = parameter_groups(trainee, 0.05)
        self.optimizer = torch.optim.AdamW(groups, lr=plan.peak_lr, betas=(0.9, 0.95), fused=True)

    def step(self, step: int, progress: float, rng: torch.Generator) -> dict[str, float]:
        """Learn from one batch, drawn by the number of the step alone; gives the losses."""
        plan, trainee = self.plan, self.trainee
        drawn = np.random.default_rng((self.seed, step))
        for group in self.optimizer.param_groups:
            group["lr"] = cosine(progress, step, plan.peak_lr, 150)
        batch = to_device(self.data.draw(drawn), self.device)
        windows = draw_windows(plan.rows, trainee.model.config, plan.memory, drawn)
        share = plan.depth_share_early if progress < 0.5 else plan.depth_share_late
        losses = model_losses(trainee, batch, windows, (share, plan.semantic_share), rng)
        total = torch.stack([weight * losses[name] for name, weight in WEIGHTS.items()]).sum()
        self.optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(total)
        norm = torch.nn.utils.clip_grad_norm_(trainee.parameters(), 1.0)
        self.optimizer.step()
        return {name: float(value.detach()) for name, value in losses.items()} | {"norm": float(norm)}


def train(
    tokens: list[TokenUtterance],
    codec: Codec,
    run: Run,
    config: SpeechModelConfig,
    budget: Budget,
    plan: Plan,
    *,
    seed: int = 0,
    device: torch.device | None = None,
    start: SpeechModel | None = None,
) -> tuple[SpeechModel, dict[str, int]]:
    """Train to the end of `budget`, resuming from the run's checkpoint; a new run begins with the weights of `start`,
    which may have spoken the tokens of another codec.

    Gives the averaged model that spoke with the fewest wrong phones, and the speakers' ids.
    """
    device = device or torch.device("cpu")
    torch.manual_seed(seed)
    rng = torch.Generator().manual_seed(seed)
    speakers = {name: index for index, name in enumerate(sorted({u.speaker for u in tokens}))}
    if len(speakers) > config.speakers:
        raise SottoError(f"the tokens have {len(speakers)} speakers and the model room for {config.speakers}")
    trainee = Trainee(config).to(device)
    if start is not None:
        trainee.model.load_state_dict(start.state_dict())
    average = Average(trainee, 0.999)
    data = SpeechRows(tokens, RowBuilder(config, speakers, plan.frames), plan.rows)
    lesson = _Lesson(trainee, data, plan, seed, device)
    step = run.resume(trainee, average, lesson.optimizer, rng)
    held_out = [to_device(batch, device) for batch in data.held_out(3)]
    listener = Listener(codec, speakers, spoken_sentences(data, plan), run.folder)
    recent: deque[dict[str, float]] = deque(maxlen=plan.log_every)
    while (progress := budget.progress(step, run.trained_s)) < 1.0:
        recent.append(lesson.step(step, progress, rng))
        average.update(trainee, step)
        step += 1
        run.tick()
        if step % plan.log_every == 0:
            run.log(step=step, minutes=run.trained_s / 60, progress=progress, **mean_of(recent))
        if step % plan.validate_every == 0:
            run.log(step=step, **validate(trainee, held_out, plan.memory))
        if step % plan.speak_every == 0:
            run.log(step=step, **listener.listen(trainee, average))
        if run.checkpoint_due():
            run.save(step, trainee, average, lesson.optimizer, rng)
    run.save(step, trainee, average, lesson.optimizer, rng)
    run.log(step=step, averaged=True, **listener.listen(trainee, average))
    listener.load_best(trainee)
    run.log(step=step, best=True, **validate(trainee, held_out, plan.memory))
    return trainee.model, speakers


def spoken_sentences(data: SpeechRows, plan: Plan) -> list[TokenUtterance]:
    """What the listener hears: held out from training, and no part of the evaluation's own sentences."""
    return sorted(data.valid, key=lambda u: u.id)[: plan.speak_sentences]


def token_hash_of(folder: Path) -> str:
    """The codec that a token folder was made with. Raises SottoError when it is none."""
    try:
        return str(json.loads((folder / "tokens.json").read_text(encoding="utf-8"))["tokens"])
    except (OSError, ValueError, KeyError) as error:
        raise SottoError(f"{folder} holds no tokens; make them with `python -m training tokenise`") from error


def _parser() -> argparse.ArgumentParser:
    defaults = Plan()
    parser = argparse.ArgumentParser(prog="python -m training speech", description=__doc__)
    parser.add_argument(
        "--tokens", type=Path, required=True, nargs="+", help="token folders, such as sentences and dialogues"
    )
    parser.add_argument("--codec", type=Path, required=True)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--minutes", type=float)
    parser.add_argument("--steps", type=int)
    parser.add_argument("--rows", type=int, default=defaults.rows)
    parser.add_argument("--frames", type=int, default=defaults.frames)
    parser.add_argument("--lr", type=float, default=defaults.peak_lr)
    parser.add_argument("--speak-every", type=int, default=defaults.speak_every, help="steps")
    parser.add_argument("--speak-sentences", type=int, default=defaults.speak_sentences)
    parser.add_argument("--start", type=Path, help="a model.safetensors of the same shape to begin from")
    parser.add_argument("--memory", action="store_true", help="train the memory reads too")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device")
    return parser


def main(argv: list[str] | None = None) -> int:
    """Command line."""
    parser = _parser()
    args = parser.parse_args(argv)
    if args.minutes is None and args.steps is None:
        parser.error("say how long: --minutes or --steps")
    codec = load_codec(args.codec)
    for folder in args.tokens:
        if token_hash_of(folder) != codec.token_hash():
            parser.error(f"{folder} was made with another codec than {args.codec}")
    config = load_config(SpeechModelConfig, args.config)
    start = load_model(args.start)[0] if args.start else None
    if start is not None and start.config != config:
        parser.error(f"{args.start} has another shape than {args.config}")
    run = Run(args.run)
    plan = Plan(
        rows=args.rows,
        frames=args.frames,
        peak_lr=args.lr,
        memory=args.memory,
        speak_every=args.speak_every,
        speak_sentences=args.speak_sentences,
    )
    model, speakers = train(
        [utterance for folder in args.tokens for utterance in read_tokens(folder)],
        codec,
        run,
        config,
        Budget(args.steps, args.minutes),
        plan,
        seed=args.seed,
        device=choose_device(args.device),
        start=start,
    )
    about = {
        "speakers": speakers,
        "trained_frames": args.frames,
        "memory_trained": args.memory,
        "trained_minutes": round(run.trained_s / 60, 1),
    }
    save_model(args.run / "model.safetensors", model, codec.token_hash(), about)
    run.log(saved=str(args.run / "model.safetensors"))
    return 0
