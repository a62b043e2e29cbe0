"""The engine process: takes commands from a pipe, speaks, sends events back in order.

The main thread only reads the pipe, so that a cancel is heard at once; the engine thread loads voices and speaks; a
chat has a thread of its own. Importing this module loads nothing heavy: torch comes with the first voice.
"""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from engine.audio.devices import SoundDeviceError
from engine.audio.sinks import sink_for
from engine.chatting import ChatThread
from engine.collector import loading
from engine.commands import (
    Cancel,
    Chat,
    Command,
    ConversationCommand,
    EndChat,
    Examine,
    ListVoices,
    Load,
    RecogniserCommand,
    RemoveVoice,
    RenewDialogue,
    Say,
    SayMore,
    Shutdown,
    StartChat,
    StartConversation,
    StopSpeaking,
    VerifyVoice,
)
from engine.connecting import Errands
from engine.conversing import ComingParts, ConversationHost, MakeParts, real_parts
from engine.downloads import Downloads
from engine.errands import Errand
from engine.errors import SottoError
from engine.event_values import SpeechFigures
from engine.events import (
    AudioDelta,
    AudioDone,
    EngineLoading,
    EngineReady,
    ErrorOccurred,
    Event,
    Examined,
    ResponseCreated,
    ResponseDone,
    StateChanged,
    VoiceRemoved,
    VoicesListed,
    VoiceVerified,
)
from engine.examine import examine
from engine.speaking import Fallback, SpeakingVoice, VoiceShelf, speak
from engine.text_inlet import TextInlet

_END_S = 3.0
"""How long the engine thread may take to end the frame it is in."""

_ENDING_SIGNALS = tuple(
    getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)
)  # the second one is not known to Windows


@dataclass(frozen=True)
class _Turn:
    """A Say command on its way: its text as it arrives, the switch that stops it, and whether it is over."""

    say: Say
    inlet: TextInlet = field(default_factory=TextInlet)
    cancelled: threading.Event = field(default_factory=threading.Event)
    over: threading.Event = field(default_factory=threading.Event)

    def cancel(self) -> None:
        self.cancelled.set()
        self.inlet.cancel()


@dataclass(frozen=True)
class _Start:
    """A conversation that is to begin, after so many cancels."""

    command: StartConversation
    generation: int
    coming: ComingParts


Job = _Turn | _Start | Command | Callable[[], None]


def serve(
    connection: Connection, make_shelf: Callable[[], VoiceShelf], make_parts: MakeParts = real_parts
) -> None:
    """The process' main function: ends on Shutdown, or when the other end of the pipe is gone."""
    # A Ctrl-C reaches the whole terminal group; the front end decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if told := EngineProcess(connection, make_shelf(), make_parts).run():
        sys.exit(128 + told)


