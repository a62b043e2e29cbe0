"""A recogniser in a process of its own, watched: one that hangs, crashes or floods is killed and started anew.

Has no thread: the conversation's thread carries it with its calls, none of which waits, save `start` and `wait_idle`.
Every message gets exactly one answer, which bounds what is under way and tells a flood. Loads no recogniser.
"""

from __future__ import annotations

import multiprocessing
import pickle
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess

import numpy as np
from numpy.typing import NDArray

from engine.errors import SottoError
from engine.recognition.contract import RATE_HZ, Final, Partial, Recognised, RecogniserTrouble
from engine.recognition.listener import Listener, Words
from engine.recognition.worker import (
    FULL_SCALE,
    Audio,
    Begin,
    Done,
    Drop,
    Finish,
    Message,
    Unusable,
    serve,
)

_MEND = "Say it again, please."

_EXIT_S = 0.05
"""How long the exit code of a process may take that closed its pipe."""

_ANSWER_BYTES = 65_536
"""Longest answer of the process."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a process may take and how much may wait.

    `step_ms` of audio go over in one message; `waiting_s` of audio may wait for a busy process, what is more is lost;
    `under_way` messages may be unanswered; `failures` in a row leave it down until the next utterance.
    """

    step_ms: int = 50
    waiting_s: float = 20.0
    under_way: int = 8
    start_s: float = 40.0
    hang_s: float = 6.0
    end_s: float = 1.0
    failures: int = 3
    unread: int = 256

    @property
    def step_samples(self) -> int:
        """Samples of one message."""
        return RATE_HZ * self.step_ms // 1000

    @property
    def waiting_samples(self) -> int:
        """Samples that may wait."""
        return round(RATE_HZ * self.waiting_s)


@dataclass(slots=True)
class _Utterance:
    """The one that is being fed: samples not yet sent, and what became of them."""

    number: int
    gathered: list[NDArray[np.float32]] = field(default_factory=list)
    gathered_samples: int = 0
    fed_samples: int = 0
    lost_samples: int = 0


