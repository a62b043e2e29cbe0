"""A recording read as a microphone would give it: mono float32 at one rate, whatever the file is, or one sentence.

Reads each file twice: once to learn what is wrong with it, once block by block, so that its length costs no memory.
Runs on the thread that reads. Imports soundfile and soxr; must not import devices.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from engine.errors import SottoError

LEAST_RATE_HZ = 4_000
MOST_RATE_HZ = 768_000
"""Rates outside are no recordings of speech: such headers lie."""

FULL_SCALE = 0.999
"""What lies above counts as clipped when at least two samples in a row do."""

CLIPPED_SHARE = 0.001
"""From this share of clipped samples on the user is told."""

CANCELLING_POWER = 0.25
"""Channels whose mean has less than this part of the loudest one's power cancel each other: one of them is taken."""

_PIECE = 65_536

_UNKNOWN_BYTES = 0x7FFF0000
"""From this size on a header says that its writer did not know."""


@dataclass(frozen=True, slots=True)
class RecordingFacts:
    """What a recording is: rate and channels as its header has them, `frames` as they are really there, the mean of
    each channel (subtracted when it is read), the channel to take (None: the mean of all). `remarks` are sentences
    for the user about what was wrong and was mended or left."""

    path: Path
    rate_hz: int
    channels: int
    frames: int
    means: tuple[float, ...]
    channel: int | None
    remarks: tuple[str, ...]

    @property
    def duration_s(self) -> float:
        """Seconds."""
        return self.frames / self.rate_hz


def examine_recording(path: Path) -> RecordingFacts:
    """Read the whole file once. Raises SottoError with one sentence where nothing in it can be heard."""
    with _opened(path) as file:
        rate_hz, channels = file.samplerate, file.channels
        if not LEAST_RATE_HZ <= rate_hz <= MOST_RATE_HZ:
            raise SottoError(
                f"{path} says that it holds {rate_hz} samples a second, which no recording of speech does;"
                " its header is damaged, so save the recording anew."
            )
        tally = _Tally(channels)
        for piece in _pieces(file, path):
            tally.add(piece)
    if tally.frames == 0:
        raise SottoError(f"{path} holds no sound: it has a header and nothing behind it; record it again.")
    remarks = tally.remarks(path)
    announced = _announced_frames(path)
    if tally.frames < announced:
        remarks = (
            f"{path} breaks off: {tally.frames / rate_hz:.1f} s of the {announced / rate_hz:.1f} s that its header"
            " announces are there, and those are used.",
            *remarks,
        )
    return RecordingFacts(path, rate_hz, channels, tally.frames, tally.means, tally.best_channel(), remarks)


def read_recording(facts: RecordingFacts, rate_hz: int, block_samples: int) -> Iterator[NDArray[np.float32]]:
    """Blocks of exactly `block_samples` mono samples at `rate_hz`, the last one filled up with silence."""
    resampler = (
        soxr.ResampleStream(facts.rate_hz, rate_hz, 1, dtype="float32") if facts.rate_hz != rate_hz else None
    )
    waiting = np.zeros(0, np.float32)
    with _opened(facts.path) as file:
        for piece in _pieces(file, facts.path):
            mono = _mono(piece, facts)
            waiting = np.concatenate([waiting, mono if resampler is None else resampler.resample_chunk(mono)])
            whole = len(waiting) // block_samples * block_samples
            yield from waiting[:whole].reshape(-1, block_samples)
            waiting = waiting[whole:]
    if resampler is not None:
        waiting = np.concatenate([waiting, resampler.resample_chunk(np.zeros(0, np.float32), last=True)])
    if len(waiting):
        waiting = np.pad(waiting, (0, -len(waiting) % block_samples))
        yield from waiting.reshape(-1, block_samples)


def _mono(piece: NDArray[np.float32], facts: RecordingFacts) -> NDArray[np.float32]:
    piece = piece - np.array(facts.means, np.float32)
    mono: NDArray[np.float32] = piece.mean(axis=1) if facts.channel is None else piece[:, facts.channel]
    return mono


