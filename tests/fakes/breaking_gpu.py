"""A graphics processor that fails at a chosen frame: a real voice on the CPU whose frame runner breaks like one.

The errors are those of PyTorch. A device that is lost takes with it what lies on it: here the stream's caches, which
are put where nothing can be read.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Literal

import torch
from torch import Tensor

from engine.model import FrameInput, FrameRunner, Sampling, StreamState
from engine.runtime import CudaOptions, Voice, load_voice
from engine.shelf import RuntimeShelf, RuntimeVoice

Part = Literal["step", "choose"]


@dataclass(frozen=True)
class Failure:
    """In which part of which frame the device fails, with which error, and whether its memory is gone with it."""

    frame: int
    error: RuntimeError
    part: Part = "step"
    memory_lost: bool = False


def out_of_memory(frame: int, part: Part = "step") -> Failure:
    """Another program has taken the memory."""
    told = "CUDA out of memory. Tried to allocate 20.00 MiB. GPU 0 has a total capacity of 3.94 GiB."
    return Failure(frame, torch.OutOfMemoryError(told), part)


def device_lost(frame: int, part: Part = "step") -> Failure:
    """The driver has given up."""
    told = "CUDA error: unspecified launch failure\nCUDA kernel errors might be asynchronously reported."
    return Failure(frame, RuntimeError(told), part, memory_lost=True)


class BreakingFrames:
    """Passes frames on to `frames` until its failure comes."""

    def __init__(self, frames: FrameRunner, failure: Failure) -> None:
        self._frames, self._failure = frames, failure
        self._state: StreamState | None = None

    def step(self, state: StreamState, inputs: FrameInput) -> tuple[Tensor, Tensor]:
        """See `FrameRunner`; breaks when half of the layers have their keys."""
        self._state = state
        if self._failure.part == "step" and state.mark.frame == self._failure.frame:
            cache = state.voice[0]
            cache.append_pair(torch.zeros_like(cache.pair[:, :1]))
            self._break()
        return self._frames.step(state, inputs)

    def choose(self, hidden: Tensor, sampling: Sampling, noise: Tensor, books: int) -> Tensor:
        """See `FrameRunner`; breaks after the step has left its keys in the state."""
        assert self._state is not None, "a step comes first"
        if self._failure.part == "choose" and self._state.mark.frame == self._failure.frame:
            self._break()
        return self._frames.choose(hidden, sampling, noise, books)

    def _break(self) -> None:
        if self._failure.memory_lost and self._state is not None:
            for cache in self._state.voice:
                cache.pair = cache.pair.to("meta")
        raise self._failure.error


def breaking_voice(folder: Path, failure: Failure) -> Voice:
    """The voice in `folder`, computed by the cuda runtime's functions until they fail."""
    voice = load_voice(folder, "cpu", "cuda", CudaOptions(graphs=False))
    return replace(voice, frames=BreakingFrames(voice.frames, failure))


class BreakingShelf(RuntimeShelf):
    """Loads that voice, whatever is asked for; made inside the engine process."""

    def __init__(self, folder: Path, failure: Failure) -> None:
        self._folder, self._failure = folder, failure

    def load_voice(self, name: str | None, device: str | None, runtime: str | None) -> RuntimeVoice:
        """The voice that will break."""
        return RuntimeVoice(breaking_voice(self._folder, self._failure))


def breaking_shelf(folder: Path, failure: Failure) -> partial[BreakingShelf]:
    """What an EngineHandle makes its shelf with."""
    return partial(BreakingShelf, folder, failure)
