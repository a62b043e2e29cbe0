"""A server of language models on the loopback interface that can be right, slow, broken, or a liar.

A real HTTP server on a thread of its own. Each chat takes the next of `behaviours`, the last one again and again.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Chat:
    """One chat request as it came in; `left` is set when the client closes the connection before the end."""

    body: dict[str, Any]
    headers: dict[str, str]
    left: threading.Event = field(default_factory=threading.Event)
    received_s: float = field(default_factory=time.perf_counter)
    """When it came in, on the same clock as `sent_at_s`."""
    sent_at_s: list[float] = field(default_factory=list)
    """When each piece of the answer was sent, on the clock of `time.perf_counter`."""

    def texts(self, role: str) -> list[str]:
        """The contents of the messages of a role."""
        return [message["content"] for message in self.body["messages"] if message["role"] == role]


@dataclass(frozen=True)
class Behaviour:
    """What is sent: pieces of an answer, each after `pause_s`, or raw bytes, or an error; and how it ends."""

    pieces: tuple[str | dict[str, Any], ...] = ()
    pause_s: float = 0.0
    status: int = 200
    error: str = ""
    raw: bytes | None = None
    end: str = "stop"  # stop, tool_calls, cut (the connection breaks), hang, endless


def words(text: str, pause_s: float = 0.0) -> Behaviour:
    """A right answer, a token a word."""
    first, *rest = text.split(" ")
    return Behaviour((first, *(f" {word}" for word in rest)), pause_s)


def calls(*named: tuple[str, str]) -> Behaviour:
    """Tool calls (name, arguments), the arguments in two parts."""
    pieces: list[str | dict[str, Any]] = []
    for index, (name, arguments) in enumerate(named):
        half = len(arguments) // 2
        head = {"index": index, "id": f"c{index}", "type": "function"}
        pieces.append({"tool_calls": [head | {"function": {"name": name, "arguments": arguments[:half]}}]})
        pieces.append({"tool_calls": [{"index": index, "function": {"arguments": arguments[half:]}}]})
    return Behaviour(tuple(pieces), end="tool_calls")


class ModelServer:
    """`base_url` once it runs; `chats` are the requests so far, those of one token (warm-ups) apart."""

    def __init__(self, models: tuple[str, ...] = ("small",), key: str = "") -> None:
        self.models, self.key = models, key
        self.behaviours: list[Behaviour] = [words("Hello there.")]
        self.warm_up: Behaviour = words("Hi")
        self.chats: list[Chat] = []
        self.warm_ups = 0
        self.requests = 0
        self.respond: Callable[[Chat], Behaviour] | None = None
        self.changed = threading.Condition()
        self.port = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._end = asyncio.Event()
        self._open: set[asyncio.Task[None]] = set()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="model server")

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def wait_for(self, condition: Callable[[], bool], within_s: float = 10.0) -> bool:
        """Wait until something about the requests holds."""
        with self.changed:
            return self.changed.wait_for(condition, within_s)

    def __enter__(self) -> ModelServer:
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        assert self._loop is not None
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join()

    def _run(self) -> None:
        asyncio.run(self._listen())

    async def _listen(self) -> None:
        self._loop = asyncio.get_running_loop()
        server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._end.wait()
        server.close()
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)
        await server.wait_closed()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        try:
            while await self._serve(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the client left, or the test is over: both are what tests do
        finally:
            self._open.discard(task)
            with contextlib.suppress(ConnectionError):
                writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """One request; whether the connection stays open."""
        head = await reader.readuntil(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        method, path, _ = first.split(" ")
        self.requests += 1
        if self.key and headers.get("authorization") != f"Bearer {self.key}":
            return await self._fail(writer, Behaviour(status=401, error="wrong key"))
        if (method, path) == ("GET", "/v1/models"):
            data = [{"id": name, "object": "model", "owned_by": "test"} for name in self.models]
            return await self._send_json(writer, 200, {"object": "list", "data": data})
        if (method, path) != ("POST", "/v1/chat/completions"):
            return await self._fail(writer, Behaviour(status=404, error=f"no route {path}"))
        chat = Chat(json.loads(body), headers)
        behaviour = self._next(chat)
        if chat.body["model"] not in self.models:
            behaviour = Behaviour(status=404, error=f"model {chat.body['model']!r} not found")
        return await self._answer(chat, behaviour, reader, writer)

    def _next(self, chat: Chat) -> Behaviour:
        with self.changed:
            if chat.body.get("max_tokens") == 1:
                self.warm_ups += 1
                behaviour = self.warm_up
            else:
                self.chats.append(chat)
                if self.respond is not None:
                    behaviour = self.respond(chat)
                else:
                    behaviour = self.behaviours.pop(0) if len(self.behaviours) > 1 else self.behaviours[0]
            self.changed.notify_all()
        return behaviour

    async def _answer(
        self, chat: Chat, behaviour: Behaviour, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        if behaviour.status != 200:
            return await self._fail(writer, behaviour)
        writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        gone = asyncio.ensure_future(reader.read(1))
        has_left = False
        try:
            async for data in self._events(chat, behaviour):
                if gone.done():
                    break
                writer.write(b"%x\r\n%b\r\n" % (len(data), data))
                await writer.drain()
            if behaviour.end == "cut":
                writer.transport.abort()
                return False
            if behaviour.end == "hang":
                await gone
            if not gone.done():
                writer.write(b"0\r\n\r\n")
                await writer.drain()
                return False  # the byte that `gone` waits for may be the next request's
        except ConnectionError:
            has_left = True
        finally:
            if has_left or (
                gone.done() and not gone.cancelled() and not gone.exception() and not gone.result()
            ):
                with self.changed:
                    chat.left.set()
                    self.changed.notify_all()
            gone.cancel()
            with contextlib.suppress(ConnectionError):
                await writer.drain()
        return False

    async def _events(self, chat: Chat, behaviour: Behaviour) -> AsyncIterator[bytes]:
        if behaviour.raw is not None:
            yield behaviour.raw
            return
        for piece in _endless(behaviour.pieces) if behaviour.end == "endless" else behaviour.pieces:
            if behaviour.pause_s:
                await asyncio.sleep(behaviour.pause_s)
            chat.sent_at_s.append(time.perf_counter())
            yield _event({"content": piece} if isinstance(piece, str) else piece)
        if behaviour.end in ("stop", "tool_calls"):
            yield _event({}, behaviour.end)
            yield b"data: [DONE]\n\n"

    async def _fail(self, writer: asyncio.StreamWriter, behaviour: Behaviour) -> bool:
        return await self._send_json(
            writer, behaviour.status, {"error": {"message": behaviour.error, "code": None}}
        )

    async def _send_json(self, writer: asyncio.StreamWriter, status: int, value: Any) -> bool:
        data = json.dumps(value).encode()
        head = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n"
        writer.write(head.encode() + data)
        await writer.drain()
        return True


def _endless(pieces: tuple[Any, ...]) -> Iterator[Any]:
    while True:
        yield from pieces


def _event(delta: dict[str, Any], finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    chunk = {
        "id": "x",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "small",
        "choices": [choice],
    }
    return f"data: {json.dumps(chunk)}\n\n".encode()
