"""Where Sotto's own data lies: the resources it ships, and the user's folders of this platform.

Thread-agnostic, cheap to import. Imports no other part of the engine.
"""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

DATA_DIR_VARIABLE = "SOTTO_DATA_DIR"
CONFIG_DIR_VARIABLE = "SOTTO_CONFIG_DIR"


def resources_dir() -> Path:
    """The shipped `resources` folder: beside the `engine` package in a checkout, a wheel and a bundle alike."""
    return Path(__file__).resolve().parents[1] / "resources"


def data_dir(explicit: Path | None = None) -> Path:
    """The user's data folder (voices, conversations, runs); not created here.

    An explicit folder wins, then the environment variable SOTTO_DATA_DIR, then the platform's own place.
    """
    if explicit is not None:
        return explicit
    from_environment = os.environ.get(DATA_DIR_VARIABLE)
    return Path(from_environment) if from_environment else Path(platformdirs.user_data_dir("sotto", False))


def config_dir(explicit: Path | None = None) -> Path:
    """The folder of the user's settings; not created here.

    An explicit folder wins, then the environment variable SOTTO_CONFIG_DIR, then the platform's own place.
    """
    if explicit is not None:
        return explicit
    from_environment = os.environ.get(CONFIG_DIR_VARIABLE)
    return Path(from_environment) if from_environment else Path(platformdirs.user_config_dir("sotto", False))


def put_aside(damaged: Path) -> Path:
    """Give a damaged file another name beside it, so that nothing in it is lost; that name. Raises OSError."""
    number = 1
    while (kept := damaged.with_name(f"{damaged.stem}.damaged-{number}{damaged.suffix}")).exists():
        number += 1
    return damaged.rename(kept)


def cache_dir(explicit: Path | None = None) -> Path:
    """The folder for what can be made again; not created here. An explicit folder wins."""
    return explicit if explicit is not None else Path(platformdirs.user_cache_dir("sotto", False))
