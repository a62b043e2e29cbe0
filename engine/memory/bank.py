"""What the conversation remembers: immutable banks of slots on the stream clock.

Writing, fading and forgetting return new values, so a rollback is keeping the old one. Imports torch for the vectors.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from engine.config import MemoryConfig


@dataclass(frozen=True, slots=True, eq=False)
class Slot:
    """One remembered clause: its vector (D,), the stream time of its end in seconds, its words and who said them."""

    vector: Tensor
    written_s: float
    text: str = ""
    speaker: str = "agent"


@dataclass(frozen=True, slots=True, eq=False)
class Bank:
    """Slots in the order of writing; weight falls with exp(-age / tau_s)."""

    tau_s: float
    limit: int
    drop_below: float
    slots: tuple[Slot, ...] = ()

    def decay(self, slot: Slot, now_s: float) -> float:
        """What age alone leaves of a slot's weight, 0 to 1."""
        return math.exp(-max(0.0, now_s - slot.written_s) / self.tau_s)

    def write(self, slot: Slot) -> Bank:
        """A bank that also holds `slot`; what has faded is dropped, then the oldest beyond the limit."""
        return replace(self, slots=(*self.fade(slot.written_s).slots, slot)[-self.limit :])

    def fade(self, now_s: float) -> Bank:
        """A bank without the slots whose decay fell below the threshold."""
        kept = tuple(slot for slot in self.slots if self.decay(slot, now_s) >= self.drop_below)
        return self if len(kept) == len(self.slots) else replace(self, slots=kept)

    def forget(self, index: int) -> Bank:
        """A bank without one slot."""
        return replace(self, slots=self.slots[:index] + self.slots[index + 1 :])

    def mapped(self, change: Callable[[Tensor], Tensor]) -> Bank:
        """A bank whose slots' vectors went through `change`, such as a move to another device."""
        return replace(self, slots=tuple(replace(slot, vector=change(slot.vector)) for slot in self.slots))

    def vectors(self, device: torch.device, width: int) -> Tensor:
        """(1, N, width) for a read; N may be 0."""
        if not self.slots:
            return torch.zeros(1, 0, width, device=device)
        return torch.stack([slot.vector for slot in self.slots]).unsqueeze(0).to(device)

    def ages_s(self, now_s: float, device: torch.device) -> Tensor:
        """(1, 1, N) seconds since each slot was written."""
        ages = [now_s - slot.written_s for slot in self.slots]
        return torch.tensor(ages, device=device, dtype=torch.float32).view(1, 1, -1)


@dataclass(frozen=True, slots=True, eq=False)
class MemoryState:
    """Both banks. Create with `MemoryState.create`, clone by keeping it, roll back by returning to an older one."""

    semantic: Bank
    prosodic: Bank

    @staticmethod
    def create(config: MemoryConfig) -> MemoryState:
        """Empty banks."""
        return MemoryState(
            Bank(config.semantic_tau_s, config.slots, config.drop_below),
            Bank(config.prosodic_tau_s, config.slots, config.drop_below),
        )

    def write(self, semantic: Slot, prosodic: Slot) -> MemoryState:
        """Both slots of one finished clause."""
        return MemoryState(self.semantic.write(semantic), self.prosodic.write(prosodic))

    def mapped(self, change: Callable[[Tensor], Tensor]) -> MemoryState:
        """Both banks with every vector gone through `change`."""
        return MemoryState(self.semantic.mapped(change), self.prosodic.mapped(change))

    def save(self) -> dict[str, Any]:
        """Plain lists and numbers, fit for JSON."""
        return {
            name: {
                "tau_s": bank.tau_s,
                "limit": bank.limit,
                "drop_below": bank.drop_below,
                "slots": [
                    {
                        "vector": s.vector.tolist(),
                        "written_s": s.written_s,
                        "text": s.text,
                        "speaker": s.speaker,
                    }
                    for s in bank.slots
                ],
            }
            for name, bank in (("semantic", self.semantic), ("prosodic", self.prosodic))
        }

    @staticmethod
    def restore(saved: dict[str, Any]) -> MemoryState:
        """The inverse of `save`."""

        def bank(values: dict[str, Any]) -> Bank:
            slots = tuple(
                Slot(torch.tensor(s["vector"]), s["written_s"], s["text"], s["speaker"])
                for s in values["slots"]
            )
            return Bank(values["tau_s"], values["limit"], values["drop_below"], slots)

        return MemoryState(bank(saved["semantic"]), bank(saved["prosodic"]))
