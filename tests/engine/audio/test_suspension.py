"""A machine that slept is told from one that was busy or had its clock set; its devices come back without a storm."""

from __future__ import annotations

import pytest

from engine.audio.keeper import RESUME_S, Keeper
from engine.audio.playback import Playback
from engine.audio.suspension import Clocks, clocks_now, in_words, slept_s
from engine.config import AudioConfig


@pytest.mark.parametrize(
    ("awake", "always", "slept"),
    [
        (0.05, 0.05, 0.0),
        (0.05, 1.2, 0.0),  # a clock set right
        (0.05, -3600.0, 0.0),  # set back
        (0.05, 600.05, 600.0),
        (2.0, 2.1, 0.0),  # busy
        (40.0, 40.0, 40.0),  # stopped altogether, as by a virtual machine's pause
        (0.4, 4000.4, 4000.0),
    ],
)
def test_sleep_is_told_by_two_clocks(awake: float, always: float, slept: float) -> None:
    before = Clocks(100.0, 5000.0)
    assert slept_s(before, Clocks(100.0 + awake, 5000.0 + always)) == pytest.approx(slept)


def test_this_machine_is_awake() -> None:
    assert slept_s(clocks_now(), clocks_now()) == 0.0


def test_durations_are_said_as_people_say_them() -> None:
    assert [in_words(s) for s in (0.2, 45.0, 600.0, 28_800.0)] == [
        "1 seconds",
        "45 seconds",
        "10 minutes",
        "8 hours",
    ]


class SleepyClocks:
    """Both clocks, and a lid that can be closed."""

    def __init__(self) -> None:
        self.now = Clocks(0.0, 0.0)

    def pass_s(self, awake: float, asleep: float = 0.0) -> None:
        """Time goes by."""
        self.now = Clocks(self.now.awake_s + awake, self.now.always_s + awake + asleep)

    def __call__(self) -> Clocks:
        return self.now


def test_after_a_sleep_one_sentence_is_said_and_lost_devices_have_time_to_come_back() -> None:
    clocks = SleepyClocks()
    config = AudioConfig()
    keeper = Keeper(config, Playback(config.rate_hz), None, None, clocks)
    clocks.pass_s(0.05)
    keeper._notice_sleep(clocks.now.awake_s)
    assert list(keeper.notices) == []
    clocks.pass_s(0.05, asleep=1800.0)
    now_s = clocks.now.awake_s
    keeper._notice_sleep(now_s)
    keeper._lose(keeper.input, "The microphone has gone.", now_s + 0.1)
    keeper._miss(keeper.input, "There is no microphone.", now_s + 1.0)
    keeper._miss(keeper.output, "There is no loudspeaker.", now_s + RESUME_S - 0.1)
    assert [(n.direction, n.kind, n.message) for n in keeper.notices] == [
        ("both", "changed", "The machine slept for 30 minutes; the conversation goes on.")
    ]
    assert not keeper.input.missing
    keeper._miss(keeper.input, "There is no microphone.", now_s + RESUME_S)
    assert [n.kind for n in keeper.notices] == ["changed", "lost"]
