"""The speech model one frame at a time: everything a stream remembers is one value, `StreamState`.

Create, reset, clone, save, restore, and roll back to what was heard. Owned by one thread at a time.
"""

from __future__ import annotations

import json
from collections import deque
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from engine.config import SpeechModelConfig
from engine.memory import Bank, MemoryState, Slot, clause_prosody
from engine.model.backbone import MemoryView, StepInputs, VoiceTextAttention
from engine.model.speech import AGENT, START, USER, SpeechModel


class KeyValueCache:
    """Keys and values (1, H, n, d) of the last entries: appended at the end, moved to the front when full.

    What lies within `window` + `margin` of the end is kept, so that the last `margin` entries can be taken back.
    """

    def __init__(self, heads: int, width: int, window: int, margin: int, device: torch.device) -> None:
        self.window, self.kept = window, window + margin
        self.pair = torch.zeros(2, 1, heads, 2 * self.kept, width, device=device)
        self.end = 0
        self.count = 0

    def append(self, key: Tensor, value: Tensor) -> None:
        """Add n entries; n must not exceed what is kept."""
        fresh = key.shape[2]
        if self.end + fresh > self.pair.shape[3]:
            self.pair[:, :, :, : self.kept] = self.pair[:, :, :, self.end - self.kept : self.end].clone()
            self.end = self.kept
        self.pair[0, :, :, self.end : self.end + fresh] = key
        self.pair[1, :, :, self.end : self.end + fresh] = value
        self.end += fresh
        self.count += fresh

    def visible(self, window: int) -> tuple[Tensor, Tensor]:
        """Views of the last min(`window`, own window) entries."""
        begin = max(0, self.end - min(window, self.window))
        return self.pair[0, :, :, begin : self.end], self.pair[1, :, :, begin : self.end]

    def rollback(self, count: int) -> None:
        """Forget all entries after the first `count`."""
        gone = self.count - count
        if gone < 0 or gone > self.end:
            raise ValueError(f"cannot take back {gone} entries of {self.end}")
        self.end -= gone
        self.count = count

    def clone(self) -> KeyValueCache:
        """An independent copy."""
        copy = object.__new__(KeyValueCache)
        copy.window, copy.kept, copy.end, copy.count = self.window, self.kept, self.end, self.count
        copy.pair = self.pair.clone()
        return copy


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


