"""What is left when something goes wrong: where, but none of anyone's words."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.desktop import crash

HARD = """
import faulthandler, sys
from pathlib import Path
from app.desktop import crash
crash.set_up(Path(sys.argv[1]))
faulthandler._sigsegv()
"""


@pytest.fixture
def handling(tmp_path: Path) -> Iterator[crash.CrashHandling]:
    handling = crash.set_up(tmp_path / "logs")
    yield handling
    handling.close()


SAID = "what the user said"


def fail_with(words: str) -> None:
    raise ValueError(words)


def test_a_failure_is_logged_by_place_not_by_words(handling: crash.CrashHandling, tmp_path: Path) -> None:
    told: list[str] = []
    handling.on_failure = told.append
    try:
        fail_with(SAID)
    except ValueError as error:
        sys.excepthook(type(error), error, error.__traceback__)
    log = (tmp_path / "logs" / "sotto.log").read_text(encoding="utf-8")
    assert "ValueError" in log
    assert "fail_with" in log
    assert SAID not in log
    assert told == ["ValueError"]
    assert SAID in handling.report("more")  # the user reads it before it goes anywhere
    assert handling.report("more").endswith("more")


def test_failures_of_threads_are_caught_too(handling: crash.CrashHandling) -> None:
    thread = threading.Thread(target=fail_with, args=("x",))
    thread.start()
    thread.join()
    assert "ValueError: x" in handling.report()


def test_the_stacks_of_a_hard_crash_are_there_at_the_next_start(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", HARD, str(tmp_path)], capture_output=True, text=True)
    assert done.returncode != 0
    handling = crash.set_up(tmp_path)
    handling.close()
    assert "Segmentation fault" in handling.last_crash
    assert "The last run ended in a crash" in handling.report()
    again = crash.set_up(tmp_path)
    again.close()
    assert again.last_crash == ""


def test_a_folder_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    handling = crash.set_up(tmp_path / "file" / "logs")
    crash.log.info("nowhere")
    handling.close()
    assert "cannot be written" in handling.report()
