"""Typed conversation: the same dialogue as a spoken one, asked by commands, answered by events, kept in the store.

A thread of the engine process of its own, begun with the first chat, so that an answer waits for no speech. Must not
import the speech model or devices.
"""

from __future__ import annotations

import queue
import threading
import time
import traceback
from collections.abc import Callable
from datetime import datetime

from engine.commands import Chat, EndChat, StartChat
from engine.dialogue import (
    Asked,
    ChangeRate,
    ChangeVolume,
    Dialogue,
    Effect,
    Exchange,
    FallAsleep,
    Reply,
    Summary,
)
from engine.dialogue.opening import open_kept
from engine.errors import SottoError
from engine.events import ChatAnswered, ChatChanged, ErrorOccurred, Event, TranscriptDelta
from engine.session.record import Earlier, HeardAnswer
from engine.session.summaries import SummaryKeeper
from engine.store import ConversationRecord, Store

ChatCommand = StartChat | Chat | EndChat
_Job = ChatCommand | Callable[[], None]

LOOK_FOR_DUE_S = 0.5
"""How often it is asked whether something is to be said unasked."""

_KEPT_EXCHANGES = 50
_NOT_HERE = "That is for spoken conversation; here I only write."
_END_S = 3.0


class ChatThread:
    """`send` takes events from this thread and from the dialogue's. Every call returns at once."""

    def __init__(
        self,
        send: Callable[[Event], None],
        open_dialogue: Callable[[Callable[[Event], None]], tuple[Store | None, Dialogue, str]] = open_kept,
    ) -> None:
        self._send = send
        self._open = open_dialogue
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()  # the front end bounds it
        self._thread: threading.Thread | None = None
        self._reply: Reply | None = None
        self._store: Store | None = None
        self._dialogue: Dialogue | None = None
        self._record: ConversationRecord | None = None
        self._history: tuple[Exchange, ...] = ()
        self._unasked = 0

    def take(self, command: ChatCommand) -> None:
        """Do what a command says, after those before it."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="chat", daemon=True)
            self._thread.start()
        self._jobs.put(command)

    def cancel(self) -> None:
        """Stop the answer that is under way."""
        if (reply := self._reply) is not None:
            reply.cancel()

    def close(self) -> None:
        """End the thread, and what is kept."""
        if self._thread is not None:
            self.cancel()
            self._jobs.put(None)
            self._thread.join(_END_S)

    def _run(self) -> None:
        job: _Job | None = None
        while True:
            try:
                job = self._jobs.get(timeout=LOOK_FOR_DUE_S if self._dialogue is not None else None)
                if job is None:
                    break
                self._do(job)
            except queue.Empty:
                self._guarded(0, self._announce)
        self._guarded(0, self._end)

    def _do(self, job: _Job) -> None:
        match job:
            case StartChat(go_on=go_on):
                self._guarded(0, lambda: self._start(go_on))
            case Chat(turn_id=turn_id, text=text):
                self._guarded(turn_id, lambda: self._answer(turn_id, text))
                self._guarded(0, self._announce)
            case EndChat():
                self._guarded(0, self._end)
                self._send(ChatChanged(is_open=False))
            case _:
                job()

    def _guarded(self, turn_id: int, act: Callable[[], None]) -> None:
        """Do it; what goes wrong is an error event, and the chat goes on."""
        try:
            act()
        except SottoError as error:
            self._send(ErrorOccurred(turn_id=turn_id, code="dialogue", message=str(error)))
        except Exception as error:  # noqa: BLE001 - the thread's boundary: a sentence to the user, the cause beside it
            self._send(
                ErrorOccurred(
                    turn_id=turn_id,
                    code="internal",
                    message=f"The answer failed by a fault of Sotto itself ({type(error).__name__}: {error}).",
                    cause=traceback.format_exc(),
                    mend="Ask again, and please report it if it recurs.",
                )
            )

    def _start(self, go_on: int | None = None) -> None:
        notice = ""
        if self._dialogue is None:
            # Without `late` a model is told that it cannot change how Sotto speaks, which here is true.
            self._store, self._dialogue, notice = self._open(self._send)
        self._end_record()
        earlier = Earlier()
        if self._store is not None:
            self._record, earlier, beginning = self._store.begin(go_on)
            notice = " ".join(filter(None, (notice, beginning)))
        self._history, self._unasked = earlier.exchanges, -len(earlier.exchanges)
        self._summarise(earlier.summary)
        self._send(ChatChanged(is_open=True, notice=notice))

    def _summarise(self, summary: Summary | None) -> None:
        """Keep what the dialogue makes of this conversation's beginning with it, and with no later one."""
        assert self._dialogue is not None, "a chat begins with it"
        record = self._record

        def write(made: Summary | None) -> None:
            self._jobs.put(lambda: self._keep(lambda kept: kept.summed_up(made) if kept is record else None))

        SummaryKeeper(summary, write).serve(self._dialogue)

    def _answer(self, turn_id: int, text: str) -> None:
        if self._dialogue is None:
            self._start()
        assert self._dialogue is not None, "it was just started"
        began_s, at = time.perf_counter(), datetime.now().astimezone()
        self._keep(lambda record: record.user_said(turn_id, text, False, 1.0, at))
        reply = self._dialogue.reply(Asked(text, spoken=False, at=at), self._history)
        self._give(turn_id, text, reply, began_s)

    def _announce(self) -> None:
        if self._dialogue is None:
            return
        for reply in self._dialogue.announcements(datetime.now().astimezone()):
            self._unasked -= 1
            self._give(self._unasked, "", reply, time.perf_counter())

    def _give(self, turn_id: int, user_text: str, reply: Reply, began_s: float) -> None:
        """Send an answer as it comes, and keep what was sent, which counts as heard. Speech cannot be changed here."""
        self._reply = reply
        effects = reply.commit()
        answer = ""
        for piece in (_NOT_HERE,) if _concern_speech(effects) else reply.pieces():
            answer += piece
            self._send(TranscriptDelta(turn_id=max(0, turn_id), delta=piece))
            shown = HeardAnswer(turn_id, reply.source, answer, answer, 0.0, False, False)
            self._keep(lambda record, shown=shown: record.assistant_heard(shown))  # type: ignore[misc]
        self._reply = None
        shown = HeardAnswer(turn_id, reply.source, answer, answer, 0.0, False, True)
        self._keep(lambda record: record.assistant_heard(shown))
        if user_text and answer:
            self._history = (*self._history, Exchange(user_text, answer, turn=turn_id))[-_KEPT_EXCHANGES:]
        self._send(
            ChatAnswered(
                turn_id=max(0, turn_id),
                user_text=user_text,
                assistant_text=answer,
                source=reply.source,
                ms=1000.0 * (time.perf_counter() - began_s),
                over=any(isinstance(effect, FallAsleep) for effect in effects),
            )
        )

    def _keep(self, act: Callable[[ConversationRecord], None]) -> None:
        """Keep something; that it cannot be kept is told, and stops no answer."""
        if self._record is not None:
            record = self._record
            self._guarded(0, lambda: act(record))

    def _end_record(self) -> None:
        if self._record is not None:
            record, self._record = self._record, None
            self._guarded(0, record.close)

    def _end(self) -> None:
        self._end_record()
        if self._dialogue is not None:
            dialogue, self._dialogue = self._dialogue, None
            dialogue.close()
        if self._store is not None:
            store, self._store = self._store, None
            store.close()


def _concern_speech(effects: tuple[Effect, ...]) -> bool:
    return any(isinstance(effect, ChangeVolume | ChangeRate) for effect in effects)
