"""Skills first, a language model second: who answers, and what happens when the model does not.

Made and asked on the conversation's thread; the model and the tool servers live on the dialogue thread, owned here.
Imports neither the `openai` client nor `mcp` until that thread runs.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Protocol

from engine.dialogue import Asked, Effect, Exchange, Reply, Summary
from engine.dialogue.context import summary_request, to_summarise
from engine.dialogue.fallback import FIRST_RETRY_S, Availability, broke_off_sentence
from engine.dialogue.language_model import LanguageModel
from engine.dialogue.loop_thread import LoopThread
from engine.dialogue.model_config import ModelConfig
from engine.dialogue.model_turn import ModelTurn, Pending, answer_to_question
from engine.dialogue.streamed_reply import StreamedReply
from engine.dialogue.tools import Consent, Tool
from engine.dialogue.trouble import ModelTrouble
from engine.events import ErrorOccurred, Event


class Skills(Protocol):
    """The built-in answers, as far as a dialogue with a model needs them."""

    def confirmed(self, asked: Asked, history: tuple[Exchange, ...]) -> Reply | None:
        """The answer of a skill that surely is meant, None where none is."""

    def reply(self, asked: Asked, history: tuple[Exchange, ...]) -> Reply:
        """An answer in any case."""

    def tools(self) -> tuple[Tool, ...]:
        """What a language model may use of them."""

    def announcements(self, now: datetime) -> tuple[Reply, ...]:
        """What is to be said unasked."""

    def close(self) -> None:
        """End what runs behind them."""


class ToolSource(Protocol):
    """More tools, which come and go: those of tool servers. All on the dialogue thread."""

    async def start(self) -> None:
        """Connect to what is allowed; returns when that is done or has failed."""

    def tools(self) -> tuple[Tool, ...]:
        """Those that can be used now."""

    async def close(self) -> None:
        """End the servers."""


class ModelDialogue:
    """`tell` hears of trouble as events, on any thread; `late` gets effects of an answer that came after its commit."""

    def __init__(
        self,
        config: ModelConfig,
        skills: Skills,
        read_key: Callable[[], Awaitable[str]],
        tell: Callable[[Event], None],
        *,
        more_tools: ToolSource | None = None,
        consent: Consent | None = None,
        late: Callable[[tuple[Effect, ...]], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
        first_retry_s: float = FIRST_RETRY_S,
    ) -> None:
        self._config = config
        self._skills = skills
        self._tell = tell
        self._more_tools = more_tools
        self._consent = consent
        self._late = late or (lambda effects: None)
        self._clock = clock
        self._lock = threading.Lock()
        self._availability = Availability(first_retry_s=first_retry_s)
        self._pending: Pending | None = None
        self._summary: Summary | None = None
        self._keep_summary: Callable[[Summary | None], None] = _keep_nowhere
        self._summarising: asyncio.Task[None] | None = None
        self._recovering: asyncio.Task[None] | None = None
        self._model = LanguageModel(config, read_key)
        self._loop = LoopThread()
        self._starting = self._loop.start(self._start())
        self._starting.add_done_callback(
            lambda done: None if done.cancelled() else self._report(done.exception())
        )

    @property
    def availability(self) -> Availability:
        """How the model stands now."""
        with self._lock:
            return self._availability

    def reply(self, asked: Asked, history: tuple[Exchange, ...]) -> Reply:
        """A plan for an answer; returns at once."""
        pending = self._pending
        if pending is not None and pending.was_heard(history):
            verdict = answer_to_question(asked.text)
            if verdict is not None:
                return self._streamed(asked, history, pending.answered(verdict))
        confirmed = self._skills.confirmed(asked, history)
        if confirmed is not None:
            return confirmed
        return self._streamed(asked, history, None)

    def announcements(self, now: datetime) -> tuple[Reply, ...]:
        """What is to be said unasked."""
        return self._skills.announcements(now)

    def take_up(self, summary: Summary | None, keep: Callable[[Summary | None], None]) -> None:
        """See `engine.dialogue.Summarises`; `keep` is called on the dialogue thread."""

        def take() -> None:
            self._stop_summarising()
            self._summary, self._keep_summary = summary, keep

        self._loop.call(take)

    def amended(self, turn: int) -> None:
        """See `engine.dialogue.Summarises`."""

        def forget() -> None:
            self._stop_summarising()  # it may rest on that turn
            if self._summary is not None and self._summary.tells(turn):
                self._summary = None
                self._keep_summary(None)

        self._loop.call(forget)

    def settle(self, within_s: float = 60.0) -> None:
        """Wait until nothing of its own is under way: the start, a summary. For simulated time."""
        self._starting.exception(within_s)
        self._loop.start(self._settle()).result(within_s)

    def close(self) -> None:
        """Close the connections, end the tool servers and the dialogue thread, then the skills."""
        closing = self._loop.start(self._close())
        with contextlib.suppress(asyncio.CancelledError):
            closing.result()
        self._loop.close()
        self._skills.close()

    def _streamed(
        self, asked: Asked, history: tuple[Exchange, ...], resumed: Pending | None
    ) -> StreamedReply:
        return StreamedReply(
            self._config.model,
            self._loop,
            lambda reply: self._answer(reply, asked, history, resumed),
            self._late,
            self._report,
        )

    # on the dialogue thread

    async def _start(self) -> None:
        tools = asyncio.create_task(self._more_tools.start()) if self._more_tools is not None else None
        try:
            await self._model.warm_up()
        except ModelTrouble as trouble:
            self._failed(trouble)
        if tools is not None:
            await tools

    async def _settle(self) -> None:
        if self._summarising is not None:
            await asyncio.wait((self._summarising,))

    async def _close(self) -> None:
        for task in (self._summarising, self._recovering):
            if task is not None:
                task.cancel()
        if self._more_tools is not None:
            await self._more_tools.close()
        await self._model.close()

    async def _answer(
        self,
        reply: StreamedReply,
        asked: Asked,
        history: tuple[Exchange, ...],
        resumed: Pending | None,
    ) -> None:
        self._stop_summarising()  # a server that answers one question at a time is the user's now
        if resumed is not None:
            reply.when_committed(self._forget_question)
        elif not self.availability.is_up:
            self._fall_back(reply, asked, history)
            return
        tools = self._skills.tools() + (self._more_tools.tools() if self._more_tools else ())
        turn = ModelTurn(self._model, self._config, tools, self._consent, self._remember_question)
        try:
            if resumed is not None:
                await turn.resume(reply, resumed)
            else:
                await turn.answer(reply, asked, history, self._summary)
        except ModelTrouble as trouble:
            self._failed(trouble)
            if reply.has_words:
                reply.put(f" {broke_off_sentence(trouble.kind)}")
            else:
                self._fall_back(reply, asked, history)
            return
        with self._lock:
            self._availability = self._availability.answered()
        self._summarising = asyncio.create_task(self._summarise(history))

    def _fall_back(self, reply: StreamedReply, asked: Asked, history: tuple[Exchange, ...]) -> None:
        opening = self.availability.sentence()
        if opening:
            reply.when_committed(self._was_told)
        reply.instead(opening, lambda: self._skills.reply(asked, history))

    def _was_told(self) -> None:
        with self._lock:
            self._availability = self._availability.heard()

    def _remember_question(self, pending: Pending) -> None:
        self._pending = pending

    def _forget_question(self) -> None:
        self._pending = None

    def _failed(self, trouble: ModelTrouble) -> None:
        """Note it, tell the front end once, and try again quietly later."""
        with self._lock:
            before = self._availability
            self._availability = before.failed(trouble, self._clock())
            is_new = before.kind != trouble.kind
            is_up = self._availability.is_up
        if is_new:
            self._tell(ErrorOccurred(code="dialogue", message=str(trouble), cause=_cause(trouble)))
        if not is_up and (self._recovering is None or self._recovering.done()):
            self._recovering = asyncio.create_task(self._recover())

    async def _recover(self) -> None:
        """Ask for one token now and then until the model answers."""
        while not (state := self.availability).is_up:
            await asyncio.sleep(max(0.0, state.retry_at_s - self._clock()))
            try:
                await self._model.warm_up()
            except ModelTrouble as trouble:
                with self._lock:
                    self._availability = self._availability.failed(trouble, self._clock())
            else:
                with self._lock:
                    self._availability = self._availability.answered()

    def _stop_summarising(self) -> None:
        if self._summarising is not None:
            self._summarising.cancel()

    async def _summarise(self, history: tuple[Exchange, ...]) -> None:
        """Have the oldest turns summarised before they would have to be left out. Without success they are."""
        old = to_summarise(self._config, history, self._summary)
        if not old:
            return
        messages, most_tokens = summary_request(self._config, old, self._summary)
        try:
            text = await self._model.write(messages, most_tokens)
        except ModelTrouble:
            return  # the next answer tells whether the model is gone; the summary is tried again after it
        last = old[-1].turn
        assert last is not None, "only turns are summed up"
        self._summary = Summary(last, " ".join(text.split()))
        self._keep_summary(self._summary)

    def _report(self, error: BaseException | None) -> None:
        """A failure of our own, which nobody should ever see."""
        if error is not None:
            self._tell(
                ErrorOccurred(
                    code="internal",
                    message="The answer failed by a fault of Sotto itself; ask again, and report it if it recurs.",
                    cause=f"{type(error).__name__}: {error}",
                )
            )


def _keep_nowhere(summary: Summary | None) -> None:
    """For a dialogue whose conversation is kept nowhere."""


def _cause(trouble: ModelTrouble) -> str:
    return str(trouble.__cause__)[:300] if trouble.__cause__ is not None else ""
