"""One answer of the language model: its words cleaned for speech, the tools it calls run, held, or asked about first.

On the dialogue thread. A tool that changes anything waits for the commit; one that reaches outside also for a yes.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any, Literal

from engine.dialogue import Asked, Exchange, Summary, ToolUse
from engine.dialogue.cleaning import SpeechText
from engine.dialogue.context import Message, build_prompt, estimate_tokens
from engine.dialogue.language_model import LanguageModel, Words
from engine.dialogue.model_config import ModelConfig
from engine.dialogue.streamed_reply import StreamedReply
from engine.dialogue.tools import (
    Consent,
    ConsentRequest,
    Tool,
    ToolCall,
    ToolFailed,
    bounded,
    fit,
    question_for,
)
from engine.dialogue.trouble import ModelTrouble
from engine.text import normalise

MOST_ROUNDS = 6
"""Answers with tool calls in one turn; a model that wants more goes round in circles."""
CONSENT_S = 60.0
_DECLINED = "The user did not allow this. Do not try it again unless the user asks for it."
_YES = re.compile(
    r"(?:oh |well |ah )?(?:yes|yeah|yep|yup|sure|okay|ok|of course|please do|go ahead|do it|do that|you may|all right"
    r"|alright|allow it|absolutely|certainly)(?: (?:please|sure|do it|do that|go ahead|you may|yes|thanks|thank you))*"
)
_NO = re.compile(
    r"(?:oh |well |ah )?(?:no|nope|nah|never|don't|do not|stop|cancel|not now|no thanks|better not)"
    r"(?: (?:thanks|thank you|please|way|don't|do not|do it|do that|not now|you may not|stop|cancel|no))*"
)


def answer_to_question(text: str) -> bool | None:
    """Whether a text says yes or no, None for anything else."""
    said = re.sub(r"[^a-z' ]", "", normalise(text)).strip()
    said = re.sub(r"\s+", " ", said)
    return True if _YES.fullmatch(said) else False if _NO.fullmatch(said) else None


@dataclass(frozen=True, slots=True)
class Pending:
    """A tool that waits for the user's yes: the turn as far as it went, and the calls from the one asked about on."""

    question: ConsentRequest
    messages: tuple[Message, ...]
    calls: tuple[ToolCall, ...]
    verdict: bool | None = None

    def was_heard(self, history: tuple[Exchange, ...]) -> bool:
        """Whether the question is the last thing that the user heard."""
        return bool(history) and normalise(history[-1].assistant_text).endswith(
            normalise(self.question.sentence)
        )

    def answered(self, verdict: bool) -> Pending:
        """The same with the user's answer."""
        return replace(self, verdict=verdict)


