"""A WAV file that appears whole or not at all, written while the speech is made.

Samples go to a temporary file in the target's folder, which takes the target's name on `commit`.
Runs on the engine thread. The standard library's writer is used since it reports a full disk as it is.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import wave
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

import numpy as np
from numpy.typing import NDArray

from engine.errors import SottoError

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def check_target(path: Path) -> None:
    """Raise SottoError where `path` cannot become a WAV file; writes nothing that stays."""
    WavWriter(path, sample_rate_hz=1).abort()


class WavWriter:
    """16-bit PCM. As a context manager it commits on success and aborts on any exception.

    Raises SottoError with one sentence for a missing or read-only folder, a folder as target, or a full disk.
    """

    def __init__(self, path: Path, sample_rate_hz: int, channels: int = 1) -> None:
        self._path = path
        self.samples_written = 0
        try:
            self._path = path.resolve()
            if path.is_dir():
                raise SottoError(f"{path} is a folder; give the name of a WAV file to write.")
            if path.exists() and not path.is_file():
                raise SottoError(f"{path} is not an ordinary file; give the name of a WAV file to write.")
            if not path.parent.is_dir():
                raise SottoError(f"The folder {path.parent} does not exist; create it or name another one.")
            self._temporary = self._path.with_name(f".{self._path.name}.{secrets.token_hex(4)}.part")
            self._file: BinaryIO = self._temporary.open("xb")  # closed by commit or abort
        except OSError as error:
            raise self._sentence(error) from error
        self._wave = wave.Wave_write(self._file)
        self._wave.setnchannels(channels)
        self._wave.setsampwidth(2)
        self._wave.setframerate(sample_rate_hz)

    def write(self, samples: NDArray[np.float32]) -> None:
        """Append float32 samples, (S,) or (S, channels); what lies outside -1..1 is clipped."""
        pcm16 = np.round(np.clip(samples, -1.0, 1.0) * 32767.0).astype("<i2")
        try:
            self._wave.writeframesraw(pcm16.tobytes())
        except OSError as error:
            self.abort()
            raise self._sentence(error) from error
        self.samples_written += len(samples)

    def commit(self) -> None:
        """Finish the header, flush to disk and give the file its name."""
        try:
            self._wave.close()
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            self._temporary.replace(self._path)
        except OSError as error:
            self.abort()
            raise self._sentence(error) from error

    def abort(self) -> None:
        """Remove the temporary file; the target stays as it was. Harmless after `commit` or another `abort`."""
        # Closing flushes buffers, which fails again on a full disk; the file goes away in any case.
        with contextlib.suppress(OSError):
            self._wave.close()
        with contextlib.suppress(OSError):
            self._file.close()
        self._temporary.unlink(missing_ok=True)

    def _sentence(self, error: OSError) -> SottoError:
        folder = self._path.parent
        if error.errno in _FULL:
            return SottoError(
                f"The disk that holds {folder} is full; free some space or name another folder."
            )
        if error.errno == errno.ENAMETOOLONG:
            return SottoError(f"The file name {self._path.name[:40]}… is too long; choose a shorter one.")
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            return SottoError(
                f"The folder {folder} cannot be written to; choose another one or change its rights."
            )
        return SottoError(f"{self._path} cannot be written: {error.strerror or error}.")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.commit()
        else:
            self.abort()
