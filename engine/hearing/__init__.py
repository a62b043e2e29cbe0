"""What is heard: echo cancelled, noise lowered, the user's voice found, also while the assistant speaks.

Runs on the conversation's thread, one block at a time. Must not import the speech model, devices or front ends.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from engine.audio.duplex import CaptureBlock
from engine.commands import Echo
from engine.config import AudioConfig

RECOGNISER_RATE_HZ = 16_000
"""What recognisers and voice activity take."""


@dataclass(frozen=True, slots=True, eq=False)
class HeardBlock:
    """One block of the microphone, understood.

    `samples` is the cleaned signal at RECOGNISER_RATE_HZ, (S,) of the block's length. `voice` says that the user is
    speaking, judged quickly (an end is told within about 100 ms; patience is the session's). `started_at` and
    `stopped_at` are set on the block that tells it, and name the sample (microphone's clock) where it really was.
    `overlap_ms` is how long the user has been heard beside the assistant's own sound, 0 where not, what is surest
    counted more than once; short pauses do not reset it. `level_dbfs` is of the cleaned signal. `stirring`: no voice,
    but a sound that may turn out to begin one.
    `suspected`: beside the assistant's own sound a voice may be beginning, on evidence that is good enough to lower
    it and not to stop it.
    """

    at_sample: int
    samples: NDArray[np.float32]
    voice: bool
    probability: float
    started_at: int | None
    stopped_at: int | None
    overlap_ms: float
    level_dbfs: float
    stirring: bool = False
    suspected: bool = False


class Hearing(Protocol):
    """Turns blocks into what is heard. Its state is its own; one object a conversation."""

    def hear(self, block: CaptureBlock, playing: bool) -> HeardBlock:
        """`playing`: the assistant's sound is in the room, or was a moment ago."""


def make_hearing(echo: Echo, config: AudioConfig) -> Hearing:
    """Ears for one conversation. Raises SottoError where the voice activity network is missing or the rate is odd."""
    from engine.hearing.front_end import FrontEnd  # livekit and the network: not before a conversation begins

    return FrontEnd(echo, config)
