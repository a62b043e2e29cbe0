"""One turn's voice-to-voice delay and what it was made of, all on the microphone's clock.

Pure, any thread. Imports nothing heavy.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

PARTS = ("eot", "recognition", "dialogue", "speech", "leading_silence", "output")


@dataclass(frozen=True, slots=True)
class Milestones:
    """What came at which sample: the last voiced one, the decision that the turn is over, the recogniser's last word,
    the answer's first text and first speech, the first audible sample at the loudspeaker. `lead_samples`: silence at
    the speech's start. `asked`: when the answer was asked for, which is before the decision where it was made ahead."""

    stopped: int
    decided: int
    final: int
    asked: int
    text: int
    speech: int
    sounded: int
    lead_samples: int


def v2v_ms(at: Milestones, rate_hz: int) -> float:
    """Last voiced sample of the user to first audible one of the reply."""
    return 1000.0 * (at.sounded - at.stopped) / rate_hz


def breakdown_ms(at: Milestones, rate_hz: int) -> dict[str, float]:
    """The critical path, whose parts add up to the whole: what was made ahead costs nothing."""
    text = max(at.final, at.text)
    speech = max(text, at.speech)
    lead = min(at.lead_samples, max(0, at.sounded - speech))
    edges = (at.stopped, at.decided, at.final, text, speech)
    values = [later - earlier for earlier, later in pairwise(edges)]
    values += [lead, at.sounded - speech - lead]
    return {name: round(1000.0 * value / rate_hz, 2) for name, value in zip(PARTS, values, strict=True)}


def ahead_ms(at: Milestones, rate_hz: int) -> dict[str, float]:
    """Work that was hidden behind the wait for the end of the turn."""
    if at.asked >= at.final:
        return {}
    hidden = {
        "dialogue": min(at.text, at.final) - at.asked,
        "speech": min(at.speech, at.final) - min(at.text, at.final),
    }
    return {name: round(1000.0 * max(0, value) / rate_hz, 2) for name, value in hidden.items()}


def saved_ms(at: Milestones, rate_hz: int) -> float:
    """How much later the reply would have come, had it been asked for only at the recogniser's last word."""
    alone = at.final + (at.speech - at.asked)
    return round(1000.0 * max(0, alone - max(at.final, at.speech)) / rate_hz, 2)
