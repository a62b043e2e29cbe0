"""Guards around every test: none may leave a thread, a timer or a process running."""

from __future__ import annotations

import multiprocessing
import sys
import threading
import traceback
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import settings

pytest_plugins = ["tests.fixtures.babbler", "tests.fixtures.sound_card"]

settings.register_profile("sotto", deadline=None, max_examples=60, derandomize=True)
settings.load_profile("sotto")

GRACE_S = 2.0
"""A thread that is told to end may take this long."""

_started_at: dict[threading.Thread, str] = {}
_start_thread = threading.Thread.start


def _remember_start(thread: threading.Thread) -> None:
    _started_at[thread] = "".join(traceback.format_stack(limit=8)[:-1])
    _start_thread(thread)


def pytest_configure(config: pytest.Config) -> None:
    """Note where each thread is started, for the guard's message."""
    threading.Thread.start = _remember_start  # type: ignore[method-assign]


def pytest_unconfigure(config: pytest.Config) -> None:
    """Put the original back."""
    threading.Thread.start = _start_thread  # type: ignore[method-assign]


@pytest.fixture(autouse=True)
def nothing_left_running(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that leaves a thread (timers are threads) or a child process behind, saying where it began."""
    threads, children = set(threading.enumerate()), set(multiprocessing.active_children())
    yield
    if "torch" in sys.modules:  # loading a voice flushes denormals, which Hypothesis needs in other tests
        sys.modules["torch"].set_flush_denormal(False)
    left: list[Any] = [thread for thread in threading.enumerate() if thread not in threads]
    for thread in left:
        thread.join(GRACE_S)
    reports = [f"{t.name}, started at\n{_started_at.get(t, 'unknown')}" for t in left if t.is_alive()]
    reports += [str(child) for child in multiprocessing.active_children() if child not in children]
    _started_at.clear()
    if reports:
        pytest.fail("left running: " + "\n".join(reports), pytrace=False)
