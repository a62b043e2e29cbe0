"""How the recognisers that are shown change with what the engine tells of them. Pure, a part of `reduce`; no Qt.

A download that ended is followed by a list, which the page asks for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from app.desktop.phrase import Phrase, Words, tr_later
from app.desktop.view import Recognisers, ViewState
from engine.event_values import RecogniserState, RecogniserSummary
from engine.recogniser_events import FetchProgress, RecogniserRemoved, RecognisersListed, RecogniserVerified


def _listed(state: ViewState, event: RecognisersListed) -> ViewState:
    now = replace(state.recognisers, listed=event.recognisers, free_bytes=event.free_bytes, cache=event.cache)
    return replace(state, recognisers=now)


def _fetched(state: ViewState, event: FetchProgress) -> ViewState:
    now = state.recognisers
    others = tuple(fetch for fetch in now.fetches if fetch.recogniser != event.recogniser)
    told = now.told
    if event.state == "failed":
        told = event.message
    elif event.state == "done":
        told = _about(now, event.recogniser, tr_later("{title} is here and can be used."))
    now = replace(now, fetches=(*others, event), told=told)
    if event.state == "done":
        now = _with(now, event.recogniser, "installed", event.total_bytes)
    return replace(state, recognisers=now)


def _verified(state: ViewState, event: RecogniserVerified) -> ViewState:
    whole = _about(state.recognisers, event.recogniser, tr_later("Every file of {title} is whole."))
    verified = event.recogniser if event.whole else ""
    now = replace(state.recognisers, verified=verified, told=event.message or whole)
    return replace(state, recognisers=now)


def _removed(state: ViewState, event: RecogniserRemoved) -> ViewState:
    now = state.recognisers
    fetches = tuple(fetch for fetch in now.fetches if fetch.recogniser != event.recogniser)
    now = replace(now, fetches=fetches, free_bytes=now.free_bytes + event.freed_bytes)
    now = _with(now, event.recogniser, "available", 0)
    freed = _about(
        now,
        event.recogniser,
        tr_later("{title} was removed; {megabytes} MB are free again."),
        megabytes=str(round(event.freed_bytes / 1e6)),
    )
    return replace(state, recognisers=replace(now, told=freed))


def _about(now: Recognisers, name: str, source: str, **values: str) -> Words:
    title = next((one.title for one in now.listed if one.name == name), name)
    return Phrase(source, (("title", title), *values.items()))


def _with(now: Recognisers, name: str, stage: RecogniserState, done_bytes: int) -> Recognisers:
    listed: tuple[RecogniserSummary, ...] = tuple(
        replace(one, state=stage, done_bytes=done_bytes) if one.name == name else one for one in now.listed
    )
    return replace(now, listed=listed)


RECOGNISER_CHANGES: dict[type, Callable[[ViewState, Any], ViewState]] = {
    RecognisersListed: _listed,
    FetchProgress: _fetched,
    RecogniserVerified: _verified,
    RecogniserRemoved: _removed,
}