class ModelTurn:
    """One question to the model. `ask_aloud` keeps a question whose answer is the user's next turn."""

    def __init__(
        self,
        model: LanguageModel,
        config: ModelConfig,
        tools: tuple[Tool, ...],
        consent: Consent | None,
        ask_aloud: Callable[[Pending], None],
    ) -> None:
        self._model = model
        self._config = config
        self._tools = {tool.name: tool for tool in tools}
        self._consent = consent
        self._ask_aloud = ask_aloud

    async def answer(
        self, reply: StreamedReply, asked: Asked, history: tuple[Exchange, ...], summary: Summary | None
    ) -> None:
        """Answer a question. Raises ModelTrouble."""
        offered = json.dumps([tool.as_offered() for tool in self._tools.values()]) if self._tools else ""
        prompt = build_prompt(self._config, history, asked, summary, estimate_tokens(offered))
        await self._rounds(reply, list(prompt.messages))

    async def resume(self, reply: StreamedReply, pending: Pending) -> None:
        """Go on after the user answered whether a tool may be used. Raises ModelTrouble."""
        messages = list(pending.messages)
        if await self._carry_out(reply, messages, pending.calls, pending.verdict):
            await self._rounds(reply, messages)

    async def _rounds(self, reply: StreamedReply, messages: list[Message]) -> None:
        for _ in range(MOST_ROUNDS):
            calls = await self._one_answer(reply, messages)
            if not calls or not await self._carry_out(reply, messages, calls, None):
                return
        raise ModelTrouble(
            "silent",
            f"The language model {self._config.model!r} called tools {MOST_ROUNDS} times and gave no answer;"
            " ask in other words, or choose another model in the settings.",
        )

    async def _one_answer(self, reply: StreamedReply, messages: list[Message]) -> tuple[ToolCall, ...]:
        """Pass the words on as they come; the calls, which are noted in `messages`, are given back."""
        cleaner = SpeechText()
        calls: list[ToolCall] = []
        said: list[str] = []
        parts = self._model.answer(tuple(messages), tuple(self._tools.values()), reply.times)
        async with aclosing(parts):
            async for part in parts:
                if isinstance(part, Words):
                    said.append(part.text)
                    reply.written += part.text
                    reply.put(cleaner.feed(part.text))
                else:
                    calls.append(part)
        reply.put(cleaner.finish())
        if calls:
            if reply.has_words:
                reply.put("\n")  # what follows is another sentence
            messages.append(
                {
                    "role": "assistant",
                    "content": "".join(said),
                    "tool_calls": [_as_sent(call) for call in calls],
                }
            )
        return tuple(calls)

    async def _carry_out(
        self,
        reply: StreamedReply,
        messages: list[Message],
        calls: tuple[ToolCall, ...],
        verdict: bool | None,
    ) -> bool:
        """Run the calls and note their results; False where a question to the user ends the turn.

        `verdict` is the user's answer about the first of them.
        """
        for index, call in enumerate(calls):
            tool, values, failed = self._tools.get(call.name), None, True
            if tool is None:
                result = f"There is no tool {call.name!r}; there are: {', '.join(self._tools) or 'none'}."
            else:
                try:
                    values = await asyncio.to_thread(fit, tool, call.arguments)
                except ToolFailed as unfit:
                    result = str(unfit)
            if tool is not None and values is not None:
                allowed = await self._allowed(reply, tool, values) if index or verdict is None else verdict
                if allowed is None:
                    pending = Pending(question_for(tool, values), tuple(messages), calls[index:])
                    reply.when_committed(lambda pending=pending: self._ask_aloud(pending))  # type: ignore[misc]
                    reply.put(pending.question.sentence)
                    return False
                result, failed = await self._run(reply, tool, values) if allowed else (_DECLINED, True)
            owner = tool.owner if tool is not None else ""
            reply.used(ToolUse(call.name, owner, call.arguments, bounded(result), failed))
            messages.append({"role": "tool", "tool_call_id": call.call_id, "content": bounded(result)})
        return True

    async def _allowed(self, reply: StreamedReply, tool: Tool, values: dict[str, Any]) -> bool | None:
        """Yes, no, or None: the question is to be said aloud."""
        if not tool.asks_first:
            return True
        if self._consent is None:
            return None
        await reply.committed()  # a question that is shown is an effect
        question = question_for(tool, values)
        try:
            async with asyncio.timeout(CONSENT_S):
                return await asyncio.to_thread(self._consent.ask, question)
        except TimeoutError:
            return False

    async def _run(self, reply: StreamedReply, tool: Tool, values: dict[str, Any]) -> tuple[str, bool]:
        """What it gave, and whether it failed."""
        try:
            if tool.waits_for_commit(values):
                await reply.committed()
            return await tool.run(values), False
        except ToolFailed as failed:
            return str(failed), True


def _as_sent(call: ToolCall) -> dict[str, Any]:
    """A call as the server wants it back; arguments that are no JSON would be refused there."""
    try:
        json.loads(call.arguments or "{}")
        arguments = call.arguments or "{}"
    except ValueError:
        arguments = "{}"
    kind: Literal["function"] = "function"
    return {"id": call.call_id, "type": kind, "function": {"name": call.name, "arguments": arguments}}
