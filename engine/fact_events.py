"""What the user wanted remembered, told to front ends. Part of `engine.events`.

Frozen values, safe on any thread and across processes. Imports nothing heavy.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from engine.event_values import RememberedFact
from engine.events import Event

MOST_TOLD = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class FactsTold(Event):
    """What is remembered, as a conversation begins and whenever that changes: the newest MOST_TOLD facts, oldest first,
    of `count`."""

    type: ClassVar[str] = "sotto.facts"
    facts: tuple[RememberedFact, ...]
    count: int
