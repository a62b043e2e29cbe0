"""What came of an errand. Part of `engine.events`.

Frozen values, safe on any thread and across processes. Imports nothing heavy.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from engine.errands import ErrandName, ErrandResult
from engine.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrandDone(Event):
    """What came of an errand (`engine.errands`): a result, or one sentence of trouble, or neither when it was given
    up."""

    type: ClassVar[str] = "sotto.errand.done"
    errand: ErrandName
    result: ErrandResult | None = None
    trouble: str = ""
