"""A voice of random weights on disk, complete with card, and the same voice loaded."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from engine.codec import save_codec
from engine.config import SpeechModelConfig
from engine.model import save_model
from engine.runtime import RUNTIMES, Voice, load_voice
from engine.text import SYMBOLS
from tests.fixtures.tiny_models import TINY_CODEC, TINY_MODEL, tiny_codec, tiny_model

CARD = f"""
name = "babbler"
kind = "sotto"
licence = "Apache-2.0"
description = "Random weights: it babbles, but in the right format."
speaker = "second"
sample_rate_hz = {TINY_CODEC.sample_rate_hz}
frame_rate_hz = {TINY_CODEC.frame_rate_hz}
codebooks = {TINY_CODEC.codebooks}
context_frames = 24
untrained = ["everything"]

[sampling]
semantic_temperature = 1.0

[metrics]
wer = 1.0
"""

# A text window of at least half of the longest clause, since a clause enters the cache at once.
BABBLER: SpeechModelConfig = replace(
    TINY_MODEL, voice_window_frames=32, rollback_margin=8, text_window_units=64
)


def write_voice(folder: Path, codec_seed: int = 0) -> Path:
    """Everything a voice needs."""
    folder.mkdir(parents=True)
    codec = tiny_codec(codec_seed)
    save_codec(folder / "codec.safetensors", codec)
    about = {"speakers": {"first": 0, "second": 1}}
    save_model(folder / "model.safetensors", tiny_model(config=BABBLER), codec.token_hash(), about)
    (folder / "text.json").write_text(json.dumps({"symbols": SYMBOLS}), encoding="utf-8")
    (folder / "voice.toml").write_text(CARD, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def babbler_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An intact voice; not to be changed."""
    return write_voice(tmp_path_factory.mktemp("voices") / "babbler")


@pytest.fixture(scope="session", params=RUNTIMES)
def babbler(babbler_folder: Path, request: pytest.FixtureRequest) -> Voice:
    """The voice, loaded by each runtime in turn."""
    return load_voice(babbler_folder, "cpu", request.param)
