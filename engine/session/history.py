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
    """The last exchanges, and the turn that each is of."""

    exchanges: list[Exchange] = field(default_factory=list)
    turns: list[int] = field(default_factory=list)

    def add(self, turn: int, exchange: Exchange) -> None:
        """One more."""
        self.turns.append(turn)
        self.exchanges.append(exchange)
        del self.turns[:-MOST], self.exchanges[:-MOST]

    def amend(self, turn: int, text: str | None, was: str) -> None:
        """The user corrected what was said in a turn from `was` to `text`, or deleted it. Unknown turns are let be."""
        if turn not in self.turns:
            return
        place = self.turns.index(turn)
        if text is None:
            del self.turns[place], self.exchanges[place]
            return
        said = self.exchanges[place].user_text  # it may hold words of turns before it that were not answered
        amended = said.replace(was, text) if was and was in said else text
        self.exchanges[place] = replace(self.exchanges[place], user_text=amended)
