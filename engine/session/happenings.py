"""What can happen to a conversation: the state machine's inputs, frozen values that name their time.

Any thread. `at_sample` counts on the microphone's clock. Imports nothing but the standard library.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """What every happening carries."""

    at_sample: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockHeard(Happening):
    """A block of the microphone was understood; `at_sample` is behind its last sample.

    `started_at` and `stopped_at` are set on the block that tells of it and say where it really was. `overlap_ms`: how
    long the user has been heard beside the assistant's own sound, as `HeardBlock` counts it; `suspected`: there they
    may be beginning. `over`: after the silence so far the user's turn is; `prepare`: an answer made ahead now is likely
    to be used.
    """

    voice: bool
    started_at: int | None = None
    stopped_at: int | None = None
    overlap_ms: float = 0.0
    suspected: bool = False
    over: bool = False
    prepare: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WordsHeard(Happening):
    """The recogniser's words so far; `complete`: they are a whole command of the closed grammar."""

    utterance: int
    text: str
    complete: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WordsFinal(Happening):
    """The recogniser's last word on an utterance; empty where nothing could be understood (`rejected`) or was said."""

    utterance: int
    text: str
    confidence: float = 1.0
    from_grammar: bool = False
    rejected: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TextBegan(Happening):
    """The dialogue gave the first words of an answer."""

    response: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechBegan(Happening):
    """The voice made the first samples of an answer."""

    response: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sounded(Happening):
    """The first sample of an answer was played."""

    response: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Played(Happening):
    """All of an answer was played, or it had no words."""

    response: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerFailed(Happening):
    """The dialogue or the voice broke; nothing more of this answer will come."""

    response: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Announced(Happening):
    """Something is to be said unasked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed(Happening):
    """The user typed instead of speaking."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenSwitched(Happening):
    """The push-to-talk key, or the call to listen."""

    on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MuteSwitched(Happening):
    """The microphone was closed or opened."""

    on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StopAsked(Happening):
    """The stop key, or a skill: fall silent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SleepAsked(Happening):
    """A skill: end the conversation for now, once the answer was heard."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceLost(Happening):
    """A device is gone; `message` is the sentence for it."""

    direction: Literal["input", "output", "both"]
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceBack(Happening):
    """It works again."""

    direction: Literal["input", "output", "both"]
