"""A thread beside the engine's: a frame is decoded on it while the next one's step is computed.

The two need different cores of the machine, different graphs and nothing of each other. Owned by the engine thread; the
other one lives as long as a text is spoken and is idle between frames.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from types import TracebackType
from typing import TypeVar

import torch

_T = TypeVar("_T")


class Aside:
    """`work` on the other thread, `meanwhile` on this one; where that is not `wanted` or there is one core, `work`
    alone, here."""

    def __init__(self, wanted: bool) -> None:
        enough = wanted and (os.cpu_count() or 1) > 1
        self._pool = (
            ThreadPoolExecutor(1, "sotto-decoder", initializer=torch.set_flush_denormal, initargs=(True,))
            if enough
            else None
        )

    def __enter__(self) -> Aside:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown()

    def run(self, work: Callable[[], _T], meanwhile: Callable[[], None]) -> _T:
        """What `work` gives. Raises what either raises, once both are over."""
        if self._pool is None:
            return work()
        result: Future[_T] = self._pool.submit(torch.inference_mode()(work))
        try:
            meanwhile()
        finally:
            wait((result,))
        return result.result()
