"""The engine, its devices and voices, and what has to be told: how the state changes with them. Pure; no Qt.

Part of `app.desktop.reduce`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from app.desktop.phrase import Phrase, tr_later
from app.desktop.reduce_turns import closed
from app.desktop.view import (
    MAX_LATENCIES,
    MAX_NOTICES,
    Dismissed,
    EngineRestarted,
    Latency,
    Notice,
    SessionAsked,
    Told,
    ViewState,
)
from engine.events import (
    DeviceChanged,
    EngineLoading,
    EngineReady,
    ErrorOccurred,
    SessionCreated,
    SessionEnded,
    StateChanged,
    TurnLatency,
    VoiceRemoved,
    VoicesListed,
    VoiceVerified,
)

# The engine and its devices


def _loading(state: ViewState, event: EngineLoading) -> ViewState:
    return replace(state, engine="loading")


def _ready(state: ViewState, event: EngineReady) -> ViewState:
    ready = replace(state, engine="ready", voice=event.voice, runtime=event.runtime, device=event.device)
    return _dismissed(ready, "engine")


def _session(state: ViewState, event: SessionCreated) -> ViewState:
    ready = replace(
        state,
        engine="ready",
        session=event.session_id,
        session_key=state.next_key,
        voice=event.voice,
        why="",
        awaits_session=False,
        voiceless=False,
    )
    return _dismissed(ready, "sound")


def _session_over(state: ViewState, event: SessionEnded) -> ViewState:
    over = replace(closed(state, "interrupted"), session="", muted=False)
    if state.awaits_session:
        return replace(over, conversation="asleep")
    if state.conversation == "failed":  # which was told when it happened
        return over
    ended = Phrase(tr_later("The conversation ended by itself; begin it again."))
    return _told(
        replace(over, conversation="failed", why=""), Notice("sound", "error", ended, action="retry")
    )


def _conversation(state: ViewState, event: StateChanged) -> ViewState:
    muted = event.muted or event.state == "muted"
    awaits = state.awaits_session and event.state != "failed"
    return replace(state, conversation=event.state, why=event.message, muted=muted, awaits_session=awaits)


def _device(state: ViewState, event: DeviceChanged) -> ViewState:
    if event.kind == "xrun":  # counted, not told: the latency panel shows it
        return state
    if event.kind in ("lost", "recovered") and event.direction != "input":
        state = replace(state, voiceless=event.kind == "lost")
    severity = "warning" if event.kind == "lost" else "info"
    return _told(state, Notice(f"device {event.direction}", severity, event.message, event.mend))  # type: ignore[arg-type]


def _error(state: ViewState, event: ErrorOccurred) -> ViewState:
    if event.fatal or event.code == "engine_died":
        ended = replace(
            closed(state, "interrupted"), engine="ended", session="", conversation="failed", why=""
        )
        died = Notice("engine", "error", event.message, event.mend, event.cause, "restart")
        return _told(_dismissed(ended, "sound"), died)
    if event.code == "sound_device":
        silent = replace(state, conversation="failed", why=event.message, session="", awaits_session=False)
        return _told(silent, Notice("sound", "error", event.message, event.mend, event.cause, "retry"))
    if state.conversation == "failed" and event.message == state.why:
        return _told(state, Notice("sound", "error", event.message, event.mend, event.cause, "retry"))
    severity = "warning" if event.response_goes_on else "error"
    key = f"{event.code} {event.message}"
    return _told(state, Notice(key, severity, event.message, event.mend, event.cause))  # type: ignore[arg-type]


def _restarted(state: ViewState, action: EngineRestarted) -> ViewState:
    again = closed(state, "interrupted")
    for key in ("engine", "sound"):
        again = _dismissed(again, key)
    return replace(again, engine="starting", session="", conversation="asleep", why="", muted=False)


def _latency(state: ViewState, event: TurnLatency) -> ViewState:
    turn = Latency(
        event.turn_id,
        event.v2v_ms,
        tuple(event.breakdown_ms.items()),
        tuple(event.ahead_ms.items()),
        event.made_ahead,
    )
    if not turn.total_ms:  # nobody waited for a voice where nobody spoke
        return state
    return replace(state, latencies=(*state.latencies, turn)[-MAX_LATENCIES:])


def _voices(state: ViewState, event: VoicesListed) -> ViewState:
    return replace(state, voices=event.voices, damaged=event.damaged)


def _voice_gone(state: ViewState, event: VoiceRemoved) -> ViewState:
    return replace(state, voices=tuple(voice for voice in state.voices if voice.name != event.voice))


def _voice_whole(state: ViewState, event: VoiceVerified) -> ViewState:
    whole = tr_later("Every file of the voice {voice} is whole.")
    return _told(state, Notice("voice", "info", Phrase(whole, (("voice", event.voice),))))


# Notices


def _told(state: ViewState, notice: Notice) -> ViewState:
    """The newest last; the same one anew takes the place of the old, and an error is not pushed out by news."""
    others = [old for old in state.notices if old.key != notice.key and not _says_again(notice, old)]
    while len(others) >= MAX_NOTICES:
        mild = [old for old in others if old.severity != "error"]
        others.remove(mild[0] if mild else others[0])
    return replace(state, notices=(*others, notice))


def _says_again(notice: Notice, old: Notice) -> bool:
    """Whether a notice begins with all that an older one says: two parts of Sotto met the same trouble."""
    return bool(old.message) and not old.action and str(notice.message).startswith(str(old.message))


def _dismissed(state: ViewState, key: str) -> ViewState:
    notices = tuple(notice for notice in state.notices if notice.key != key)
    return state if len(notices) == len(state.notices) else replace(state, notices=notices)


ENGINE_CHANGES: dict[type, Callable[[ViewState, Any], ViewState]] = {
    SessionEnded: _session_over,
    EngineLoading: _loading,
    EngineReady: _ready,
    SessionCreated: _session,
    StateChanged: _conversation,
    DeviceChanged: _device,
    ErrorOccurred: _error,
    EngineRestarted: _restarted,
    SessionAsked: lambda state, action: replace(state, awaits_session=True),
    TurnLatency: _latency,
    VoicesListed: _voices,
    VoiceRemoved: _voice_gone,
    VoiceVerified: _voice_whole,
    Told: lambda state, action: _told(state, action.notice),
    Dismissed: lambda state, action: _dismissed(state, action.key),
}
