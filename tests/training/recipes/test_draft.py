"""The draft recipe learns to guess what a frozen model draws, and writes heads that the voice takes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from engine.model import Sampling, TorchFrames, gumbel_noise, load_model
from engine.model.speculation import SpeculativeFrames, load_draft
from engine.runtime import load_voice
from engine.runtime.voices import DRAFT, MODEL
from training.__main__ import main
from training.data.speech_rows import RowBuilder, SpeechRows, read_tokens
from training.recipes.draft import Drawer


@pytest.fixture(scope="module")
def voice(speech_run: Path, codec_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small trained model as a voice."""
    out = tmp_path_factory.mktemp("voice") / "tones"
    parts = ("--codec", codec_run / "codec.safetensors", "--model", speech_run / MODEL, "--out", out)
    assert main(["package", *map(str, parts), "--name", "tones", "--speaker", "tones"]) == 0
    return out


def command(tokens: Path, voice: Path, out: Path, *more: str) -> list[str]:
    named = ("--tokens", tokens, "--voice", voice, "--out", out)
    return ["draft", *map(str, named), "--frames", "400", "--device", "cpu", *more]


def logged(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def books_a_pass(tokens: Path, voice: Path, drafted: bool) -> float:
    """Over held-out frames."""
    model, about = load_model(voice / MODEL)
    heads = load_draft(voice / DRAFT, model.config, about["sha256"], torch.device("cpu")) if drafted else None
    frames, config = SpeculativeFrames(TorchFrames(model), heads), model.config
    rows = SpeechRows(read_tokens(tokens), RowBuilder(config, about["speakers"], 48), rows=2)
    drawer = Drawer(model, Sampling(), True, torch.Generator().manual_seed(0))
    states = drawer.draw(rows.held_out(1)[0], 60, keep_noise=False).state.float()
    settled: list[int] = []
    with torch.inference_mode():
        for number, state in enumerate(states):
            noise = torch.from_numpy(gumbel_noise(0, number, config.codebooks, config.codebook_size))
            settled += frames.speculate(state[None], Sampling(), noise, config.codebooks).settled
    return sum(settled) / len(settled)


def test_guesses_get_better_and_save_passes(
    tokens: Path, voice: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(command(tokens, voice, voice / DRAFT, "--steps", "1")) == 0
    *_, before, _ = logged(capsys)
    assert main(command(tokens, voice, voice / DRAFT, "--steps", "150")) == 0
    drawn, *_, after, saved = logged(capsys)
    assert drawn["drawn_frames"] >= 400
    assert after["valid_loss"] < 0.8 * before["valid_loss"]
    assert after["valid_right"] > before["valid_right"]
    assert saved == {"saved": str(voice / DRAFT)}
    assert isinstance(load_voice(voice, "cpu", "torch").frames, SpeculativeFrames)
    assert books_a_pass(tokens, voice, drafted=True) > 1.1 * books_a_pass(tokens, voice, drafted=False)


def test_mistakes_end_with_a_sentence(
    tokens: Path, voice: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(command(tmp_path, voice, tmp_path / DRAFT, "--steps", "1")) == 2
    assert "holds no tokens; make them" in capsys.readouterr().err
    assert main(command(tokens, tmp_path / "nobody", tmp_path / DRAFT, "--steps", "1")) == 2
    assert "There is no voice named" in capsys.readouterr().err
    for path in tokens.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    about = tmp_path / "tokens.json"
    about.write_text(json.dumps({"tokens": "another codec's"}), encoding="utf-8")
    with pytest.raises(SystemExit) as ended:
        main(command(tmp_path, voice, tmp_path / DRAFT, "--steps", "1"))
    assert ended.value.code == 2
    assert "was made with another codec" in capsys.readouterr().err
    assert not (tmp_path / DRAFT).exists()
