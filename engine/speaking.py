"""Speaks one text: pulls speech from a voice, measures it, hands it to a sink.

Runs on the engine thread. Knows voices by protocol only, so that tests speak with a small voice of their own;
imports no model, no torch.
"""

from __future__ import annotations

import threading
import time
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from engine.audio.sinks import Sink
from engine.errors import SottoError
from engine.event_values import DamagedVoice, SpeechFigures, VoiceSummary
from engine.events import BooksChanged, ErrorOccurred, Event
from engine.meters import MemoryShown


class SpeechChunk(Protocol):
    """A stretch of speech, in general one frame: float32 (S,), the milliseconds it took to compute, and the books it
    was made with."""

    @property
    def samples(self) -> NDArray[np.float32]: ...
    @property
    def compute_ms(self) -> float: ...
    @property
    def frame_index(self) -> int: ...
    @property
    def books(self) -> int: ...


class SpokenWord(Protocol):
    """One word: its written form with what stands around it, where it starts and ends in samples of the response, and
    whether it is the last of its clause."""

    @property
    def text(self) -> str: ...
    @property
    def start_sample(self) -> int: ...
    @property
    def end_sample(self) -> int: ...
    @property
    def ends_clause(self) -> bool: ...


class ConversationChunk(SpeechChunk, Protocol):
    """A stretch of speech, and the words that start in it."""

    @property
    def words(self) -> tuple[SpokenWord, ...]: ...


class Trouble(Protocol):
    """Speech that went wrong: one sentence, and whether words of the text were left out for it."""

    @property
    def message(self) -> str: ...
    @property
    def ended(self) -> bool: ...


class Fallback(Protocol):
    """That a voice's GPU failed and the CPU computes from now on: a sentence, the cause, the mend."""

    @property
    def message(self) -> str: ...
    @property
    def cause(self) -> str: ...
    @property
    def mend(self) -> str: ...


class ConversingVoice(Protocol):
    """A voice for a whole conversation, whose answers continue one stream. `rate` above 1 is faster."""

    rate: float

    def stream(
        self,
        text: str | Iterable[str],
        reserve_ms: Callable[[], float | None],
        report: Callable[[Trouble], None],
    ) -> Iterator[ConversationChunk]:
        """The next answer, as `SpeakingVoice.stream`."""

    def keep(self, heard_samples: int) -> None:
        """Only so much of that answer, at the voice's rate, was heard: the rest was never said. 0 undoes it."""

    def memory(self) -> MemoryShown:
        """What the voice remembers, to be shown."""


class SpeakingVoice(Protocol):
    """A loaded voice. `runtime` and `device` change when its GPU fails, which `watch` tells of."""

    @property
    def name(self) -> str: ...
    @property
    def runtime(self) -> str: ...
    @property
    def device(self) -> str: ...
    @property
    def sample_rate_hz(self) -> int: ...

    def watch(self, tell: Callable[[Fallback], None]) -> None:
        """Tell of a GPU that fails, on the thread that takes the speech; one that failed on loading is told at once."""

    def stream(
        self,
        text: str | Iterable[str],
        seed: int,
        reserve_ms: Callable[[], float | None],
        report: Callable[[Trouble], None],
    ) -> Iterator[SpeechChunk]:
        """Speech for a text, or for pieces of text as they arrive. Nothing speakable gives no chunk.

        `reserve_ms` says how much of it waits to be played (None: nothing is), `report` hears what went wrong.
        """

    def converse(self, seed: int) -> ConversingVoice:
        """The same voice for a whole conversation; for one thread, as `stream`."""


class VoiceShelf(Protocol):
    """Where voices come from. All raise SottoError with one sentence."""

    def list_voices(self) -> tuple[VoiceSummary, ...]:
        """The installed voices."""

    def damaged_voices(self) -> tuple[DamagedVoice, ...]:
        """The folders among the voices that cannot be read."""

    def remove_voice(self, name: str) -> str:
        """Remove one of the user's own voices; gives the path that is gone."""

    def load_voice(self, name: str | None, device: str | None, runtime: str | None) -> SpeakingVoice:
        """A voice by name or folder (None: the default) on a device by a runtime (None: chosen automatically)."""


