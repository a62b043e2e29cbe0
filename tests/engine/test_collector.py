"""What was loaded is not looked through again, and what became garbage since still goes."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from engine.collector import loading


class Loaded:
    """In a cycle, so that only a collection finds that nobody has it any more."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def thawed() -> Iterator[None]:
    yield
    gc.unfreeze()


def test_what_was_loaded_is_passed_over_until_something_else_is_loaded() -> None:
    with loading():
        assert not gc.isenabled()
        loaded = Loaded()
    assert gc.isenabled()
    assert not any(each is loaded for each in gc.get_objects())
    gone = weakref.ref(loaded)
    del loaded
    gc.collect()
    assert gone() is not None
    with loading():
        pass
    assert gone() is None


def test_the_collector_runs_on_after_a_loading_that_failed() -> None:
    with pytest.raises(ValueError, match="no such voice"), loading():
        raise ValueError("no such voice")
    assert gc.isenabled()
