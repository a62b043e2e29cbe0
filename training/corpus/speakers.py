"""Speakers of the corpus by name: flite's voices, WORLD-warped pseudo-speakers of them, and espeak-ng's variants.

Each renders one clause (flite, warped: with phone times) or one text (espeak: without) as 24 kHz float32.
Worker processes. flite's `awb` is no speaker here and never may be. Must not import torch.
"""

from __future__ import annotations

import functools
import io
import subprocess
import warnings
import wave
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.signal import resample_poly

from engine.config import CodecConfig
from engine.errors import SottoError
from engine.text import Clause
from training.corpus import intonation, lexicon
from training.corpus.flite import PARAMETRIC, VOICES, Flite, Segment
from training.corpus.splits import hashed_fraction

Samples = NDArray[np.float32]

SAMPLE_RATE_HZ = CodecConfig().sample_rate_hz
ACTIVE_DBFS = -23.0
"""Level of every speaker's speech, set by one gain a speaker, never by an utterance's own loudness."""

_CALIBRATION = (
    "The old man walked slowly down to the river.",
    "She sells fresh bread, cheese and coffee near the station.",
    "Why would you choose a quiet room?",
)
_ESPEAK_LANGUAGES = (
    "en-us",
    "en-gb",
    "en-gb-x-rp",
    "en-gb-scotland",
    "en-us-nyc",
    "en-029",
    "en-gb-x-gbclan",
)
_ESPEAK_VARIANTS = (
    "m1 m2 m3 m4 m5 m6 m7 m8 f1 f2 f3 f4 f5 adam announcer anika belinda benjamin boris caleb david edward john linda "
    "max michel miguel norbert paul quincy rob robert sandro shelby steph travis victor zac"
)


@dataclass(frozen=True)
class Aligned:
    """One clause from the start of flite's samples: float32 samples (S,) at 24 kHz and its segments in seconds."""

    samples: Samples
    segments: tuple[Segment, ...]


