"""Voices that sound tones: the protocol of a real shelf, without a model.

A word is four frames of one frequency. Some voices misbehave, each in the one way its name says.
"""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from engine.config import CodecConfig
from engine.errors import SottoError, VoiceError
from engine.event_values import DamagedVoice, VoiceSummary
from engine.meters import MemoryShown, SlotShown
from engine.speaking import Fallback, Trouble

CODEC = CodecConfig()
FRAMES_A_WORD = 4
AMPLITUDE = 0.25
SPEED_UP = 20


@dataclass(frozen=True)
class ToneWord:
    """A word, and where its tone lies."""

    text: str
    start_sample: int
    end_sample: int
    ends_clause: bool


@dataclass(frozen=True)
class ToneChunk:
    """One frame of a tone."""

    samples: NDArray[np.float32]
    compute_ms: float
    frame_index: int
    books: int = CODEC.codebooks
    words: tuple[ToneWord, ...] = ()


def tone_hz(word: str, seed: int) -> float:
    """The frequency that stands for a word."""
    return 220.0 + 20.0 * ((len(word) + seed) % 20)


def frame(frequency_hz: float, index: int) -> NDArray[np.float32]:
    """Frame `index` of a tone, phase-continuous."""
    at = np.arange(index * CODEC.frame_samples, (index + 1) * CODEC.frame_samples)
    return (AMPLITUDE * np.sin(2 * np.pi * frequency_hz * at / CODEC.sample_rate_hz)).astype(np.float32)


class ToneVoice:
    """Speaks every Latin word as a tone."""

    sample_rate_hz = CODEC.sample_rate_hz

    def __init__(self, name: str, device: str, runtime: str = "tones") -> None:
        self.name = name
        self.device = device
        self.runtime = runtime

    def watch(self, tell: Callable[[Fallback], None]) -> None:
        """Tones need no GPU that could fail."""

    def stream(
        self,
        text: str | Iterable[str],
        seed: int,
        reserve_ms: Callable[[], float | None] = lambda: None,
        report: Callable[[Trouble], None] = lambda trouble: None,
    ) -> Iterator[ToneChunk]:
        """Frames for each word as it arrives; a piece of text ends a word."""
        index = itertools.count()
        for piece in [text] if isinstance(text, str) else text:
            for word in re.findall(r"[A-Za-z]+", piece):
                yield from self.word(word, seed, index)

    def word(self, word: str, seed: int, index: Iterator[int]) -> Iterator[ToneChunk]:
        """The frames of one word."""
        for _, i in zip(range(FRAMES_A_WORD), index, strict=False):
            yield ToneChunk(frame(tone_hz(word, seed), i), compute_ms=6.0, frame_index=i)

    def converse(self, seed: int) -> ConversingTones:
        """The same tones, for a conversation."""
        return ConversingTones(self, seed)


class ConversingTones:
    """Speaks answer after answer, and notes what was kept of each."""

    def __init__(self, voice: ToneVoice, seed: int) -> None:
        self.rate = 1.0
        self.kept: list[int] = []
        self._voice, self._seed = voice, seed

    def stream(
        self,
        text: str | Iterable[str],
        reserve_ms: Callable[[], float | None],
        report: Callable[[Trouble], None],
    ) -> Iterator[ToneChunk]:
        """Frames for each word, the first of which tells of it."""
        index = itertools.count()
        for piece in [text] if isinstance(text, str) else text:
            for match in re.finditer(r"[^A-Za-z]*[A-Za-z']+[^A-Za-z']*", piece):
                word = re.findall("[A-Za-z]+", match[0])[0]
                frames = list(self._voice.word(word, self._seed, index))
                start = frames[0].frame_index * CODEC.frame_samples
                end = start + len(frames) * CODEC.frame_samples
                told = ToneWord(match[0], start, end, any(mark in match[0] for mark in ",.;!?"))
                yield replace(frames[0], words=(told,))
                yield from frames[1:]

    def keep(self, heard_samples: int) -> None:
        """Remember it."""
        self.kept.append(heard_samples)

    def memory(self) -> MemoryShown:
        """A slot for each answer that was cut."""
        slots = tuple(SlotShown("semantic", 0.0, 1.0, label=str(kept)) for kept in self.kept)
        return MemoryShown(slots)


