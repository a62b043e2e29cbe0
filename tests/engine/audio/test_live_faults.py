"""Everything that can happen to sound devices, on a real sound server: told plainly, mended in two seconds, no hang."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest

from engine.audio.live import LiveDuplex
from engine.audio.portaudio import SoundDeviceError
from engine.config import AudioConfig
from tests.fixtures.listening import READ_S, Listener, loudest_hz, tone
from tests.fixtures.sound_card import SoundCard

CONFIG = AudioConfig()
TOLD_S = 2.0
"""Within this a loss must have been told; a stall is seen within one second and the rest is a busy machine."""

RECOVERED_S = 2.0
HEARD_S = 4.0
"""What a tone takes until it is recognised again, besides the recovery."""


@contextmanager
def conversing(input_device: str | None = None, output_device: str | None = None) -> Iterator[Listener]:
    """A duplex on this machine, being read, that hears no hang of more than a blink."""
    duplex = LiveDuplex(CONFIG, input_device, output_device)
    listener = Listener(duplex)
    duplex.start()
    try:
        listener.until(listener.blocks_more(5), "the first sound")
        yield listener
        assert listener.slowest_read_s < READ_S + 0.5, "reading never waits for a device"
        places = [block.at_sample for block in listener.blocks]
        assert all(later - before >= CONFIG.block_samples for before, later in itertools.pairwise(places))
    finally:
        duplex.close()


def test_a_microphone_that_stalls(sound_card: SoundCard) -> None:
    """Callbacks stop, PortAudio reports nothing: only the watchdog sees it."""
    with sound_card.fed(tone(440.0, 60.0)), conversing() as listener:
        listener.until(listener.hears(440.0), "the tone")
        lost, recovered = listener.told("input", "lost"), listener.told("input", "recovered")
        sound_card.tell("suspend-source", "mic", "1")
        assert listener.until(lost, "the loss to be told") < TOLD_S
        assert "microphone" in listener.notices[-1].message
        assert "type meanwhile" in listener.notices[-1].mend
        listener.until(listener.blocks_more(50), "silence in place of the microphone")
        assert loudest_hz(listener.latest(10), CONFIG.rate_hz) == 0.0
        sound_card.tell("suspend-source", "mic", "0")
        assert listener.until(recovered, "the recovery to be told") < RECOVERED_S
        listener.until(listener.hears(440.0), "the tone again", HEARD_S)


def test_a_loudspeaker_that_stalls_lets_the_answer_take_its_course(sound_card: SoundCard) -> None:
    with conversing() as listener:
        playback = listener.duplex.playback
        playback.begin(1)
        playback.append(tone(440.0, 2.0))
        playback.end()
        listener.until(lambda: playback.position.heard_samples > 0, "the first sound")
        lost, recovered = listener.told("output", "lost"), listener.told("output", "recovered")
        sound_card.tell("suspend-sink", "speaker", "1")
        assert listener.until(lost, "the loss to be told") < TOLD_S
        assert "answers can be read" in listener.notices[-1].mend
        heard = playback.position.heard_samples
        listener.until(lambda: playback.position.finished, "the answer to end unheard")
        assert playback.position.heard_samples == heard < playback.position.appended_samples
        sound_card.tell("suspend-sink", "speaker", "0")
        assert listener.until(recovered, "the recovery to be told") < RECOVERED_S

        def play() -> None:
            playback.begin(2)
            playback.append(tone(880.0, 0.5))
            playback.end()
            listener.until(lambda: playback.position.finished, "the next answer")

        assert loudest(sound_card.record(play, CONFIG.rate_hz)) == pytest.approx(880.0, abs=25.0)


def loudest(heard: np.ndarray) -> float:
    """The strongest frequency of all that sounded."""
    return loudest_hz(heard[np.flatnonzero(np.abs(heard) > 0.01)], CONFIG.rate_hz)


@pytest.mark.parametrize("direction", ["input", "output"])
def test_a_stream_that_is_killed(sound_card: SoundCard, direction: str) -> None:
    with sound_card.fed(tone(440.0, 60.0)), conversing() as listener:
        lost, recovered = listener.told(direction, "lost"), listener.told(direction, "recovered")
        sound_card.kill_stream(direction, os.getpid())
        assert listener.until(lost, "the loss to be told") < TOLD_S
        assert listener.until(recovered, "the recovery") < RECOVERED_S
        if direction == "input":
            listener.until(listener.hears(440.0), "the tone again", HEARD_S)


def test_a_sound_server_that_dies_and_comes_back(sound_card: SoundCard) -> None:
    """PortAudio's list of devices is stale by then."""
    with conversing() as listener:
        lost = [listener.told(direction, "lost") for direction in ("input", "output")]
        sound_card.die()
        assert listener.until(lambda: all(each() for each in lost), "both losses to be told") < TOLD_S
        listener.until(listener.blocks_more(50), "time to go on")
        recovered = [listener.told(direction, "recovered") for direction in ("input", "output")]
        sound_card.start()
        assert listener.until(lambda: all(each() for each in recovered), "both recoveries") < RECOVERED_S
        with sound_card.fed(tone(660.0, 30.0)):
            listener.until(listener.hears(660.0), "the tone again", HEARD_S)


