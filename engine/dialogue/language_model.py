"""One language model behind an OpenAI-compatible server: messages in, words and tool calls out.

On the dialogue thread. Every failure is a ModelTrouble with a sentence; cancelling the task closes the connection.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from engine.dialogue.context import Message
from engine.dialogue.model_config import ModelConfig
from engine.dialogue.servers import connect, list_models
from engine.dialogue.thoughts import Thoughts
from engine.dialogue.tools import Tool, ToolCall
from engine.dialogue.trouble import (
    ModelTrouble,
    broken_off,
    explain,
    garbage,
    no_such_model,
    silent,
    slow,
)

if TYPE_CHECKING:
    from openai import AsyncOpenAI

_LONGEST_ANSWER_PER_TOKEN = 8
"""Characters; a server that ignores the limit of tokens is cut off here."""
_MOST_CALLS = 8
_LONGEST_ARGUMENTS = 20_000


@dataclass(frozen=True, slots=True)
class Words:
    """More of the answer, thoughts taken out."""

    text: str


@dataclass(slots=True)
class AnswerTimes:
    """Milliseconds from the question: the server's first sign of life, and the first token of the answer itself."""

    first_token_ms: float | None = None
    first_answer_ms: float | None = None


@dataclass
class _Stream:
    """What has come of one answer so far."""

    thoughts: Thoughts
    times: AnswerTimes
    started_s: float
    thought: bool = False
    characters: int = 0
    finished: bool = False

    def elapsed_ms(self) -> float:
        return 1000.0 * (time.perf_counter() - self.started_s)


class LanguageModel:
    """`read_key` gives the API key, "" where there is none; it is asked once, before the first question."""

    def __init__(self, config: ModelConfig, read_key: Callable[[], Awaitable[str]]) -> None:
        self.config = config
        self._read_key = read_key
        self._key = ""
        self._connected: AsyncOpenAI | None = None
        self._connecting = asyncio.Lock()
        self._takes_tools = config.uses_tools
        self._begins_in_thought = False

    async def close(self) -> None:
        """Close the connections."""
        if self._connected is not None:
            await self._connected.close()

    async def warm_up(self) -> None:
        """Have the server load the model: one token is asked for. Raises ModelTrouble."""
        times = AnswerTimes()
        messages: tuple[Message, ...] = ({"role": "user", "content": "Hi"},)
        try:
            parts = self._answer(messages, (), times, 1, within_s=self.config.load_s)
            async with aclosing(parts):
                async for _ in parts:
                    pass
        except ModelTrouble as trouble:
            if trouble.kind != "silent":  # one token may well be a thought
                raise

    async def write(self, messages: tuple[Message, ...], most_tokens: int) -> str:
        """A whole answer, for the dialogue's own use."""
        times = AnswerTimes()
        async with aclosing(self.answer(messages, (), times, most_tokens)) as parts:
            return "".join([part.text async for part in parts if isinstance(part, Words)]).strip()

    async def answer(
        self,
        messages: tuple[Message, ...],
        tools: tuple[Tool, ...],
        times: AnswerTimes,
        most_tokens: int | None = None,
    ) -> AsyncGenerator[Words | ToolCall, None]:
        """The answer's words as they come, and after them the tools that the model calls. `times` is filled in."""
        offered = tools if self._takes_tools else ()
        try:
            parts = self._answer(messages, offered, times, most_tokens)
            async with aclosing(parts):
                async for part in parts:
                    yield part
        except ModelTrouble as trouble:
            if not offered or trouble.kind != "refused" or "tool" not in str(trouble).lower():
                raise
        else:
            return
        self._takes_tools = False  # the model knows no tools: from now on without them
        parts = self._answer(messages, (), times, most_tokens)
        async with aclosing(parts):
            async for part in parts:
                yield part

    async def _answer(
        self,
        messages: tuple[Message, ...],
        tools: tuple[Tool, ...],
        times: AnswerTimes,
        most_tokens: int | None,
        within_s: float | None = None,
    ) -> AsyncGenerator[Words | ToolCall, None]:
        """`within_s` bounds silences and the wait for the answer instead of the configuration's own bounds."""
        import openai
        from openai.types.chat import ChatCompletion

        client = await self._client()
        stream = _Stream(Thoughts(self._begins_in_thought), times, time.perf_counter())
        options: dict[str, Any] = {"tools": [tool.as_offered() for tool in tools]} if tools else {}
        if within_s is not None:
            options["timeout"] = openai.Timeout(within_s, connect=self.config.connect_s)
        answer_within_s = within_s or self.config.answer_within_s
        limit = most_tokens or self.config.answer_tokens
        calls: dict[int, list[str]] = {}
        try:
            chunks = await client.chat.completions.create(
                model=self.config.model,
                messages=cast(Any, messages),
                stream=True,
                max_tokens=limit,
                temperature=self.config.temperature,
                **options,
            )
            if isinstance(chunks, ChatCompletion):  # what the types allow and `stream` rules out
                raise garbage(self.config.base_url)
            async with chunks:
                async for chunk in self._in_time(chunks, stream, answer_within_s):
                    text = _read(chunk, stream, calls, self.config.base_url)
                    if text := self._shown(stream, text):
                        yield Words(text)
                    if stream.finished or stream.characters > limit * _LONGEST_ANSWER_PER_TOKEN:
                        break
                else:
                    if stream.characters and not calls:
                        raise broken_off(self.config.base_url)
        except openai.NotFoundError as error:
            raise await self._explain_missing(client, error) from error
        except (openai.OpenAIError, ValueError, RecursionError) as error:
            # ValueError: what the server sent is no JSON, or no text
            raise explain(error, self.config.base_url, self.config.model, bool(self._key)) from error
        if rest := stream.thoughts.finish():
            self._time(stream, rest)
            yield Words(rest)
        self._learn(stream)
        if not calls and not stream.characters:
            raise silent(self.config.model, stream.thought or stream.thoughts.thought)
        for index in sorted(calls)[:_MOST_CALLS]:
            call_id, name, arguments = calls[index]
            yield ToolCall(call_id or f"call_{index}", name, arguments)

    async def _in_time(self, chunks: Any, stream: _Stream, within_s: float) -> AsyncGenerator[Any, None]:
        """The chunks of the stream as long as the answer begins within its time; silences are the client's to bound."""
        iterator = aiter(chunks)
        while True:
            left_s = within_s - stream.elapsed_ms() / 1000.0
            try:
                async with asyncio.timeout(None if stream.characters else max(left_s, 0.0)):
                    chunk = await anext(iterator)
            except StopAsyncIteration:
                return
            except TimeoutError as error:
                raise slow(self.config.base_url) from error
            yield chunk

    def _shown(self, stream: _Stream, text: str) -> str:
        if not text:
            return ""
        shown = stream.thoughts.feed(text)
        if not stream.characters:
            shown = shown.lstrip()
        self._time(stream, shown)
        return shown

    def _time(self, stream: _Stream, shown: str) -> None:
        """Count what is shown; the first of it is the first answer token."""
        if shown and stream.times.first_answer_ms is None:
            stream.times.first_answer_ms = stream.elapsed_ms()
        stream.characters += len(shown)

    def _learn(self, stream: _Stream) -> None:
        """A model whose template opens the thought only ever closes it: its next answers are taken to begin in one."""
        if stream.thoughts.closed_unopened:
            self._begins_in_thought = True
        elif self._begins_in_thought and not stream.characters:
            self._begins_in_thought = False  # the thought never ended: this answer did not begin in one

    async def _client(self) -> AsyncOpenAI:
        async with self._connecting:
            if self._connected is None:
                self._key = await self._read_key()
                config = self.config
                self._connected = connect(config.base_url, self._key, config.connect_s, config.read_s)
            return self._connected

    async def _explain_missing(self, client: AsyncOpenAI, error: Exception) -> ModelTrouble:
        """A 404 is a wrong model or a wrong address; the list of models tells which."""
        import openai

        config = self.config
        try:
            models = await list_models(client)
        except (openai.OpenAIError, ValueError):
            return explain(error, config.base_url, config.model, bool(self._key))
        if config.model in models:
            return explain(error, config.base_url, config.model, bool(self._key))
        return no_such_model(config.base_url, config.model, models)


