"""What can go wrong with a download, as a kind and one sentence: disk full, folder locked, wrong bytes.

Pure. Imports nothing heavy; errors of the network are `engine.downloads.hub`'s.
"""

from __future__ import annotations

import errno
from dataclasses import dataclass
from typing import Self

from engine.errors import SottoError
from engine.event_values import FetchTrouble

_FULL = frozenset({errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC), errno.EFBIG})
_LOCKED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


class WrongContent(Exception):
    """The hub sent, or has, something else than it should; `str` says what."""


class BrokenOff(Exception):
    """Fewer bytes came than were promised, without a word."""


class DiskFull(Exception):
    """There is no room for the rest."""

    def __init__(self, needed_bytes: int, free_bytes: int) -> None:
        super().__init__(f"{needed_bytes} bytes needed, {free_bytes} free")
        self.needed_bytes, self.free_bytes = needed_bytes, free_bytes


@dataclass(frozen=True, slots=True)
class Trouble:
    """What happened and what to do, for the user."""

    kind: FetchTrouble
    message: str

    @classmethod
    def of(cls, error: BaseException) -> Self:
        """What an error of the disk, or of the bytes, means."""
        if isinstance(error, DiskFull):
            needed, free = megabytes(error.needed_bytes), megabytes(error.free_bytes)
            return cls(
                "disk",
                f"The disk is too full: {needed} are needed and {free} are free; free some, then resume.",
            )
        if isinstance(error, WrongContent):
            return cls(
                "checksum",
                f"The download is not what it should be: {error}. It was thrown away; download again, and if that "
                "does not help, use another model.",
            )
        if isinstance(error, SottoError):
            return cls("refused", str(error))
        if isinstance(error, OSError) and error.errno in _FULL:
            return cls("disk", "The disk is full; what has come is kept. Free some space, then resume.")
        if isinstance(error, OSError) and error.errno in _LOCKED:
            where = f" {error.filename}" if error.filename else ""
            return cls(
                "disk",
                f"The cache{where} cannot be written ({error.strerror}); make it writable, then resume.",
            )
        told = str(error).strip().partition("\n")[0]
        return cls("internal", f"The download failed ({type(error).__name__}: {told}); try again.")


def megabytes(count: int) -> str:
    """ "661 MB"."""
    return f"{max(1, round(count / 1e6))} MB" if count else "0 MB"
