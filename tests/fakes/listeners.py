"""Small listeners for a recogniser's process: one that echoes levels, and ones that hang, crash, flood or dawdle."""

from __future__ import annotations

import os
import sys
import threading
from multiprocessing.connection import Connection

import numpy as np
from numpy.typing import NDArray

from engine.errors import SottoError
from engine.recognition.listener import NOTHING, Understood, Words

TROUBLE_LEVEL = 0.9
"""Audio this loud makes the troublesome ones do what they are named after."""


class CountingListener:
    """Understands how many samples it was fed: "800 samples"."""

    def __init__(self) -> None:
        self._samples = 0

    def begin(self) -> None:
        self._samples = 0

    def feed(self, samples: NDArray[np.float32]) -> Words:
        self._samples += len(samples)
        if samples.size and float(np.max(np.abs(samples))) > TROUBLE_LEVEL:
            self.trouble()
        return Words(tentative=(str(self._samples),))

    def finish(self) -> Understood:
        return Understood(f"{self._samples} samples", 1.0, True, False) if self._samples else NOTHING

    def drop(self) -> None:
        self._samples = 0

    def tidy(self) -> None:
        pass

    def trouble(self) -> None:
        """What loud audio does."""


class HangingListener(CountingListener):
    """Never comes back."""

    def trouble(self) -> None:
        threading.Event().wait()


class CrashingListener(CountingListener):
    """Ends the process, as a fault in native code does."""

    def trouble(self) -> None:
        os._exit(11)


class FloodingListener(CountingListener):
    """Answers without being asked, on and on."""

    def trouble(self) -> None:
        frame = sys._getframe()
        while "connection" not in frame.f_locals:
            assert frame.f_back is not None
            frame = frame.f_back
        connection: Connection = frame.f_locals["connection"]
        try:
            while True:
                connection.send_bytes(bytes(30_000))
        except OSError:
            os._exit(0)


class DawdlingListener(CountingListener):
    """Takes no audio until its gate opens, which is a file that appears."""

    def __init__(self, gate: str) -> None:
        super().__init__()
        self._gate = gate

    def feed(self, samples: NDArray[np.float32]) -> Words:
        while not os.path.exists(self._gate):
            threading.Event().wait(0.005)
        return super().feed(samples)


def make_unusable() -> CountingListener:
    """A recogniser without its model."""
    raise SottoError("The recogniser's model is missing; install it again.")


def make_broken() -> CountingListener:
    """A recogniser that dies as it is made."""
    os._exit(5)
