"""What happens to whole turns: they are kept, corrected, taken away, brought back; tools are shown. Pure; no Qt.

Part of `app.desktop.reduce`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from app.desktop.view import Corrected, Line, Removed, Restored, Stage, Unfolded, ViewState
from engine.events import ToolUsed, TurnKept

Changed = Callable[[Line], Line | None]
"""What becomes of a line; None: it goes."""

RECENT = 20
"""How far back a line may stand that still changes."""


def tool_line(key: int, turn_id: int, number: int, use: Any) -> Line:
    """A tool's use as a folded line. `use` has the fields of `ToolUsed`."""
    return Line(
        key,
        "tool",
        use.name.split("__")[-1].replace("_", " "),
        stage="failed" if use.failed else "final",
        turn_id=turn_id,
        number=number,
        source="" if use.owner == "Sotto" else use.owner,
        arguments=_pretty(use.arguments),
        result=use.result,
    )


def _pretty(arguments: str) -> str:
    """JSON in lines, anything else as it is."""
    try:
        return json.dumps(json.loads(arguments or "{}"), ensure_ascii=False, indent=2)
    except ValueError:
        return arguments


def recent(state: ViewState) -> Iterator[Line]:
    """The last lines of this session, newest first: what happens concerns no others."""
    return (line for line in reversed(state.lines[-RECENT:]) if line.key >= state.session_key)


def added(state: ViewState, line: Line) -> ViewState:
    """A new line at the end, with the number under which its turn is kept, where that is known already."""
    if line.turn_id and not line.number:
        known = (old.number for old in recent(state) if old.turn_id == line.turn_id and old.number)
        line = replace(line, number=next(known, 0))
    return replace(state, lines=(*state.lines, line), next_key=state.next_key + 1)


def closed(state: ViewState, stage: Stage) -> ViewState:
    """Every open line at `stage`; those without a word go."""
    kept = []
    for line in state.lines:
        if line.stage == "open":
            if line.shown:
                words = f"{line.text} {line.tentative}".strip() if line.role == "user" else line.text
                kept.append(
                    replace(
                        line, text=words, tentative="", stage=stage if line.role == "assistant" else "final"
                    )
                )
        else:
            kept.append(line)
    return replace(state, lines=tuple(kept))


def _everywhere(state: ViewState, change: Changed) -> ViewState:
    """Every line of the present and of the earlier conversation through `change`."""
    state = replace(state, lines=_through(state.lines, change))
    if state.earlier is not None:
        state = replace(state, earlier=replace(state.earlier, lines=_through(state.earlier.lines, change)))
    return state


def _through(lines: tuple[Line, ...], change: Changed) -> tuple[Line, ...]:
    changed = tuple(after for line in lines if (after := change(line)) is not None)
    same = len(changed) == len(lines) and all(a is b for a, b in zip(changed, lines, strict=True))
    return lines if same else changed


def is_of_turn(line: Line, other: Line, state: ViewState) -> bool:
    """Whether two lines that are shown belong to one turn: by its number in the store, else by its turn."""
    if other.number or line.number:
        return line.number == other.number
    if other.turn_id and state.earlier is None:
        return line.turn_id == other.turn_id and (line.key >= state.session_key) == (
            other.key >= state.session_key
        )
    return line is other or line.key == other.key


def _kept(state: ViewState, event: TurnKept) -> ViewState:
    def change(line: Line) -> Line:
        mine = line.turn_id == event.turn_id and line.key >= state.session_key and not line.number
        return replace(line, number=event.number) if mine else line

    return replace(state, lines=_through(state.lines, change))


def _tool_used(state: ViewState, event: ToolUsed) -> ViewState:
    return added(state, tool_line(state.next_key, event.turn_id, 0, event))


def _unfolded(state: ViewState, action: Unfolded) -> ViewState:
    return _shown(state, action.key, lambda line: replace(line, unfolded=not line.unfolded))


def _shown(state: ViewState, key: int, change: Changed) -> ViewState:
    """The line of this key in the conversation that is looked at."""

    def one(line: Line) -> Line | None:
        return change(line) if line.key == key else line

    if state.earlier is None:
        return replace(state, lines=_through(state.lines, one))
    return replace(state, earlier=replace(state.earlier, lines=_through(state.earlier.lines, one)))


def _corrected(state: ViewState, action: Corrected) -> ViewState:
    def change(line: Line) -> Line:
        before = line.recognised or line.text
        return replace(line, text=action.text, recognised="" if before == action.text else before)

    if not action.line.number:
        return _shown(state, action.line.key, change)
    wanted = action.line.number
    return _everywhere(
        state, lambda line: change(line) if line.number == wanted and line.role == "user" else line
    )


def _removed(state: ViewState, action: Removed) -> ViewState:
    if action.line.number:
        return _everywhere(state, lambda line: None if line.number == action.line.number else line)
    if state.earlier is not None:
        return _shown(state, action.line.key, lambda line: None)
    gone = _through(state.lines, lambda line: None if is_of_turn(line, action.line, state) else line)
    return replace(state, lines=gone)


def _restored(state: ViewState, action: Restored) -> ViewState:
    """Back in their places, which their keys tell; in a conversation that is not shown any more there is none."""
    if action.begun == state.begun:
        state = replace(state, lines=_merged(state.lines, action.session_lines))
    earlier = state.earlier
    if earlier is not None and action.earlier == earlier.number:
        state = replace(state, earlier=replace(earlier, lines=_merged(earlier.lines, action.earlier_lines)))
    return state


def _merged(lines: tuple[Line, ...], back: tuple[Line, ...]) -> tuple[Line, ...]:
    there = {line.key for line in lines}
    fresh = [line for line in back if line.key not in there]
    return tuple(sorted((*lines, *fresh), key=lambda line: line.key))


TURN_CHANGES: dict[type, Callable[[ViewState, Any], ViewState]] = {
    TurnKept: _kept,
    ToolUsed: _tool_used,
    Unfolded: _unfolded,
    Corrected: _corrected,
    Removed: _removed,
    Restored: _restored,
}
