"""What is left when something goes wrong: a log without anyone's words, the stacks of a hard crash, a report to copy.

Set up before Qt is loaded; hooks run on whichever thread failed. Must not import Qt.
"""

from __future__ import annotations

import faulthandler
import logging
import platform
import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.metadata import version
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType
from typing import IO

from engine.errors import SottoError

MAX_LOG_BYTES = 500_000
log = logging.getLogger("sotto.desktop")
log.addHandler(logging.NullHandler())  # before it is set up, nothing is to reach the terminal


@dataclass
class CrashHandling:
    """Hooks that are set, the files they write to, and what a hard crash of the last run left."""

    folder: Path | None
    last_crash: str = ""
    failures: list[str] = field(default_factory=list)
    on_failure: Callable[[str], None] = field(default=lambda summary: None)
    _stacks: IO[str] | None = None

    def remember(self, kind: type[BaseException], value: BaseException, trace: TracebackType | None) -> None:
        """Log where it happened, not what was said: an exception's own words may quote a transcript."""
        frames = "".join(traceback.format_tb(trace))
        log.error("%s\n%s", kind.__name__, frames)
        self.failures = [*self.failures[-4:], f"{kind.__name__}: {value}\n{frames}"]
        self.on_failure(kind.__name__)

    def report(self, extra: str = "") -> str:
        """What helps whoever mends it; shown and copied only when the user asks for it."""
        lines = [
            f"Sotto {version('sotto')}, Python {platform.python_version()}, {platform.platform()}",
            *(["The last run ended in a crash:", self.last_crash] if self.last_crash else []),
            *self.failures,
            extra,
        ]
        return "\n\n".join(line for line in lines if line)

    def close(self) -> None:
        """Give the hooks back, as tests need."""
        sys.excepthook, threading.excepthook = sys.__excepthook__, threading.__excepthook__
        if self._stacks is not None:
            faulthandler.disable()
            self._stacks.close()
            self._stacks = None
        for handler in list(log.handlers):
            log.removeHandler(handler)
            handler.close()


def set_up(folder: Path) -> CrashHandling:
    """Log to `folder`, catch what nobody caught; where the folder cannot be written, do without files."""
    handling = CrashHandling(None)
    log.setLevel(logging.INFO)
    log.propagate = False
    try:
        folder.mkdir(parents=True, exist_ok=True)
        stacks = folder / "crash.txt"
        handling.last_crash = stacks.read_text(encoding="utf-8", errors="replace") if stacks.exists() else ""
        handling._stacks = stacks.open("w", encoding="utf-8")
        handler = RotatingFileHandler(
            folder / "sotto.log", maxBytes=MAX_LOG_BYTES, backupCount=1, encoding="utf-8", delay=True
        )
    except OSError as error:
        handling.failures.append(f"No log: {folder} cannot be written ({error.strerror}).")
    else:
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
        log.addHandler(handler)
        handling.folder = folder
        faulthandler.enable(handling._stacks)
    sys.excepthook = _hook(handling)
    threading.excepthook = lambda args: _hook(handling)(
        args.exc_type, args.exc_value or args.exc_type(), args.exc_traceback
    )
    return handling


def _hook(
    handling: CrashHandling,
) -> Callable[[type[BaseException], BaseException, TracebackType | None], None]:
    def hook(kind: type[BaseException], value: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt | SystemExit):
            sys.__excepthook__(kind, value, trace)
            return
        if issubclass(kind, SottoError):
            log.warning("%s reached no handler", kind.__name__)
        handling.remember(kind, value, trace)

    return hook
