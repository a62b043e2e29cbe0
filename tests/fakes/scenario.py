"""Whole conversations on one timeline in simulated time: what is said and done when, and what came of it.

The conversation, the machine, the tape and the voice's side are the real ones; the words are tones.
"""

from __future__ import annotations

import heapq
import itertools
import queue
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.audio.duplex import CaptureBlock, DeviceNotice, DuplexCounts
from engine.audio.file_duplex import FileDuplex
from engine.audio.playback import Playback
from engine.commands import ConversationCommand, StartConversation
from engine.dialogue import Dialogue
from engine.events import Event, StateChanged, TranscriptDelta
from engine.session.asides import Asides
from engine.session.conversation import Conversation
from engine.session.end_of_turn import EndOfTurn
from engine.session.parts import Parts
from engine.session.state import Limits
from tests.fakes.scripted_dialogue import MemoryRecord, ScriptedDialogue, ScriptedReply
from tests.fakes.spoken_tones import AUDIO, ToneHearing, ToneRecogniser, ms, samples, spoken
from tests.fakes.tones import CODEC, ConversingTones, ToneChunk, ToneVoice


class ScriptedDuplex:
    """A file device that does what is planned when its time comes, and keeps what was played."""

    def __init__(self) -> None:
        self.files = FileDuplex(None, AUDIO)
        self.played: list[NDArray[np.float32]] = []
        self.pending: list[DeviceNotice] = []
        self.chosen: tuple[str | None, str | None] = (None, None)
        self.until = 0
        self._plans: list[tuple[int, int, Callable[[], None]]] = []
        self._order = itertools.count()

    @property
    def playback(self) -> Playback:
        """See `Duplex`."""
        return self.files.playback

    is_simulated = True

    @property
    def counts(self) -> DuplexCounts:
        """See `Duplex`."""
        return self.files.counts

    @property
    def ended(self) -> bool:
        """See `Duplex`."""
        return self.files.ended

    @property
    def now(self) -> int:
        """The next block's first sample."""
        return self.files.now_samples

    def at(self, sample: int, plan: Callable[[], None]) -> None:
        """Do something before the block at `sample` is read."""
        heapq.heappush(self._plans, (sample, next(self._order), plan))

    def start(self) -> None:
        """See `Duplex`."""
        self.files.start()

    def read(self, timeout_s: float) -> CaptureBlock | None:
        """See `Duplex`."""
        while self._plans and self._plans[0][0] <= self.now:
            heapq.heappop(self._plans)[2]()
        if self.now >= self.until:
            self.files.finish()
        block = self.files.read(timeout_s)
        if block is not None:
            self.played.append(block.reference)
        return block

    def choose(self, input_device: str | None, output_device: str | None) -> None:
        """See `Duplex`."""
        self.chosen = (input_device, output_device)

    def notices(self) -> tuple[DeviceNotice, ...]:
        """See `Duplex`."""
        pending, self.pending = tuple(self.pending), []
        return pending

    def close(self) -> None:
        """See `Duplex`."""
        self.files.close()


@dataclass(frozen=True)
class Timeline:
    """What happened."""

    events: tuple[Event, ...]
    played: NDArray[np.float32]

    def of(self, *kinds: type[Event]) -> list[Event]:
        """The events of these kinds, in order."""
        return [event for event in self.events if isinstance(event, kinds)]

    def states(self) -> list[str]:
        """The states, in order."""
        return [event.state for event in self.events if isinstance(event, StateChanged)]

    def at_ms(self, kind: type[Event], index: int = 0, **values: object) -> float:
        """When an event of this kind with these values came."""
        found = [
            event
            for event in self.of(kind)
            if all(getattr(event, name) == value for name, value in values.items())
        ]
        assert len(found) > index, f"no {kind.__name__} with {values} among {self.events}"
        assert found[index].t_ms is not None
        return float(found[index].t_ms or 0.0)

    def within_ms(self, first: float, then: float, most_ms: float) -> None:
        """`then` comes after `first`, by `most_ms` at most."""
        assert first <= then <= first + most_ms, f"{then - first:.0f} ms, and not between 0 and {most_ms:.0f}"

    def absent(self, kind: type[Event], **values: object) -> None:
        """There is none of them."""
        for event in self.of(kind):
            same = all(getattr(event, name) == value for name, value in values.items())
            assert not same, f"there is {event}"

    @property
    def heard(self) -> str:
        """All words of the assistant that were heard."""
        return "".join(event.delta for event in self.events if isinstance(event, TranscriptDelta)).strip()

    def level(self, from_ms: float, to_ms: float) -> float:
        """Root mean square of what was played."""
        piece = self.played[samples(from_ms) : samples(to_ms)]
        return float(np.sqrt(np.mean(piece**2))) if len(piece) else 0.0


