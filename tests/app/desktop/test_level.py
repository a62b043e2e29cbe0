"""Too quiet and too noisy are told after a while, say what to do, and go when they are over."""

from __future__ import annotations

from app.desktop.level import HOLD_S, LOWEST_DBFS, LevelWatch, watched
from engine.events import ConversationState

STEP_S = 0.1
Stretch = tuple[float, float, float, ConversationState]
"""So many seconds at these lowest and loudest levels, in this state."""


def timeline(*stretches: Stretch) -> list[tuple[float, str]]:
    """When the trouble changed, and to what."""
    watch, at_s, told = LevelWatch(), 0.0, [(0.0, "")]
    for seconds, lowest, loudest, state in stretches:
        for _ in range(round(seconds / STEP_S)):
            at_s += STEP_S
            watch = watched(watch, at_s, lowest, loudest, state)
            if watch.trouble != told[-1][1]:
                told.append((round(at_s, 1), watch.trouble))
    return told[1:]


def speech(seconds: float, loudest: float, room: float = -65.0) -> list[Stretch]:
    """Words with gaps between them, in which the room is heard."""
    return [
        (0.1, room if n % 4 == 3 else loudest - 8.0, loudest, "user_speaking")
        for n in range(int(seconds * 10))
    ]


def test_a_good_microphone_in_a_quiet_room_is_no_trouble() -> None:
    assert timeline((5.0, -65.0, -60.0, "listening"), *speech(20.0, -22.0)) == []


def test_a_loud_room_is_told_once_it_has_held_and_goes_when_it_is_over() -> None:
    told = timeline((6.0, -28.0, -25.0, "listening"), (20.0, -60.0, -55.0, "listening"))
    assert [trouble for _, trouble in told] == ["noisy", ""]
    assert HOLD_S <= told[0][0] <= HOLD_S + 0.3
    assert 6.9 <= told[1][0] <= 7.3


def test_a_slammed_door_is_no_noise() -> None:
    assert timeline((4.0, -65.0, -60.0, "listening"), (1.5, -20.0, -5.0, "listening")) == []


def test_long_speech_does_not_count_as_noise() -> None:
    assert timeline((2.0, -60.0, -55.0, "listening"), *speech(60.0, -15.0, room=-55.0)) == []


def test_a_faint_voice_is_told_and_a_clear_one_ends_it() -> None:
    told = timeline(
        (2.0, -75.0, -70.0, "listening"), *speech(5.0, -52.0), *speech(1.0, -25.0), *speech(5.0, -25.0)
    )
    assert [trouble for _, trouble in told] == ["quiet", ""]
    assert told[0][0] >= 2.0 + HOLD_S
    assert 7.0 <= told[1][0] <= 7.3


def test_a_faint_voice_is_forgotten_after_a_long_silence() -> None:
    told = timeline(*speech(5.0, -52.0), (12.0, -75.0, -70.0, "listening"))
    assert [trouble for _, trouble in told] == ["quiet", ""]


def test_short_faint_utterances_add_up() -> None:
    told = timeline(*[s for _ in range(4) for s in (*speech(1.0, -52.0), (2.0, -75.0, -70.0, "listening"))])
    assert told
    assert told[0][1] == "quiet"


def test_nothing_is_judged_while_the_assistant_speaks_or_nobody_listens() -> None:
    for state in ("speaking", "asleep", "muted", "failed", "thinking"):
        assert timeline((20.0, -20.0, -10.0, state)) == []  # type: ignore[arg-type]
    told = timeline((6.0, -28.0, -25.0, "listening"), (0.1, -28.0, -25.0, "muted"))
    assert [trouble for _, trouble in told] == ["noisy", ""]


def test_a_device_that_begins_with_zeros_is_no_quiet_room_for_long() -> None:
    told = timeline((1.0, -200.0, -200.0, "listening"), (6.0, -28.0, -25.0, "listening"))
    assert [trouble for _, trouble in told] == ["noisy"]
    assert told[0][0] <= 1.0 + HOLD_S + 0.3


def test_a_pause_between_two_looks_counts_little() -> None:
    watch = watched(LevelWatch(), 0.0, -28.0, -25.0, "listening")
    assert watched(watch, 500.0, -28.0, -25.0, "listening").trouble == ""
    assert watch.room_dbfs == -28.0 > LOWEST_DBFS


def test_the_words_say_what_to_do() -> None:
    assert LevelWatch(trouble="quiet").advice.startswith("Too quiet: move closer")
    assert LevelWatch(trouble="noisy").advice.startswith("Too noisy: move the microphone closer")
    assert LevelWatch().advice == ""
