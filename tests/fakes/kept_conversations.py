"""Conversations of a real engine process without devices and recogniser: typed, with the dialogue of the settings."""

from __future__ import annotations

from engine.audio.file_duplex import FileDuplex
from engine.commands import StartConversation
from engine.dialogue.opening import open_again, open_kept
from engine.session.asides import Asides
from engine.session.end_of_turn import EndOfTurn
from engine.session.parts import Parts
from engine.session.record import NoRecord
from tests.fakes.spoken_tones import AUDIO, ToneHearing, ToneRecogniser


def kept_parts(command: StartConversation) -> Parts:
    """What an EngineHandle makes its conversations with; the microphone is silent, and time simulated."""
    asides = Asides()
    store, dialogue, notice = open_kept(asides.tell, asides.late)
    assert store is not None, notice
    return Parts(
        audio=AUDIO,
        duplex=FileDuplex(None, AUDIO),
        hearing=ToneHearing(),
        recogniser=ToneRecogniser(),
        end_of_turn=EndOfTurn(),
        dialogue=dialogue,
        record=NoRecord(),
        close_rest=store.close,
        asides=asides,
        reopen_dialogue=lambda: open_again(store, asides.tell, asides.late),
    )