class _ToldToEnd(Exception):
    """A signal asks this process to end."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


@contextlib.contextmanager
def _signals_raised() -> Iterator[None]:
    """SIGTERM and SIGHUP, which reach a whole group, raise `_ToldToEnd` once; later ones find the end under way."""

    def ignore() -> None:
        for number in heard:
            signal.signal(number, signal.SIG_IGN)

    def end(number: int, _: object) -> None:
        ignore()
        raise _ToldToEnd(number)

    # What is ignored already, as under nohup, stays ignored.
    heard = [number for number in _ENDING_SIGNALS if signal.getsignal(number) != signal.SIG_IGN]
    for number in heard:
        signal.signal(number, end)
    try:
        yield
    finally:
        ignore()


class EngineProcess:
    """The main thread's side: reads commands, keeps the turns that are under way."""

    def __init__(self, connection: Connection, shelf: VoiceShelf, make_parts: MakeParts = real_parts) -> None:
        self._connection = connection
        self._sending = threading.Lock()  # the engine thread and the conversation's both send
        self._turns: dict[int, _Turn] = {}
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()  # the handle bounds it
        self._host = ConversationHost(make_parts, self._send, self._jobs.put)
        self._worker = EngineThread(shelf, self._jobs, self._send, self._host)
        self._chat = ChatThread(self._send)
        self._errands = Errands(self._send, lambda: self._host.obey(RenewDialogue()))
        self._downloads = Downloads(self._send)
        self._told_to_end = 0
        self._generation = 0

    def run(self) -> int:
        """Read commands until Shutdown, the end of the pipe or a signal; end both threads. Gives the signal, else 0."""
        self._worker.start()
        try:
            with _signals_raised():
                self._read()
        except _ToldToEnd as told:
            self._told_to_end = told.number
        self._cancel()
        self._host.end()
        self._chat.close()
        self._errands.close()
        self._downloads.close()
        self._jobs.put(None)
        self._worker.join(_END_S)
        if self._worker.is_alive():  # stuck in a long computation, or in a full pipe that nobody reads
            os._exit(128 + self._told_to_end if self._told_to_end else 0)
        self._connection.close()
        return self._told_to_end

    def _read(self) -> None:
        with contextlib.suppress(
            EOFError, ConnectionResetError
        ):  # a front end that is gone ends the process too
            while not isinstance(command := self._connection.recv(), Shutdown):
                self._take(command)

    def _take(self, command: Command) -> None:
        if isinstance(command, Cancel):
            self._generation += 1
            self._cancel()
            self._host.obey(StopSpeaking())
        elif isinstance(command, StartConversation):
            self._jobs.put(_Start(command, self._generation, self._host.expect(command)))
        elif isinstance(command, ConversationCommand):
            self._host.obey(command)
        elif isinstance(command, SayMore):
            if turn := self._turns.get(command.turn_id):
                turn.inlet.feed(command.text)
                if command.last:
                    turn.inlet.finish()
        elif isinstance(command, Say):
            turn = _Turn(command)
            turn.inlet.feed(command.text)
            if not command.more:
                turn.inlet.finish()
            self._turns = {number: other for number, other in self._turns.items() if not other.over.is_set()}
            self._turns[command.turn_id] = turn
            self._jobs.put(turn)
        elif isinstance(command, StartChat | Chat | EndChat):
            self._chat.take(command)
        elif isinstance(command, Errand):
            self._errands.take(command)
        elif isinstance(command, RecogniserCommand):
            self._downloads.take(command)
        else:
            self._jobs.put(command)

    def _cancel(self) -> None:
        for turn in self._turns.values():
            turn.cancel()
        self._chat.cancel()

    def _send(self, event: Event) -> None:
        """The threads' way out; blocks while the pipe is full. A broken pipe ends the main loop, not this.

        After a signal nothing is sent: a front end that lives on is to see a process that died, not an answer.
        """
        if self._told_to_end:
            return
        with self._sending, contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self._connection.send(event)


