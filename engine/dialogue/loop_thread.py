"""The dialogue thread: one asyncio loop on which network clients and tool servers live.

Others hand it coroutines and never wait inside it. Imports nothing heavy.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

ResultT = TypeVar("ResultT")


class LoopThread:
    """Starts at once; `close` cancels what still runs there and waits for its end."""

    def __init__(self, name: str = "dialogue") -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name=name)
        self._thread.start()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_forever()
            self._loop.run_until_complete(_cancel_all())
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
            self._loop.run_until_complete(self._loop.shutdown_default_executor())
        finally:
            self._loop.close()

    def start(self, work: Coroutine[Any, Any, ResultT]) -> concurrent.futures.Future[ResultT]:
        """Run `work` there. Cancelling the future cancels it; after `close` nothing runs, and the future says so."""
        try:
            return asyncio.run_coroutine_threadsafe(work, self._loop)
        except RuntimeError:  # the loop is closed
            work.close()
            never: concurrent.futures.Future[ResultT] = concurrent.futures.Future()
            never.cancel()
            return never

    def call(self, function: Callable[[], object]) -> None:
        """Call a short `function` there, soon; nothing happens after `close`."""
        if not self._loop.is_closed():
            try:
                self._loop.call_soon_threadsafe(function)
            except RuntimeError:  # closed since
                return

    def close(self) -> None:
        """End it, from another thread; a second call does nothing."""
        self.call(self._loop.stop)
        self._thread.join()


async def on_a_thread(work: Callable[[], ResultT], name: str) -> ResultT:
    """The result of something that blocks, from a thread of its own. Whoever gives it up leaves the thread to itself,
    so that a system that hangs holds nobody."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[ResultT] = loop.create_future()

    def settle(settled: Callable[[], None]) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(lambda: None if answer.done() else settled())

    def run() -> None:
        try:
            result = work()
        except Exception as error:  # noqa: BLE001  # whatever it is, it is raised where it is waited for
            failure = error
            settle(lambda: answer.set_exception(failure))
        else:
            settle(lambda: answer.set_result(result))

    threading.Thread(target=run, name=name, daemon=True).start()
    return await answer


async def _cancel_all() -> None:
    """Cancel every task but this one, and wait for their ends."""
    tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
