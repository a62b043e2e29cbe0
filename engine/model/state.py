"""What one conversation's stream remembers, as one value: create, reset, clone, save, restore, roll back.

Whatever runtime makes the frames, this is the state. Owned by one thread at a time; knows no weights.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import torch
from torch import Tensor

from engine.config import SpeechModelConfig
from engine.memory import MemoryState
from engine.model.cache import KeyValueCache

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, eq=False)
class Mark:
    """The small part of a stream's state, immutable: kept for each of the last frames to roll back to.

    frame: the next frame's number · previous (K,) codes of the last agent frame or None · units so far · the running
    sum (D,) of the clause being spoken, its frames and their prosody (each (3,)).
    """

    frame: int
    units: int
    previous: Tensor | None
    memory: MemoryState
    clause_sum: Tensor | None
    clause_prosody: tuple[Tensor, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Checkpoint:
    """Where a stream stood between two frames; keeping one costs nothing, since its parts are immutable."""

    mark: Mark
    past: tuple[Mark, ...]
    before_clause: Mark | None


class StreamState:
    """All that one conversation's stream remembers.

    `voice_window` is how many frames back it may look: what the voice was trained for, where that is less than the
    architecture holds. The caches are sized by it. `before_clause` is the mark from before a clause that was begun and
    has no frame yet: what undoing its first frame goes back to.
    """

    def __init__(
        self, config: SpeechModelConfig, device: torch.device, voice_window: int | None = None
    ) -> None:
        head_width = config.width // config.heads
        margin = config.rollback_margin
        self.config, self.device = config, device
        self.voice_window = min(voice_window or config.voice_window_frames, config.voice_window_frames)
        self.voice = [
            KeyValueCache(config.kv_heads, head_width, self.voice_window, margin, device)
            for _ in range(config.layers)
        ]
        self.text = [
            KeyValueCache(
                config.kv_heads, head_width, config.text_window_units, config.text_window_units, device
            )
            for _ in range(config.layers)
        ]
        self.mark = Mark(0, 0, None, MemoryState.create(config.memory), None, ())
        self.past: deque[Mark] = deque(maxlen=margin)
        self.before_clause: Mark | None = None

    @property
    def now_s(self) -> float:
        """Stream time in seconds."""
        return self.mark.frame * self.config.frame_s

    def reset(self) -> StreamState:
        """A fresh state for the same model."""
        return StreamState(self.config, self.device, self.voice_window)

    def clone(self) -> StreamState:
        """An independent copy: what happens to one does not touch the other."""
        copy = object.__new__(StreamState)
        copy.config, copy.device, copy.mark = self.config, self.device, self.mark
        copy.voice_window, copy.before_clause = self.voice_window, self.before_clause
        copy.past = deque(self.past, maxlen=self.past.maxlen)
        copy.voice = [cache.clone() for cache in self.voice]
        copy.text = [cache.clone() for cache in self.text]
        return copy

    def rollback(self, frames: int) -> None:
        """Undo the last `frames` frames: voice, text, memory. Raises ValueError beyond the margin.

        Undoing the first frame of a clause undoes its `begin_clause` too.
        """
        if frames == 0:
            return
        if not 0 < frames <= len(self.past):
            raise ValueError(f"can roll back 1 to {len(self.past)} frames, not {frames}")
        self.mark, self.before_clause = self.past[-frames], None
        for _ in range(frames):
            self.past.pop()
        for cache in self.voice:
            cache.rollback(self.mark.frame)
        for cache in self.text:
            cache.rollback(self.mark.units)

    def checkpoint(self) -> Checkpoint:
        """What `return_to` goes back to when the frame that follows fails in the middle."""
        return Checkpoint(self.mark, tuple(self.past), self.before_clause)

    def return_to(self, checkpoint: Checkpoint) -> None:
        """Undo the frame that was begun after `checkpoint`, however far it came; some caches may lack its keys."""
        self.mark, self.before_clause = checkpoint.mark, checkpoint.before_clause
        self.past = deque(checkpoint.past, maxlen=self.past.maxlen)
        for caches, count in ((self.voice, self.mark.frame), (self.text, self.mark.units)):
            for cache in caches:
                if cache.count != count:
                    cache.rollback(count)

    def undo_to(self, checkpoint: Checkpoint) -> None:
        """Undo every frame since `checkpoint`, at most the margin of them. Where the voice was forgotten meanwhile,
        nothing sounded before what comes next."""
        self.mark, self.before_clause = checkpoint.mark, checkpoint.before_clause
        self.past = deque(checkpoint.past, maxlen=self.past.maxlen)
        for cache in self.text:
            cache.rollback(self.mark.units)
        if any(cache.count - self.mark.frame > cache.end for cache in self.voice):
            self.forget_voice()
            for cache in self.voice:
                cache.count = self.mark.frame
        for cache in self.voice:
            cache.rollback(self.mark.frame)

    def move(self, device: torch.device) -> None:
        """Take everything to `device`. Raises RuntimeError, with nothing changed, where a tensor cannot be read."""
        carrier = _Carrier(device)
        voice, text = ([cache.clone(device) for cache in caches] for caches in (self.voice, self.text))
        mark, past = carrier.mark(self.mark), [carrier.mark(mark) for mark in self.past]
        before = None if self.before_clause is None else carrier.mark(self.before_clause)
        self.device, self.voice, self.text, self.mark, self.before_clause = device, voice, text, mark, before
        self.past = deque(past, maxlen=self.past.maxlen)

    def restart(self, device: torch.device) -> None:
        """Keep nothing on `device` but how far the stream has come: for when the rest cannot be read any more."""
        fresh = StreamState(self.config, device, self.voice_window)
        fresh.mark = replace(fresh.mark, frame=self.mark.frame, units=self.mark.units)
        for caches, count in ((fresh.voice, self.mark.frame), (fresh.text, self.mark.units)):
            for cache in caches:
                cache.count = count
        self.device, self.voice, self.text, self.mark = device, fresh.voice, fresh.text, fresh.mark
        self.past, self.before_clause = fresh.past, None

    def forget_voice(self) -> None:
        """Go on as if nothing had sounded before: no frames to look back on, none to undo. Text and memory stay."""
        for cache in self.voice:
            cache.forget()
        self.past.clear()
        self.mark = replace(self.mark, previous=None)

    def save(self) -> tuple[dict[str, Tensor], str]:
        """Tensors and a JSON text from which `restore` makes the same state; the rollback history is not kept."""
        tensors = {}
        for kind, caches in (("voice", self.voice), ("text", self.text)):
            for layer, cache in enumerate(caches):
                begin, end = max(0, cache.end - cache.kept), cache.end
                tensors[f"{kind}.{layer}"] = cache.pair[:, begin:end].cpu().clone()
        mark = self.mark
        if mark.previous is not None:
            tensors["previous"] = mark.previous.cpu()
        if mark.clause_sum is not None:
            tensors["clause_sum"] = mark.clause_sum.cpu()
            tensors["clause_prosody"] = torch.stack(mark.clause_prosody).cpu()
        about = {
            "frame": mark.frame,
            "units": mark.units,
            "voice_window": self.voice_window,
            "memory": mark.memory.save(),
        }
        return tensors, json.dumps(about)

    @staticmethod
    def restore(
        config: SpeechModelConfig, device: torch.device, tensors: dict[str, Tensor], about: str
    ) -> StreamState:
        """The inverse of `save`."""
        values: dict[str, Any] = json.loads(about)
        state = StreamState(config, device, values["voice_window"])
        for kind, caches, count in (
            ("voice", state.voice, values["frame"]),
            ("text", state.text, values["units"]),
        ):
            for layer, cache in enumerate(caches):
                cache.append_pair(tensors[f"{kind}.{layer}"].to(device))
                cache.count = count
        prosody = tensors.get("clause_prosody")
        state.mark = Mark(
            values["frame"],
            values["units"],
            tensors["previous"].to(device) if "previous" in tensors else None,
            MemoryState.restore(values["memory"]),
            tensors["clause_sum"].to(device) if "clause_sum" in tensors else None,
            tuple(prosody.to(device)) if prosody is not None else (),
        )
        return state


class _Carrier:
    """Takes marks to a device, what they share only once: most of each mark is also in the one before it."""

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._carried: dict[
            int, tuple[Any, Any]
        ] = {}  # by identity, the original held so that it stays itself

    def _once(self, original: _T, carry: Callable[[_T], _T]) -> _T:
        if id(original) not in self._carried:
            self._carried[id(original)] = (original, carry(original))
        carried: _T = self._carried[id(original)][1]
        return carried

    def tensor(self, tensor: Tensor) -> Tensor:
        return self._once(tensor, lambda t: t.to(self._device))

    def mark(self, mark: Mark) -> Mark:
        return self._once(
            mark,
            lambda m: replace(
                m,
                previous=None if m.previous is None else self.tensor(m.previous),
                memory=self._once(m.memory, lambda memory: memory.mapped(self.tensor)),
                clause_sum=None if m.clause_sum is None else self.tensor(m.clause_sum),
                clause_prosody=tuple(self.tensor(prosody) for prosody in m.clause_prosody),
            ),
        )
