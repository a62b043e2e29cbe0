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
TOO_QUIET_DBFS = -45.0
TOO_NOISY_DBFS = -35.0


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


def level_advice(user_dbfs: float, noise_dbfs: float, speaking: bool) -> str:
    """What to do about a microphone that hears too little, or too much of the room; empty where it is well."""
    if noise_dbfs > TOO_NOISY_DBFS:
        return "The room is loud: move the microphone closer, or use a headset."
    if speaking and -110.0 < user_dbfs < TOO_QUIET_DBFS:
        return "You are hard to hear: move closer, or raise the microphone's level in the system settings."
    return ""