class EngineThread(threading.Thread):
    """The engine thread: loads voices and speaks, one job after the other."""

    def __init__(
        self,
        shelf: VoiceShelf,
        jobs: queue.SimpleQueue[Job | None],
        send: Callable[[Event], None],
        host: ConversationHost,
    ) -> None:
        super().__init__(name="engine", daemon=True)
        self._shelf = shelf
        self._jobs = jobs
        self._send = send
        self._host = host
        self._voice: SpeakingVoice | None = None
        self._request: tuple[str | None, str | None, str | None] = (None, None, None)
        self._ids: dict[str, Any] = {"turn_id": 0, "generation": 0}  # of the events being sent

    def run(self) -> None:
        """Work until None comes."""
        while (job := self._jobs.get()) is not None:
            self._guard(job)
            if isinstance(job, _Turn):
                job.over.set()

    def _guard(self, job: Job) -> None:
        """Do one job; whatever goes wrong becomes an error event."""
        if isinstance(job, _Turn):
            self._ids = {"turn_id": job.say.turn_id, "generation": job.say.generation}
        else:
            self._ids["turn_id"] = 0
        try:
            self._do(job)
        except SottoError as error:
            code: Literal["refused", "sound_device"]
            code = "sound_device" if isinstance(error, SoundDeviceError) else "refused"
            self._not_begun(job, str(error))
            self._send(ErrorOccurred(**self._ids, code=code, message=str(error)))
        except Exception as error:  # noqa: BLE001 - the process' boundary: a sentence to the user, the cause beside it
            sentence = f"The engine failed in a way it should not ({type(error).__name__}: {error})."
            self._not_begun(job, sentence)
            self._send(
                ErrorOccurred(
                    **self._ids,
                    code="internal",
                    message=sentence,
                    cause=traceback.format_exc(),
                    mend="Please report this with the text and the voice you used.",
                )
            )
        else:
            return
        if isinstance(job, _Turn):
            self._send(ResponseDone(**self._ids, status="failed"))
        elif isinstance(job, _Start):
            self._host.give_up(job.coming)

    def _not_begun(self, job: Job, why: str) -> None:
        """Of all that can fail, a beginning is what leaves nobody to talk to."""
        if isinstance(job, _Start):
            self._send(StateChanged(**self._ids, state="failed", at_sample=0, message=why))

    def _do(self, job: Job) -> None:
        if isinstance(job, _Turn):
            self._speak(job)
        elif isinstance(job, _Start):
            voice = self._voice_for(job.command.voice, None, None)
            self._host.begin(job.command, voice, job.coming, job.generation)
        elif callable(job):  # speech of the conversation
            job()
        elif isinstance(job, Load):
            self._voice_for(job.voice, job.device, job.runtime)
        elif isinstance(job, ListVoices):
            voices, damaged = self._shelf.list_voices(), self._shelf.damaged_voices()
            self._send(VoicesListed(**self._ids, voices=voices, damaged=damaged))
        elif isinstance(job, VerifyVoice):
            voice = self._shelf.load_voice(job.voice, "cpu", None)
            self._send(VoiceVerified(**self._ids, voice=voice.name, sample_rate_hz=voice.sample_rate_hz))
        elif isinstance(job, RemoveVoice):
            path = self._shelf.remove_voice(job.voice)
            if self._voice is not None and self._voice.name == job.voice:
                self._voice = None
            self._send(VoiceRemoved(**self._ids, voice=job.voice, path=path))
        elif isinstance(job, Examine):
            self._send(Examined(**self._ids, findings=examine(self._shelf)))

    def _voice_for(self, name: str | None, device: str | None, runtime: str | None) -> SpeakingVoice:
        """The loaded voice where the request names no other, else the one asked for."""
        request = (name, device, runtime)
        if self._voice is None or request not in {(None, None, None), self._request}:
            self._send(EngineLoading(**self._ids, voice=name))
            started_s = time.perf_counter()
            self._voice = None  # the old one goes first, so that two never fill the memory
            with loading():
                self._voice = self._shelf.load_voice(*request)
            self._request = request
            self._send(
                EngineReady(
                    **self._ids,
                    voice=self._voice.name,
                    runtime=self._voice.runtime,
                    device=self._voice.device,
                    sample_rate_hz=self._voice.sample_rate_hz,
                    load_ms=1000.0 * (time.perf_counter() - started_s),
                )
            )
            self._voice.watch(self._tell_fallback)
        return self._voice

    def _tell_fallback(self, fallback: Fallback) -> None:
        """An error that ends nothing: the speech goes on."""
        self._send(
            ErrorOccurred(
                **self._ids, code="device", message=fallback.message, cause=fallback.cause, mend=fallback.mend
            )
        )

    def _speak(self, turn: _Turn) -> None:
        say = turn.say

        def emit(samples: NDArray[np.float32], sample_rate_hz: int, frame_index: int) -> None:
            data = np.ascontiguousarray(samples, np.float32).tobytes()
            self._send(
                AudioDelta(**self._ids, samples=data, sample_rate_hz=sample_rate_hz, frame_index=frame_index)
            )

        def tell(event: Event) -> None:
            self._send(replace(event, **self._ids))

        self._send(ResponseCreated(**self._ids, seed=say.seed))
        sink = sink_for(say.destination, turn.cancelled, emit)
        figures: SpeechFigures | None = None
        try:
            if not turn.cancelled.is_set():
                sink.check()
                voice = self._voice_for(say.voice, say.device, say.runtime)
                sink.open(voice.sample_rate_hz)
                text = turn.inlet if say.more else say.text
                figures = speak(voice, text, say.seed, sink, turn.cancelled, tell)
        finally:
            sink.discard()  # a no-op after a whole response, which `speak` has finished
        if turn.cancelled.is_set():
            self._send(ResponseDone(**self._ids, status="cancelled", speech=figures))
            return
        self._send(AudioDone(**self._ids, audio_ms=1000.0 * figures.audio_s if figures else 0.0))
        status: Literal["completed", "incomplete"] = "incomplete" if figures and figures.cut else "completed"
        self._send(ResponseDone(**self._ids, status=status, speech=figures))