def test_a_sound_server_that_hangs(sound_card: SoundCard) -> None:
    """Giving its devices back takes as long as it hangs; both losses are told all the same."""
    with conversing() as listener:
        lost = [listener.told(direction, "lost") for direction in ("input", "output")]
        sound_card.hang(True)
        try:
            assert listener.until(lambda: all(each() for each in lost), "both losses to be told") < TOLD_S
            listener.until(listener.blocks_more(50), "time to go on")
        finally:
            recovered = [listener.told(direction, "recovered") for direction in ("input", "output")]
            sound_card.hang(False)
        listener.until(lambda: all(each() for each in recovered), "both recoveries")


def test_a_microphone_that_disappears_while_another_exists(sound_card: SoundCard) -> None:
    """The server moves the stream without a word, perhaps to a loudspeaker's monitor."""
    sound_card.add_microphone("other")
    with sound_card.fed(tone(880.0, 60.0), sink="otherfeed"), conversing() as listener:
        changed = listener.told("input", "changed")
        sound_card.unload(sound_card.module_of("source_name=mic"))
        assert listener.until(changed, "the change to be told") < TOLD_S
        listener.until(listener.hears(880.0), "the other microphone's tone", HEARD_S)


def test_the_last_microphone_disappears_and_comes_back(sound_card: SoundCard) -> None:
    with conversing() as listener:
        playback = listener.duplex.playback
        playback.begin(1)
        playback.append(tone(440.0, 20.0))
        lost, recovered = listener.told("input", "lost"), listener.told("input", "recovered")
        sound_card.unload(sound_card.module_of("source_name=mic"))
        assert listener.until(lost, "the loss to be told") < TOLD_S
        listener.until(listener.blocks_more(100), "silence in its place")
        assert loudest_hz(listener.latest(10), CONFIG.rate_hz) == 0.0, "a monitor is no microphone"
        sound_card.tell("load-module", "module-remap-source", "source_name=mic", "master=micfeed.monitor")
        assert listener.until(recovered, "the recovery") < RECOVERED_S


def test_a_headset_that_is_unplugged_and_plugged_in_again(sound_card: SoundCard) -> None:
    module = sound_card.add_loudspeaker("headset")
    with conversing(output_device="headset") as listener:
        playback = listener.duplex.playback
        changed = listener.told("output", "changed")
        sound_card.unload(module)
        assert listener.until(changed, "the change to be told") < TOLD_S

        def play() -> None:
            playback.begin(1)
            playback.append(tone(440.0, 0.5))
            playback.end()
            listener.until(lambda: playback.position.finished, "the answer")

        assert loudest(sound_card.record(play, CONFIG.rate_hz)) == pytest.approx(440.0, abs=25.0)
        changed = listener.told("output", "changed")
        sound_card.add_loudspeaker("headset")
        assert listener.until(changed, "the headset to be used again") < RECOVERED_S
        assert loudest(sound_card.record(play, CONFIG.rate_hz, sink="headset")) == pytest.approx(
            440.0, abs=25.0
        )


def test_a_change_of_the_default_is_followed(sound_card: SoundCard) -> None:
    sound_card.add_loudspeaker("second")
    sound_card.add_microphone("other")
    with sound_card.fed(tone(880.0, 60.0), sink="otherfeed"), conversing() as listener:
        changed = [listener.told(direction, "changed") for direction in ("input", "output")]
        sound_card.tell("set-default-sink", "second")
        sound_card.tell("set-default-source", "other")
        assert listener.until(lambda: all(each() for each in changed), "both changes to be told") < TOLD_S
        listener.until(listener.hears(880.0), "the new microphone's tone", HEARD_S)


def test_without_a_microphone_one_can_still_listen(only_a_loudspeaker: SoundCard) -> None:
    with conversing() as listener:
        assert [(notice.direction, notice.kind) for notice in listener.notices] == [("input", "lost")]
        assert listener.notices[0].message == "There is no microphone."

        def play() -> None:
            listener.duplex.playback.begin(1)
            listener.duplex.playback.append(tone(440.0, 0.5))
            listener.duplex.playback.end()
            listener.until(lambda: listener.duplex.playback.position.finished, "the answer")

        heard = only_a_loudspeaker.record(play, CONFIG.rate_hz)
        assert loudest(heard) == pytest.approx(440.0, abs=25.0)


def test_without_a_loudspeaker_one_can_still_speak(only_a_microphone: SoundCard) -> None:
    with only_a_microphone.fed(tone(440.0, 60.0), sink="auto_null"), conversing() as listener:
        assert [(notice.direction, notice.kind) for notice in listener.notices] == [("output", "lost")]
        listener.until(listener.hears(440.0), "the tone", HEARD_S)
        playback = listener.duplex.playback
        playback.begin(1)
        playback.append(tone(440.0, 0.3))
        playback.end()
        listener.until(lambda: playback.position.finished, "the answer to take its course")
        assert playback.position.heard_samples == 0


def test_without_any_device_the_sentence_says_so(no_sound_card: None) -> None:
    duplex = LiveDuplex(CONFIG)
    with pytest.raises(SoundDeviceError, match=r"^No sound device was found; connect "):
        duplex.start()
    assert duplex.ended


def test_who_waits_for_devices_gets_silence_until_they_come(no_sound_card: None) -> None:
    duplex = LiveDuplex(CONFIG, wait_for_devices=True)
    listener = Listener(duplex)
    duplex.start()
    try:
        seconds = listener.until(listener.blocks_more(100), "a second of silence")
        assert seconds < 2.0
        assert {(notice.direction, notice.kind) for notice in listener.notices} == {
            ("input", "lost"),
            ("output", "lost"),
        }
    finally:
        duplex.close()
