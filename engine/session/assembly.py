"""Puts a real conversation together: devices or files, ears, recogniser, dialogue, record.

Runs on a thread of its own, beside the loading of the voice. The one place of the session that knows the real parts.
"""

from __future__ import annotations

from engine.audio.duplex import Duplex
from engine.audio.file_duplex import FileDuplex
from engine.audio.live import LiveDuplex
from engine.commands import StartConversation
from engine.config import AudioConfig
from engine.dialogue.grammar import spoken_grammar
from engine.dialogue.opening import open_again, open_kept
from engine.hearing import make_hearing
from engine.recognition import Grammar, Recogniser, make_recogniser
from engine.recognition.bundled_instead import BundledInstead
from engine.session.asides import Asides
from engine.session.command_forms import CommandForms
from engine.session.end_of_turn import EndOfTurn
from engine.session.parts import Parts, never, nothing_behind
from engine.session.record import Earlier, NoRecord, Record


def assemble(command: StartConversation) -> Parts:
    """The parts for a command. Raises SottoError with one sentence where one of them cannot be had."""
    audio = AudioConfig()
    grammar = spoken_grammar()
    over = never
    duplex: Duplex
    if command.recording is None:
        waits = command.wait_for_devices
        duplex = LiveDuplex(audio, command.input_device, command.output_device, wait_for_devices=waits)
    else:
        files = FileDuplex(command.recording, audio, recording=command.write, realtime=command.realtime)
        duplex = files

        def over() -> bool:
            return files.exhausted

    asides = Asides()
    store, dialogue, notice = open_kept(asides.tell, asides.late)
    record: Record = NoRecord()
    earlier = Earlier()
    if store is not None:
        record, earlier, beginning = store.begin(command.go_on)
        notice = " ".join(filter(None, (notice, beginning)))
    return Parts(
        audio=audio,
        duplex=duplex,
        # A file has no room around it, and what is in it was said to a microphone of its own.
        hearing=make_hearing("headphones" if command.recording else command.echo, audio),
        recogniser=_recogniser(grammar, command),
        end_of_turn=EndOfTurn(CommandForms(grammar.jsgf, grammar.open_prefixes)),
        dialogue=dialogue,
        record=record,
        over=over,
        notice=notice,
        close_rest=nothing_behind if store is None else store.close,
        asides=asides,
        reopen_dialogue=lambda: open_again(store, asides.tell, asides.late),
        earlier=earlier,
    )


def _recogniser(grammar: Grammar, command: StartConversation) -> Recogniser:
    """The one that was chosen. A person goes on with the bundled one where it cannot be had; with a recording that
    would be another answer than the one that was asked for."""
    if command.recogniser is None or command.recording is not None:
        return make_recogniser(grammar, command.recogniser)
    return BundledInstead(
        lambda: make_recogniser(grammar, command.recogniser), lambda: make_recogniser(grammar)
    )