def speak(
    voice: SpeakingVoice,
    text: str | Iterable[str],
    seed: int,
    sink: Sink,
    cancelled: threading.Event,
    tell: Callable[[Event], None],
) -> SpeechFigures | None:
    """Speak to the end, or until `cancelled`; None when nothing was made. The sink is open; it is finished here.

    `tell` gets what happens on the way, without turn and generation: BooksChanged, ErrorOccurred where words of the
    text had to be left out.
    """
    heard = _Remembered(text)
    made = _Made(tell)
    started_s = time.perf_counter()
    ttfa_ms = 0.0
    pieces = text if isinstance(text, str) else heard
    for chunk in voice.stream(pieces, seed, sink.reserve_ms, made.hear):
        if cancelled.is_set():
            break
        made.take(chunk, sink.reserve_ms())
        sink.write(chunk.samples, chunk.frame_index)
        if len(made.frame_ms) == 1:
            ttfa_ms = 1000.0 * (time.perf_counter() - max(started_s, heard.first_text_at_s))
    if not made.frame_ms:
        if cancelled.is_set():
            return None
        if made.troubles:
            raise SottoError(
                f"Nothing of the text could be spoken with the voice {voice.name!r}; verify it with sotto voices"
                " verify, or choose another voice."
            )
        raise SottoError(why_unspeakable(text if isinstance(text, str) else heard.beginning))
    if not cancelled.is_set():
        sink.finish()
    return made.figures(voice, seed, ttfa_ms, sink.underruns)


class _Made:
    """What was made of a text so far, and tells of what happens to it."""

    def __init__(self, tell: Callable[[Event], None]) -> None:
        self._tell = tell
        self.frame_ms: list[float] = []
        self.troubles: list[Trouble] = []
        self._books: Counter[int] = Counter()
        self._latest_books = 0
        self._samples = 0

    def hear(self, trouble: Trouble) -> None:
        """Something went wrong."""
        self.troubles.append(trouble)
        if trouble.ended:
            self._tell(ErrorOccurred(code="voice", message=trouble.message))

    def take(self, chunk: SpeechChunk, reserve_ms: float | None) -> None:
        """One more chunk, before which `reserve_ms` waited to be played."""
        if self._latest_books not in (0, chunk.books):
            self._tell(BooksChanged(books=chunk.books, reserve_ms=reserve_ms or 0.0))
        self._latest_books = chunk.books
        self._books[chunk.books] += 1
        self.frame_ms.append(chunk.compute_ms)
        self._samples += len(chunk.samples)

    def figures(self, voice: SpeakingVoice, seed: int, ttfa_ms: float, underruns: int) -> SpeechFigures:
        """All of it, measured; there is a chunk at least."""
        audio_s = self._samples / voice.sample_rate_hz
        p50, p95, p99 = np.percentile(self.frame_ms, (50, 95, 99))
        return SpeechFigures(
            voice=voice.name,
            runtime=voice.runtime,
            device=voice.device,
            seed=seed,
            audio_s=audio_s,
            frames=len(self.frame_ms),
            ttfa_ms=ttfa_ms,
            rtf=sum(self.frame_ms) / 1000.0 / audio_s,
            frame_p50_ms=float(p50),
            frame_p95_ms=float(p95),
            frame_p99_ms=float(p99),
            underruns=underruns,
            books=dict(self._books),
            respoken=sum(not trouble.ended for trouble in self.troubles),
            cut=sum(trouble.ended for trouble in self.troubles),
        )


class _Remembered:
    """Passes pieces of text on, keeping their beginning and the moment the first one came."""

    def __init__(self, pieces: Iterable[str]) -> None:
        self._pieces = iter(pieces)
        self.beginning = ""
        self.first_text_at_s = 0.0

    def __iter__(self) -> Iterator[str]:
        for piece in self._pieces:
            if not self.beginning:
                self.first_text_at_s = time.perf_counter()
            if len(self.beginning) < 1000:
                self.beginning += piece[:1000]
            yield piece


def why_unspeakable(text: str) -> str:
    """The sentence for a text without a word that the voice can speak."""
    if not text.strip():
        return "The text is empty; give some words to speak."
    letters = [character for character in text if unicodedata.category(character)[0] in "LM"]
    foreign = [c for c in letters if not unicodedata.name(c, "").startswith("LATIN")]
    if foreign:
        script = unicodedata.name(foreign[0], "unknown").split()[0]
        return f"The voice speaks English, and this text is in {script} script; give it in Latin letters."
    if letters:
        return "The text holds no word that the voice can speak; give some English words."
    return (
        "The text holds no words, only punctuation, symbols or control characters; give some words to speak."
    )