def resampled(samples: Samples, from_hz: int, to_hz: int = SAMPLE_RATE_HZ) -> Samples:
    """Change the rate with scipy's fixed polyphase filter (Kaiser window, linear phase)."""
    common = int(np.gcd(from_hz, to_hz))
    return np.asarray(resample_poly(samples, to_hz // common, from_hz // common), dtype=np.float32)


def warped_name(base: str, index: int) -> str:
    """The name of pseudo-speaker `index` made from the flite voice `base`."""
    return f"{base}-warp{index:03d}"


def espeak_name(index: int) -> str:
    """The name of espeak speaker `index`: its language, variant, pitch and rate follow from the index alone."""
    draw = functools.partial(hashed_fraction, "espeak", index)
    language = _ESPEAK_LANGUAGES[int(draw("language") * len(_ESPEAK_LANGUAGES))]
    variants = _ESPEAK_VARIANTS.split()
    variant = variants[index % len(variants)]
    return f"espeak:{language}+{variant}:{25 + int(draw('pitch') * 50)}:{135 + int(draw('rate') * 70)}"


def is_aligned(speaker: str) -> bool:
    """Whether the speaker's audio comes with phone times."""
    return not speaker.startswith("espeak:")


@functools.cache
def _flite() -> Flite:
    return Flite()


def flite_words(clause: Clause) -> list[tuple[str, str]]:
    """(spelling, phones) of each word as flite's SSML takes them. flite knows stress 0 and 1 only; its own
    dictionary writes secondary stress as 1, and so do we. It would pause at a closing apostrophe."""
    phones: list[list[str]] = []
    for unit in clause.units[:-1]:
        if unit.word_start:
            phones.append([])
        vowel = unit.symbol[0] in "aeiou" and unit.symbol != "ax"
        phones[-1].append(f"{unit.symbol}{min(unit.stress, 1)}" if vowel else unit.symbol)
    return [(word.rstrip("'"), " ".join(spelled)) for word, spelled in zip(clause.words, phones, strict=True)]


@functools.cache
def _world():  # type: ignore[no-untyped-def]  # pyworld has no types; its import warns about pkg_resources
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pyworld
    return pyworld


def warp(samples: Samples, rate_hz: int, pitch: float, spread: float, formants: float) -> Samples:
    """The same words at the same times by another speaker: WORLD analysis, F0 mean scaled by `pitch` and its spread
    in log F0 by `spread`, the spectral envelope stretched by `formants`, synthesis. (Morise et al., 2016)"""
    world = _world()
    signal = samples.astype(np.float64)
    f0, times = world.dio(signal, rate_hz)
    f0 = world.stonemask(signal, f0, times, rate_hz)
    envelope = world.cheaptrick(signal, f0, times, rate_hz)
    aperiodicity = world.d4c(signal, f0, times, rate_hz)
    voiced = f0 > 0
    if voiced.any():
        mean = np.log(f0[voiced]).mean()
        f0[voiced] = np.exp(mean + np.log(pitch) + spread * (np.log(f0[voiced]) - mean))
    bins = np.arange(envelope.shape[1])
    source = np.clip(bins / formants, 0, bins[-1])
    low = np.floor(source).astype(int)
    high = np.minimum(low + 1, bins[-1])
    part = source - low
    logs = np.log(envelope)
    stretched = np.exp(logs[:, low] * (1 - part) + logs[:, high] * part)
    aperiodicity = aperiodicity[:, low] * (1 - part) + aperiodicity[:, high] * part
    changed = world.synthesize(
        f0, np.ascontiguousarray(stretched), np.ascontiguousarray(aperiodicity), rate_hz
    )
    result = np.zeros(len(samples), np.float32)
    count = min(len(samples), len(changed))
    result[:count] = changed[:count]
    return result


def _raw_clause(speaker: str, clause: Clause) -> tuple[Samples, int, tuple[Segment, ...]] | None:
    base, _, index = speaker.partition("-warp")
    melody = functools.partial(intonation.intoned, clause) if base in PARAMETRIC else None
    spoken = _flite().speak(base, flite_words(clause), melody)
    expected = ["pau", *(unit.symbol for unit in clause.units[:-1]), "pau"]
    if spoken is None or [segment.name for segment in spoken.segments] != expected:
        return None
    samples = spoken.samples
    if index:
        draw = functools.partial(hashed_fraction, "warp", base, index)
        samples = warp(
            samples,
            spoken.sample_rate_hz,
            pitch=0.7 * (1.6 / 0.7) ** draw("pitch"),
            spread=0.7 + 0.9 * draw("spread"),
            formants=0.85 + 0.35 * draw("formants"),
        )
    return samples, spoken.sample_rate_hz, spoken.segments


def _active_rms(samples: Samples, rate_hz: int) -> float:
    """RMS over the 10 ms blocks within 30 dB of the loudest."""
    block = rate_hz // 100
    power = np.mean(
        samples[: len(samples) // block * block].reshape(-1, block).astype(np.float64) ** 2, axis=1
    )
    return float(np.sqrt(power[power > power.max() * 1e-3].mean()))


@functools.cache
def speaker_gain(speaker: str) -> float:
    """The one factor that brings this speaker's active speech to -23 dBFS, from fixed sentences."""
    if is_aligned(speaker):
        parts, rate_hz = [], SAMPLE_RATE_HZ
        for text in _CALIBRATION[1:2] if "-warp" in speaker else _CALIBRATION:
            for clause in lexicon.clauses(text) or []:
                rendered = _raw_clause(speaker, clause)
                if rendered is not None:
                    parts.append(rendered[0])
                    rate_hz = rendered[1]
        loudness = _active_rms(np.concatenate(parts), rate_hz)
    else:
        samples, rate_hz = _espeak(speaker, " ".join(_CALIBRATION))
        loudness = _active_rms(samples, rate_hz)
    return float(10 ** (ACTIVE_DBFS / 20) / loudness)


def require_aligned(speaker: str) -> None:
    """Raises SottoError unless the speaker is a flite voice that may be used, or a warp of one."""
    if speaker.partition("-warp")[0] not in VOICES:
        raise SottoError(
            f"{speaker!r} is not a speaker with alignment: one of {', '.join(VOICES)}, or a warp of one."
        )


def speak_clause(speaker: str, clause: Clause) -> Aligned | None:
    """One clause by a flite or warped speaker; None where its segments disagree with our units."""
    require_aligned(speaker)
    rendered = _raw_clause(speaker, clause)
    if rendered is None:
        return None
    samples, rate_hz, segments = rendered
    return Aligned(resampled(samples, rate_hz) * np.float32(speaker_gain(speaker)), segments)


def _espeak(speaker: str, text: str) -> tuple[Samples, int]:
    _, voice, pitch, rate = speaker.split(":")
    command = ["espeak-ng", "-v", voice, "-p", pitch, "-s", rate, "--stdout", text]
    try:
        done = subprocess.run(command, capture_output=True, check=True)
    except FileNotFoundError as error:
        raise SottoError(
            "espeak-ng is not installed: apt-get install espeak-ng (make setup installs it)."
        ) from error
    with wave.open(io.BytesIO(done.stdout)) as reader:
        rate_hz = reader.getframerate()
        data = reader.readframes(len(done.stdout))  # the header of a piped wave does not know its length
    return np.frombuffer(data, "<i2").astype(np.float32) / 32768.0, rate_hz


def speak_text(speaker: str, text: str) -> Samples:
    """A whole text by an espeak speaker, without alignment."""
    samples, rate_hz = _espeak(speaker, text)
    loud = np.flatnonzero(np.abs(samples) > 1e-3)
    margin = int(0.03 * rate_hz)
    if len(loud):
        samples = samples[max(0, loud[0] - margin) : loud[-1] + 4 * margin]
    return resampled(samples, rate_hz) * np.float32(speaker_gain(speaker))
