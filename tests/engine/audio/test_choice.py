"""A device is found by what was remembered of it, and nothing that only repeats sound is taken unasked."""

from __future__ import annotations

import pytest

from engine.audio.choice import SoundDevice, choose, find

BUILT_IN = SoundDevice("input", "Built-in", "ALSA", "hw:0", is_default=True)
HEADSET = SoundDevice("input", "Headset", "PulseAudio", "alsa_input.usb", is_default=False)
OTHER_HEADSET = SoundDevice("input", "Headset", "JACK", "system:1", is_default=False)
MONITOR = SoundDevice("input", "Monitor", "PulseAudio", "sink.monitor", is_default=True, is_real=False)


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (None, BUILT_IN),
        ("Headset (PulseAudio)", HEADSET),
        ("Headset (JACK)", OTHER_HEADSET),
        ("alsa_input.usb", HEADSET),
        ("Headset", HEADSET),
        ("sink.monitor", MONITOR),
        ("gone", BUILT_IN),
    ],
)
def test_the_device_that_is_meant(wanted: str | None, expected: SoundDevice) -> None:
    assert choose([MONITOR, BUILT_IN, HEADSET, OTHER_HEADSET], wanted) == expected
    assert wanted is None or wanted == "gone" or expected.answers_to(wanted)


def test_of_two_with_one_name_the_default_is_meant() -> None:
    default = SoundDevice("input", "Headset", "PulseAudio", "second", is_default=True)
    assert find([HEADSET, default], "Headset (PulseAudio)") == default


def test_without_a_default_the_first_real_one_is_taken() -> None:
    assert choose([MONITOR, HEADSET], None) == HEADSET
    assert choose([MONITOR], None) is None
    assert choose([], "Headset") is None
