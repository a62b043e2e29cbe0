"""Speaks turns with a pause inside them, by the flite program: the pause as a sentence's end, a comma, or a hesitation.

Worker processes; subprocesses of its own. `awb` may speak here for evaluation only. Must not import torch.
"""

from __future__ import annotations

import functools
import subprocess
import tempfile
import wave
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from engine.errors import SottoError
from training.corpus.splits import hashed_fraction

Samples = NDArray[np.float32]
Intonation = Literal["final", "continuing", "hesitant"]
"""final: the part before the pause is spoken as a sentence of its own, so that its pitch falls and its last syllable
lengthens · continuing: it ends as at a comma · hesitant: a sentence spoken through, cut between two words."""

RATE_HZ = 16_000
ACTIVE_DBFS = -26.0
LEAD_S, TAIL_S = 0.5, 1.0
NOISE_DB = 20.0
"""Speech over noise where there is any."""

ROOM_DBFS = -75.0
"""No room is silent."""

VOICED_BELOW_LOUDEST_DB = 35.0
"""A 10 ms block this far below the loudest one is no longer speech."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnPlan:
    """What to speak: `words` with a pause of `pause_ms` behind the first `before` of them."""

    identity: str
    kind: Literal["command", "open"]
    voice: str
    words: tuple[str, ...]
    before: int
    pause_ms: float
    intonation: Intonation
    noisy: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class SpokenTurn:
    """float32 samples (S,) at RATE_HZ, and times in seconds: where speech begins, stops for the pause, goes on, and
    ends."""

    plan: TurnPlan
    samples: Samples
    start_s: float
    pause_start_s: float
    pause_end_s: float
    end_s: float

    def word_ends_s(self) -> list[float]:
        """About when each word ends: the phones of either half taken for equally long."""
        plan, before = self.plan, self.plan.before
        first = _shares(plan.voice, plan.words[:before], self.start_s, self.pause_start_s)
        return first + _shares(plan.voice, plan.words[before:], self.pause_end_s, self.end_s)


@dataclass(frozen=True, slots=True, eq=False)
class _Rendering:
    samples: Samples
    phones: tuple[tuple[str, float], ...]


@functools.lru_cache(maxsize=512)
def _rendered(voice: str, text: str) -> _Rendering:
    """flite's samples and (phone, end in seconds), at its own level."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "spoken.wav"
        command = ["flite", "-voice", voice, "-psdur", "-t", text, "-o", str(path)]
        try:
            told = subprocess.run(command, capture_output=True, check=True, text=True).stdout
        except FileNotFoundError as error:
            raise SottoError(
                "flite is not installed: apt-get install flite (make setup installs it)."
            ) from error
        with wave.open(str(path), "rb") as reader:
            if reader.getframerate() != RATE_HZ:
                raise SottoError(f"flite's voice {voice!r} does not speak at {RATE_HZ} Hz; take another.")
            data = reader.readframes(reader.getnframes())
    phones = tuple((name, float(end)) for name, _, end in (item.partition(":") for item in told.split()))
    return _Rendering(np.frombuffer(data, "<i2").astype(np.float32) / np.float32(32768.0), phones)


def _spoken(rendering: _Rendering) -> list[tuple[str, float]]:
    return [phone for phone in rendering.phones if phone[0] != "pau"]


@functools.lru_cache(maxsize=4096)
def _phone_count(voice: str, words: tuple[str, ...]) -> int:
    return len(_spoken(_rendered(voice, " ".join(words)))) if words else 0


