"""What every recipe needs of a run: a folder with metrics and atomic, resumable checkpoints; schedule; averaging.

Checkpoints are safetensors (weights, averaged weights, optimizer moments, generator states). A run killed at any
moment resumes from its last checkpoint and repeats the steps since.
"""

from __future__ import annotations

import json
import math
import os
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor, nn


@dataclass(frozen=True, slots=True)
class Budget:
    """How long to train: a number of steps, or minutes of training time (whichever is not None)."""

    steps: int | None = None
    minutes: float | None = None

    def progress(self, step: int, trained_s: float) -> float:
        """Fraction done, 0 to 1."""
        done = []
        if self.steps is not None:
            done.append(step / max(1, self.steps))
        if self.minutes is not None:
            done.append(trained_s / max(1e-9, 60.0 * self.minutes))
        if not done:
            raise ValueError("a budget needs steps or minutes")
        return min(1.0, max(done))


def cosine(progress: float, step: int, peak: float, warmup_steps: int, floor: float = 0.03) -> float:
    """Learning rate: linear warm-up by steps, cosine by progress, down to `floor` x `peak`."""
    warm = min(1.0, (step + 1) / max(1, warmup_steps))
    return peak * warm * (floor + (1.0 - floor) * 0.5 * (1.0 + math.cos(math.pi * progress)))


class Average:
    """Exponential moving average of a model's weights, in float32."""

    def __init__(self, model: nn.Module, decay: float) -> None:
        self.decay = decay
        self.weights = {name: p.detach().clone() for name, p in model.state_dict().items()}

    @torch.no_grad()
    def update(self, model: nn.Module, step: int) -> None:
        """Fold the current weights in; early steps average over a shorter past."""
        decay = min(self.decay, (1.0 + step) / (10.0 + step))
        for name, value in model.state_dict().items():
            self.weights[name].lerp_(value.float(), 1.0 - decay)


class Run:
    """A run's folder: `metrics.jsonl`, `checkpoint.safetensors`, samples. Prints its metrics as JSON lines too."""

    def __init__(self, folder: Path, checkpoint_every_s: float = 120.0) -> None:
        self.folder = folder
        self.checkpoint_every_s = checkpoint_every_s
        self.trained_s = 0.0
        folder.mkdir(parents=True, exist_ok=True)
        self._last_tick = self._last_saved = time.monotonic()

    @property
    def checkpoint_path(self) -> Path:
        """Where the newest checkpoint lies."""
        return self.folder / "checkpoint.safetensors"

    def log(self, **values: Any) -> None:
        """One JSON line to the metrics file and to standard output."""
        line = json.dumps({key: round(v, 5) if isinstance(v, float) else v for key, v in values.items()})
        with (self.folder / "metrics.jsonl").open("a", encoding="utf-8") as file:
            file.write(line + "\n")
        print(line, flush=True)

    def tick(self) -> None:
        """Count the time since the last tick as training time."""
        now = time.monotonic()
        self.trained_s += now - self._last_tick
        self._last_tick = now

    def checkpoint_due(self) -> bool:
        """Whether the interval since the last checkpoint is over."""
        return time.monotonic() - self._last_saved >= self.checkpoint_every_s

    def save(
        self,
        step: int,
        model: nn.Module,
        average: Average,
        optimizer: torch.optim.Optimizer,
        rng: torch.Generator,
        extra: Mapping[str, Tensor] | None = None,
    ) -> None:
        """Write a checkpoint atomically. `extra` is whatever else the recipe keeps between steps."""
        tensors: dict[str, Tensor] = {f"model.{n}": t for n, t in model.state_dict().items()}
        tensors |= {f"average.{n}": t for n, t in average.weights.items()}
        for index, state in optimizer.state_dict()["state"].items():
            tensors |= {f"optimizer.{index}.{n}": t for n, t in state.items()}
        tensors |= {f"extra.{n}": t for n, t in (extra or {}).items()}
        tensors["rng"] = rng.get_state()
        tensors = {n: t.detach().cpu().contiguous().clone() for n, t in tensors.items()}
        about = {"step": str(step), "trained_s": repr(self.trained_s)}
        save_atomically(self.checkpoint_path, tensors, about)
        self._last_saved = time.monotonic()

    def resume(
        self,
        model: nn.Module,
        average: Average,
        optimizer: torch.optim.Optimizer,
        rng: torch.Generator,
        extra: Mapping[str, Tensor] | None = None,
    ) -> int:
        """Load the newest checkpoint, if there is one, and give the step to go on with; `extra` is filled in place."""
        if not self.checkpoint_path.exists():
            return 0
        with safe_open(str(self.checkpoint_path), framework="pt") as file:
            about = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a dict)
        model.load_state_dict(_under(tensors, "model."))
        average.weights = {n: t.to(average.weights[n].device) for n, t in _under(tensors, "average.").items()}
        state: dict[int, dict[str, Tensor]] = {}
        for name, tensor in _under(tensors, "optimizer.").items():
            index, key = name.split(".", 1)
            state.setdefault(int(index), {})[key] = tensor
        optimizer.load_state_dict({**optimizer.state_dict(), "state": state})
        for name, tensor in _under(tensors, "extra.").items():
            (extra or {})[name].copy_(tensor)
        rng.set_state(tensors["rng"])
        self.trained_s = float(about["trained_s"])
        self._last_tick = time.monotonic()
        return int(about["step"])


def save_atomically(path: Path, tensors: Mapping[str, Tensor], about: dict[str, str]) -> None:
    """A safetensors file that appears whole or not at all."""
    partial = path.with_suffix(".partial")
    save_file(dict(tensors), str(partial), metadata=about)
    os.replace(partial, path)


def _under(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): t for name, t in tensors.items() if name.startswith(prefix)}


def parameter_groups(model: nn.Module, decay: float) -> list[dict[str, Any]]:
    """Weight decay for matrices only."""
    matrices: list[nn.Parameter] = [p for p in model.parameters() if p.requires_grad and p.dim() >= 2]
    others: list[nn.Parameter] = [p for p in model.parameters() if p.requires_grad and p.dim() < 2]
    return [{"params": matrices, "weight_decay": decay}, {"params": others, "weight_decay": 0.0}]


def mean_of(rows: Iterable[dict[str, float]]) -> dict[str, float]:
    """Key-wise mean of several steps' metrics; keys may be missing in some."""
    gathered: dict[str, list[float]] = {}
    for row in rows:
        for key, value in row.items():
            gathered.setdefault(key, []).append(value)
    return {key: sum(values) / len(values) for key, values in gathered.items()}


def choose_device(name: str | None) -> torch.device:
    """The named device, or CUDA, MPS, CPU in this order."""
    if name:
        return torch.device(name)
    if torch.cuda.is_available():
        return torch.device("cuda")
    return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
