"""Tool servers over the Model Context Protocol: one task owns each session, from its start to its end.

On the dialogue thread. Nothing is started that the user did not allow; a server that hangs or dies is ended, said once,
and started anew when it is needed, later each time. `mcp` is imported when the first server starts.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.dialogue.model_config import ToolServerConfig
from engine.dialogue.tools import Consent, ConsentRequest, Reach, Tool, ToolFailed
from engine.events import ErrorOccurred, Event

if TYPE_CHECKING:
    from mcp import Client

MOST_TOOLS = 32
"""Of one server; more would fill a small model's context before anybody has spoken."""
_FIRST_WAIT_S = 1.0
_LONGEST_WAIT_S = 300.0
_END_S = 8.0
_LONGEST_DESCRIPTION = 400
_NAME = re.compile(r"[^A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class _Call:
    """A tool's call on its way to the task that owns the session."""

    tool: str
    arguments: dict[str, Any]
    result: asyncio.Future[str]


class ToolServer:
    """One server. `tools` is what it offers while it runs; a call starts it again if it has ended."""

    def __init__(self, config: ToolServerConfig, tell: Callable[[Event], None], first_wait_s: float) -> None:
        self.config = config
        self._tell = tell
        self._calls: asyncio.Queue[_Call] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None
        self._ready: asyncio.Future[None] | None = None
        self._failures = 0
        self._retry_at_s = 0.0
        self._told = False
        self._first_wait_s = first_wait_s
        self._is_ending = False
        self._offered: tuple[Tool, ...] = ()

    def tools(self) -> tuple[Tool, ...]:
        """What may be called; the tools that the user refused are left out. A call starts a server that has ended."""
        return self._offered

    def start_again(self) -> None:
        """Start a server that never came up, in the background, once it has been left alone long enough."""
        is_over = self._task is not None and self._task.done()
        if is_over and not self._offered and time.monotonic() >= self._retry_at_s:
            self._ready = asyncio.get_running_loop().create_future()
            self._task = asyncio.create_task(self._own(self._ready), name=f"tools of {self.config.name}")

    async def start(self) -> None:
        """Connect and list the tools; raises ToolFailed with a sentence."""
        if self._is_ending and self._task is not None:
            await asyncio.wait((self._task,))
        if self._task is None or self._task.done():
            if time.monotonic() < self._retry_at_s:
                raise ToolFailed(
                    f"The tool server {self.config.name!r} failed a moment ago and is left alone for now."
                )
            self._ready = asyncio.get_running_loop().create_future()
            self._task = asyncio.create_task(self._own(self._ready), name=f"tools of {self.config.name}")
        assert self._ready is not None
        await asyncio.shield(self._ready)

    async def close(self) -> None:
        """End the session; its program is ended with it."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait((self._task,), timeout=_END_S)

    async def call(self, tool: str, arguments: dict[str, Any]) -> str:
        """What a tool answers; raises ToolFailed with a sentence for the model."""
        await self.start()
        call = _Call(tool, arguments, asyncio.get_running_loop().create_future())
        self._calls.put_nowait(call)
        return await call.result

    async def _own(self, ready: asyncio.Future[None]) -> None:
        """The session's whole life, in this one task."""
        self._is_ending = False
        try:
            async with contextlib.AsyncExitStack() as stack:
                async with asyncio.timeout(self.config.start_s):
                    client = await stack.enter_async_context(_client(self.config, stack))
                    self._offered = await self._list(client)
                ready.set_result(None)
                while True:
                    await self._serve(client, await self._calls.get())
        except Exception as error:  # noqa: BLE001  # a library's and a stranger's program's: all are one sentence
            self._end(ready, error)
        finally:
            self._give_up(ready)

    async def _list(self, client: Client) -> tuple[Tool, ...]:
        found = (await client.list_tools()).tools
        wanted = [tool for tool in found if self.config.consent_for(tool.name) != "never"]
        return tuple(self._tool(tool) for tool in wanted[:MOST_TOOLS])

    def _tool(self, offered: Any) -> Tool:
        """A server's tool as one of ours. What it says of its own harmlessness counts only once the user trusts it."""
        may = self.config.consent_for(offered.name) == "always"
        only_reads = may and bool(getattr(offered.annotations, "read_only_hint", False))
        reach: Reach = "none" if only_reads else "outside"

        async def run(arguments: dict[str, Any]) -> str:
            return await self.call(offered.name, arguments)

        schema = offered.input_schema if isinstance(offered.input_schema, dict) else {"type": "object"}
        description = " ".join((offered.description or offered.name).split())[:_LONGEST_DESCRIPTION]
        name = f"{_NAME.sub('_', self.config.name)}__{_NAME.sub('_', offered.name)}"[:64]
        return Tool(name, description, schema, reach, run, owner=self.config.name, may_use_unasked=may)

    async def _serve(self, client: Client, call: _Call) -> None:
        """One call, while its caller waits for it. One that takes too long ends the session."""
        if call.result.done():
            return
        asking = asyncio.ensure_future(client.call_tool(call.tool, call.arguments))
        call.result.add_done_callback(lambda done: asking.cancel() if done.cancelled() else None)
        try:
            async with asyncio.timeout(self.config.call_s):
                result = await asking
        except asyncio.CancelledError:
            if call.result.cancelled() and not _is_cancelling():
                return  # the answer was cancelled, and the call with it
            raise
        except TimeoutError:
            self._fail(call, f"did not answer within {self.config.call_s:g} seconds")
            raise
        except Exception as error:
            lives = _is_answer(error)
            self._fail(call, f"failed ({_short(error)})", is_fatal=not lives)
            if not lives:
                raise
            return
        self._failures = 0
        if call.result.done():
            return
        text = _text(result)
        if getattr(result, "is_error", False):
            call.result.set_exception(ToolFailed(f"{call.tool} failed: {text or 'it does not say why'}"))
        else:
            call.result.set_result(text or "Done.")

    def _fail(self, call: _Call, what: str, is_fatal: bool = True) -> None:
        self._is_ending = self._is_ending or is_fatal
        if not call.result.done():
            call.result.set_exception(ToolFailed(f"The tool {call.tool} of {self.config.name} {what}."))

    def _end(self, ready: asyncio.Future[None], error: Exception) -> None:
        """It hung, died or never came up: wait longer each time before the next start, and say it once."""
        wait_s = min(_LONGEST_WAIT_S, self._first_wait_s * 2.0 ** min(self._failures, 20))
        self._failures += 1
        self._retry_at_s = time.monotonic() + wait_s
        sentence = _why(self.config, error)
        if not ready.done():
            ready.set_exception(ToolFailed(sentence))
            ready.exception()  # nobody may be waiting
        if not self._told:
            self._told = True
            self._tell(ErrorOccurred(code="dialogue", message=sentence, cause=_short(error)))

    def _give_up(self, ready: asyncio.Future[None]) -> None:
        """Nobody waits for a session that is gone."""
        if not ready.done():
            ready.cancel()
        while not self._calls.empty():
            self._fail(self._calls.get_nowait(), "cannot be reached: its server has ended")


class ToolServers:
    """All tool servers of a configuration. `consent` is asked before a server that is not allowed yet is started.

    `first_wait_s` passes before the next start after a failure, twice as much after each further one.
    """

    def __init__(
        self,
        configs: tuple[ToolServerConfig, ...],
        tell: Callable[[Event], None],
        consent: Consent | None = None,
        first_wait_s: float = _FIRST_WAIT_S,
    ) -> None:
        self._consent = consent
        self._servers = tuple(ToolServer(config, tell, first_wait_s) for config in configs)
        self._allowed = {config.name for config in configs if config.allowed}

    async def start(self) -> None:
        """Start those that are allowed, all at once; one that fails has said so, and hinders no other."""
        await asyncio.gather(*(self._start(server) for server in self._servers))

    async def _start(self, server: ToolServer) -> None:
        name = server.config.name
        if name not in self._allowed and self._consent is not None:
            request = ConsentRequest(name, "", {}, question_for_server(server.config))
            if await asyncio.to_thread(self._consent.ask, request):
                self._allowed.add(name)
        if name in self._allowed:
            with contextlib.suppress(ToolFailed):
                await server.start()

    def tools(self) -> tuple[Tool, ...]:
        """Those of the servers that are allowed. A server that failed to start is tried again meanwhile."""
        for server in self._servers:
            server.start_again()
        return tuple(tool for server in self._servers for tool in server.tools())

    async def close(self) -> None:
        """End all servers."""
        await asyncio.gather(*(server.close() for server in self._servers))


async def list_tools(config: ToolServerConfig) -> tuple[tuple[str, str], ...]:
    """Names and descriptions of all tools of a server, whatever the user said of them; it is started for that, and
    ended. Raises ToolFailed with a sentence."""
    try:
        async with contextlib.AsyncExitStack() as stack:
            async with asyncio.timeout(config.start_s):
                client = await stack.enter_async_context(_client(config, stack))
                found = (await client.list_tools()).tools
    except Exception as error:
        raise ToolFailed(_why(config, error)) from error
    return tuple(
        (tool.name, " ".join((tool.description or "").split())[:_LONGEST_DESCRIPTION]) for tool in found
    )


def question_for_server(config: ToolServerConfig) -> str:
    """How the user is asked whether a server may be started."""
    what = f"reach {config.url}" if config.url else f"start {' '.join((config.command, *config.arguments))}"
    return f"May the tool server {config.name} {what}, and offer its tools to the language model?"


def _client(config: ToolServerConfig, stack: contextlib.AsyncExitStack) -> Client:
    from mcp import Client, StdioServerParameters
    from mcp.client.stdio import stdio_client

    if config.url:
        return Client(config.url)
    # its log is not for the terminal
    silence = stack.enter_context(os.fdopen(os.open(os.devnull, os.O_WRONLY), "w", encoding="utf-8"))
    parameters = StdioServerParameters(
        command=config.command, args=list(config.arguments), env=dict(config.environment)
    )
    return Client(stdio_client(parameters, errlog=silence))


def _is_cancelling() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _is_answer(error: Exception) -> bool:
    """Whether the server answered, if with an error: it lives, then."""
    from mcp.shared.exceptions import MCPError

    return isinstance(error, MCPError) and "closed" not in str(error).lower()


def _text(result: Any) -> str:
    """The text of a result; pictures and sounds are only named."""
    parts = [
        getattr(part, "text", None) or f"[{getattr(part, 'type', 'something')}]" for part in result.content
    ]
    return "\n".join(parts).strip()


def _short(error: BaseException) -> str:
    """An error on one line; of a group, the first of them."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return " ".join(f"{error or type(error).__name__}".split())[:200]


def _why(config: ToolServerConfig, error: BaseException) -> str:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    if isinstance(error, FileNotFoundError):
        return (
            f"The tool server {config.name!r} cannot be started: there is no program {config.command!r};"
            " install it, or mend its command in the settings."
        )
    if isinstance(error, TimeoutError):
        return f"The tool server {config.name!r} did not answer in time and was ended; it is started again when needed."
    return (
        f"The tool server {config.name!r} failed ({_short(error)}); it is started again when needed."
        " If it goes on, look at its settings."
    )
