"""What a front end's commands mean to the state machine.

Pure. Imports nothing heavy.
"""

from __future__ import annotations

from engine.commands import ConversationCommand, Listen, Mute, StopSpeaking, TypedText
from engine.session.happenings import Happening, ListenSwitched, MuteSwitched, StopAsked, Typed


def happening_of(command: ConversationCommand, at_sample: int) -> Happening | None:
    """The happening that a command is; None where it means nothing."""
    match command:
        case Listen(on=on):
            return ListenSwitched(at_sample=at_sample, on=on)
        case Mute(on=on):
            return MuteSwitched(at_sample=at_sample, on=on)
        case TypedText(text=text):
            return Typed(at_sample=at_sample, text=text.strip()) if text.strip() else None
        case StopSpeaking():
            return StopAsked(at_sample=at_sample)
    return None
