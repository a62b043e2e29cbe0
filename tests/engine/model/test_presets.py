"""The three presets: their parameters are counted, and each can be run forwards and backwards.

Medium is only counted here; its real pass is `python -m benchmarks.medium_pass`.
"""

from __future__ import annotations

import gc

import pytest
import torch

from benchmarks.medium_pass import one_pass
from engine.config import CodecConfig, SpeechModelConfig, load_config
from engine.model import SpeechModel
from engine.paths import resources_dir

MILLIONS = {"tiny": 36, "small": 200, "medium": 927}
LEFT_OUT = ("text.manner", ".semantic.", ".prosodic.", "memory_norm", "phone_head")


def preset(name: str) -> SpeechModelConfig:
    return load_config(SpeechModelConfig, resources_dir() / "configs" / f"{name}.toml")


@pytest.mark.parametrize("name", MILLIONS)
def test_the_number_of_parameters_is_as_designed(name: str) -> None:
    with torch.device("meta"):
        model = SpeechModel(preset(name))
    millions = sum(p.numel() for p in model.parameters()) / 1e6
    assert millions == pytest.approx(MILLIONS[name], rel=0.02)


@pytest.mark.parametrize("name", MILLIONS)
def test_heads_are_exactly_as_wide_as_the_codec_has_entries(name: str) -> None:
    config, codec = preset(name), CodecConfig()
    with torch.device("meta"):
        model = SpeechModel(config)
        assert model.first_head(torch.zeros(3, config.width)).shape == (3, codec.codebook_size)
        logits = model.depth(torch.zeros(3, config.width), torch.zeros(3, codec.codebooks, dtype=torch.long))
    assert logits.shape == (3, codec.codebooks - 1, codec.codebook_size)
    assert config.semantic_codebooks == codec.semantic_codebooks
    assert config.frame_s == pytest.approx(codec.frame_ms / 1000)
    assert config.quarters_per_frame == codec.quarters_per_frame
    assert config.phone_classes == codec.phone_classes


@pytest.mark.parametrize(("name", "dtype"), [("tiny", torch.float32), ("small", torch.bfloat16)])
def test_four_frames_go_forwards_and_backwards(name: str, dtype: torch.dtype) -> None:
    torch.manual_seed(0)
    config = preset(name)
    figures = one_pass(config, dtype)
    gc.collect()
    assert figures["gradients_finite"]
    assert 2.0 < figures["loss"] < 40.0
    with torch.device("meta"):
        named = dict(SpeechModel(config).named_parameters())
    idle = sum(p.numel() for n, p in named.items() if any(part in n for part in LEFT_OUT))
    total = sum(p.numel() for p in named.values())
    assert figures["share_with_gradient"] >= round(1 - idle / total, 4) - 1e-4
