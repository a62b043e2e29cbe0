"""Something that is spoken again beside the conversation: a reply without effects, of which nothing is kept.

Any thread. Imports only the contract.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from engine.dialogue import Effect


@dataclass(frozen=True, slots=True)
class SaidAgain:
    """Fulfils `engine.dialogue.Reply`."""

    text: str

    @property
    def source(self) -> str:
        """Nobody answers here."""
        return ""

    def pieces(self) -> Iterator[str]:
        """The text."""
        yield self.text

    def commit(self) -> tuple[Effect, ...]:
        """Without effects."""
        return ()

    def cancel(self) -> None:
        """There is nothing to stop: the text is there already."""
