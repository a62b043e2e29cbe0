"""The engine process' first function. Light, so that a front end names it without loading what the process loads.

Called by `multiprocessing` in the new process only; imports nothing before that.
"""

from __future__ import annotations

from collections.abc import Callable
from multiprocessing.connection import Connection

from engine.conversing import MakeParts
from engine.speaking import VoiceShelf


def launch(connection: Connection, make_shelf: Callable[[], VoiceShelf], make_parts: MakeParts) -> None:
    """See `engine.process.serve`."""
    from engine.process import serve

    serve(connection, make_shelf, make_parts)
