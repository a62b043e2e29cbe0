"""What the user says in the benchmarks: lines by flite's voices that no corpus holds, and by people, some in noise.

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

VOICES = ("awb", "kal16")
"""flite's voices that no corpus was made from. Its `kal` has a telephone's band, which no microphone at 48 kHz has."""

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

PEOPLE = {
    "goforward": "go forward ten meters",
    "librivox-0880": "he was not an ill disposed young man",
    "librivox-0890": "unless to be rather cold hearted and rather selfish is to be ill disposed",
    "librivox-0920": (
        "had he married a more amiable woman he might have been made still more respectable than he was"
    ),
    "librivox-0930": "he might even have been made amiable himself",
}
"""Recordings of people, by the name of their file, and their words."""

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
    return _at_level(samples, rate_hz)


def _at_level(samples: NDArray[np.float32], rate_hz: int) -> NDArray[np.float32]:
    """The speech alone at RATE_HZ and LEVEL_DBFS."""
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
    return _around(words, kind, voice, noisy, seed, spoken_line(words, voice))


def human_line(folder: Path, name: str, noisy: bool, seed: int) -> Line:
    """A recording of somebody, in the same way. Raises SottoError where it cannot be read."""
    try:
        samples, rate_hz = soundfile.read(folder / f"{name}.wav", dtype="float32")
    except soundfile.LibsndfileError as error:
        raise SottoError(f"{folder / name}.wav cannot be read: {error}") from error
    return _around(PEOPLE[name], "open", name, noisy, seed, _at_level(samples, rate_hz))


def _around(
    words: str,
    kind: Literal["command", "open"],
    voice: str,
    noisy: bool,
    seed: int,
    speech: NDArray[np.float32],
) -> Line:
    pad = RATE_HZ // 2
    samples = np.concatenate([np.zeros(pad, np.float32), speech, np.zeros(2 * RATE_HZ, np.float32)])
    if noisy:
        rng = np.random.default_rng(seed)
        gain = 10.0 ** ((LEVEL_DBFS - NOISE_BELOW_DB) / 20.0)
        samples += np.float32(gain) * rng.standard_normal(len(samples)).astype(np.float32)
    return Line(words, kind, voice, noisy, samples, pad + len(speech))


def lines(count: int, human: Path | None = None) -> list[Line]:
    """So many lines: two commands, then an open sentence, by all voices in turn, every third one in noise. Every other
    open sentence is a person's where there is a folder of their recordings."""
    made = []
    people = [] if human is None else [name for name in PEOPLE if (human / f"{name}.wav").exists()]
    for number in range(count):
        is_open = number % 3 == 2
        texts = SENTENCES if is_open else COMMANDS
        words = texts[(number // 3 if is_open else number - number // 3) % len(texts)]
        voice = VOICES[number // 2 % len(VOICES)]
        if is_open and people and number % 6 == 5:
            made.append(human_line(human or Path(), people[number // 6 % len(people)], False, number))
            continue
        made.append(make_line(words, "open" if is_open else "command", voice, number % 3 == 1, number))
    return made