class SupervisedRecogniser:
    """See `engine.recognition.Recogniser`. `make_listener` is a module-level callable, called inside the process."""

    def __init__(
        self,
        make_listener: Callable[[], Listener],
        limits: Limits = Limits(),
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._make_listener, self._limits, self._now_s = make_listener, limits, now_s
        self._process: SpawnProcess | None = None
        self._connection: Connection | None = None
        self._leaving: list[SpawnProcess] = []
        self._ready = False
        self._failures = 0
        self._deadline_s = 0.0
        self._current: _Utterance | None = None
        self._last_number: int | None = None
        self._waiting: deque[Message] = deque()
        self._waiting_samples = 0
        self._under_way: deque[Message] = deque()
        self._until: dict[int, int] = {}  # samples worked on, of each utterance that still wants an answer
        self._lost: dict[int, int] = {}
        self._said: deque[Recognised] = deque()

    @property
    def process_id(self) -> int | None:
        """The process, for tools and tests that watch it; None while it is down."""
        return self._process.pid if self._process is not None else None

    def start(self) -> None:
        """See `Recogniser`."""
        if self._process is None:
            self._launch()
        while not self._ready:
            self._step(self._limits.start_s)
            if self._process is None:
                trouble = next(said for said in self._said if isinstance(said, RecogniserTrouble))
                self._said.clear()
                raise SottoError(" ".join(part for part in (trouble.message, trouble.mend) if part))

    def begin(self, utterance: int) -> None:
        """See `Recogniser`. One that is being fed still is dropped."""
        if self._last_number is not None and utterance <= self._last_number:
            raise ValueError(f"utterance {utterance} does not come after {self._last_number}")
        if self._current is not None:
            self.drop(self._current.number)
        if self._process is None:
            self._launch()
        self._last_number = utterance
        self._current = _Utterance(utterance)
        self._until[utterance] = 0
        self._waiting.append(Begin(utterance))
        self._step(0.0)

    def feed(self, utterance: int, samples: NDArray[np.float32]) -> None:
        """See `Recogniser`. What finds no room is lost, counted and said when the utterance ends."""
        current = self._current
        if current is None or current.number != utterance:
            return  # ended by trouble already, which was said
        room = self._limits.waiting_samples - self._waiting_samples - current.gathered_samples
        if len(samples) > room:
            current.lost_samples += len(samples)
        else:
            current.gathered.append(np.asarray(samples, np.float32))
            current.gathered_samples += len(samples)
            if current.gathered_samples >= self._limits.step_samples:
                self._pack(current)
        self._step(0.0)

    def finish(self, utterance: int) -> None:
        """See `Recogniser`."""
        current = self._current
        if current is None or current.number != utterance:
            return
        self._pack(current)
        self._current = None
        if current.lost_samples:
            self._lost[utterance] = current.lost_samples
        self._waiting.append(Finish(utterance))
        self._step(0.0)

    def drop(self, utterance: int) -> None:
        """See `Recogniser`."""
        if self._current is not None and self._current.number == utterance:
            self._current = None
        if self._until.pop(utterance, None) is None:
            return
        self._lost.pop(utterance, None)
        kept = [message for message in self._waiting if message.utterance != utterance]
        begun = not any(isinstance(m, Begin) and m.utterance == utterance for m in self._waiting)
        ended = any(isinstance(m, Finish) and m.utterance == utterance for m in self._under_way)
        self._waiting = deque(kept)
        self._waiting_samples = sum(_length(message) for message in kept)
        if begun and not ended:
            self._waiting.appendleft(Drop(utterance))
        self._said = deque(
            said for said in self._said if isinstance(said, RecogniserTrouble) or said.utterance != utterance
        )
        self._step(0.0)

    def poll(self) -> tuple[Recognised, ...]:
        """See `Recogniser`."""
        self._step(0.0)
        said = tuple(self._said)
        self._said.clear()
        return said

    def wait_idle(self, timeout_s: float) -> bool:
        """See `Recogniser`. Audio short of one step waits for the rest of it."""
        until_s = self._now_s() + timeout_s
        while self._waiting or self._under_way:
            left_s = until_s - self._now_s()
            if left_s <= 0:
                return False
            self._step(left_s)
        return True

    def close(self) -> None:
        """See `Recogniser`."""
        self._waiting.clear()
        self._current = None
        if self._connection is not None:
            self._connection.close()  # the process ends with its pipe
            self._connection = None
        if self._process is not None:
            self._process.join(self._limits.end_s)
            self._leaving.append(self._process)
            self._process = None
        for process in self._leaving:
            process.kill()
            process.join()
            process.close()
        self._leaving.clear()

    def _pack(self, current: _Utterance) -> None:
        if not current.gathered_samples:
            return
        samples = np.clip(np.concatenate(current.gathered) * FULL_SCALE, -FULL_SCALE, FULL_SCALE - 1)
        self._waiting.append(Audio(current.number, np.round(samples).astype(np.int16).tobytes()))
        self._waiting_samples += current.gathered_samples
        current.gathered.clear()
        current.gathered_samples = 0

    def _launch(self) -> None:
        here = multiprocessing.current_process()
        if here.daemon:
            here.daemon = False  # it may have a child, since that child ends with it
        context = multiprocessing.get_context("spawn")
        self._connection, theirs = context.Pipe()
        self._process = context.Process(
            target=serve, args=(theirs, self._make_listener), name="sotto-recogniser", daemon=True
        )
        self._process.start()
        theirs.close()  # so that the end of either process ends the pipe
        self._ready = False
        self._deadline_s = self._now_s() + self._limits.start_s

    def _step(self, timeout_s: float) -> None:
        """Send what may be sent, read what is there, see that it goes on; waits at most so long for an answer."""
        self._reap()
        if self._connection is None:
            self._give_up_waiting()
            return
        self._send()
        left_s = self._deadline_s - self._now_s()
        expected = not self._ready or bool(self._under_way)
        if timeout_s > 0 and expected:
            wait([self._connection], max(0.0, min(timeout_s, left_s)))
        while self._connection is not None and self._connection.poll():
            self._read(self._connection)
        if self._connection is not None:
            self._send()
            if (not self._ready or self._under_way) and self._now_s() > self._deadline_s:
                self._fail("The recogniser did not answer any more")

    def _send(self) -> None:
        while (
            self._connection is not None
            and self._ready
            and self._waiting
            and len(self._under_way) < self._limits.under_way
        ):
            message = self._waiting.popleft()
            self._waiting_samples -= _length(message)
            if not self._under_way:
                self._deadline_s = self._now_s() + self._limits.hang_s
            self._under_way.append(message)
            try:
                self._connection.send(message)
            except OSError:
                self._fail(self._how_it_ended())

    def _read(self, connection: Connection) -> None:
        try:
            answer = pickle.loads(connection.recv_bytes(_ANSWER_BYTES))
        except EOFError:
            self._fail(self._how_it_ended())
            return
        except (OSError, pickle.UnpicklingError):
            self._fail("The recogniser sent what nobody asked for")
            return
        if isinstance(answer, Unusable):
            self._failures = self._limits.failures
            self._fail(answer.message.rstrip("."))
        elif not self._ready:
            self._ready = True
        elif not self._under_way or not isinstance(answer, Done):
            self._fail("The recogniser sent more than it was asked for")
        else:
            self._deadline_s = self._now_s() + self._limits.hang_s
            self._take(self._under_way.popleft(), answer)

    def _take(self, message: Message, answer: Done) -> None:
        number = message.utterance
        if number not in self._until:
            return  # dropped meanwhile
        if isinstance(message, Audio):
            self._until[number] += _length(message)
            self._tell_partial(number, answer.words or Words())
        elif isinstance(message, Finish):
            self._failures = 0
            del self._until[number]
            understood = answer.understood
            if understood is None:
                self._fail("The recogniser answered without words")
                return
            lost_samples = self._lost.pop(number, 0)
            if lost_samples:
                lost_ms = round(1000 * lost_samples / RATE_HZ)
                message_ = f"The recogniser could not keep up: {lost_ms} ms of speech were lost."
                self._said.append(RecogniserTrouble(message_, _MEND))
            self._said.append(
                Final(
                    utterance=number,
                    text=understood.text,
                    confidence=0.0 if lost_samples else understood.confidence,
                    from_grammar=understood.from_grammar,
                    rejected=understood.rejected or lost_samples > 0,
                )
            )

    def _tell_partial(self, number: int, words: Words) -> None:
        partial = Partial(
            utterance=number,
            stable=" ".join(words.stable),
            tentative=" ".join(words.tentative),
            command=" ".join(words.command),
            until_sample=self._until[number],
            doubtful=words.doubtful,
        )
        last = self._said[-1] if self._said else None
        if isinstance(last, Partial) and last.utterance == number:
            self._said.pop()  # nobody read it: the newer one says all
        self._said.append(partial)
        while len(self._said) > self._limits.unread:
            self._said.popleft()

    def _how_it_ended(self) -> str:
        if self._process is not None:
            self._process.join(_EXIT_S)  # its pipe is closed: it is ending
            return f"The recogniser ended by itself (exit code {self._process.exitcode})"
        return "The recogniser ended by itself"

    def _fail(self, what: str) -> None:
        """Kill the process, say so, end every utterance under way, start anew unless that failed too often."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        if self._process is not None:
            self._process.kill()
            self._leaving.append(self._process)
            self._process = None
        self._failures += 1
        again = self._failures < self._limits.failures
        mend = _MEND if again else "It is tried once more with the next sentence; type instead until then."
        self._said.append(RecogniserTrouble(f"{what}{' and was started anew' if again else ''}.", mend))
        self._waiting.clear()
        self._under_way.clear()
        self._waiting_samples = 0
        self._current = None
        self._give_up_waiting()
        if again:
            self._launch()

    def _give_up_waiting(self) -> None:
        for number in self._until:
            self._said.append(Final(number, "", 0.0, from_grammar=False, rejected=True))
        self._until.clear()
        self._lost.clear()

    def _reap(self) -> None:
        for process in [process for process in self._leaving if not process.is_alive()]:
            process.join()
            process.close()
            self._leaving.remove(process)


def _length(message: Message) -> int:
    return len(message.pcm) // 2 if isinstance(message, Audio) else 0
