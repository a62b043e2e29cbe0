"""The user's choices, in a TOML file under the platform's configuration folder: typed, versioned, never half-written.

A damaged file is kept aside, its place taken by the defaults, and the user told. Runs on any thread. Of Qt it knows
`tr` alone.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args, get_type_hints

import tomli_w

from app.desktop.language import tr
from engine.commands import Echo
from engine.errors import ConfigError, SottoError
from engine.paths import put_aside

VERSION = 1
Listening = Literal["on_call", "open", "push_to_talk"]
Theme = Literal["system", "light", "dark"]
Choice = Literal["system", "on", "off"]
Section = TypeVar("Section")


@dataclass(frozen=True, slots=True)
class Conversing:
    """How Sotto listens and speaks, and whether the sound of it is kept. None: whatever the system takes; patience and
    rate are factors."""

    voice: str | None = None
    input_device: str | None = None
    output_device: str | None = None
    listen: Listening = "on_call"
    echo: Echo = "cancel"
    patience: float = 1.0
    volume_db: float = 0.0
    rate: float = 1.0
    recogniser: str | None = None
    keep_sound: bool = False

    def __post_init__(self) -> None:
        _within("patience", self.patience, 0.5, 3.0)
        _within("rate", self.rate, 0.5, 2.0)
        _within("volume_db", self.volume_db, -40.0, 0.0)


@dataclass(frozen=True, slots=True)
class Appearance:
    """How the window looks."""

    theme: Theme = "system"
    reduced_motion: Choice = "system"
    text_scale: float = 1.0

    def __post_init__(self) -> None:
        _within("text_scale", self.text_scale, 0.8, 2.0)


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that the file holds."""

    conversing: Conversing = field(default_factory=Conversing)
    appearance: Appearance = field(default_factory=Appearance)
    welcomed: bool = False


@dataclass(frozen=True, slots=True)
class Loaded:
    """Settings as they were read, and a sentence where something was wrong with the file."""

    settings: Settings
    trouble: str = ""


Migration = Callable[[dict[str, Any]], dict[str, Any]]
MIGRATIONS: Mapping[int, Migration] = {}
"""From a version to the next one. The first release is version 1: there is nothing older yet."""


def load_settings(
    path: Path, migrations: Mapping[int, Migration] = MIGRATIONS, version: int = VERSION
) -> Loaded:
    """The settings of a file, the defaults where there is none; never raises for what the file holds."""
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return Loaded(Settings())
    except OSError as error:
        unread = tr(
            "The settings in {path} cannot be read ({reason}); the defaults are used.",
            path=path,
            reason=error.strerror,
        )
        return Loaded(Settings(), unread)
    try:
        return Loaded(_parsed(tomllib.loads(raw.decode()), migrations, version))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, ConfigError) as error:
        reason = str(error) if isinstance(error, ConfigError) else tr("it is no valid TOML")
        told = tr("The settings could not be used, since {reason}; the defaults are used.", reason=reason)
        if (kept := _kept(path)) is not None:
            told += " " + tr("The old file is kept as {path}.", path=kept)
        return Loaded(Settings(), told)


def save_settings(path: Path, settings: Settings) -> None:
    """Write the whole file beside the old one, then put it in its place. Raises SottoError with one sentence."""
    values = {"version": VERSION, **_plain(dataclasses.asdict(settings))}
    fresh = path.with_suffix(".new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with fresh.open("wb") as file:
            tomli_w.dump(values, file)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            fresh.unlink(missing_ok=True)
        raise SottoError(
            tr(
                "The settings cannot be saved in {folder} ({reason}); they hold until Sotto ends. Make the folder"
                " writable.",
                folder=path.parent,
                reason=error.strerror,
            )
        ) from error


def _parsed(values: dict[str, Any], migrations: Mapping[int, Migration], version: int) -> Settings:
    found = values.pop("version", None)
    if not isinstance(found, int) or isinstance(found, bool):
        raise ConfigError(tr("it has no version number"))
    if found > version:
        newer = tr(
            "it is of a newer Sotto (version {found}, this one knows {version})", found=found, version=version
        )
        raise ConfigError(newer)
    while found < version:
        if found not in migrations:
            raise ConfigError(tr("nothing is known of its version {found}", found=found))
        values = migrations[found](values)
        found += 1
    return _section(Settings, values, tr("the file"))


def _section(kind: type[Section], values: Any, where: str) -> Section:
    """A dataclass from a table. Raises ConfigError for unknown keys, wrong types and values out of range."""
    if not isinstance(values, dict):
        raise ConfigError(tr("{where} is no table", where=where))
    hints = get_type_hints(kind)
    given: dict[str, Any] = {}
    for key, value in values.items():
        hint = hints.get(key)
        if hint is None:
            raise ConfigError(tr("{where} has an unknown key {key}", where=where, key=repr(key)))
        if dataclasses.is_dataclass(hint):
            assert isinstance(hint, type)
            given[key] = _section(hint, value, key)
        else:
            given[key] = _checked(value, hint, key)
    try:
        return kind(**given)
    except ValueError as error:
        raise ConfigError(str(error)) from error


def _checked(value: Any, hint: Any, key: str) -> Any:
    options = get_args(hint)
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if hint in (float, bool, int, str):
        if type(value) is hint:
            return value
    elif type(None) in options:  # TOML has no null: what is not chosen is not written
        return _checked(value, next(option for option in options if option is not type(None)), key)
    elif value in options:
        return value
    raise ConfigError(tr("{key} cannot be {value}", key=key, value=repr(value)))


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    """Without what is None."""
    return {
        key: _plain(value) if isinstance(value, dict) else value
        for key, value in values.items()
        if value is not None
    }


def _kept(damaged: Path) -> Path | None:
    """The damaged file under another name; None where the folder does not let it."""
    try:
        return put_aside(damaged)
    except OSError:
        return None


def _within(name: str, value: float, lowest: float, highest: float) -> None:
    if not lowest <= value <= highest:
        limits = {"lowest": f"{lowest:g}", "highest": f"{highest:g}", "value": f"{value:g}"}
        raise ValueError(
            tr("{name} must lie between {lowest} and {highest}, not be {value}", name=name, **limits)
        )
