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
    """The last exchanges, each with the turn that it is of."""

    exchanges: list[Exchange] = field(default_factory=list)

    def add(self, exchange: Exchange) -> None:
        """One more."""
        self.exchanges.append(exchange)
        del self.exchanges[:-MOST]

    def amend(self, turn: int, text: str | None, was: str) -> None:
        """The user corrected what was said in a turn from `was` to `text`, or deleted it. Unknown turns are let be."""
        place = next((place for place, past in enumerate(self.exchanges) if past.turn == turn), None)
        if place is None:
            return
        if text is None:
            del self.exchanges[place]
            return
        exchange = self.exchanges[place]
        said = exchange.user_text  # it may hold words of turns before it that were not answered
        amended = said.replace(was, text) if was and was in said else text
        self.exchanges[place] = replace(exchange, user_text=amended)