class Scenario:
    """A conversation to be: say what happens, then `run`."""

    def __init__(
        self,
        replies: dict[str, ScriptedReply | str] | None = None,
        command: StartConversation | None = None,
        limits: Limits | None = None,
        voice: ToneVoice | None = None,
        reopen: Callable[[], Dialogue] | None = None,
    ) -> None:
        self.duplex = ScriptedDuplex()
        self.dialogue = ScriptedDialogue(replies)
        self.recogniser = ToneRecogniser()
        self.record = MemoryRecord()
        self.asides = Asides()
        self.voice = voice or RememberingTones()
        self.events: list[Event] = []
        self._after: list[tuple[type[Event], dict[str, object], float, Callable[[], None]]] = []
        self._jobs: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        parts = Parts(
            audio=AUDIO,
            duplex=self.duplex,
            hearing=ToneHearing(),
            recogniser=self.recogniser,
            end_of_turn=EndOfTurn(),
            dialogue=self.dialogue,
            record=self.record,
            asides=self.asides,
            reopen_dialogue=reopen,
        )
        self.recogniser.start()  # as where parts are made beside the loading of a voice
        self.conversation = Conversation(
            parts, self.voice, command or StartConversation(), self._hear, self._jobs.put, limits=limits
        )

    @property
    def kept(self) -> list[int]:
        """What the voice was told to keep of answers that were cut, in its samples."""
        assert isinstance(self.voice, RememberingTones)
        return [kept for conversing in self.voice.made for kept in conversing.kept]

    def say(self, at_ms: float, text: str) -> float:
        """The user speaks; gives when he has ended."""
        sound = spoken(text)
        self.duplex.files.speak(sound, samples(at_ms))
        return at_ms + ms(len(sound))

    def at(self, at_ms: float, plan: Callable[[], None]) -> None:
        """Do something at this time."""
        self.duplex.at(samples(at_ms), plan)

    def send(self, at_ms: float, command: ConversationCommand) -> None:
        """A front end's command at this time."""
        self.at(at_ms, lambda: self.conversation.post(command))

    def send_after(
        self, kind: type[Event], delay_ms: float, plan: Callable[[], None], **values: object
    ) -> None:
        """Do something so long after the first event of this kind with these values."""
        self._after.append((kind, values, delay_ms, plan))

    def say_after(self, kind: type[Event], delay_ms: float, text: str, **values: object) -> None:
        """The user speaks so long after such an event."""
        self.send_after(kind, delay_ms, lambda: self._say_now(text), **values)

    def _say_now(self, text: str) -> None:
        self.duplex.files.speak(spoken(text))

    def run(self, until_ms: float) -> Timeline:
        """Let it happen."""
        self.duplex.until = samples(until_ms)
        engine = threading.Thread(target=self._engine, name="engine")
        engine.start()
        self.conversation.start()
        assert self.conversation.join(60.0), "the conversation did not end"
        self._jobs.put(None)
        engine.join(10.0)
        played = np.concatenate(self.duplex.played)
        return Timeline(tuple(self.events), played)

    def _engine(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()

    def _hear(self, event: Event) -> None:
        self.events.append(event)
        for waiting in list(self._after):
            kind, values, delay_ms, plan = waiting
            if isinstance(event, kind) and all(getattr(event, n) == v for n, v in values.items()):
                self._after.remove(waiting)
                self.duplex.at(self.duplex.now + samples(delay_ms), plan)


class RememberingTones(ToneVoice):
    """A tone voice that keeps what it conversed with."""

    def __init__(self) -> None:
        super().__init__("tones", "cpu")
        self.made: list[ConversingTones] = []

    def converse(self, seed: int) -> ConversingTones:
        """Another conversation."""
        self.made.append(super().converse(seed))
        return self.made[-1]


class HushedTones(RememberingTones):
    """Begins each answer with silence, as voices do: HUSH_SAMPLES of its first word."""

    HUSH_SAMPLES = 3 * CODEC.frame_samples // 4

    def word(self, word: str, seed: int, index: Iterator[int]) -> Iterator[ToneChunk]:
        """The frames of one word."""
        for chunk in super().word(word, seed, index):
            if chunk.frame_index == 0:
                chunk.samples[: self.HUSH_SAMPLES] = 0.0
            yield chunk
