"""Events about recognisers: which there are, how far a download is, whether files are whole. Part of `engine.events`.

Frozen values, safe on any thread and across processes. Imports nothing heavy.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from engine.event_values import FetchState, FetchTrouble, RecogniserSummary
from engine.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class RecognisersListed(Event):
    """The recognisers that are here and those that can be had; `free_bytes` are left on the disk of `cache`."""

    type: ClassVar[str] = "sotto.recognisers.listed"
    recognisers: tuple[RecogniserSummary, ...]
    free_bytes: int
    cache: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchProgress(Event):
    """How far a download is; `total_bytes` is 0 until the hub has told. After a failure `message` says what happened
    and what to do, and `trouble` its kind."""

    type: ClassVar[str] = "sotto.recogniser.fetch"
    recogniser: str
    state: FetchState
    done_bytes: int = 0
    total_bytes: int = 0
    trouble: FetchTrouble = ""
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecogniserVerified(Event):
    """A recogniser's files were read; `message` says what is wrong where they are not `whole`."""

    type: ClassVar[str] = "sotto.recogniser.verified"
    recogniser: str
    whole: bool
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecogniserRemoved(Event):
    """A downloaded recogniser is gone, and so much of the disk is free again."""

    type: ClassVar[str] = "sotto.recogniser.removed"
    recogniser: str
    freed_bytes: int
