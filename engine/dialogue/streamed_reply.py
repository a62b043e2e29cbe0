"""An answer whose words are made on the dialogue thread and taken on another.

Commit and cancel may come from any thread. Imports nothing heavy.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import threading
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

from engine.dialogue import Effect, Reply, ToolUse
from engine.dialogue.language_model import AnswerTimes
from engine.dialogue.loop_thread import LoopThread
from engine.text_inlet import TextInlet


class StreamedReply:
    """Made with the work that fills it; that work starts at once and calls `put`, `instead`, `when_committed`."""

    def __init__(
        self,
        source: str,
        loop: LoopThread,
        work: Callable[[StreamedReply], Coroutine[Any, Any, None]],
        late: Callable[[tuple[Effect, ...]], None],
        failed: Callable[[BaseException], None],
    ) -> None:
        self._source = source
        self._loop = loop
        self._late = late
        self._inlet = TextInlet()
        self._lock = threading.Lock()
        self._committed = asyncio.Event()
        self._is_committed = False
        self._is_cancelled = False
        self._on_commit: list[Callable[[], None]] = []
        self._opening = ""
        self._instead: Callable[[], Reply] | None = None
        self._inner: Reply | None = None
        self.times = AnswerTimes()
        """Filled in while the answer comes."""
        self.written = ""
        """The answer as the model wrote it, mark-up and all, without its thoughts."""
        self.has_words = False
        self._tool_uses: tuple[ToolUse, ...] = ()
        self._work = loop.start(work(self))
        self._work.add_done_callback(lambda done: self._ended(done, failed))

    def _ended(self, done: concurrent.futures.Future[None], failed: Callable[[BaseException], None]) -> None:
        self._inlet.finish()
        if not done.cancelled() and (error := done.exception()) is not None:
            failed(error)

    # for whoever hears the answer

    @property
    def source(self) -> str:
        """The model's name, or the skill's that answers in its place."""
        inner = self._inner
        return self._source if inner is None else inner.source

    @property
    def tool_uses(self) -> tuple[ToolUse, ...]:
        """The tools that were called so far."""
        return self._tool_uses

    def pieces(self) -> Iterator[str]:
        """The words as they come, fit for speech, from one thread; a skill's where the model has none."""
        yield from self._inlet
        with self._lock:
            instead = None if self._is_cancelled else self._instead
        if instead is None:
            return
        if self._opening:
            yield self._opening
        inner = instead()
        with self._lock:
            self._inner = inner
            is_committed, is_cancelled = self._is_committed, self._is_cancelled
        if is_cancelled:
            inner.cancel()
            return
        if is_committed:
            self._late(inner.commit())
        yield from inner.pieces()

    def commit(self) -> tuple[Effect, ...]:
        """The answer is being heard: held tools run from now on."""
        with self._lock:
            if self._is_committed or self._is_cancelled:
                return ()
            self._is_committed = True
            waiting, self._on_commit = self._on_commit, []
            inner = self._inner
        for act in waiting:
            act()
        self._loop.call(self._committed.set)
        return inner.commit() if inner is not None else ()

    def cancel(self) -> None:
        """Stop: the connection is closed, running tools are given up, nothing more comes."""
        with self._lock:
            self._is_cancelled = True
            inner = self._inner
        self._inlet.cancel()
        self._work.cancel()
        if inner is not None:
            inner.cancel()

    # for the work on the dialogue thread

    def put(self, text: str) -> None:
        """More words."""
        if text:
            self.has_words = True
            self._inlet.feed(text)

    def used(self, use: ToolUse) -> None:
        """A tool was called, and has ended."""
        self._tool_uses = (*self._tool_uses, use)

    def instead(self, opening: str, make: Callable[[], Reply]) -> None:
        """Nothing will come from the model: say `opening`, then what another reply says."""
        with self._lock:
            self._opening, self._instead = opening, make

    def when_committed(self, act: Callable[[], None]) -> None:
        """Do something short when the answer is heard, or now if it is; never, if it is not."""
        with self._lock:
            if not self._is_committed:
                self._on_commit.append(act)
                return
        act()

    async def committed(self) -> None:
        """Wait for the commit; a reply that is cancelled never gets here."""
        await self._committed.wait()
