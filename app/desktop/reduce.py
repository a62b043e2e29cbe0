"""`reduce(state, action)`: what the window shows after something happened. Pure; the whole behaviour is tested here.

Events that the window does not show leave the state as it is, so that a newer engine harms nothing. Must not import Qt.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from app.desktop.connections import connected
from app.desktop.recognisers import RECOGNISER_CHANGES
from app.desktop.reduce_engine import ENGINE_CHANGES
from app.desktop.reduce_turns import RECENT, TURN_CHANGES, added, recent
from app.desktop.view import (
    Action,
    Aloud,
    Begun,
    Line,
    Opened,
    Role,
    Stage,
    Typed,
    ViewState,
)
from engine.events import (
    ItemTruncated,
    ResponseDone,
    TranscriptDelta,
    TranscriptDone,
    TranscriptionCompleted,
    TranscriptionDelta,
    TranscriptionPartial,
)
from engine.fact_events import FactsTold


def reduce(state: ViewState, action: Action) -> ViewState:
    """The next state; the same object where nothing that is shown has changed."""
    change = _CHANGES.get(type(action))
    next_state = state if change is None else change(state, action)
    connections = connected(next_state.connections, action, next_state.engine != "ended")
    if connections is next_state.connections:
        return next_state
    return replace(next_state, connections=connections)


# Lines


def _with_line(state: ViewState, line: Line) -> ViewState:
    """`line` in place of the one with its key; from the end, where the change nearly always is."""
    lines = list(state.lines)
    for index in range(len(lines) - 1, -1, -1):
        if lines[index].key == line.key:
            lines[index] = line
            break
    return replace(state, lines=tuple(lines))


def _without_line(state: ViewState, key: int) -> ViewState:
    lines = tuple(line for line in state.lines if line.key != key)
    return state if len(lines) == len(state.lines) else replace(state, lines=lines)


def _open_line(state: ViewState, role: Role, item_id: str = "", turn_id: int = 0) -> Line | None:
    """The line of this side that is under way, by its item, else by its turn."""
    for line in recent(state):
        if line.role != role or line.stage != "open":
            continue
        if line.item_id == item_id if item_id else line.turn_id == turn_id:
            return line
    return None


def _partial(state: ViewState, event: TranscriptionPartial) -> ViewState:
    line = _open_line(state, "user", event.item_id)
    if line is None:
        if not (event.stable or event.tentative):
            return state
        fresh = Line(
            state.next_key,
            "user",
            event.stable,
            event.tentative,
            turn_id=event.turn_id,
            item_id=event.item_id,
        )
        return added(_present(state), fresh)
    return _with_line(state, replace(line, text=event.stable, tentative=event.tentative))


def _more_words(state: ViewState, event: TranscriptionDelta) -> ViewState:
    line = _open_line(state, "user", event.item_id)
    if line is None:
        return added(
            _present(state),
            Line(state.next_key, "user", event.delta, turn_id=event.turn_id, item_id=event.item_id),
        )
    return _with_line(state, replace(line, text=line.text + event.delta))


def _final_words(state: ViewState, event: TranscriptionCompleted) -> ViewState:
    line = _open_line(state, "user", event.item_id)
    words = event.transcript.strip()
    if line is not None:
        if not words:
            return _without_line(state, line.key)
        return _with_line(
            state, replace(line, text=words, tentative="", stage="final", turn_id=event.turn_id)
        )
    if not words or any(old.item_id == event.item_id and event.item_id for old in recent(state)):
        return state
    for old in reversed(state.lines[-RECENT:]):  # what was typed is shown already, and now has its turn
        if old.typed and not old.item_id and old.text == words:
            return _with_line(state, replace(old, item_id=event.item_id or "typed", turn_id=event.turn_id))
    fresh = Line(state.next_key, "user", words, stage="final", turn_id=event.turn_id, item_id=event.item_id)
    return added(state, fresh)


def _typed(state: ViewState, action: Typed) -> ViewState:
    words = action.text.strip()
    if not words:
        return state
    return added(_present(state), Line(state.next_key, "user", words, stage="final", typed=True))


def _heard(state: ViewState, event: TranscriptDelta) -> ViewState:
    line = _open_line(state, "assistant", turn_id=event.turn_id)
    aloud: Aloud = "all" if event.heard else "none"
    if line is None:
        if not event.delta:
            return state
        fresh = Line(state.next_key, "assistant", event.delta, turn_id=event.turn_id, aloud=aloud)
        return added(state, fresh)
    aloud = line.aloud if line.aloud == aloud else "part"
    return _with_line(state, replace(line, text=line.text + event.delta, aloud=aloud))


def _aloud(heard: str, written: str) -> Aloud:
    """How much of an answer was heard, where `written` is empty if it was all."""
    if not written.strip():
        return "all"
    return "part" if heard.strip() else "none"


def _answer_of(state: ViewState, turn_id: int) -> Line | None:
    """The assistant's last line of a turn, open or not."""
    for line in recent(state):
        if line.role == "assistant" and line.turn_id == turn_id:
            return line
    return None