class _Tally:
    """What the first reading counts, channel by channel."""

    def __init__(self, channels: int) -> None:
        self.frames = 0
        self._sums = np.zeros(channels)
        self._squares = np.zeros(channels)
        self._mean_sum = self._mean_square = 0.0
        self._clipped = self._invalid = 0

    def add(self, piece: NDArray[np.float32]) -> None:
        """(S, channels), already free of what is no number."""
        wide = piece.astype(np.float64)
        self.frames += len(wide)
        self._sums += wide.sum(axis=0)
        self._squares += np.square(wide).sum(axis=0)
        mixed = wide.mean(axis=1)
        self._mean_sum += float(mixed.sum())
        self._mean_square += float(np.square(mixed).sum())
        loud = np.abs(piece).max(axis=1) >= FULL_SCALE
        self._clipped += int(np.count_nonzero(loud[1:] & loud[:-1]))

    @property
    def means(self) -> tuple[float, ...]:
        """Each channel's direct current."""
        return tuple(float(value) for value in self._sums / self.frames)

    def best_channel(self) -> int | None:
        """The loudest channel where the channels would cancel each other, else None."""
        powers = self._squares / self.frames - np.square(self._sums / self.frames)
        mixed = self._mean_square / self.frames - (self._mean_sum / self.frames) ** 2
        return int(np.argmax(powers)) if mixed < CANCELLING_POWER * float(powers.max()) else None

    def remarks(self, path: Path) -> tuple[str, ...]:
        """Sentences about clipping."""
        share = self._clipped / self.frames
        if share < CLIPPED_SHARE:
            return ()
        return (
            f"{path} is clipped in {100.0 * share:.1f} % of its samples, so words may be misheard;"
            " record it with the microphone turned down.",
        )


def _opened(path: Path) -> soundfile.SoundFile:
    """The file, recognised by what it holds and not by its name."""
    try:
        if path.is_dir():
            raise SottoError(f"{path} is a folder; give the name of a WAV file to listen to.")
        # A descriptor, since libsndfile takes a name's ending for a format; it closes the descriptor also on failure.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0))
    except FileNotFoundError as error:
        raise SottoError(f"There is no file {path}; give the name of a WAV file to listen to.") from error
    except OSError as error:
        raise SottoError(f"{path} cannot be read: {error.strerror or error}; check its rights.") from error
    try:
        if os.fstat(descriptor).st_size == 0:
            raise SottoError(f"{path} is empty; give the name of a WAV file that holds a recording.")
        return soundfile.SoundFile(os.dup(descriptor), closefd=True)
    except soundfile.SoundFileError as error:
        raise SottoError(
            f"{path} is not a sound file that can be read; give the name of a WAV file."
        ) from error
    finally:
        os.close(descriptor)


def _announced_frames(path: Path) -> int:
    """What a WAV file's header promises; 0 where it promises nothing, as programs write it into a pipe."""
    with path.open("rb") as file:
        riff, _, kind = struct.unpack("<4sI4s", file.read(12).ljust(12, b"\0"))
        frame_bytes = 0
        while riff == b"RIFF" and kind == b"WAVE" and len(head := file.read(8)) == 8:
            name, size = struct.unpack("<4sI", head)
            if name == b"data":
                return size // frame_bytes if frame_bytes and size < _UNKNOWN_BYTES else 0
            content = file.read(size + size % 2)
            if name == b"fmt " and len(content) >= 14:
                frame_bytes = struct.unpack("<H", content[12:14])[0]
    return 0


def _pieces(file: soundfile.SoundFile, path: Path) -> Iterator[NDArray[np.float32]]:
    """(S, channels) float32 until nothing more comes, whatever the header says; what is no number becomes silence."""
    while True:
        try:
            piece: NDArray[np.float32] = file.read(_PIECE, dtype="float32", always_2d=True)
        except soundfile.SoundFileError as error:
            raise SottoError(f"{path} is damaged and cannot be read to its end; save it anew.") from error
        if not len(piece):
            return
        yield np.nan_to_num(piece, nan=0.0, posinf=1.0, neginf=-1.0)
