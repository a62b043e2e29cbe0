"""Voices are found by name and path; whatever is wrong with one is said in one sentence."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch

from engine.codec import save_codec
from engine.errors import VoiceError
from engine.model import save_model
from engine.paths import DATA_DIR_VARIABLE
from engine.runtime import Voice, damaged_voices, find_voice, list_voices, load_voice, remove_voice
from engine.runtime.voices import choose_device
from tests.fixtures.tiny_models import TINY_CODEC, TINY_MODEL, tiny_codec, tiny_model


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


def other_model(folder: Path, **changes: Any) -> None:
    """A model that was taught with the tokens of this very codec, but is of another shape."""
    about = {"speakers": {"first": 0, "second": 1}}
    model = tiny_model(config=replace(TINY_MODEL, **changes))
    save_model(folder / "model.safetensors", model, tiny_codec().token_hash(), about)


for key, value in {"frame_s": 0.05, "quarters_per_frame": 2, "phone_classes": 40}.items():
    SPOILT[f"model has another {key}"] = (
        partial(other_model, **{key: value}),
        "does not belong to its speech model",
    )


@pytest.mark.parametrize("what", SPOILT)
def test_a_spoilt_voice_is_refused_in_one_sentence(folder: Path, what: str) -> None:
    spoil, said = SPOILT[what]
    spoil(folder)
    with pytest.raises(VoiceError, match=said) as raised:
        load_voice(folder, "cpu")
    assert "\n" not in str(raised.value)
    assert str(folder) in str(raised.value)


def test_an_unknown_voice_is_told_which_there_are(folder: Path) -> None:
    with pytest.raises(
        VoiceError, match=r"There is no voice named 'nobody'; choose one of those installed: .*babbler"
    ):
        load_voice("nobody")
    with pytest.raises(VoiceError, match="There is no voice named"):
        load_voice(str(folder / "gone"))
    with pytest.raises(VoiceError, match="is not a voice"):
        load_voice(folder.parent)


def test_a_spoilt_voice_does_not_hide_the_others(folder: Path) -> None:
    for number, (spoil, _) in enumerate(SPOILT.values()):
        spoil(Path(shutil.copytree(folder, folder.parent / f"spoilt-{number}")))
    assert "babbler" in {voice.name for voice in list_voices()}
    with pytest.raises(VoiceError, match="There is no voice named 'nobody'"):
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


def test_a_voice_is_named_after_its_folder_whatever_its_card_says(folder: Path) -> None:
    copy = Path(shutil.copytree(folder, folder.parent / "copy"))
    assert {"babbler", "copy"} <= {voice.name for voice in list_voices()}
    assert find_voice("copy") == copy
    assert load_voice("copy", "cpu", "torch").name == "copy"
    rewrite(folder / "voice.toml", 'name = "babbler"', 'name = "copy"')
    (listed,) = [voice for voice in list_voices() if voice.name == "babbler"]
    assert listed.path == folder
    assert [voice.path for voice in list_voices() if voice.name == "copy"] == [copy]


@pytest.mark.parametrize("what", [what for what in SPOILT if "card" in what])
def test_a_folder_whose_card_cannot_be_read_is_told_of(folder: Path, what: str) -> None:
    spoil, said = SPOILT[what]
    spoilt = Path(shutil.copytree(folder, folder.parent / "spoilt"))
    spoil(spoilt)
    (damage,) = damaged_voices()
    assert (damage.name, damage.path) == ("spoilt", spoilt)
    assert re.search(said, damage.reason)
    assert str(spoilt) in damage.reason
    assert "spoilt" not in {voice.name for voice in list_voices()}


def test_a_card_that_is_no_file_is_told_of(folder: Path) -> None:
    (folder / "voice.toml").unlink()
    (folder / "voice.toml").mkdir()
    (damage,) = damaged_voices()
    assert "cannot be read (Is a directory)" in damage.reason


def test_what_is_being_put_together_is_not_told_of(folder: Path) -> None:
    (folder.parent / ".new").mkdir()
    (folder.parent / "a file").touch()
    assert damaged_voices() == []


def test_a_voice_of_the_users_own_can_be_removed_even_when_damaged(folder: Path) -> None:
    spoilt = Path(shutil.copytree(folder, folder.parent / "spoilt"))
    (spoilt / "voice.toml").write_text("name =")
    assert remove_voice("spoilt") == spoilt
    assert remove_voice("babbler") == folder
    assert list(folder.parent.iterdir()) == []


def test_a_linked_voice_loses_its_link_only(folder: Path, tmp_path: Path) -> None:
    elsewhere = folder.rename(tmp_path / "elsewhere")
    folder.symlink_to(elsewhere)
    assert load_voice("babbler", "cpu", "torch").name == "babbler"
    remove_voice("babbler")
    assert list(folder.parent.iterdir()) == []
    assert (elsewhere / "voice.toml").is_file()


def test_a_voice_that_came_with_sotto_stays(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.runtime.voices.resources_dir", lambda: tmp_path / "shipped")
    shipped = Path(shutil.copytree(folder, tmp_path / "shipped" / "voices" / "babbler"))
    assert remove_voice("babbler") == folder
    assert find_voice("babbler") == shipped
    with pytest.raises(VoiceError, match="'babbler' comes with Sotto and stays"):
        remove_voice("babbler")
    assert find_voice("babbler") == shipped


def test_a_damaged_voice_of_the_users_own_hides_the_bundled_one_and_is_told_of(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is listed is what would speak."""
    monkeypatch.setattr("engine.runtime.voices.resources_dir", lambda: tmp_path / "shipped")
    shutil.copytree(folder, tmp_path / "shipped" / "voices" / "babbler")
    (folder / "voice.toml").write_text("name =")
    assert list_voices() == []
    assert [damage.path for damage in damaged_voices()] == [folder]
    (folder / "voice.toml").unlink()
    assert [voice.path for voice in list_voices()] == [find_voice("babbler")]
    assert [damage.path for damage in damaged_voices()] == [folder]


