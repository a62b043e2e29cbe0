"""One answer in the making, shared by three threads under one lock: its text, its speech, what was heard of it.

The dialogue thread writes the text, the engine thread the speech, the conversation's thread takes both and says how far
the loudspeaker is. Imports numpy.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from engine.dialogue import Asked, Exchange, Reply, ToolUse, UsesTools
from engine.session.onset import AUDIBLE
from engine.session.said_again import SaidAgain
from engine.speaking import SpokenWord
from engine.text_inlet import TextInlet


@dataclass(frozen=True, slots=True)
class TimedWord:
    """A word of the answer in samples of the devices' rate."""

    text: str
    start_sample: int
    end_sample: int
    ends_clause: bool


@dataclass(slots=True)
class Moments:
    """When what came, on the monotonic clock; None: not yet. `lead_samples`: played before the first audible one."""

    asked_s: float
    text_s: float | None = None
    speech_s: float | None = None
    released_s: float | None = None
    lead_samples: int | None = None


@dataclass(slots=True)
class Making:
    """See the module. `changed` guards everything below it and is notified of every change.

    `room_samples`: how much may be made ahead of what was played. `samples` waits for the tape; `made` and `passed`,
    what was played, be it heard or not, are counted at the devices' rate, without the silence before the first sound,
    of which `skipped` were left out. `kept_samples`, once it is set, is what was heard of a cancelled answer. `sound`:
    all of the speech again, where it is to be kept. `books`: how many a frame has, one for every stretch with another
    number.
    """

    response: int
    turn: int
    asked: Asked | None
    history: tuple[Exchange, ...]
    room_samples: int
    changed: threading.Condition
    reply: Reply | None = None
    inlet: TextInlet = field(default_factory=TextInlet)
    cancelled: bool = False
    source: str = ""
    text: str = ""
    text_done: bool = False
    samples: list[NDArray[np.float32]] = field(default_factory=list)
    words: list[TimedWord] = field(default_factory=list)
    made: int = 0
    passed: int = 0
    skipped: int = 0
    playing: bool = False
    speech_done: bool = False
    waiting_for_room: bool = False
    kept_samples: int | None = None
    failure: str = ""
    books: list[int] = field(default_factory=list)
    sound: list[NDArray[np.float32]] | None = None
    frame_ms: list[float] = field(default_factory=list)
    moments: Moments = field(default_factory=lambda: Moments(time.monotonic()))

    @property
    def aside(self) -> bool:
        """Whether it is no part of the conversation."""
        return isinstance(self.reply, SaidAgain)

    @property
    def tool_uses(self) -> tuple[ToolUse, ...]:
        """The tools that were called for it so far."""
        return self.reply.tool_uses if isinstance(self.reply, UsesTools) else ()

    # The dialogue thread

    def take_piece(self, piece: str) -> None:
        """More of the text."""
        with self.changed:
            if self.cancelled or not piece:
                return
            if self.moments.text_s is None:
                self.moments.text_s = time.monotonic()
            self.text += piece
            self.changed.notify_all()
        self.inlet.feed(piece)

    def end_text(self, failure: str = "") -> None:
        """The dialogue has said all, or failed."""
        with self.changed:
            self.text_done = True
            self.failure = self.failure or failure
            self.changed.notify_all()
        self.inlet.finish()

    # The engine thread

    def take_speech(
        self, samples: NDArray[np.float32], words: tuple[SpokenWord, ...], factor: float, skipped: int
    ) -> None:
        """More of the speech, at the devices' rate, which is `factor` times the voice's; `skipped`: see the class."""
        with self.changed:
            self.skipped = skipped
            if self.moments.speech_s is None and len(samples):
                self.moments.speech_s = time.monotonic()
            if self.moments.lead_samples is None and (loud := np.flatnonzero(np.abs(samples) > AUDIBLE)).size:
                self.moments.lead_samples = self.made + int(loud[0])
            self.words += [
                TimedWord(
                    word.text,
                    max(0, round(word.start_sample * factor) - skipped),
                    max(0, round(word.end_sample * factor) - skipped),
                    word.ends_clause,
                )
                for word in words
            ]
            self.samples.append(samples)
            if self.sound is not None:
                self.sound.append(samples)
            self.made += len(samples)
            self.changed.notify_all()

    def wait_for_room(self) -> bool:
        """Wait until more may be made; False once the answer is cancelled."""
        with self.changed:
            self.waiting_for_room = True
            self.changed.notify_all()
            self.changed.wait_for(lambda: self.cancelled or self.made - self.passed < self.room_samples)
            self.waiting_for_room = False
            return not self.cancelled

    def end_speech(self, failure: str = "") -> None:
        """All speech was made."""
        with self.changed:
            self.speech_done = True
            self.failure = self.failure or failure
            self.changed.notify_all()

    def wait_for_kept(self) -> int:
        """How much of a cancelled answer was heard; known a few blocks after it was cancelled."""
        with self.changed:
            self.changed.wait_for(lambda: self.kept_samples is not None)
            return self.kept_samples or 0

    def reserve(self) -> int | None:
        """Samples made and not yet played; None where nothing of it is playing."""
        with self.changed:
            return self.made - self.passed if self.playing else None

    # The conversation's thread

    def take_samples(self, most: int) -> NDArray[np.float32]:
        """Up to `most` samples for the tape."""
        with self.changed:
            if not self.samples or most <= 0:
                return np.zeros(0, np.float32)
            whole = np.concatenate(self.samples)
            self.samples = [whole[most:]] if len(whole) > most else []
            return whole[:most]

    def passed_until(self, samples: int) -> None:
        """The loudspeaker has come so far, or would have, were there one."""
        with self.changed:
            if samples > self.passed:
                self.passed = samples
                self.changed.notify_all()

    def cancel(self) -> None:
        """Make no more of it."""
        with self.changed:
            self.cancelled = True
            self.changed.notify_all()
        self.inlet.cancel()
        if self.reply is not None:
            self.reply.cancel()

    def keep(self, samples: int) -> None:
        """So much was heard, for good."""
        with self.changed:
            self.kept_samples = samples
            self.changed.notify_all()

    @property
    def resting(self) -> bool:
        """Whether nothing will change unless the loudspeaker plays on."""
        return self.speech_done or (self.waiting_for_room and self.made - self.passed >= self.room_samples)

    def wait_resting(self, timeout_s: float, until: Callable[[], bool] = lambda: False) -> bool:
        """Wait for that (simulated time); False when it took too long."""
        with self.changed:
            return self.changed.wait_for(lambda: self.resting or until(), timeout_s)
