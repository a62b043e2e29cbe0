"""What was said in this conversation, for the dialogue: exchanges as they were heard, and as the user amended them.

Runs on the conversation's thread. Imports only the contract.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from engine.dialogue import Exchange

MOST = 60
"""Exchanges kept for the dialogue; who wants more reads the record."""


@dataclass(slots=True)
class History:
    """`said`: the last exchanges, each with the turn that it is of."""

    said: list[tuple[int, Exchange]] = field(default_factory=list)

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """What the dialogue is given."""
        return tuple(exchange for _, exchange in self.said)

    def add(self, turn: int, exchange: Exchange) -> None:
        """One more."""
        self.said.append((turn, replace(exchange, turn=turn)))
        del self.said[:-MOST]

    def amend(self, turn: int, text: str | None, was: str) -> None:
        """The user corrected what was said in a turn from `was` to `text`, or deleted it. Unknown turns are let be."""
        place = next((place for place, (of, _) in enumerate(self.said) if of == turn), None)
        if place is None:
            return
        if text is None:
            del self.said[place]
            return
        exchange = self.said[place][1]
        said = exchange.user_text  # it may hold words of turns before it that were not answered
        amended = said.replace(was, text) if was and was in said else text
        self.said[place] = (turn, replace(exchange, user_text=amended))