class EndlessVoice(ToneVoice):
    """Never stops at the end of a word."""

    def word(self, word: str, seed: int, index: Iterator[int]) -> Iterator[ToneChunk]:
        """Frames for ever."""
        return (ToneChunk(frame(tone_hz(word, seed), i), 6.0, i) for i in index)


class CrashingVoice(ToneVoice):
    """Takes its process down after one word."""

    def word(self, word: str, seed: int, index: Iterator[int]) -> Iterator[ToneChunk]:
        """One word, then the end of the process."""
        yield from super().word(word, seed, index)
        os._exit(3)


class FailingVoice(ToneVoice):
    """Has a bug."""

    def word(self, word: str, seed: int, index: Iterator[int]) -> Iterator[ToneChunk]:
        """One word, then an exception that nobody expects."""
        yield from super().word(word, seed, index)
        raise ZeroDivisionError("a bug in this voice")


class LateVoice(ToneVoice):
    """Every second word comes late, with half of the books."""

    def word(self, word: str, seed: int, index: Iterator[int]) -> Iterator[ToneChunk]:
        """The same tone, in other words of the tokenizer."""
        for chunk in super().word(word, seed, index):
            late = chunk.frame_index // FRAMES_A_WORD % 2
            yield replace(chunk, books=CODEC.codebooks // 2 if late else CODEC.codebooks)


@dataclass(frozen=True)
class ToneTrouble:
    """A word that was left out, or spoken twice."""

    message: str
    ended: bool


class LapsingVoice(ToneVoice):
    """Takes up the word "again" a second time, and leaves out "never"."""

    def stream(
        self,
        text: str | Iterable[str],
        seed: int,
        reserve_ms: Callable[[], float | None] = lambda: None,
        report: Callable[[Trouble], None] = lambda trouble: None,
    ) -> Iterator[ToneChunk]:
        """Frames for each word that is not left out."""
        for word in text.split() if isinstance(text, str) else text:
            if word in ("again", "never"):
                report(ToneTrouble(f"The voice lapsed at {word!r}.", ended=word == "never"))
            if word != "never":
                yield from super().stream(word, seed)


class FastVoice(ToneVoice):
    """Has a sample rate beyond what any sound device takes: each sample of a tone stands SPEED_UP times."""

    sample_rate_hz = CODEC.sample_rate_hz * SPEED_UP

    def word(self, word: str, seed: int, index: Iterator[int]) -> Iterator[ToneChunk]:
        """The same tone, at the higher rate."""
        for chunk in super().word(word, seed, index):
            yield ToneChunk(np.repeat(chunk.samples, SPEED_UP), chunk.compute_ms, chunk.frame_index)


VOICES = {
    "fast": FastVoice,
    "late": LateVoice,
    "lapsing": LapsingVoice,
    "tones": ToneVoice,
    "endless": EndlessVoice,
    "crashing": CrashingVoice,
    "failing": FailingVoice,
}


class ToneShelf:
    """The shelf that tests hand to an EngineHandle."""

    def list_voices(self) -> tuple[VoiceSummary, ...]:
        """One well-behaved voice."""
        card = {"name": "tones", "metrics": {"wer": 0.5}}
        return (
            VoiceSummary(
                name="tones",
                path="/voices/tones",
                kind="sotto-csm",
                licence="Apache-2.0",
                sample_rate_hz=CODEC.sample_rate_hz,
                card=card,
            ),
        )

    def damaged_voices(self) -> tuple[DamagedVoice, ...]:
        """None."""
        return ()

    def remove_voice(self, name: str) -> str:
        """There is nothing on disk that could go."""
        raise SottoError(f"The voice {name!r} comes with the tests and stays.")

    def load_voice(self, name: str | None, device: str | None, runtime: str | None) -> ToneVoice:
        """A voice by name; "torn" is damaged, and any other unknown."""
        if name == "torn":
            raise VoiceError(
                "The file torn/model.safetensors does not match its checksum; install the voice again."
            )
        kind = VOICES.get(name or "tones")
        if kind is None:
            raise SottoError(f"There is no voice named {name!r}; installed: tones.")
        return kind(name or "tones", device or "cpu", runtime or "tones")
