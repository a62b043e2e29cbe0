"""A trained codec and a trained model become a voice that loads and speaks."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest
import soundfile

from engine.codec import save_codec
from engine.errors import SottoError
from engine.model import save_model
from engine.runtime import load_voice
from tests.fixtures.tiny_models import tiny_codec, tiny_model
from training.__main__ import main

ABOUT = {
    "speakers": {"first": 0, "second": 1},
    "trained_frames": 200,
    "memory_trained": False,
    "trained_minutes": 1.5,
}


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    codec = tiny_codec()
    save_codec(tmp_path / "codec.safetensors", codec)
    save_model(tmp_path / "model.safetensors", tiny_model(), codec.token_hash(), ABOUT)
    return tmp_path


def arguments(weights: Path, out: Path, speaker: str = "second") -> list[str]:
    parts = ("--codec", weights / "codec.safetensors", "--model", weights / "model.safetensors", "--out", out)
    named = ("--name", "test voice", "--speaker", speaker, "--description", 'It says "ä" and \\ too.')
    return ["package", *map(str, parts), *named]


def test_a_voice_is_written_and_speaks(weights: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = weights / "voices" / "test"
    assert main(arguments(weights, out)) == 0
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    voice = load_voice(out, "cpu")
    assert voice.name == "test voice"
    assert voice.speaker == 1
    assert voice.card.description == 'It says "ä" and \\ too.'
    assert voice.card.context_frames == 200
    assert "memory reads" in voice.card.untrained
    card = tomllib.loads((out / "voice.toml").read_text(encoding="utf-8"))
    assert card["provenance"]["parameters"] == sum(p.numel() for p in tiny_model().parameters())
    audio, rate_hz = soundfile.read(out / "sample.wav")
    assert rate_hz == voice.sample_rate_hz
    assert len(audio) / rate_hz == pytest.approx(told["seconds"], abs=0.001)
    assert told["seconds"] > 1.0


def test_a_speaker_that_the_model_does_not_know_is_refused(weights: Path) -> None:
    assert main(arguments(weights, weights / "out", speaker="third")) == 2


def test_a_model_of_another_codec_is_refused(weights: Path, capsys: pytest.CaptureFixture[str]) -> None:
    save_codec(weights / "codec.safetensors", tiny_codec(seed=1))
    assert main(arguments(weights, weights / "out")) == 2
    assert "does not belong to its speech model" in capsys.readouterr().err
    with pytest.raises(SottoError):
        load_voice(weights / "out", "cpu")
