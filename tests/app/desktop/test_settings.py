"""The settings' file: typed, versioned, set aside where it is damaged."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.desktop.settings import Appearance, Conversing, Settings, load_settings, save_settings
from engine.errors import SottoError

OTHER = Settings(
    Conversing(voice="slt", listen="push_to_talk", echo="headphones", patience=1.5, volume_db=-6.0, rate=1.1),
    Appearance("dark", "on", 1.25),
    welcomed=True,
)


def test_no_file_means_the_defaults(tmp_path: Path) -> None:
    loaded = load_settings(tmp_path / "settings.toml")
    assert (loaded.settings, loaded.trouble) == (Settings(), "")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("chosen", [Settings(), OTHER], ids=["defaults", "other"])
def test_what_is_saved_comes_back(tmp_path: Path, chosen: Settings) -> None:
    path = tmp_path / "new" / "settings.toml"
    save_settings(path, chosen)
    assert load_settings(path).settings == chosen
    assert [file.name for file in path.parent.iterdir()] == ["settings.toml"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("version = ", "no valid TOML"),
        ("\0\xff", "no valid TOML"),
        ("welcomed = true", "no version number"),
        ("version = true", "no version number"),
        ("version = 99", "newer Sotto"),
        ("version = 0", "nothing is known"),
        ("version = 1\nfavourite = 3", "unknown key 'favourite'"),
        ("version = 1\nwelcomed = 1", "welcomed cannot be 1"),
        ("version = 1\nconversing = 3", "conversing is no table"),
        ("version = 1\n[conversing]\npatience = 99", "patience must lie between"),
        ("version = 1\n[conversing]\nlisten = 'never'", "listen cannot be 'never'"),
        ("version = 1\n[conversing]\nvoice = 3", "voice cannot be 3"),
        ("version = 1\n[appearance]\ntheme = ['dark']", "theme cannot be"),
    ],
)
def test_a_damaged_file_is_kept_aside_and_told(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "settings.toml"
    path.write_bytes(text.encode("latin-1"))
    loaded = load_settings(path)
    assert loaded.settings == Settings()
    assert reason in loaded.trouble
    kept = tmp_path / "settings.damaged-1.toml"
    assert str(kept) in loaded.trouble
    assert kept.read_bytes() == text.encode("latin-1")
    assert not path.exists()
    path.write_text(text, encoding="latin-1")
    load_settings(path)
    assert (tmp_path / "settings.damaged-2.toml").exists()


def test_an_older_file_is_brought_forward(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text("version = 1\nseen_welcome = true\n", encoding="utf-8")

    def rename(values: dict[str, object]) -> dict[str, object]:
        return {"welcomed": values["seen_welcome"]}

    loaded = load_settings(path, migrations={1: rename}, version=2)
    assert loaded.settings.welcomed
    assert loaded.trouble == ""


def test_whole_numbers_are_numbers(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text("version = 1\n[conversing]\nrate = 1\n", encoding="utf-8")
    assert load_settings(path).settings.conversing.rate == 1.0


def test_a_place_that_is_no_folder_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(SottoError, match="cannot be saved"):
        save_settings(tmp_path / "file" / "settings.toml", Settings())


def test_a_folder_in_the_files_place_is_told(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").mkdir()
    loaded = load_settings(tmp_path / "settings.toml")
    assert loaded.settings == Settings()
    assert "cannot be read" in loaded.trouble


@settings(max_examples=30)
@given(st.binary(max_size=200))
def test_no_file_stops_the_app(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.mktemp("settings") / "settings.toml"
    path.write_bytes(content)
    assert load_settings(path).settings == Settings()
