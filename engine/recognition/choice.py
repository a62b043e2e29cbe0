"""Which recogniser: pocketsphinx, which needs nothing but its wheel, unless another one is asked for.

Loads none: it is made in the process that is started.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

from engine.errors import SottoError
from engine.paths import data_dir
from engine.recognition.contract import Grammar, Recogniser
from engine.recognition.jsgf import parse
from engine.recognition.listener import Listener
from engine.recognition.supervised import SupervisedRecogniser

KINDS = ("pocketsphinx",)
"""What `kind` may be."""


def make_recogniser(grammar: Grammar, kind: str | None = None, data_folder: Path | None = None) -> Recogniser:
    """A recogniser in a process of its own, not started yet.

    `data_folder` (default: the user's) keeps what it learns of the speaker. Raises SottoError for an unknown kind or a
    grammar that cannot be read.
    """
    if kind not in (None, *KINDS):
        raise SottoError(f"There is no recogniser {kind!r}; choose one of {', '.join(KINDS)}.")
    try:
        parse(grammar.jsgf)
    except ValueError as error:
        raise SottoError(f"The recogniser cannot read its grammar: {error}.") from error
    return SupervisedRecogniser(partial(make_sphinx, grammar, data_dir(data_folder) / "recognition"))


def make_sphinx(grammar: Grammar, folder: Path) -> Listener:
    """Called inside the process."""
    from engine.recognition.sphinx import SphinxListener

    return SphinxListener(grammar, folder)
