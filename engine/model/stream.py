"""The speech model one frame at a time along a `StreamState`: planning a clause, speaking and hearing its frames.

Which runtime computes a frame is the `FrameRunner`'s business. Owned by one thread at a time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from engine.memory import Bank, Slot, clause_prosody
from engine.model.frames import FrameInput, FrameRunner, Spoken, TorchFrames
from engine.model.speech import AGENT, START, USER, SpeechModel
from engine.model.state import StreamState


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

    def __init__(
        self, model: SpeechModel, voice_window: int | None = None, frames: FrameRunner | None = None
    ) -> None:
        self.model = model
        self.frames: FrameRunner = frames or TorchFrames(model)
        self.voice_window = voice_window or model.config.voice_window_frames

    def create(self) -> StreamState:
        """An empty state on the model's device."""
        return StreamState(self.model.config, self.model.first_head.weight.device, self.voice_window)

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
        """Put the clause's units into the text cache; gives the position of its first unit.

        Rolling back the clause's first frame takes the units out again: the clause must then be begun anew.
        """
        first = state.mark.units
        count = plan.encodings.shape[1]
        positions = torch.arange(first, first + count, device=state.device).unsqueeze(0)
        for block, cache in zip(self.model.backbone.blocks, state.text, strict=True):
            cache.append(*block.attention.text_keys(plan.encodings, positions))  # type: ignore[union-attr,operator]
        state.before_clause = state.mark
        state.mark = replace(state.mark, units=first + count)
        return first

    def speak_frame(
        self, state: StreamState, plan: ClausePlan, frame: int, first_unit: int, speaker: Tensor
    ) -> Tensor:
        """Backbone state (1, D) for frame `frame` of the clause; `finish_frame` must follow with its codes."""
        mark = state.mark
        index = plan.quarter_unit[frame]
        if mark.previous is None:
            previous = torch.full((self.model.config.codebooks,), -1, device=state.device)
        else:
            previous = mark.previous
        inputs = FrameInput(
            previous,
            START if mark.previous is None else AGENT,
            speaker,
            first_unit + index[:1],
            Spoken(plan.encodings[0, index], plan.elapsed[frame], plan.remaining[frame]),
        )
        return self._step(state, inputs)

    def hear_frame(self, state: StreamState, codes: Tensor, speaker: Tensor, prosody: Tensor) -> Tensor:
        """Take in a user frame: its semantic `codes` (S,) and codec `prosody` (3,). Gives the state (1, D)."""
        config = self.model.config
        previous = torch.full((config.codebooks,), -1, device=state.device)
        previous[: config.semantic_codebooks] = codes[: config.semantic_codebooks]
        unit = torch.zeros(1, dtype=torch.long, device=state.device)
        hidden = self._step(state, FrameInput(previous, USER, speaker, unit, None))
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
        state.before_clause = None  # a clause that ends without a frame of its own stays when later frames go
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

    def cut_clause(self, state: StreamState, units: int, spoken: int, text: str) -> None:
        """End a clause of `units` units after `spoken` of them: the others leave the text cache, and memory gets what
        was said, `text`. Frames before the cut cannot be rolled back any more."""
        first = state.mark.units - units + spoken
        for cache in state.text:
            cache.rollback(first)
        state.past.clear()
        state.mark = replace(state.mark, units=first)
        self.end_clause(state, max(1, spoken), text)

    def _step(self, state: StreamState, inputs: FrameInput) -> Tensor:
        state.past.append(state.before_clause or state.mark)
        state.before_clause = None
        hidden, written = self.frames.step(state, inputs)
        so_far = state.mark.clause_sum
        state.mark = replace(state.mark, clause_sum=written if so_far is None else so_far + written)
        return hidden


def manner_of(bank: Bank, now_s: float, features: int) -> Tensor:
    """What the prosodic bank says of the current manner (features,): the mean of its slots, weighted by decay."""
    total, weight = torch.zeros(features), 1e-6
    for slot in bank.fade(now_s).slots:
        decay = bank.decay(slot, now_s)
        total = total + decay * slot.vector.cpu()
        weight += decay
    return total / weight * min(1.0, weight)
