"""Which recogniser: pocketsphinx, which needs nothing but its wheel, unless a model for onnx-asr is asked for.

Loads none: it is made in the process that is started.
"""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path

from engine.errors import SottoError
from engine.paths import data_dir
from engine.recognition.contract import Grammar, Recogniser
from engine.recognition.installed import locate
from engine.recognition.jsgf import parse
from engine.recognition.listener import Listener
from engine.recognition.model_folder import ModelFolder
from engine.recognition.supervised import Limits, SupervisedRecogniser

BUNDLED = "pocketsphinx"
"""The recogniser that is always there."""

_MODEL_LIMITS = Limits(start_s=120.0)
"""Gigabytes are read from a disk that may be slow."""


def make_recogniser(grammar: Grammar, kind: str | None = None, data_folder: Path | None = None) -> Recogniser:
    """A recogniser in a process of its own, not started yet.

    `kind`: None or BUNDLED, a downloaded model's name, or the folder of a model for onnx-asr. `data_folder` (default:
    the user's) keeps what it learns of the speaker. Raises SottoError for a model that is not there or cannot be one,
    and for a grammar that cannot be read.
    """
    try:
        parse(grammar.jsgf)
    except ValueError as error:
        raise SottoError(f"The recogniser cannot read its grammar: {error}.") from error
    if kind in (None, BUNDLED):
        return SupervisedRecogniser(partial(make_sphinx, grammar, data_dir(data_folder) / "recognition"))
    folder = locate(str(kind), data_folder)
    return SupervisedRecogniser(partial(make_with_model, grammar, folder), _MODEL_LIMITS)


def make_sphinx(grammar: Grammar, folder: Path) -> Listener:
    """Called inside the process. Raises SottoError where nothing can be written, not even beside the user's folder."""
    from engine.recognition.sphinx import SphinxListener

    try:
        return SphinxListener(grammar, folder)
    except OSError:
        # The folder cannot be written, or the disk is full, which the store tells of: hear all the same.
        try:
            with tempfile.TemporaryDirectory(prefix="sotto-") as spare:  # what is in it is read at once
                return SphinxListener(grammar, Path(spare))
        except OSError as error:
            raise SottoError(
                f"The recogniser can write neither in {folder} nor among temporary files"
                f" ({error.strerror or error}); free some space, or mend the folder's rights."
            ) from error


def make_with_model(grammar: Grammar, folder: ModelFolder) -> Listener:
    """Called inside the process."""
    try:
        from engine.recognition.onnx_model import load
    except ImportError as error:
        raise SottoError(
            f"Recogniser models need the packages onnx-asr and onnxruntime, which cannot be loaded ({error}); "
            "install Sotto again."
        ) from error
    from engine.recognition.onnx_listener import OnnxListener

    model, pace = load(folder)
    return OnnxListener(grammar, model, pace)
