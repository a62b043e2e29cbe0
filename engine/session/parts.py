"""What a conversation is made of: the parts that it drives, by protocol; the voice is given beside them.

Values only. Must not import devices, recognisers or the speech model.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from engine.audio.duplex import Duplex
from engine.config import AudioConfig
from engine.dialogue import Dialogue
from engine.hearing import Hearing
from engine.recognition import Recogniser
from engine.session.asides import Asides
from engine.session.end_of_turn import EndOfTurn
from engine.session.record import Earlier, Record


def never() -> bool:
    """A microphone has no last block."""
    return False


def nothing_behind() -> None:
    """Parts that stand by themselves."""


def now_here() -> datetime:
    """Calendar time with the system's zone."""
    return datetime.now().astimezone()


@dataclass(frozen=True, slots=True)
class Parts:
    """`over`: the recording that stands for a microphone has been read. `clock`: calendar time with a zone. `notice`:
    a sentence to tell the user at the beginning, such as why nothing is kept. `close_rest`: what is behind them all.
    `recogniser` is started before a conversation gets it. `asides`: what the dialogue tells beside its answers.
    `reopen_dialogue` makes another one after the settings of language models have changed; None: there are none to
    change. It raises SottoError where they cannot be read. `earlier`: what was said before in this conversation."""

    audio: AudioConfig
    duplex: Duplex
    hearing: Hearing
    recogniser: Recogniser
    end_of_turn: EndOfTurn
    dialogue: Dialogue
    record: Record
    over: Callable[[], bool] = never
    clock: Callable[[], datetime] = now_here
    notice: str = ""
    close_rest: Callable[[], None] = nothing_behind
    asides: Asides = field(default_factory=Asides)
    reopen_dialogue: Callable[[], Dialogue] | None = None
    earlier: Earlier = field(default_factory=Earlier)

    def close(self) -> None:
        """End them all where no conversation came of them; one that began does so itself, in its own order."""
        self.duplex.abandon()
        self.recogniser.close()
        self.record.close()
        self.dialogue.close()
        self.close_rest()
