"""Playing on a virtual sound card, from an engine process as it happens in earnest."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from engine.audio.devices import QUEUE_MS
from engine.events import EngineReady, ErrorOccurred, Event, ResponseDone
from engine.handle import EngineHandle
from tests.fakes.tones import CODEC, ToneShelf, ToneVoice
from tests.fixtures.sound_card import PATIENCE_S, WHOLE, SoundCard, wait_for

ROOT = Path(__file__).parents[3]


def event_of(engine: EngineHandle, kind: type[Event]) -> Event:
    while not isinstance(event := engine.next_event(PATIENCE_S), kind):
        assert event is not None, f"no {kind.__name__} in time"
    return event


def test_a_voice_whose_rate_no_device_takes_is_resampled(sound_card: SoundCard) -> None:
    with EngineHandle(ToneShelf) as engine:

        def play() -> None:
            engine.say("one seventeen", voice="fast", destination="loudspeaker")
            done = event_of(engine, ResponseDone)
            assert isinstance(done, ResponseDone)
            assert done.status == "completed"

        chunks = ToneVoice("tones", "cpu").stream("one seventeen", seed=0)
        spoken = np.concatenate([chunk.samples for chunk in chunks])
        like, _ = sound_card.record_whole(play, spoken, CODEC.sample_rate_hz)
    assert like > WHOLE


def test_a_cancel_silences_the_loudspeaker_at_once(sound_card: SoundCard) -> None:
    """What is queued ahead of the loudspeaker is not played out."""
    cancelled_at = 0
    with EngineHandle(ToneShelf) as engine:

        def play() -> None:
            nonlocal cancelled_at
            engine.say("on", voice="endless", destination="loudspeaker")
            wait_for(lambda: sound_card.is_sounding, "the first sound")
            # the ring is full by now, since the voice is faster than the loudspeaker
            begun = sound_card.recorded_samples
            wait_for(lambda: sound_card.recorded_samples > begun + CODEC.sample_rate_hz, "a second of sound")
            cancelled_at = sound_card.recorded_samples
            engine.cancel()
            done = event_of(engine, ResponseDone)
            assert isinstance(done, ResponseDone)
            assert done.status == "cancelled"

        heard = sound_card.record(play, CODEC.sample_rate_hz)
    sounding = np.flatnonzero(heard)
    heard_after_ms = 1000.0 * (sounding[-1] - cancelled_at) / CODEC.sample_rate_hz
    assert heard_after_ms < QUEUE_MS / 2, (
        "a few ms were measured, and all of QUEUE_MS where nothing is dropped"
    )


def test_a_sound_server_that_dies_is_an_error_and_the_engine_lives_on(sound_card: SoundCard) -> None:
    with EngineHandle(ToneShelf) as engine:

        def play() -> None:
            engine.say("on", voice="endless", destination="loudspeaker")
            event_of(engine, EngineReady)

        play()
        sound_card.die()
        error = event_of(engine, ErrorOccurred)
        assert isinstance(error, ErrorOccurred)
        assert error.code == "sound_device"
        assert "\n" not in error.message
        event_of(engine, ResponseDone)
        engine.list_voices()
        assert engine.next_event(PATIENCE_S) is not None


def test_without_a_sound_device_the_sentence_names_the_way_out(no_sound_card: None) -> None:
    with EngineHandle(ToneShelf) as engine:
        engine.say("hello", destination="loudspeaker")
        error = event_of(engine, ErrorOccurred)
    assert isinstance(error, ErrorOccurred)
    assert error.message == "No sound device was found; connect one, or write a file with --out."


def test_a_portaudio_that_does_not_start_is_a_sentence_too(broken_sound_system: None) -> None:
    with EngineHandle(ToneShelf) as engine:
        engine.say("hello", destination="loudspeaker")
        error = event_of(engine, ErrorOccurred)
    assert isinstance(error, ErrorOccurred)
    assert error.code == "sound_device", "a front end must know that a file would do instead"
    assert error.message.startswith("The sound system does not answer (Unanticipated host error); ")


def test_a_portaudio_that_stopped_answering_is_a_sentence_too() -> None:
    """In a process of its own, whose PortAudio was ended."""
    code = (
        "import sounddevice\n"
        "from engine.audio.devices import SoundDeviceError, input_devices, output_devices\n"
        "sounddevice._terminate()\n"
        "for devices in (output_devices, input_devices):\n"
        "    try: devices()\n"
        "    except SoundDeviceError as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    if "PortAudio library not found" in done.stderr:
        pytest.skip("PortAudio is not installed; `make setup` installs it where it may")
    assert done.stdout.count("The sound system does not answer (PortAudio not initialized); ") == 2, (
        done.stderr
    )
