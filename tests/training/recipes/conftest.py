"""One small codec, its tokens and one small speech model, each trained once for all tests of the recipes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from engine.codec import save_codec
from tests.fixtures.tone_corpus import write_tone_corpus
from tests.training.recipes.settings import train_codec, train_speech
from training.recipes.tokenise import tokenise

CODEC_STEPS, SPEECH_STEPS = 900, 260


def metrics(folder: Path) -> list[dict[str, Any]]:
    """The lines that a run has logged."""
    lines = (folder / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


@pytest.fixture(scope="session")
def tones(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A corpus of one shard."""
    return write_tone_corpus(tmp_path_factory.mktemp("tones") / "corpus")


@pytest.fixture(scope="session")
def codec_run(tones: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished codec run with `codec.safetensors`."""
    folder = tmp_path_factory.mktemp("codec-run")
    save_codec(folder / "codec.safetensors", train_codec(tones, folder, CODEC_STEPS))
    return folder


@pytest.fixture(scope="session")
def tokens(tones: Path, codec_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The corpus' tokens."""
    folder = tmp_path_factory.mktemp("tokens") / "tokens"
    tokenise(tones, codec_run / "codec.safetensors", folder, workers=1)
    return folder


@pytest.fixture(scope="session")
def speech_run(tokens: Path, codec_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished speech run with `model.safetensors`."""
    folder = tmp_path_factory.mktemp("speech-run")
    train_speech(tokens, codec_run / "codec.safetensors", folder, SPEECH_STEPS)
    return folder
