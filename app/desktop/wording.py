"""What the window says about where the conversation stands. Pure; must not import Qt."""

from __future__ import annotations

from typing import Literal

from app.desktop.settings import Listening
from app.desktop.view import ViewState

Shape = Literal[
    "loading", "asleep", "listening", "user_speaking", "thinking", "speaking", "paused", "muted", "failed"
]
"""What is drawn: every state has an outline of its own, so that none is told by colour alone."""

_WORDS: dict[str, tuple[Shape, str]] = {
    "asleep": ("asleep", "Asleep"),
    "listening": ("listening", "Listening"),
    "user_speaking": ("user_speaking", "Hearing you"),
    "deciding": ("thinking", "Thinking"),
    "thinking": ("thinking", "Thinking"),
    "speaking": ("speaking", "Speaking"),
    "paused": ("paused", "Paused: go on, or wait"),
    "muted": ("muted", "Microphone muted"),
    "failed": ("failed", "Not working"),
}
_CALLS: dict[Listening, str] = {
    "on_call": "Press the microphone or Ctrl+Space to talk, or type.",
    "open": "Just talk, or type.",
    "push_to_talk": "Hold Ctrl+Space or the microphone button while you talk, or type.",
}


def status(state: ViewState, listen: Listening) -> tuple[Shape, str, str]:
    """The shape, the state in words, and what may be done or why it is so."""
    if state.engine == "ended":
        return "failed", "The engine has stopped", "Start it again above; the conversation is kept."
    if state.engine != "ready" or (not state.session and state.conversation != "failed"):
        voice = f"Loading the voice {state.voice}." if state.voice else "Loading the voice."
        return "loading", "Getting ready", voice + " You can type meanwhile."
    shape, words = _WORDS[state.conversation]
    if state.why:
        return shape, words, state.why
    if state.conversation in ("asleep", "listening"):
        return shape, words, _CALLS[listen]
    return shape, words, "Esc stops." if state.sounding else ""
