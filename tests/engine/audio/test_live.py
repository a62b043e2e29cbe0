"""Two streams on a real sound server: what is played sounds, what is spoken arrives, and both lie on one clock."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from engine.audio.choice import choose
from engine.audio.live import LiveDuplex, list_devices
from engine.audio.portaudio import AudioDevice, SoundDeviceError
from engine.audio.streams import OpenInput
from engine.config import AudioConfig
from tests.fixtures.listening import Listener, tone
from tests.fixtures.sound_card import WHOLE, SoundCard

CONFIG = AudioConfig()
RATE_HZ = CONFIG.rate_hz


def noise(seconds: float) -> np.ndarray:
    """Smooth enough that a sound server's resamplers leave it alone."""
    white = np.random.default_rng(0).standard_normal(int(RATE_HZ * seconds) + 8)
    return (0.1 * np.convolve(white, np.ones(9) / 3, mode="valid")).astype(np.float32)


def speaking(duplex: LiveDuplex, listener: Listener, spoken: np.ndarray) -> Callable[[], None]:
    """Plays a further response to its end."""
    numbers = itertools.count(1)

    def play() -> None:
        duplex.playback.begin(next(numbers))
        duplex.playback.append(spoken)
        duplex.playback.end()
        listener.until(lambda: duplex.playback.position.finished, "the end of the response")

    return play


def test_what_is_played_sounds_and_what_is_spoken_is_heard(sound_card: SoundCard) -> None:
    duplex = LiveDuplex(CONFIG)
    listener = Listener(duplex)
    duplex.start()
    spoken = noise(1.0)
    try:
        with sound_card.fed(tone(440.0, 60.0)):
            listener.until(listener.hears(440.0), "the tone at the microphone")
            like, besides = sound_card.record_whole(speaking(duplex, listener, spoken), spoken, RATE_HZ)
            assert duplex.input_level.rms_dbfs == pytest.approx(-9.0, abs=1.0)
    finally:
        duplex.close()
    assert like > WHOLE
    assert besides < 0.02
    assert duplex.playback.position.heard_samples == len(spoken)
    assert listener.notices == [] or {notice.kind for notice in listener.notices} == {"xrun"}
    assert {len(block.samples) for block in listener.blocks} == {CONFIG.block_samples}
    assert {len(block.reference) for block in listener.blocks} == {CONFIG.block_samples}
    if duplex.counts.lost_input_samples == 0:
        steps = {
            b.at_sample - a.at_sample for a, b in zip(listener.blocks, listener.blocks[1:], strict=False)
        }
        assert steps == {CONFIG.block_samples}
    assert duplex.ended
    assert duplex.read(0.0) is None


def test_the_reference_lies_where_its_echo_comes(sound_card: SoundCard) -> None:
    """The microphone is the loudspeaker's own monitor: an echo without a room."""
    duplex = LiveDuplex(CONFIG, input_device="speaker.monitor")
    listener = Listener(duplex)
    duplex.start()
    try:
        duplex.playback.begin(1)
        duplex.playback.append(noise(20.0))
        listener.until(listener.blocks_more(300), "time stamps that have settled")
        begin = len(listener.blocks)
        listener.until(listener.blocks_more(150), "sound to compare")
    finally:
        duplex.close()
    echo = np.concatenate([block.samples for block in listener.blocks[begin:]])
    reference = np.concatenate([block.reference for block in listener.blocks[begin:]])
    size = 2 * len(echo)
    correlation = np.fft.irfft(np.fft.rfft(echo, size) * np.conj(np.fft.rfft(reference, size)), size)
    delay_ms = 1000.0 * int(np.argmax(correlation)) / RATE_HZ
    assert 0.0 < delay_ms < 30.0, "a canceller copes with an echo that is late, and with none that is early"


def test_a_device_that_cannot_be_opened_is_one_sentence(sound_card: SoundCard) -> None:
    LiveDuplex(CONFIG).close()
    with pytest.raises(
        SoundDeviceError, match=r"'gone' cannot be opened, .*; close that program or choose another"
    ):
        OpenInput(AudioDevice(9999, "gone", "ALSA", 1, RATE_HZ, False), CONFIG)