class StreamState:
    """All that one conversation's stream remembers."""

    def __init__(self, config: SpeechModelConfig, device: torch.device) -> None:
        head_width = config.width // config.heads
        margin = config.rollback_margin
        self.config, self.device = config, device
        self.voice = [
            KeyValueCache(config.kv_heads, head_width, config.voice_window_frames, margin, device)
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

    @property
    def now_s(self) -> float:
        """Stream time in seconds."""
        return self.mark.frame * self.config.frame_s

    def reset(self) -> StreamState:
        """A fresh state for the same model."""
        return StreamState(self.config, self.device)

    def clone(self) -> StreamState:
        """An independent copy: what happens to one does not touch the other."""
        copy = object.__new__(StreamState)
        copy.config, copy.device, copy.mark = self.config, self.device, self.mark
        copy.past = deque(self.past, maxlen=self.past.maxlen)
        copy.voice = [cache.clone() for cache in self.voice]
        copy.text = [cache.clone() for cache in self.text]
        return copy

    def rollback(self, frames: int) -> None:
        """Undo the last `frames` frames: voice, text, memory. Raises ValueError beyond the margin."""
        if frames == 0:
            return
        if not 0 < frames <= len(self.past):
            raise ValueError(f"can roll back 1 to {len(self.past)} frames, not {frames}")
        self.mark = self.past[-frames]
        for _ in range(frames):
            self.past.pop()
        for cache in self.voice:
            cache.rollback(self.mark.frame)
        for cache in self.text:
            cache.rollback(self.mark.units)

    def save(self) -> tuple[dict[str, Tensor], str]:
        """Tensors and a JSON text from which `restore` makes the same state; the rollback history is not kept."""
        tensors = {}
        for kind, caches in (("voice", self.voice), ("text", self.text)):
            for layer, cache in enumerate(caches):
                begin = max(0, cache.end - cache.kept)
                tensors[f"{kind}.{layer}"] = cache.pair[:, :, :, begin : cache.end].cpu().clone()
        mark = self.mark
        if mark.previous is not None:
            tensors["previous"] = mark.previous.cpu()
        if mark.clause_sum is not None:
            tensors["clause_sum"] = mark.clause_sum.cpu()
            tensors["clause_prosody"] = torch.stack(mark.clause_prosody).cpu()
        about = {"frame": mark.frame, "units": mark.units, "memory": mark.memory.save()}
        return tensors, json.dumps(about)

    @staticmethod
    def restore(
        config: SpeechModelConfig, device: torch.device, tensors: dict[str, Tensor], about: str
    ) -> StreamState:
        """The inverse of `save`."""
        values: dict[str, Any] = json.loads(about)
        state = StreamState(config, device)
        for kind, caches, count in (
            ("voice", state.voice, values["frame"]),
            ("text", state.text, values["units"]),
        ):
            for layer, cache in enumerate(caches):
                pair = tensors[f"{kind}.{layer}"].to(device)
                cache.append(pair[0], pair[1])
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


@dataclass(frozen=True, slots=True, eq=False)
class ClausePlan:
    """A clause ready to be spoken: encodings (1, U, text_width), quarters of each unit, and per frame what it speaks.

    quarter_unit, elapsed, remaining: (F, Q) local to the clause.
    """

    encodings: Tensor
    quarters: Tensor
    quarter_unit: Tensor
    elapsed: Tensor
    remaining: Tensor

    @property
    def frames(self) -> int:
        """Frames the clause takes."""
        return len(self.quarter_unit)


def lay_out(quarters: Tensor, per_frame: int) -> tuple[Tensor, Tensor, Tensor]:
    """Units, elapsed and remaining quarters (F, Q) of `quarters` (U,), whose sum is a multiple of `per_frame`."""
    ends = quarters.cumsum(0)
    spoken = torch.repeat_interleave(torch.arange(len(quarters), device=quarters.device), quarters)
    place = torch.arange(len(spoken), device=quarters.device)
    elapsed = place - (ends - quarters)[spoken]
    remaining = ends[spoken] - 1 - place
    return spoken.view(-1, per_frame), elapsed.view(-1, per_frame), remaining.view(-1, per_frame)


def whole_quarters(expected: Tensor, per_frame: int) -> Tensor:
    """Integer quarters (U,) of expected ones (U,): cumulative rounding, at least one each, the last fills a frame."""
    ends: list[int] = []
    total = 0.0
    for value in expected.tolist():
        total += max(1.0, value)
        ends.append(max((ends[-1] if ends else 0) + 1, round(total)))
    ends[-1] += -ends[-1] % per_frame
    previous = [0, *ends[:-1]]
    return torch.tensor([end - begin for begin, end in zip(previous, ends, strict=True)])


class SpeechStream:
    """Walks a model along one state. Methods change the state they are given and nothing else."""

    def __init__(self, model: SpeechModel, voice_window: int | None = None) -> None:
        self.model = model
        self.voice_window = voice_window or model.config.voice_window_frames

    def create(self) -> StreamState:
        """An empty state on the model's device."""
        return StreamState(self.model.config, self.model.first_head.weight.device)

    def plan(
        self, state: StreamState, units: dict[str, Tensor], rate: float = 1.0, quarters: Tensor | None = None
    ) -> ClausePlan:
        """Encode one clause's `units` (1, U) each and lay it out in time; `rate` > 1 is faster.

        `quarters` (U,) overrides the predicted durations (evaluation and tests).
        """
        model = self.model
        manner = manner_of(state.mark.memory.prosodic, state.now_s, model.config.memory.prosodic_features)
        manner = manner.to(state.device).view(1, 1, -1).expand(1, units["symbol"].shape[1], -1)
        encodings = model.encode_units(units, manner)
        if quarters is None:
            expected = model.text.expected_quarters(encodings)[0] / rate
            quarters = whole_quarters(expected, model.config.quarters_per_frame).to(state.device)
        return ClausePlan(encodings, quarters, *lay_out(quarters, model.config.quarters_per_frame))

    def begin_clause(self, state: StreamState, plan: ClausePlan) -> int:
        """Put the clause's units into the text cache; gives the position of its first unit."""
        first = state.mark.units
        count = plan.encodings.shape[1]
        positions = torch.arange(first, first + count, device=state.device).unsqueeze(0)
        for block, cache in zip(self.model.backbone.blocks, state.text, strict=True):
            cache.append(*block.attention.text_keys(plan.encodings, positions))  # type: ignore[union-attr,operator]
        state.mark = replace(state.mark, units=first + count)
        return first

    def speak_frame(
        self, state: StreamState, plan: ClausePlan, frame: int, first_unit: int, speaker: Tensor
    ) -> Tensor:
        """Backbone state (1, D) for frame `frame` of the clause; `finish_frame` must follow with its codes."""
        model, mark = self.model, state.mark
        index = plan.quarter_unit[frame]
        spoken = plan.encodings[0, index].view(1, 1, len(index), -1)
        elapsed, remaining = plan.elapsed[frame].view(1, 1, -1), plan.remaining[frame].view(1, 1, -1)
        text = model.embed_quarters(spoken, elapsed, remaining, torch.ones_like(elapsed, dtype=torch.bool))
        if mark.previous is None:
            previous = torch.full((1, 1, model.config.codebooks), -1, device=state.device)
        else:
            previous = mark.previous.view(1, 1, -1)
        kind = torch.full((1, 1), START if mark.previous is None else AGENT, device=state.device)
        x = model.frame_inputs(previous, kind, speaker.view(1, 1), text)
        return self._step(state, x, first_unit + index[:1])

    def hear_frame(self, state: StreamState, codes: Tensor, speaker: Tensor, prosody: Tensor) -> Tensor:
        """Take in a user frame: its semantic `codes` (S,) and codec `prosody` (3,). Gives the state (1, D)."""
        model = self.model
        previous = torch.full((1, 1, model.config.codebooks), -1, device=state.device)
        previous[0, 0, : model.config.semantic_codebooks] = codes[: model.config.semantic_codebooks]
        kind = torch.full((1, 1), USER, device=state.device)
        nothing = torch.zeros(1, 1, model.config.width, device=state.device)
        x = model.frame_inputs(previous, kind, speaker.view(1, 1), nothing)
        hidden = self._step(state, x, torch.zeros(1, dtype=torch.long, device=state.device))
        state.mark = replace(
            state.mark, frame=state.mark.frame + 1, clause_prosody=(*state.mark.clause_prosody, prosody)
        )
        return hidden

    def finish_frame(self, state: StreamState, codes: Tensor, prosody: Tensor) -> None:
        """Take in what was spoken: `codes` (K,) of the frame and their codec `prosody` (3,)."""
        mark = state.mark
        state.mark = replace(
            mark, frame=mark.frame + 1, previous=codes, clause_prosody=(*mark.clause_prosody, prosody)
        )

    def end_clause(self, state: StreamState, units: int, text: str, speaker: str = "agent") -> None:
        """Write the finished clause to both memory banks."""
        mark = state.mark
        if mark.clause_sum is None:
            return
        track = torch.stack(mark.clause_prosody).float().cpu().numpy()
        semantic = Slot(mark.clause_sum / len(track), state.now_s, text, speaker)
        features = torch.from_numpy(clause_prosody(track, units, self.model.config.frame_s))
        prosodic = Slot(features.to(state.device), state.now_s, text, speaker)
        state.mark = replace(
            mark, memory=mark.memory.write(semantic, prosodic), clause_sum=None, clause_prosody=()
        )

    def _step(self, state: StreamState, x: Tensor, unit: Tensor) -> Tensor:
        state.past.append(state.mark)
        positions = torch.full((1, 1), state.mark.frame, device=state.device)
        source = _StreamSource(state, self.voice_window)
        inputs = StepInputs(positions, unit.view(1, 1), None, None)
        hidden: Tensor
        hidden, _ = self.model.backbone(x, inputs, source, source)
        assert source.clause_sum is not None
        state.mark = replace(state.mark, clause_sum=source.clause_sum)
        return hidden[:, 0]


def manner_of(bank: Bank, now_s: float, features: int) -> Tensor:
    """What the prosodic bank says of the current manner (features,): the mean of its slots, weighted by decay."""
    total, weight = torch.zeros(features), 1e-6
    for slot in bank.fade(now_s).slots:
        decay = bank.decay(slot, now_s)
        total = total + decay * slot.vector.cpu()
        weight += decay
    return total / weight * min(1.0, weight)


class _StreamSource:
    """Keys from the state's caches; memory as it stood before this frame."""

    def __init__(self, state: StreamState, voice_window: int) -> None:
        self.state, self.voice_window = state, voice_window
        self.clause_sum: Tensor | None = None

    def voice(self, layer: int, key: Tensor, value: Tensor) -> tuple[Tensor, Tensor]:
        cache = self.state.voice[layer]
        cache.append(key, value)
        return cache.visible(self.voice_window)

    def text(self, layer: int, attention: VoiceTextAttention) -> tuple[Tensor, Tensor]:
        return self.state.text[layer].visible(self.state.config.text_window_units)

    def written(self, hidden: Tensor) -> None:
        so_far = self.state.mark.clause_sum
        self.clause_sum = hidden[0, 0] if so_far is None else so_far + hidden[0, 0]

    def read(self) -> MemoryView | None:
        state = self.state
        now_s = state.now_s
        semantic, prosodic = state.mark.memory.semantic.fade(now_s), state.mark.memory.prosodic.fade(now_s)
        if not semantic.slots and not prosodic.slots:
            return None
        config = state.config
        return MemoryView(
            semantic.vectors(state.device, config.width),
            prosodic.vectors(state.device, config.memory.prosodic_features),
            semantic.ages_s(now_s, state.device),
            prosodic.ages_s(now_s, state.device),
        )
