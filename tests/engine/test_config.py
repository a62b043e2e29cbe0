"""Configuration files: what is shipped is read; what is wrong is named with its file, in one sentence."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path
from typing import Any

import pytest

from engine.config import (
    CodecConfig,
    MemoryConfig,
    SpeechModelConfig,
    from_mapping,
    load_config,
    to_mapping,
)
from engine.errors import ConfigError
from engine.paths import resources_dir
from tests.fixtures.tiny_models import TINY_CODEC, TINY_MODEL

SHIPPED = sorted((resources_dir() / "configs").glob("*.toml"))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_shipped_file_is_read(path: Path) -> None:
    config = load_config(SpeechModelConfig, path)
    assert config.name == path.stem
    assert from_mapping(SpeechModelConfig, to_mapping(config), "again") == config


def test_three_presets_are_shipped() -> None:
    assert {"tiny", "small", "medium"} <= {path.stem for path in SHIPPED}


@pytest.mark.parametrize("config", [CodecConfig(), TINY_CODEC, TINY_MODEL, MemoryConfig()])
def test_a_configuration_survives_being_written(config: Any) -> None:
    assert from_mapping(type(config), to_mapping(config), "here") == config


def test_derived_numbers_follow_from_the_written_ones() -> None:
    config = CodecConfig(sample_rate_hz=16_000, hop_samples=160, window_samples=640)
    assert config.frame_samples == 960
    assert config.frame_ms == 60.0
    assert config.delay_samples == 480
    assert config.quarter_samples * config.quarters_per_frame == config.frame_samples
    assert TINY_MODEL.audio_width == 16
    assert dataclasses.replace(TINY_MODEL, audio_embedding_width=0).audio_width == TINY_MODEL.width


def written(folder: Path, changes: dict[str, str]) -> Path:
    """The tiny preset with some of its lines replaced, or appended."""
    text = (resources_dir() / "configs" / "tiny.toml").read_text(encoding="utf-8")
    for key, value in changes.items():
        line = f"{key} = {value}" if value else ""
        text, found = re.subn(rf"^{key} = .*$", line, text, flags=re.MULTILINE)
        text = text if found else f"{line}\n{text}"
    path = folder / "preset.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"widht": "512"}, "unknown key 'widht'"),
        ({"width": ""}, "the key 'width' is missing"),
        ({"width": '"512"'}, "width must be int, not '512'"),
        ({"width": "512.0"}, "width must be int, not 512.0"),
        ({"width": "true"}, "width must be int, not True"),
        ({"width": "[512]"}, "width must be int, not"),
        ({"name": "7"}, "name must be str, not 7"),
        ({"frame_s": "true"}, "frame_s must be float, not True"),
        ({"memory": "3"}, "memory must be a table, not 3"),
        ({"memory": "{slot = 3}"}, r"\[memory\]: unknown key 'slot'"),
        ({"memory": "{drop_below = 2.0}"}, r"\[memory\]: drop_below is a weight"),
        ({"memory": "{semantic_tau_s = 0}"}, r"\[memory\]: semantic_tau_s must be positive, not 0"),
        ({"memory_read_layers": "5"}, "memory_read_layers must be a list of int, not 5"),
        ({"memory_read_layers": '["5"]'}, "memory_read_layers must be a list of int"),
        ({"memory_read_layers": "[3]"}, "blocks after memory_write_layer"),
        ({"memory_read_layers": "[8]"}, "blocks after memory_write_layer"),
        (
            {"memory_write_layer": "8", "memory_read_layers": "[]"},
            "memory_write_layer must be one of the blocks",
        ),
        ({"width": "500"}, "the backbone's width must be divisible by its heads"),
        ({"width": "8"}, "the backbone's head width must be even"),
        ({"kv_heads": "3"}, "the backbone's heads must be a multiple of its key/value heads"),
        ({"depth_kv_heads": "3"}, "the depth decoder's heads must be a multiple"),
        ({"text_heads": "7"}, "the text encoder's width must be divisible"),
        ({"heads": "0"}, "heads must be positive, not 0"),
        ({"layers": "-1"}, "layers must be positive, not -1"),
        ({"audio_embedding_width": "-1"}, "audio_embedding_width must be at least 0"),
        ({"semantic_codebooks": "32"}, "semantic_codebooks must lie between"),
        ({"memory": "{heads = 7}"}, "divisible by the memory's heads"),
    ],
)
def test_a_mistake_is_named_with_its_file(tmp_path: Path, changes: dict[str, str], said: str) -> None:
    path = written(tmp_path, changes)
    with pytest.raises(ConfigError, match=said) as raised:
        load_config(SpeechModelConfig, path)
    assert str(raised.value).startswith(str(path))
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"codebook_size": 512}, "8-bit token files"),
        ({"semantic_codebooks": 0}, "semantic_codebooks must be positive"),
        ({"semantic_codebooks": 32}, "acoustic books quantise what they leave"),
        ({"window_samples": 1000}, "whole number of hops"),
        ({"synthesis_window_samples": 500}, "at least two whole hops"),
        ({"synthesis_window_samples": 240}, "at least two whole hops"),
        ({"transformer_heads": 7}, "divisible by transformer_heads"),
        ({"transformer_width": 30, "transformer_heads": 6}, "even for rotary positions"),
        ({"hop_samples": 241, "window_samples": 964, "hops_per_frame": 5}, "divide into 4 equal parts"),
        ({"hop_samples": 0}, "hop_samples must be positive"),
    ],
)
def test_a_codec_that_contradicts_itself_is_refused(changes: dict[str, int], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        CodecConfig(**changes)


def test_whole_numbers_serve_as_fractions() -> None:
    assert from_mapping(MemoryConfig, {"semantic_tau_s": 20}, "here").semantic_tau_s == 20.0


def test_missing_and_broken_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"there is no configuration file .*gone\.toml"):
        load_config(SpeechModelConfig, tmp_path / "gone.toml")
    for content in (b"width = = 3", b"\xff\xfe\x00"):
        (tmp_path / "broken.toml").write_bytes(content)
        with pytest.raises(ConfigError, match=r"broken\.toml is not valid TOML"):
            load_config(SpeechModelConfig, tmp_path / "broken.toml")