def _whole_answer(state: ViewState, event: TranscriptDone) -> ViewState:
    """All the words of an answer: of an interrupted one, what was not heard is the rest."""
    line = _answer_of(state, event.turn_id)
    whole, aloud = (event.written or event.transcript).strip(), _aloud(event.transcript, event.written)
    if line is None:
        if not whole:
            return state
        fresh = Line(state.next_key, "assistant", whole, turn_id=event.turn_id, aloud=aloud)
        return added(state, fresh)
    if line.stage == "interrupted":
        return _with_line(state, replace(line, unheard=rest_of(whole, line.text) or line.unheard))
    if line.stage == "open" and whole:
        return _with_line(state, replace(line, text=whole, aloud=aloud))
    return state


def _cut_off(state: ViewState, event: ItemTruncated) -> ViewState:
    line = _answer_of(state, event.turn_id)
    aloud = _aloud(event.heard_text, event.written_text)
    came = (event.written_text or event.heard_text).strip()
    if line is None:
        if not came:
            return state
        fresh = Line(
            state.next_key, "assistant", came, stage="interrupted", turn_id=event.turn_id, aloud=aloud
        )
        return added(state, fresh)
    if line.stage in ("final", "failed"):
        return state
    if not came:  # what nobody heard, nor could read, was not said
        return _without_line(state, line.key)
    rest = rest_of(line.text, came) or line.unheard
    return _with_line(state, replace(line, text=came, unheard=rest, stage="interrupted", aloud=aloud))


def rest_of(whole: str, heard: str) -> str:
    """What of `whole` comes after `heard`, compared word by word, since spacing and marks may differ at the cut."""
    whole_words, heard_words = whole.split(), heard.split()
    if not heard_words:
        return whole.strip()
    for count, (a, b) in enumerate(zip(whole_words, heard_words, strict=False)):
        if _bare(a) != _bare(b):
            return "" if count < len(heard_words) - 1 else " ".join(whole_words[count:])
    return " ".join(whole_words[len(heard_words) :])


def _bare(word: str) -> str:
    return "".join(sign for sign in word.lower() if sign.isalnum())


def _response_done(state: ViewState, event: ResponseDone) -> ViewState:
    if event.speech is not None:
        state = replace(state, figures=event.speech)
    line = _answer_of(state, event.turn_id)
    if line is None or line.stage in ("final", "failed"):
        return state
    if not line.text.strip():
        return _without_line(state, line.key)
    stages: dict[str, Stage] = {"cancelled": "interrupted", "failed": "failed"}
    stage = "interrupted" if line.stage == "interrupted" else stages.get(event.status, "final")
    rest = line.unheard or (rest_of(event.text, line.text) if stage != "final" else "")
    return _with_line(state, replace(line, stage=stage, unheard=rest, source=event.source))


def _present(state: ViewState) -> ViewState:
    """Whoever speaks or types is in the present conversation."""
    return state if state.earlier is None else replace(state, earlier=None)


def _begun(state: ViewState, action: Begun) -> ViewState:
    return replace(
        state, lines=(), session_key=state.next_key, latencies=(), earlier=None, begun=state.begun + 1
    )


def _opened(state: ViewState, action: Opened) -> ViewState:
    return replace(state, earlier=action.earlier)


def _facts(state: ViewState, event: FactsTold) -> ViewState:
    return replace(state, facts=event.facts, facts_count=event.count)


_CHANGES: dict[type, Callable[[ViewState, Any], ViewState]] = {
    **ENGINE_CHANGES,
    **TURN_CHANGES,
    TranscriptionPartial: _partial,
    TranscriptionDelta: _more_words,
    TranscriptionCompleted: _final_words,
    Typed: _typed,
    TranscriptDelta: _heard,
    TranscriptDone: _whole_answer,
    ItemTruncated: _cut_off,
    ResponseDone: _response_done,
    Begun: _begun,
    Opened: _opened,
    FactsTold: _facts,
    **RECOGNISER_CHANGES,
}
