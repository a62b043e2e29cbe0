"""Python's garbage collector, kept away from what is loaded once and stays.

A full collection looks through every object there is and holds Python's lock meanwhile: with a voice loaded a tenth of
a second, in which the audio callback gets nothing to play. Any thread. Imports nothing heavy.
"""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator


@contextlib.contextmanager
def loading() -> Iterator[None]:
    """Around the making of what stays: nothing is collected while it lasts, and it is not looked through later.

    What was there before is looked through once more, since an earlier voice may be garbage by now. At a start there
    is no such thing, and nobody waits for a collection.
    """
    if gc.get_freeze_count():
        gc.unfreeze()
        gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def settle() -> None:
    """Collect what is garbage, and look no more through the rest."""
    gc.collect()
    gc.freeze()
