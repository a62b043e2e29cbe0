"""Who speaks in the simulated rooms: flite's voices through its program, recordings of people, coughs.

Everything is mono float32 at 16 kHz until it is placed in a room. Imports numpy and soxr.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import wave
from functools import lru_cache
from pathlib import Path

import numpy as np
import soxr
from numpy.typing import NDArray

from engine.errors import SottoError

Array = NDArray[np.float32]

SPEECH_HZ = 16_000

REPLIES = (
    "The train to the coast leaves at twenty past nine from platform four.",
    "Remember to bring your umbrella, because rain is expected in the afternoon.",
    "I have set a timer for twelve minutes and will tell you when it ends.",
    "There are three messages from your sister, two of them about dinner on Friday.",
    "The nearest pharmacy is open until eight o'clock in the evening.",
    "A litre of milk weighs slightly more than one kilogram.",
    "Your next meeting begins in a quarter of an hour.",
    "The museum is closed on Mondays, but the garden stays open all week.",
    "Seven times eight is fifty six, and half of that is twenty eight.",
    "It will be cloudy tomorrow, with a high of fourteen degrees.",
    "Mix the flour with the butter, then add two eggs and a pinch of salt.",
    "The library returned nothing under that name, so I looked for the author instead.",
)
"""What the assistant says."""

INTERRUPTIONS = (
    "Stop.",
    "Wait a moment please.",
    "No, I meant the other one.",
    "What time is it now?",
    "Hold on.",
    "Can you say that again?",
    "Never mind, turn it off.",
    "Actually make it ten minutes.",
    "Tell me about the weather instead.",
    "Sorry, how much was that?",
)
BACKCHANNELS = ("Yeah.", "Okay.", "Right.", "Uh huh.", "I see.", "Mm hmm.", "Sure.", "Aha.")


@lru_cache(maxsize=512)
def said(voice: str, text: str) -> Array:
    """A sentence by one of flite's voices (awb too: it is for evaluation only), silence at its ends cut off."""
    if shutil.which("flite") is None:
        raise SottoError("flite is not installed, and it speaks in this benchmark: apt-get install flite.")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "said.wav"
        subprocess.run(
            ["flite", "-voice", voice, "-t", text, "-o", str(file)], check=True, capture_output=True
        )
        return trimmed(read_speech(file))


def read_speech(file: Path) -> Array:
    """A mono 16-bit WAV file at 16 kHz; raises SottoError for any other."""
    try:
        with wave.open(str(file)) as reader:
            shape = (reader.getnchannels(), reader.getsampwidth(), reader.getframerate())
            data = reader.readframes(reader.getnframes())
    except (OSError, EOFError, wave.Error) as error:
        raise SottoError(f"{file} cannot be read as a WAV file ({error}).") from error
    if shape != (1, 2, SPEECH_HZ):
        raise SottoError(f"{file} must be mono 16-bit at {SPEECH_HZ} Hz to be a speaker in a room.")
    return np.frombuffer(data, "<i2").astype(np.float32) / np.float32(32768.0)


@lru_cache(maxsize=4)
def people(folder: Path) -> tuple[Array, ...]:
    """The recordings of a folder, each at most 2.5 s from its first word on."""
    files = sorted(folder.glob("*.wav"))
    if not files:
        raise SottoError(
            f"There are no WAV files in {folder}; give a folder with recordings of people (--human)."
        )
    return tuple(trimmed(read_speech(file))[: int(2.5 * SPEECH_HZ)] for file in files)


def cough(draw: np.random.Generator) -> Array:
    """Two or three bursts of noise through a throat: a sudden start, a decay, two broad resonances."""
    bursts = []
    for index in range(int(draw.integers(1, 4))):
        length = int(SPEECH_HZ * draw.uniform(0.12, 0.25))
        noise = np.fft.rfft(draw.standard_normal(length))
        hz = np.fft.rfftfreq(length, 1.0 / SPEECH_HZ)
        shape = sum(
            1.0 / (1.0 + ((hz - centre) / width) ** 2)
            for centre, width in ((draw.uniform(400, 700), 250.0), (draw.uniform(1400, 2400), 500.0))
        )
        burst = np.fft.irfft(noise * shape, length) * np.exp(-np.arange(length) / (0.06 * SPEECH_HZ))
        bursts += [burst * 0.8**index, np.zeros(int(SPEECH_HZ * draw.uniform(0.05, 0.15)))]
    return np.concatenate(bursts).astype(np.float32)


def active_rms(samples: Array) -> float:
    """The level of what is speech in it: 20 ms frames within 30 dB of the loudest."""
    frame = SPEECH_HZ // 50
    count = len(samples) // frame
    power = (samples[: count * frame].reshape(count, frame) ** 2).mean(axis=1)
    return float(np.sqrt(power[power > power.max() * 1e-3].mean()))


def at_level(samples: Array, dbfs: float) -> Array:
    """The same, as loud as that while there is speech."""
    return np.asarray(samples * (10.0 ** (dbfs / 20.0) / active_rms(samples)), np.float32)


def trimmed(samples: Array, under_db: float = 16.0) -> Array:
    """From the first to the last 10 ms that is no more than `under_db` below the level of its speech."""
    frame = SPEECH_HZ // 100
    count = len(samples) // frame
    rms = np.sqrt((samples[: count * frame].reshape(count, frame) ** 2).mean(axis=1))
    loud = np.flatnonzero(rms > active_rms(samples) * 10.0 ** (-under_db / 20.0))
    return samples[int(loud[0]) * frame : (int(loud[-1]) + 1) * frame]


def at_rate(samples: Array, rate_hz: int) -> Array:
    """The same at the devices' rate."""
    return np.asarray(soxr.resample(samples, SPEECH_HZ, rate_hz), np.float32)