def test_what_is_no_voice_of_the_users_own_is_not_removed(
    folder: Path,
) -> None:
    (folder.parent / "notes").mkdir()
    with pytest.raises(VoiceError, match="notes is not a voice"):
        remove_voice("notes")
    for name in ("nobody", "", ".", "..", "../voices/babbler", str(folder), "\0", "x" * 300):
        with pytest.raises(VoiceError, match="There is no voice named"):
            remove_voice(name)
    assert sorted(path.name for path in folder.parent.iterdir()) == ["babbler", "notes"]


@pytest.mark.parametrize("name", ["..", "../voices/babbler", "bab bler", "/", "babbler\n", "x" * 300, "\0"])
def test_odd_names_are_unknown_voices(folder: Path, name: str) -> None:
    with pytest.raises(VoiceError, match=r"There is no voice|is not a voice") as raised:
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


def test_a_voice_speaks_with_the_weights_of_the_one_beside_it(folder: Path) -> None:
    beside = folder.parent / "second"
    beside.mkdir()
    card = (folder / "voice.toml").read_text(encoding="utf-8")
    speaking = card.replace('speaker = "second"', 'speaker = "first"')
    (beside / "voice.toml").write_text(f'weights = "babbler"\n{speaking}', encoding="utf-8")
    voice = load_voice("second", "cpu")
    assert voice.name == "second"
    assert voice.speaker == 0
    shutil.rmtree(folder)
    with pytest.raises(VoiceError, match="speaks with the weights of 'babbler', which is not beside it"):
        load_voice("second", "cpu")


def test_weights_are_looked_for_beside_a_voice_and_nowhere_else(folder: Path) -> None:
    rewrite(folder / "voice.toml", 'name = "babbler"', 'name = "babbler"\nweights = "../voices/babbler"')
    with pytest.raises(VoiceError, match="not beside it"):
        load_voice(folder, "cpu")
