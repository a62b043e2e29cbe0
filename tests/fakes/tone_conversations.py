"""Conversations in the language of tones inside a real engine process, whose microphone is a recording."""

from __future__ import annotations

from engine.audio.file_duplex import FileDuplex
from engine.audio.live import LiveDuplex
from engine.commands import StartConversation
from engine.session.end_of_turn import EndOfTurn
from engine.session.parts import Parts
from engine.session.record import NoRecord
from tests.fakes.scripted_dialogue import ScriptedDialogue
from tests.fakes.spoken_tones import AUDIO, ToneHearing, ToneRecogniser

REPLIES = {
    "what time is it": "It is ten past three.",
    "tell me a story": "Once there was a cat. It lived in a house and slept all day long.",
}


def live_parts(command: StartConversation) -> Parts:
    """The same on whatever devices this machine has, and comes to have."""
    return Parts(
        audio=AUDIO,
        duplex=LiveDuplex(AUDIO, wait_for_devices=True),
        hearing=ToneHearing(),
        recogniser=ToneRecogniser(),
        end_of_turn=EndOfTurn(),
        dialogue=ScriptedDialogue(dict(REPLIES)),
        record=NoRecord(),
    )


def tone_parts(command: StartConversation) -> Parts:
    """What an EngineHandle makes its conversations with. Without a recording there is silence, as fast as time goes."""
    files = FileDuplex(
        command.recording,
        AUDIO,
        recording=command.write,
        realtime=command.realtime or command.recording is None,
    )
    return Parts(
        audio=AUDIO,
        duplex=files,
        hearing=ToneHearing(),
        recogniser=ToneRecogniser(),
        end_of_turn=EndOfTurn(),
        dialogue=ScriptedDialogue(dict(REPLIES)),
        record=NoRecord(),
        over=lambda: command.recording is not None and files.exhausted,
    )