def _read(chunk: Any, stream: _Stream, calls: dict[int, list[str]], base_url: str) -> str:
    """The answer text of one chunk, whatever it is; thoughts are noted, pieces of tool calls gathered in `calls`."""
    if stream.times.first_token_ms is None:
        stream.times.first_token_ms = stream.elapsed_ms()
    choices = getattr(chunk, "choices", None)
    if not isinstance(choices, list):
        raise garbage(base_url)
    if not choices:  # figures of use, at the end
        return ""
    delta = getattr(choices[0], "delta", None)
    if getattr(choices[0], "finish_reason", None):
        stream.finished = True
    if delta is None:
        return ""
    for name in ("reasoning_content", "reasoning", "thinking"):
        if getattr(delta, name, None):
            stream.thought = True
    for piece in getattr(delta, "tool_calls", None) or ():
        _gather(piece, calls, base_url)
    content = getattr(delta, "content", None)
    if content is not None and not isinstance(content, str):
        raise garbage(base_url)
    return content or ""


def _gather(piece: Any, calls: dict[int, list[str]], base_url: str) -> None:
    """A piece of a tool call: id and name come whole, the arguments in parts."""
    index, function = getattr(piece, "index", None), getattr(piece, "function", None)
    if not isinstance(index, int):  # some servers send whole calls without a number
        index = len(calls)
    call = calls.setdefault(index, ["", "", ""])
    for place, value in enumerate(
        (getattr(piece, "id", None), getattr(function, "name", None), getattr(function, "arguments", None))
    ):
        if value is None:
            continue
        if not isinstance(value, str):
            raise garbage(base_url)
        call[place] = call[place] + value if place == 2 else value or call[place]
    if len(call[2]) > _LONGEST_ARGUMENTS:
        raise garbage(base_url)
