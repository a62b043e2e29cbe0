"""What the window says about where the conversation stands, and about its lines. Of Qt it knows `tr` alone."""

from __future__ import annotations

from typing import Literal

from app.desktop.language import tr
from app.desktop.phrase import tr_later
from app.desktop.settings import Listening
from app.desktop.view import Line, ViewState

Shape = Literal[
    "loading", "asleep", "listening", "user_speaking", "thinking", "speaking", "paused", "muted", "failed"
]
"""What is drawn: every state has an outline of its own, so that none is told by colour alone."""

_WORDS: dict[str, tuple[Shape, str]] = {
    "asleep": ("asleep", tr_later("Asleep")),
    "listening": ("listening", tr_later("Listening")),
    "user_speaking": ("user_speaking", tr_later("Hearing you")),
    "deciding": ("thinking", tr_later("Thinking")),
    "thinking": ("thinking", tr_later("Thinking")),
    "speaking": ("speaking", tr_later("Speaking")),
    "paused": ("paused", tr_later("Paused: go on, or wait")),
    "muted": ("muted", tr_later("Microphone muted")),
    "failed": ("failed", tr_later("Not working")),
}
WRITING = tr_later("Answering in writing")
"""What it does in place of speaking while there is no loudspeaker."""

DEAF = tr_later("Cannot hear you: type instead")
"""A conversation that goes on without a microphone."""

_CALLS: dict[Listening, str] = {
    "on_call": tr_later("Press the microphone or Ctrl+Space to talk, or type."),
    "open": tr_later("Just talk, or type."),
    "push_to_talk": tr_later("Hold Ctrl+Space or the microphone button while you talk, or type."),
}


def status(state: ViewState, listen: Listening) -> tuple[Shape, str, str]:
    """The shape, the state in words, and what may be done or why it is so."""
    if state.engine == "ended":
        again = tr("Start it again above; the conversation is kept.")
        return "failed", tr("The engine has stopped"), again
    if state.conversation != "failed" and (state.engine != "ready" or not state.session):
        loading = tr("Loading the voice {voice}. You can type meanwhile.", voice=state.voice)
        unnamed = tr("Loading the voice. You can type meanwhile.")
        return "loading", tr("Getting ready"), loading if state.voice else unnamed
    shape, source = _WORDS[state.conversation]
    if state.conversation == "speaking" and state.voiceless:
        shape, source = "thinking", WRITING
    elif state.conversation == "failed" and state.session:
        source = DEAF
    words = tr(source)
    if state.why:
        return shape, words, state.why
    if state.conversation == "listening" and listen == "on_call":  # called already
        return shape, words, tr(_CALLS["open"])
    if state.conversation in ("asleep", "listening"):
        return shape, words, tr(_CALLS[listen])
    hints = [tr("Esc stops.")] if state.sounding else []
    if state.muted and state.conversation != "muted":
        hints.append(tr("The microphone is muted."))
    return shape, words, " ".join(hints)


def used_tool(line: Line) -> str:
    """What the line of a tool says while it is folded."""
    names = {"tool": line.text, "owner": line.source}
    if line.stage == "failed":
        if line.source:
            return tr("Used the tool {tool} of {owner}: it did not work", **names)
        return tr("Used the tool {tool}: it did not work", **names)
    if line.source:
        return tr("Used the tool {tool} of {owner}", **names)
    return tr("Used the tool {tool}", **names)


def tool_details(line: Line) -> str:
    """What the line of a tool says below, once it is unfolded."""
    arguments, result, nothing = tr("Arguments"), tr("Result"), tr("(nothing)")
    return f"{arguments}\n{line.arguments}\n\n{result}\n{line.result or nothing}"


def line_in_words(line: Line) -> str:
    """Everything that stands on a line, for search, screen readers and copies of what is seen."""
    if line.role != "tool":
        return line.shown
    return f"{used_tool(line)}\n{tool_details(line)}" if line.unfolded else used_tool(line)
