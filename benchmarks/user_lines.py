"""What the user says in the benchmarks: lines by flite's voices that no corpus holds, some of them in noise.

Needs the program `flite`. The lines are made anew each time, since they cost a tenth of a second each.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from benchmarks.duplex_rig import RATE_HZ
from engine.errors import SottoError

VOICES = ("awb", "kal")
"""flite's voices that no corpus was made from."""

COMMANDS = (
    "what time is it", "what day is it today", "set a timer for ten minutes", "tell me a joke",
    "how much is twelve times seven", "what is the date", "say that again", "what can you do",
    "flip a coin", "set a timer for five minutes", "what is nine plus sixteen", "roll a die",
)  # fmt: skip
SENTENCES = (
    "I would like to hear something about the old harbour", "my brother bought a small house near the sea",
    "we walked along the river for most of the morning", "the train was late again because of the snow",
    "please explain to me how a clock works", "she told me a long story about her garden",
)  # fmt: skip

LEVEL_DBFS = -26.0
NOISE_BELOW_DB = 20.0
_QUIET_DB = 35.0


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """One line at RATE_HZ, mono; its speech ends at `end_sample`. `words` are what is said in it."""

    words: str
    kind: Literal["command", "open"]
    voice: str
    noisy: bool
    samples: NDArray[np.float32]
    end_sample: int


def spoken_line(words: str, voice: str) -> NDArray[np.float32]:
    """A line by flite at RATE_HZ and LEVEL_DBFS, without the silence at its ends."""
    if shutil.which("flite") is None:
        raise SottoError("This benchmark needs flite; install it (Debian: apt-get install flite).")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "line.wav"
        subprocess.run(["flite", "-voice", voice, "-t", words, str(path)], check=True, capture_output=True)
        samples, rate_hz = soundfile.read(path, dtype="float32")
    made: NDArray[np.float32] = soxr.resample(samples, rate_hz, RATE_HZ).astype(np.float32)
    begin, end = speech_bounds(made)
    made = made[begin:end]
    gain = 10.0 ** (LEVEL_DBFS / 20.0) / (float(np.sqrt(np.mean(made**2))) + 1e-9)
    return made * np.float32(gain)


def speech_bounds(samples: NDArray[np.float32]) -> tuple[int, int]:
    """First and last sample of the speech: 10 ms pieces less than 35 dB below the loudest."""
    size = RATE_HZ // 100
    pieces = samples[: len(samples) // size * size].reshape(-1, size)
    levels = 10.0 * np.log10(np.mean(pieces.astype(np.float64) ** 2, axis=1) + 1e-12)
    loud = np.flatnonzero(levels > levels.max() - _QUIET_DB)
    return int(loud[0]) * size, (int(loud[-1]) + 1) * size


def make_line(words: str, kind: Literal["command", "open"], voice: str, noisy: bool, seed: int) -> Line:
    """A line with half a second around it, in noise where asked for."""
    speech = spoken_line(words, voice)
    pad = RATE_HZ // 2
    samples = np.concatenate([np.zeros(pad, np.float32), speech, np.zeros(2 * RATE_HZ, np.float32)])
    if noisy:
        rng = np.random.default_rng(seed)
        gain = 10.0 ** ((LEVEL_DBFS - NOISE_BELOW_DB) / 20.0)
        samples += np.float32(gain) * rng.standard_normal(len(samples)).astype(np.float32)
    return Line(words, kind, voice, noisy, samples, pad + len(speech))


def lines(count: int) -> list[Line]:
    """So many lines: two commands, then an open sentence, by all voices in turn, every third one in noise."""
    made = []
    for number in range(count):
        is_open = number % 3 == 2
        texts = SENTENCES if is_open else COMMANDS
        words = texts[(number // 3 if is_open else number - number // 3) % len(texts)]
        voice = VOICES[number // 2 % len(VOICES)]
        made.append(make_line(words, "open" if is_open else "command", voice, number % 3 == 1, number))
    return made
