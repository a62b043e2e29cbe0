"""By gradient: no frame's state depends on later frames, nor on clauses it may not see yet."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from engine.model import SpeechModel, Windows
from tests.fixtures.tiny_models import made_up, tiny_model
from training.data.speech_rows import RowBuilder, SpeechBatch


class Watched:
    """A model whose backbone input and text encodings can be differentiated by."""

    def __init__(self, model: SpeechModel, roles: str) -> None:
        rng = np.random.default_rng(6)
        said = [made_up(rng, model.config, role="user" if role == "u" else "agent") for role in roles]
        self.ends = np.cumsum([u.frames for u in said]).tolist()
        self.units = np.cumsum([len(u.units) for u in said]).tolist()
        builder = RowBuilder(model.config, {"first": 0}, self.ends[-1])
        self.batch: SpeechBatch = builder.build([said], rng, augment=False)
        self.frames = torch.empty(0)
        self.encodings = torch.empty(0)
        windows = Windows(torch.tensor([2048]), torch.tensor([256]), torch.tensor([True]))
        hooks = (
            model.text.register_forward_hook(self._encoded),
            model.backbone.register_forward_pre_hook(self._entered),
        )
        self.hidden = model.parallel(self.batch.rows, windows)[0][0]
        for hook in hooks:
            hook.remove()

    def _encoded(self, module: object, inputs: object, output: Tensor) -> Tensor:
        self.encodings = output.detach().requires_grad_()
        return self.encodings

    def _entered(self, module: object, inputs: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        # The text's way into the input is not cut, so that both gradients are seen.
        self.frames = torch.zeros_like(inputs[0]).requires_grad_()
        return (inputs[0] + self.frames, *inputs[1:])

    def gradients(self, frame: int) -> tuple[Tensor, Tensor]:
        """Of one frame's state, by frames (T,) and by units (U,): largest absolute value."""
        by_frame, by_unit = torch.autograd.grad(
            self.hidden[frame].square().sum(), (self.frames, self.encodings), retain_graph=True
        )
        return by_frame[0].abs().amax(-1), by_unit[0].abs().amax(-1)


@pytest.fixture(scope="module", params=["aaa", "uaua"])
def watched(request: pytest.FixtureRequest) -> Watched:
    return Watched(tiny_model(), request.param)


def test_no_state_depends_on_a_later_frame(watched: Watched) -> None:
    for frame in range(0, len(watched.hidden), 3):
        by_frame, _ = watched.gradients(frame)
        assert not by_frame[frame + 1 :].any()
        assert by_frame[: frame + 1].all()


def test_no_state_depends_on_a_clause_that_is_not_known_yet(watched: Watched) -> None:
    rows = watched.batch.rows
    clause = rows.units["clause"][0]
    for frame in range(len(watched.hidden)):
        _, by_unit = watched.gradients(frame)
        known = clause <= rows.visible[0, frame]
        assert not by_unit[~known].any()
        assert by_unit[known].all()


def test_memory_carries_earlier_clauses_to_later_ones_alone() -> None:
    model = tiny_model()
    for block in model.backbone.blocks:  # with attention cut off, memory is the only way back
        torch.nn.init.zeros_(block.attention.out.weight)
    watched = Watched(model, "aaa")
    first_end, second_end = watched.ends[:2]
    within, _ = watched.gradients(first_end - 1)
    assert not within[: first_end - 1].any()
    after, _ = watched.gradients(first_end)
    assert after[:first_end].all()
    assert not after[first_end + 1 :].any()
    later, _ = watched.gradients(second_end)
    assert later[:second_end].all()
