"""A language of tones: words sound as tones of their own, which a hearing and a recogniser of a few lines understand.

It lets a whole conversation run in simulated time in milliseconds, with real samples from the microphone to the tape.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from engine.audio.duplex import CaptureBlock
from engine.config import AudioConfig
from engine.hearing import RECOGNISER_RATE_HZ, HeardBlock
from engine.recognition import Final, Partial, Recognised

AUDIO = AudioConfig()
WORD_MS, GAP_MS = 180.0, 30.0
VOCABULARY = (
    "what time is it tell me a story set timer for five minutes and ten seconds stop mm hmm yes no more please about "
    "cats wait louder who are you okay really one two three".split()
)
HISS = "*cough*"
"""A sound with a voice in it and no word."""

_LOWEST_HZ, _STEP_HZ = 400.0, 60.0
_WORDS = tuple(dict.fromkeys(VOCABULARY))
VOICED = 10.0 ** (-45.0 / 20.0)


def hz_of(word: str) -> float:
    """The tone of a word; one that is none lies above all."""
    return _LOWEST_HZ + _STEP_HZ * (_WORDS.index(word) if word in _WORDS else len(_WORDS) + 10)


def ms(samples: int) -> float:
    """Milliseconds at the devices' rate."""
    return 1000.0 * samples / AUDIO.rate_hz


def samples(milliseconds: float) -> int:
    """Samples at the devices' rate."""
    return round(milliseconds * AUDIO.rate_hz / 1000.0)


def spoken(text: str) -> NDArray[np.float32]:
    """The sound of a text at the devices' rate, mono float32 (S,)."""
    parts = []
    for word in text.split():
        at = np.arange(samples(WORD_MS))
        parts += [0.3 * np.sin(2 * np.pi * hz_of(word) * at / AUDIO.rate_hz), np.zeros(samples(GAP_MS))]
    return np.concatenate(parts[:-1]).astype(np.float32)


class ToneHearing:
    """Finds sound: a voice after 30 ms, its end after 80 ms. There is no echo in its room."""

    def __init__(self) -> None:
        self._voice = False
        self._loud_since: int | None = None
        self._loud_until = 0
        self._overlap_ms = 0.0

    def hear(self, block: CaptureBlock, playing: bool) -> HeardBlock:
        """See `Hearing`."""
        loud = np.flatnonzero(np.abs(block.samples) > VOICED)
        now = block.at_sample + len(block.samples)
        started = stopped = None
        if len(loud):
            if self._loud_since is None:
                self._loud_since = block.at_sample + int(loud[0])
            self._loud_until = block.at_sample + int(loud[-1]) + 1
            if not self._voice and now - self._loud_since >= samples(30):
                self._voice, started = True, self._loud_since
        elif now - self._loud_until >= samples(80):
            if self._voice:
                stopped = self._loud_until
            self._voice, self._loud_since = False, None
        if not playing:
            self._overlap_ms = 0.0
        elif self._voice:
            self._overlap_ms += AUDIO.block_ms
        else:
            self._overlap_ms = max(0.0, self._overlap_ms - AUDIO.block_ms / 2)
        cleaned = block.samples.reshape(-1, AUDIO.rate_hz // RECOGNISER_RATE_HZ).mean(axis=1)
        level_dbfs = 10.0 * float(np.log10(float(np.mean(block.samples**2)) + 1e-12))
        return HeardBlock(
            at_sample=block.at_sample,
            samples=cleaned.astype(np.float32),
            voice=self._voice,
            probability=float(self._voice),
            started_at=started,
            stopped_at=stopped,
            overlap_ms=self._overlap_ms,
            level_dbfs=level_dbfs,
        )


def words_in(sound: NDArray[np.float32]) -> tuple[list[str], int]:
    """The words of (S,) at 16 kHz, and how many sounds were none."""
    loud = np.abs(sound) > VOICED
    edges = np.flatnonzero(np.diff(np.concatenate([[0], _closed(loud).astype(int), [0]])))
    words, strange = [], 0
    for begin, end in zip(edges[::2], edges[1::2], strict=True):
        if end - begin < 0.6 * WORD_MS * RECOGNISER_RATE_HZ / 1000.0:
            continue
        spectrum = np.abs(np.fft.rfft(sound[begin:end], 8192))
        hz = float(np.argmax(spectrum)) * RECOGNISER_RATE_HZ / 8192
        index = round((hz - _LOWEST_HZ) / _STEP_HZ)
        if 0 <= index < len(_WORDS):
            words.append(_WORDS[index])
        else:
            strange += 1
    return words, strange


def _closed(loud: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Without the zero crossings of a tone."""
    reach = round(0.005 * RECOGNISER_RATE_HZ)
    return np.convolve(loud, np.ones(reach), "same") > 0


class ToneRecogniser:
    """Understands the tones. `commands` are texts that its grammar accepts; `hang` stops it from answering."""

    def __init__(self, commands: tuple[str, ...] = ("what time is it", "stop", "louder")) -> None:
        self.commands = commands
        self.hangs = False
        self._sound: dict[int, NDArray[np.float32]] = {}
        self._told: dict[int, str] = {}
        self._out: list[Recognised] = []
        self.started = self.closed = False

    def start(self) -> None:
        """See `Recogniser`."""
        self.started = True

    def begin(self, utterance: int) -> None:
        """See `Recogniser`."""
        self._sound[utterance] = np.zeros(0, np.float32)
        self._told[utterance] = ""

    def feed(self, utterance: int, samples: NDArray[np.float32]) -> None:
        """See `Recogniser`."""
        self._sound[utterance] = np.concatenate([self._sound[utterance], samples])
        if len(self._sound[utterance]) % (RECOGNISER_RATE_HZ // 20):
            return
        self._tell(utterance)

    def _tell(self, utterance: int) -> None:
        words, _ = words_in(self._sound[utterance])
        text = " ".join(words)
        self._told[utterance] = text
        stable, tentative = " ".join(words[:-1]), " ".join(words[-1:])
        until = len(self._sound[utterance])
        self._out.append(Partial(utterance, stable, tentative, text if text in self.commands else "", until))

    def finish(self, utterance: int) -> None:
        """See `Recogniser`."""
        words, strange = words_in(self._sound.pop(utterance))
        text = " ".join(words)
        self._out.append(
            Final(
                utterance,
                text,
                0.9 if words else 0.0,
                text in self.commands,
                rejected=not words and strange > 0,
            )
        )

    def drop(self, utterance: int) -> None:
        """See `Recogniser`."""
        self._sound.pop(utterance, None)
        self._out = [result for result in self._out if getattr(result, "utterance", None) != utterance]

    def poll(self) -> tuple[Recognised, ...]:
        """See `Recogniser`."""
        if self.hangs:
            return ()
        out, self._out = tuple(self._out), []
        return out

    def wait_idle(self, timeout_s: float) -> bool:
        """See `Recogniser`."""
        return True

    def close(self) -> None:
        """See `Recogniser`."""
        self.closed = True


def wait_until(condition: Callable[[], bool], timeout_s: float = 10.0) -> bool:
    """Poll until the condition holds; False when it did not in time."""
    deadline_s = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline_s:
            return False
        time.sleep(0.005)
    return True
