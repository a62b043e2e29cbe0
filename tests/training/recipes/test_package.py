"""A trained codec and a trained model become a voice that loads and speaks."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
import soundfile

from engine.codec import save_codec
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

FILES = ["codec.safetensors", "model.safetensors", "sample.wav", "text.json", "voice.toml"]


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
    assert voice.name == "test"
    assert voice.card.name == "test voice"
    assert voice.speaker == 1
    assert voice.card.description == 'It says "ä" and \\ too.'
    assert voice.card.context_frames == 200
    assert set(voice.card.untrained) == {"user frames", "memory reads", "manner from prosodic memory"}
    assert [path.name for path in out.parent.iterdir()] == ["test"]
    card = tomllib.loads((out / "voice.toml").read_text(encoding="utf-8"))
    assert card["provenance"]["parameters"] == sum(p.numel() for p in tiny_model().parameters())
    audio, rate_hz = soundfile.read(out / "sample.wav")
    assert rate_hz == voice.sample_rate_hz
    assert len(audio) / rate_hz == pytest.approx(told["seconds"], abs=0.001)
    assert told["seconds"] > 1.0


def test_a_second_speaker_is_a_card_beside_the_weights_of_the_first(weights: Path) -> None:
    out = weights / "voices" / "one"
    assert main(arguments(weights, out, speaker="first")) == 0
    other = ["--weights-of", "one", "--out", str(weights / "voices" / "other")]
    assert main(["package", *other, "--name", "other", "--speaker", "second"]) == 0
    assert sorted(path.name for path in (weights / "voices" / "other").iterdir()) == [
        "sample.wav",
        "voice.toml",
    ]
    one, two = (load_voice(weights / "voices" / name, "cpu") for name in ("one", "other"))
    assert (one.speaker, two.speaker) == (0, 1)
    assert one.codec.token_hash() == two.codec.token_hash()
    heard = [soundfile.read(weights / "voices" / name / "sample.wav")[0] for name in ("one", "other")]
    assert len(heard[0]) != len(heard[1]) or (heard[0] != heard[1]).any()


def test_either_weights_or_another_voice_must_be_named(
    weights: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main([*arguments(weights, weights / "out"), "--weights-of", "one"])
    assert "either --codec and --model, or --weights-of" in capsys.readouterr().err


def test_memory_that_was_trained_is_not_called_untrained(weights: Path) -> None:
    about = ABOUT | {"memory_trained": True}
    save_model(weights / "model.safetensors", tiny_model(), tiny_codec().token_hash(), about)
    assert main(arguments(weights, weights / "out")) == 0
    assert set(load_voice(weights / "out", "cpu").card.untrained) == {
        "user frames",
        "manner from prosodic memory",
    }


def test_a_voice_takes_the_place_of_an_older_one_as_a_whole(weights: Path) -> None:
    out = weights / "voices" / "test"
    assert main(arguments(weights, out, speaker="first")) == 0
    (out / "left over from then").touch()
    assert main(arguments(weights, out, speaker="second")) == 0
    assert load_voice(out, "cpu").speaker == 1
    assert sorted(path.name for path in out.iterdir()) == FILES
    assert [path.name for path in out.parent.iterdir()] == ["test"]


def third_speaker(weights: Path) -> None:
    """Nothing to spoil: the speaker that is asked for is."""


def another_codec(weights: Path) -> None:
    save_codec(weights / "codec.safetensors", tiny_codec(seed=1))


def damaged_model(weights: Path) -> None:
    path = weights / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-100])


def model_is_missing(weights: Path) -> None:
    (weights / "model.safetensors").unlink()


BAD: dict[str, tuple[Callable[[Path], None], str, str]] = {
    "speaker": (third_speaker, "third", "has no speaker 'third'"),
    "codec": (another_codec, "second", "does not belong to its speech model"),
    "model": (damaged_model, "second", "model.safetensors is damaged"),
    "nothing": (model_is_missing, "second", "model.safetensors"),
}


@pytest.mark.parametrize("what", BAD)
@pytest.mark.parametrize("is_there", [True, False], ids=["a voice is there", "none is there"])
def test_a_bad_voice_is_refused_and_changes_nothing(
    weights: Path, capsys: pytest.CaptureFixture[str], what: str, is_there: bool
) -> None:
    spoil, speaker, said = BAD[what]
    out = weights / "voices" / "test"
    if is_there:
        assert main(arguments(weights, out)) == 0
    before = {path: path.read_bytes() for path in out.parent.rglob("*") if path.is_file()}
    spoil(weights)
    assert main(arguments(weights, out, speaker)) == 2
    err = capsys.readouterr().err
    assert said in err
    assert err.count("\n") == 1
    assert ".new" not in err, "a folder that is gone is no help"
    assert {path: path.read_bytes() for path in out.parent.rglob("*") if path.is_file()} == before
    assert [path.name for path in out.parent.iterdir()] == (["test"] if is_there else [])


def test_a_folder_that_is_no_voice_is_not_replaced(weights: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments(weights, weights)) == 2
    assert "is there already and is not a voice" in capsys.readouterr().err
    assert (weights / "model.safetensors").is_file()
