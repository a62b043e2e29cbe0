"""The recogniser models that can be had by download: a TOML file of what is known of each.

Any thread. Imports nothing heavy, opens no connection.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.errors import ConfigError
from engine.paths import resources_dir
from engine.recognition.model_folder import KINDS, may_be_taken

CATALOGUE = resources_dir() / "recognition" / "models.toml"

_TYPES: dict[str, type] = {
    "title": str, "repo": str, "revision": str, "kind": str, "precision": str, "licence": str, "hardware": str,
    "about": str, "size_mb": int, "files": list, "languages": list,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueModel:
    """One model of the hub: `repo` at `revision`, of which `files` are needed. `precision` "" is full."""

    name: str
    title: str
    repo: str
    revision: str
    kind: str
    precision: str = ""
    files: tuple[str, ...]
    licence: str
    languages: tuple[str, ...]
    size_mb: int
    hardware: str
    about: str


def load_catalogue(path: Path = CATALOGUE) -> tuple[CatalogueModel, ...]:
    """Every model of the file, in its order. Raises ConfigError with one sentence for a file that makes no sense."""
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"The list of recogniser models {path} cannot be read ({error}); install Sotto again."
        ) from error
    return tuple(_model(name, table, path) for name, table in tables.items())


def _model(name: str, table: Any, path: Path) -> CatalogueModel:
    values = table if isinstance(table, dict) else {}
    wrong = [key for key, value in values.items() if type(value) is not _TYPES.get(key)]
    missing = [key for key in _TYPES if key != "precision" and key not in values]
    told = f"The entry {name!r} in {path}"
    if wrong or missing:
        raise ConfigError(f"{told} has a wrong or missing value: {', '.join(wrong + missing)}.")
    if values["kind"] not in KINDS:
        raise ConfigError(f"{told} is of the unknown kind {values['kind']!r}.")
    if refused := [file for file in values["files"] if not may_be_taken(file) or ".." in file.split("/")]:
        raise ConfigError(f"{told} names files that are never downloaded: {', '.join(refused)}.")
    lists = {key: tuple(map(str, values[key])) for key in ("files", "languages")}
    return CatalogueModel(name=name, **(values | lists))
