"""What the benchmark of commands says to the recogniser: phrasings of the grammar, other sentences, noise; by flite.

Main thread. Two splits that share no phrasing: one for fitting, one for reporting.
"""

from __future__ import annotations

import hashlib
import random
import shutil
import subprocess
import wave
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from engine.errors import SottoError
from engine.paths import resources_dir
from engine.recognition import RATE_HZ, Grammar
from engine.recognition.jsgf import Choice, ClosedGrammar, Node, Reference, Repeat, Sequence, Word, parse

Samples = NDArray[np.float32]
Split = Literal["fit", "report"]

VOICES: dict[Split, tuple[str, ...]] = {"fit": ("rms", "slt"), "report": ("awb", "kal16", "slt", "rms")}
"""awb and kal16 are heard in no fit; the other two say other phrasings."""

SPEECH_RMS = 0.05
_LEAD_S = 0.2
_QUIET_RMS = 1e-4
SEEDS: dict[Split, int] = {"fit": 11, "report": 12}


@dataclass(frozen=True, slots=True, eq=False)
class Spoken:
    """One utterance: `text` is what a command must be understood as, None where nothing may be taken for one."""

    voice: str
    words: str
    samples: Samples
    text: str | None


def phrasings(grammar: Grammar, split: Split, count: int) -> list[str]:
    """Commands drawn from the grammar, every kind equally often; a phrasing belongs to one split for good."""
    closed, rng = parse(grammar.jsgf), random.Random(SEEDS[split])
    kinds = list(_kinds(closed, closed.rules[closed.top], 2))
    found: list[str] = []
    tries = 0
    while len(found) < count and tries < 100 * count:
        phrase = " ".join(_drawn(closed, kinds[tries % len(kinds)], rng))
        tries += 1
        ours = hashlib.sha256(phrase.encode()).digest()[0] % 2 == ("fit", "report").index(split)
        if ours and phrase and phrase not in found:
            found.append(phrase)
    return found


def _kinds(grammar: ClosedGrammar, node: Node, depth: int) -> Iterator[Node]:
    """The alternatives that the grammar's first rules name."""
    match node:
        case Choice(options):
            for option in options:
                yield from _kinds(grammar, option, depth)
        case Reference(rule) if depth:
            yield from _kinds(grammar, grammar.rules[rule], depth - 1)
        case Sequence(parts) if sum(not isinstance(part, Repeat) for part in parts) == 1:
            yield from _kinds(grammar, next(p for p in parts if not isinstance(p, Repeat)), depth)
        case _:
            yield node


def _drawn(grammar: ClosedGrammar, node: Node, rng: random.Random) -> Iterator[str]:
    match node:
        case Word(text):
            yield text
        case Reference(rule):
            yield from _drawn(grammar, grammar.rules[rule], rng)
        case Sequence(parts):
            for part in parts:
                yield from _drawn(grammar, part, rng)
        case Choice(options):
            yield from _drawn(grammar, rng.choice(options), rng)
        case Repeat(part, least, _):
            if least or rng.random() < 0.4:
                yield from _drawn(grammar, part, rng)


def other_sentences(split: Split, count: int) -> list[str]:
    """Sentences that are no commands, every other one of the held-out ones."""
    lines = (resources_dir() / "evaluation" / "heldout.txt").read_text(encoding="utf-8").splitlines()
    return lines[("fit", "report").index(split) :: 2][:count]


def speak(voice: str, text: str, cache: Path) -> Samples:
    """flite's rendering at RATE_HZ, mono (S,), at SPEECH_RMS. Raises SottoError without flite."""
    if shutil.which("flite") is None:
        raise SottoError("flite is not installed: apt-get install flite (make setup installs it).")
    cache.mkdir(parents=True, exist_ok=True)
    path = cache / f"{voice}-{hashlib.sha256(text.encode()).hexdigest()[:16]}.wav"
    if not path.exists():
        subprocess.run(["flite", "-voice", voice, "-t", text, "-o", path], check=True, capture_output=True)
    with wave.open(str(path)) as file:
        if file.getframerate() != RATE_HZ:
            raise SottoError(f"flite's voice {voice} does not speak at {RATE_HZ} Hz.")
        pcm = np.frombuffer(file.readframes(file.getnframes()), "<i2")
    samples = pcm.astype(np.float32) / np.float32(32768.0)
    return np.asarray(samples * (SPEECH_RMS / np.sqrt(np.mean(samples**2))), np.float32)


def in_noise(samples: Samples, snr_db: float | None, rng: np.random.Generator) -> Samples:
    """With silence around it and white noise so far below it (None: a quiet room)."""
    around = np.zeros(round(_LEAD_S * RATE_HZ), np.float32)
    padded = np.concatenate([around, samples, around])
    level = _QUIET_RMS if snr_db is None else SPEECH_RMS * 10.0 ** (-snr_db / 20.0)
    return np.asarray(padded + level * rng.standard_normal(len(padded)), np.float32)


def noises(count: int, rng: np.random.Generator) -> Iterator[tuple[str, Samples]]:
    """Sounds that are no speech, one to four seconds each: steady, swelling, knocking, humming, whistling."""
    kinds = ("white", "swelling", "knocks", "hum", "whistle", "silence")
    for index in range(count):
        kind = kinds[index % len(kinds)]
        size = int(rng.integers(RATE_HZ, 4 * RATE_HZ))
        time_s = np.arange(size) / RATE_HZ
        white = rng.standard_normal(size)
        rms = 10.0 ** rng.uniform(-2.5, -1.0)
        pitch_hz = rng.uniform(80.0, 900.0)
        sound = {
            "white": white,
            "swelling": np.cumsum(white - np.mean(white))
            * (1.0 + np.sin(2 * np.pi * rng.uniform(0.5, 4) * time_s)),
            "knocks": white * np.exp(-20.0 * np.mod(time_s * rng.uniform(1, 5), 1.0)),
            "hum": sum(np.sin(2 * np.pi * pitch_hz * k * time_s) / k for k in range(1, 8)) * (time_s > 0.4),
            "whistle": np.sin(2 * np.pi * np.cumsum(pitch_hz * (2 + np.sin(6 * time_s))) / RATE_HZ)
            * (time_s > 0.4),
            "silence": white * 1e-9,
        }[kind]
        scale = rms / (np.sqrt(np.mean(np.square(sound))) + 1e-12) if kind != "silence" else 1.0
        yield kind, np.asarray(sound * scale + _QUIET_RMS * rng.standard_normal(size), np.float32)
