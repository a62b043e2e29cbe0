"""The voice under measurement, and how its figures are summed up. Imports torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from engine.runtime import Synthesiser, Voice, load_voice

WARM_UP = "This sentence warms the voice up, so that it is measured as it speaks later."


@dataclass
class Costs:
    """Milliseconds of wall and of process CPU time of each frame."""

    wall_ms: list[float] = field(default_factory=list)
    cpu_ms: list[float] = field(default_factory=list)

    def figures(self) -> dict[str, Any]:
        """Percentiles of both."""
        return {
            "frames": len(self.wall_ms),
            "frame_ms": percentiles(self.wall_ms),
            "frame_cpu_ms": percentiles(self.cpu_ms),
        }


def warm_voice(name: str | None, device: str | None, runtime: str | None) -> Voice:
    """A loaded voice that has spoken once, so that no first-time cost is measured."""
    voice = load_voice(name, device, runtime)
    for _ in Synthesiser(voice).stream(WARM_UP):
        pass
    return voice


def conditions(voice: Voice) -> dict[str, Any]:
    """What the figures hold for."""
    return {
        "voice": voice.name,
        "runtime": voice.runtime,
        "device": str(voice.device),
        "threads": torch.get_num_threads(),
    }


def percentiles(values: Sequence[float] | NDArray[np.float64]) -> dict[str, float]:
    """p50, p95 and p99, to a hundredth."""
    return {f"p{p}": round(float(np.percentile(values, p)), 2) for p in (50, 95, 99)}
