"""`sotto` as a program of its own whose voices sound tones: `python -m tests.fakes.sotto_with_tones say …`."""

import sys

from app.cli.main import main
from engine.handle import EngineHandle
from tests.fakes.tones import ToneShelf


def make_handle() -> EngineHandle:
    """An engine with the voices of `tests.fakes.tones`."""
    return EngineHandle(ToneShelf)


if __name__ == "__main__":
    sys.exit(main(make_handle=make_handle))
