"""A two-layer model kept in the repository: its losses and its codes must not change unnoticed.

After a change that is meant: `python -m tests.assets.golden.make`.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
import torch

from engine.model import SpeechModel, load_model
from tests.assets.golden.make import EXPECTED, FRAMES, MODEL, free_running, losses


@pytest.fixture(scope="module")
def model() -> SpeechModel:
    return load_model(MODEL)[0]


@pytest.fixture(scope="module")
def expected() -> dict[str, Any]:
    return json.loads(EXPECTED.read_text(encoding="utf-8"))


def test_it_is_small_and_has_every_branch(model: SpeechModel) -> None:
    assert MODEL.stat().st_size + EXPECTED.stat().st_size < 300_000
    assert model.config.layers == 2
    assert model.config.memory_read_layers
    assert all(block.attention.gate.weight.any() for block in model.backbone.blocks)


def test_losses_are_the_recorded_ones(model: SpeechModel, expected: dict[str, Any]) -> None:
    assert losses(model) == pytest.approx(expected["losses"], rel=1e-6)


def test_free_running_gives_the_recorded_codes(model: SpeechModel, expected: dict[str, Any]) -> None:
    codes = free_running(model)
    assert codes.shape == (FRAMES, model.config.codebooks)
    assert torch.equal(codes, torch.tensor(expected["codes"]))