def test_devices_are_listed_and_found_by_what_is_remembered(sound_card: SoundCard) -> None:
    sound_card.add_loudspeaker("second")
    loudspeakers = list_devices("output")
    assert {device.key for device in loudspeakers} >= {"speaker", "second"}
    assert all(device.host_api == "PulseAudio" for device in loudspeakers)
    assert [device.key for device in list_devices("input")] == ["mic"], "monitors are no microphones"
    chosen = choose(loudspeakers, None)
    assert chosen is not None
    assert chosen.key == "speaker"
    named = choose(loudspeakers, "second")
    assert named is not None
    assert named.key == "second"


def test_the_named_devices_are_used(sound_card: SoundCard) -> None:
    sound_card.add_loudspeaker("second")
    sound_card.add_microphone("other")
    duplex = LiveDuplex(CONFIG, input_device="other", output_device="second")
    listener = Listener(duplex)
    duplex.start()
    try:
        with sound_card.fed(tone(880.0, 30.0), sink="otherfeed"):
            listener.until(listener.hears(880.0), "the tone at the named microphone")
            spoken = noise(0.5)
            play = speaking(duplex, listener, spoken)
            like, _ = sound_card.record_whole(play, spoken, RATE_HZ, sink="second")
    finally:
        duplex.close()
    assert like > WHOLE
    assert listener.notices == [] or {notice.kind for notice in listener.notices} == {"xrun"}


def test_a_named_device_that_is_missing_is_told_and_replaced(sound_card: SoundCard) -> None:
    duplex = LiveDuplex(CONFIG, input_device="Headset (PulseAudio)")
    listener = Listener(duplex)
    duplex.start()
    try:
        changed = listener.told("input", "changed")
        listener.until(changed, "a word about the headset")
        listener.until(listener.blocks_more(10), "sound from the other microphone")
        assert "Headset (PulseAudio) is not there" in listener.notices[0].message
        named = sound_card.add_microphone("headset")
        assert named
        assert duplex.input_name is not None
    finally:
        duplex.close()


def test_other_devices_are_used_as_soon_as_they_are_chosen(sound_card: SoundCard) -> None:
    sound_card.add_loudspeaker("second")
    sound_card.add_microphone("other")
    duplex = LiveDuplex(CONFIG)
    listener = Listener(duplex)
    duplex.start()
    try:
        listener.until(listener.blocks_more(10), "sound from the default microphone")
        words = listener.told("input", "changed"), listener.told("output", "changed")
        duplex.choose("other", "second")
        listener.until(lambda: all(told() for told in words), "a word about both")
        with sound_card.fed(tone(880.0, 30.0), sink="otherfeed"):
            listener.until(listener.hears(880.0), "the tone at the chosen microphone")
        told = listener.told("input", "changed")
        duplex.choose(None, "second")
        listener.until(told, "a word about the default microphone")
        with sound_card.fed(tone(440.0, 30.0)):
            listener.until(listener.hears(440.0), "the tone at the default microphone again")
    finally:
        duplex.close()
    assert all(notice.kind in ("changed", "xrun") for notice in listener.notices)


def test_without_a_sound_server_the_chosen_device_is_opened(
    sound_card: SoundCard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ALSA's devices alone: they reach the test's server by themselves, and nobody can be asked to move a stream."""
    home = Path(os.environ["HOME"])
    sound_card.add_microphone("other")
    devices = "".join(
        f'pcm.{name} {{ type pulse server "unix:{home}/pulse/native" device "{device}"\n'
        f'hint {{ show on description "{name}" }} }}\n'
        for name, device in (("table", "mic"), ("headset", "other"), ("room", "speaker"))
    )
    (home / ".asoundrc").write_text(devices, encoding="utf-8")
    monkeypatch.setenv("PULSE_SERVER", f"unix:{home}/nothing")
    duplex = LiveDuplex(CONFIG, input_device="table", output_device="room")
    listener = Listener(duplex)
    duplex.start()
    try:
        listener.until(lambda: (duplex.input_name or "").startswith("table"), "the microphone on the table")
        told = listener.told("input", "changed")
        duplex.choose("headset", "room")
        listener.until(told, "a word about the headset")
        assert (duplex.input_name or "").startswith("headset")
        listener.until(listener.blocks_more(10), "sound from the headset")
    finally:
        duplex.close()
    assert [notice.message for notice in listener.notices if notice.kind != "xrun"] == [
        "The microphone is now headset (ALSA)."
    ]
