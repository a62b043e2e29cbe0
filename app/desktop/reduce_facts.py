"""What the window shows of what the user wanted remembered. Part of `app.desktop.reduce`; must not import Qt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from app.desktop.view import ViewState
from engine.fact_events import FactsTold


def _facts(state: ViewState, event: FactsTold) -> ViewState:
    return replace(state, facts=event.facts, facts_count=event.count)


FACT_CHANGES: dict[type, Callable[[ViewState, Any], ViewState]] = {FactsTold: _facts}
