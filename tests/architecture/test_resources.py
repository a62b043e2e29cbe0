"""What Sotto ships is found and parses, and the user's folders are where they should be."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from engine.config import SpeechModelConfig, load_config
from engine.paths import cache_dir, data_dir, resources_dir

CONFIGS = sorted((resources_dir() / "configs").rglob("*.toml"))


def test_the_presets_ship() -> None:
    assert {"tiny", "small", "medium"} <= {path.stem for path in CONFIGS}


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_every_shipped_config_parses(path: Path) -> None:
    config = load_config(SpeechModelConfig, path)
    assert config.name == path.stem


def test_every_shipped_toml_file_parses() -> None:
    for path in resources_dir().rglob("*.toml"):
        assert tomllib.loads(path.read_text(encoding="utf-8")), path


def test_folders_of_the_user(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SOTTO_DATA_DIR", str(tmp_path))
    assert data_dir() == tmp_path
    assert data_dir(tmp_path / "other") == tmp_path / "other"
    monkeypatch.delenv("SOTTO_DATA_DIR")
    assert data_dir().name == "sotto"
    assert not data_dir().is_relative_to(resources_dir())
    assert cache_dir().name == "sotto"