def _extent(samples: Samples) -> tuple[int, int]:
    """First and last sample of speech, to 10 ms."""
    block = RATE_HZ // 100
    power = np.square(samples[: len(samples) // block * block].reshape(-1, block)).mean(axis=1)
    loud = np.flatnonzero(power > power.max() * 10.0 ** (-VOICED_BELOW_LOUDEST_DB / 10.0))
    return int(loud[0]) * block, (int(loud[-1]) + 1) * block


def _faded(samples: Samples) -> Samples:
    """5 ms at both ends, so that a cut is no click."""
    ramp = np.linspace(0.0, 1.0, RATE_HZ // 200, dtype=np.float32)
    samples = samples.copy()
    samples[: len(ramp)] *= ramp
    samples[-len(ramp) :] *= ramp[::-1]
    return samples


def _halves(plan: TurnPlan) -> tuple[Samples, Samples]:
    """What is spoken before and after the pause, without silence around."""
    first, second = " ".join(plan.words[: plan.before]), " ".join(plan.words[plan.before :])
    if plan.intonation == "final":
        parts = [_rendered(plan.voice, f"{text}.").samples for text in (first, second)]
    elif plan.intonation == "continuing":
        whole = _rendered(plan.voice, f"{first}, {second}.")
        index = next((i for i, (name, _) in enumerate(whole.phones[1:-1], 1) if name == "pau"), None)
        if index is None:  # flite made no pause of the comma
            parts = [_rendered(plan.voice, f"{first},").samples, _rendered(plan.voice, f"{second}.").samples]
        else:
            cuts = [round(whole.phones[i][1] * RATE_HZ) for i in (index - 1, index)]
            parts = [whole.samples[: cuts[0]], whole.samples[cuts[1] :]]
    else:
        whole = _rendered(plan.voice, f"{first} {second}.")
        spoken, count = _spoken(whole), _phone_count(plan.voice, plan.words[: plan.before])
        cut = round(spoken[min(count, len(spoken) - 1) - 1][1] * RATE_HZ)
        parts = [whole.samples[:cut], whole.samples[cut:]]
    trimmed = []
    for part in parts:
        start, end = _extent(part)
        trimmed.append(_faded(part[start:end]))
    return trimmed[0], trimmed[1]


def _shares(voice: str, words: tuple[str, ...], start_s: float, end_s: float) -> list[float]:
    """Ends of the words of a stretch, by their numbers of phones."""
    counts = [max(1, _phone_count(voice, (word,))) for word in words]
    return [float(start_s + (end_s - start_s) * part) for part in np.cumsum(counts) / sum(counts)]


def _noise(count: int, seed: int) -> Samples:
    """Noise with a power that falls with the frequency, as rooms have it; RMS 1."""
    draw = np.random.default_rng(seed)
    spectrum = np.fft.rfft(draw.standard_normal(count))
    shaped = np.fft.irfft(
        spectrum / np.sqrt(np.maximum(np.arange(len(spectrum)), 20.0 * count / RATE_HZ)), count
    )
    return np.asarray(shaped / shaped.std(), np.float32)


def speak(plan: TurnPlan) -> SpokenTurn:
    """The turn as the microphone gets it. Raises SottoError where flite cannot speak it."""
    return settled(plan, *_halves(plan))


def settled(plan: TurnPlan, first: Samples, second: Samples | None = None) -> SpokenTurn:
    """Speech (S,) at RATE_HZ before and after the plan's pause at ACTIVE_DBFS in a room; one part has no pause."""
    if second is None:
        start, end = _extent(first)
        first, second = first[start:end], np.zeros(0, np.float32)
    active = np.sqrt(np.mean(np.square(np.concatenate((first, second)))))
    gain = np.float32(10.0 ** (ACTIVE_DBFS / 20.0) / max(float(active), 1e-6))
    lead, pause, tail = (
        np.zeros(round(s * RATE_HZ), np.float32) for s in (LEAD_S, plan.pause_ms / 1e3, TAIL_S)
    )
    samples = np.concatenate((lead, first * gain, pause, second * gain, tail))
    level = ACTIVE_DBFS - NOISE_DB if plan.noisy else ROOM_DBFS
    seed = int(hashed_fraction("noise", plan.identity) * 2**32)
    samples += _noise(len(samples), seed) * np.float32(10.0 ** (level / 20.0))
    pause_start_s = LEAD_S + len(first) / RATE_HZ
    pause_end_s = pause_start_s + len(pause) / RATE_HZ
    return SpokenTurn(plan, samples, LEAD_S, pause_start_s, pause_end_s, pause_end_s + len(second) / RATE_HZ)
