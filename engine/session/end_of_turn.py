"""When is the user's turn over: how much silence is needed, given the words so far and how they were spoken.

Pure, any thread: evidence in, verdict out, no clock and no sound. Must not import the recogniser's process or devices.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.recognition import Partial
from engine.session.command_forms import CommandForms
from engine.session.melody import Melody
from engine.session.wording import Look, Wording, read

PATIENCE_LEAST, PATIENCE_MOST = 0.25, 4.0
HELD_BACK_MS = 120.0
"""Silence before which nothing is decided or made ahead: closures of stops last this long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is known at one moment of silence.

    `silence_ms` since the last voiced sample; `speech_ms` from the first to the last of the turn. `text` and `complete`
    are the recogniser's newest (words, and whether they are a whole command of the closed grammar);
    `behind_ms`: how much of the speech it has not covered yet. `stirring`: a sound is heard now that may turn out to be
    the voice again. `melody`: how the speech ended, None where unknown.
    `patience` scales all waiting.
    """

    silence_ms: float
    speech_ms: float
    text: str
    complete: bool
    behind_ms: float = 0.0
    stirring: bool = False
    melody: Melody | None = None
    patience: float = 1.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """`over`: the turn is. `needed_ms`: silence that ends it if nothing new is heard. `prepare`: an answer made ahead
    now is likely to be used. `look`: why."""

    over: bool
    prepare: bool
    needed_ms: float
    look: Look


@dataclass(frozen=True, slots=True)
class Waits:
    """Silence in ms that ends a turn at patience 1, by how its words look; and how the melody moves that.

    `hang` is added where the pitch stays `hang_semitones` above the turn's floor. That it fell takes nothing off: it
    falls before a pause as well. `behind` is added where the recogniser has not yet heard the end of the speech.
    `stirring` is added while a sound may be the voice again: a voice is known as one only some 80 ms behind its onset.
    What they gain and cost: docs/decisions/0017-how-a-turn-ends.md.
    """

    command: float = 190.0
    extendable: float = 560.0
    beginning: float = 1200.0
    sentence: float = 720.0
    short: float = 900.0
    trailing: float = 950.0
    dangling: float = 1200.0
    filler: float = 1800.0
    nothing: float = 1200.0
    hang: float = 100.0
    hang_semitones: float = 3.0
    behind: float = 200.0
    stirring: float = 120.0


class EndOfTurn:
    """The decision. `forms` is the closed grammar, from which it knows what may still follow."""

    def __init__(self, forms: CommandForms | None = None, waits: Waits | None = None) -> None:
        self.forms = forms
        self.waits = waits or Waits()

    def judge(self, evidence: Evidence) -> Verdict:
        """Whether the turn is over, and whether to make an answer ahead."""
        wording = read(evidence.text, evidence.complete, self.forms)
        patience = min(max(evidence.patience, PATIENCE_LEAST), PATIENCE_MOST)
        needed_ms = max(HELD_BACK_MS, patience * self._wait_ms(wording, evidence))
        needed_ms += self.waits.stirring if evidence.stirring else 0.0
        over = evidence.silence_ms >= needed_ms
        likely = wording.look in ("command", "extendable", "sentence", "short")
        prepare = over or (likely and evidence.silence_ms >= HELD_BACK_MS and evidence.behind_ms <= 0)
        return Verdict(over, prepare, needed_ms, wording.look)

    def _wait_ms(self, wording: Wording, evidence: Evidence) -> float:
        waits = self.waits
        behind_ms = waits.behind if evidence.behind_ms > 0 else 0.0
        wait_ms: float = getattr(waits, wording.look)
        melody = evidence.melody
        if melody is not None and wording.look in ("extendable", "sentence", "short", "trailing"):
            wait_ms += waits.hang if melody.above_floor > waits.hang_semitones else 0.0
        return wait_ms + behind_ms


def evidence_of(
    partial: Partial | None,
    *,
    silence_ms: float,
    speech_ms: float,
    behind_ms: float = 0.0,
    stirring: bool = False,
    melody: Melody | None = None,
    patience: float = 1.0,
) -> Evidence:
    """The recogniser's newest partial (None: nothing yet) and the rest, as evidence."""
    return Evidence(
        silence_ms=silence_ms,
        speech_ms=speech_ms,
        text=partial.text if partial is not None else "",
        complete=partial is not None and partial.complete,
        behind_ms=behind_ms,
        stirring=stirring,
        melody=melody,
        patience=patience,
    )
