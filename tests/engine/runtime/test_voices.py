"""Voices are found by name and path; whatever is wrong with one is said in one sentence."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from engine.codec import save_codec
from engine.errors import VoiceError
from engine.paths import DATA_DIR_VARIABLE
from engine.runtime import Voice, find_voice, list_voices, load_voice
from engine.runtime.voices import choose_device
from tests.fixtures.tiny_models import TINY_CODEC, tiny_codec


@pytest.fixture
def folder(babbler_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the voice that may be spoilt, in the user's own data folder."""
    monkeypatch.setenv(DATA_DIR_VARIABLE, str(tmp_path))
    return Path(shutil.copytree(babbler_folder, tmp_path / "voices" / "babbler"))


def flip(path: Path, at: int) -> None:
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)


def rewrite(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def pickled(path: Path) -> None:
    torch.save({"first_head.weight": torch.zeros(3)}, path)


def swapped(folder: Path) -> None:
    model, codec = folder / "model.safetensors", folder / "codec.safetensors"
    kept = model.read_bytes()
    model.write_bytes(codec.read_bytes())
    codec.write_bytes(kept)


SPOILT: dict[str, tuple[Callable[[Path], object], str]] = {
    "no card": (lambda f: (f / "voice.toml").unlink(), "is not a voice: it has no voice.toml"),
    "card is not TOML": (lambda f: (f / "voice.toml").write_text("name ="), "card .*voice.toml is damaged"),
    "card is not text": (lambda f: (f / "voice.toml").write_bytes(b"\xff\xfe\x00"), "card .* is damaged"),
    "card lacks a key": (
        lambda f: rewrite(f / "voice.toml", 'speaker = "second"', ""),
        "'speaker' is missing",
    ),
    "card has a strange key": (
        lambda f: rewrite(f / "voice.toml", "context_frames", "context_frame"),
        "unknown key 'context_frame'",
    ),
    "card has a wrong type": (
        lambda f: rewrite(f / "voice.toml", 'kind = "sotto"', "kind = 7"),
        "kind must be str",
    ),
    "card has impossible sampling": (
        lambda f: rewrite(f / "voice.toml", "semantic_temperature = 1.0", "semantic_temperature = -1.0"),
        "must not be negative",
    ),
    "unknown speaker": (
        lambda f: rewrite(f / "voice.toml", "second", "third"),
        r"no speaker 'third' \(it has: first, second\)",
    ),
    "model is missing": (lambda f: (f / "model.safetensors").unlink(), "model.safetensors is missing"),
    "codec is missing": (lambda f: (f / "codec.safetensors").unlink(), "codec.safetensors is missing"),
    "model is truncated": (lambda f: truncate(f / "model.safetensors"), "model.safetensors is damaged"),
    "codec is truncated": (lambda f: truncate(f / "codec.safetensors"), "codec.safetensors is damaged"),
    "model was tampered with": (
        lambda f: flip(f / "model.safetensors", -5),
        "model.safetensors does not match its checksum",
    ),
    "codec was tampered with": (
        lambda f: flip(f / "codec.safetensors", -5),
        "codec.safetensors does not match its checksum",
    ),
    "model is a pickle": (
        lambda f: pickled(f / "model.safetensors"),
        "pickled checkpoint, which can run code",
    ),
    "model and codec are swapped": (swapped, "holds a speech model, not a codec"),
    "codec of another training": (
        lambda f: save_codec(f / "codec.safetensors", tiny_codec(seed=9)),
        "does not belong to its speech model",
    ),
    "text is missing": (lambda f: (f / "text.json").unlink(), "text.json is missing or damaged"),
    "text is damaged": (lambda f: (f / "text.json").write_text("{"), "text.json is missing or damaged"),
    "text is of another shape": (
        lambda f: (f / "text.json").write_text("[]"),
        "text.json is missing or damaged",
    ),
    "text has other units": (
        lambda f: (f / "text.json").write_text(json.dumps({"symbols": ["a", "b"]})),
        "another set of text units",
    ),
}


@pytest.mark.parametrize("what", SPOILT)
def test_a_spoilt_voice_is_refused_in_one_sentence(folder: Path, what: str) -> None:
    spoil, said = SPOILT[what]
    spoil(folder)
    with pytest.raises(VoiceError, match=said) as raised:
        load_voice(folder, "cpu")
    assert "\n" not in str(raised.value)
    assert str(folder) in str(raised.value)


def test_an_unknown_voice_is_told_which_there_are(folder: Path) -> None:
    with pytest.raises(VoiceError, match=r"there is no voice named 'nobody'; installed: .*babbler"):
        load_voice("nobody")
    with pytest.raises(VoiceError, match="there is no voice named"):
        load_voice(str(folder / "gone"))
    with pytest.raises(VoiceError, match="is not a voice"):
        load_voice(folder.parent)


def test_a_spoilt_voice_does_not_hide_the_others(folder: Path) -> None:
    for number, (spoil, _) in enumerate(SPOILT.values()):
        spoil(Path(shutil.copytree(folder, folder.parent / f"spoilt-{number}")))
    assert "babbler" in {voice.name for voice in list_voices()}
    with pytest.raises(VoiceError, match="there is no voice named 'nobody'"):
        find_voice("nobody")


def test_a_voice_is_found_by_name_and_by_path(folder: Path) -> None:
    assert find_voice("babbler") == folder
    assert find_voice(folder) == folder
    assert find_voice(str(folder)) == folder
    (listed,) = [voice for voice in list_voices() if voice.name == "babbler"]
    assert listed.path == folder
    assert listed.licence == "Apache-2.0"
    assert listed.sample_rate_hz == TINY_CODEC.sample_rate_hz
    assert listed.card["metrics"] == {"wer": 1.0}


@pytest.mark.parametrize("name", ["..", "../voices/babbler", "bab bler", "/", "babbler\n", "x" * 300, "\0"])
def test_odd_names_are_unknown_voices(folder: Path, name: str) -> None:
    with pytest.raises(VoiceError, match=r"there is no voice|is not a voice") as raised:
        find_voice(name)
    assert "\n" not in str(raised.value)


def test_a_loaded_voice_says_what_it_is(babbler: Voice) -> None:
    assert babbler.name == "babbler"
    assert babbler.speaker == 1
    assert babbler.device == torch.device("cpu")
    assert babbler.sample_rate_hz == TINY_CODEC.sample_rate_hz
    assert babbler.frame_samples == TINY_CODEC.frame_samples
    assert babbler.card.sampling.semantic_temperature == 1.0
    assert babbler.card.untrained == ("everything",)


def test_the_device_is_chosen_or_named() -> None:
    assert choose_device("cpu") == torch.device("cpu")
    best = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    assert choose_device(None).type == choose_device("auto").type == best


@pytest.mark.parametrize("name", ["banana", "cuda:99", "cpu cpu", "meta?"])
def test_a_device_that_is_not_there_is_named(name: str) -> None:
    with pytest.raises(VoiceError, match=r"the device .* is not to be had") as raised:
        choose_device(name)
    assert name in str(raised.value)
