"""Guards as pure functions of what a frame says and sounds like."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from engine.config import CodecConfig
from engine.errors import ConfigError
from engine.runtime.guards import (
    PAUSE_CLASS,
    Alarm,
    GuardLimits,
    HeardPhones,
    SpeechGuard,
    Trouble,
    planned_phones,
    words_spoken,
)
from engine.runtime.voices import heard_phones
from engine.text import PHONES, Clause, Frontend, Unit
from tests.fixtures.tiny_models import TINY_CODEC, tiny_codec
from training.data.durations import PHONE_CLASSES

LIMITS = GuardLimits()
CODEC = CodecConfig()
QUARTERS, FRAME = CODEC.quarters_per_frame, CODEC.frame_samples
ENTRIES = CODEC.codebook_size


def phones_are_codes() -> HeardPhones:
    """A codec whose first book names the phone of all four quarters."""
    tables = np.zeros((1, ENTRIES, QUARTERS, CODEC.phone_classes), np.float32)
    for code in range(CODEC.phone_classes):
        tables[0, code, :, code] = 1.0
    return HeardPhones(tables, np.zeros((QUARTERS, CODEC.phone_classes), np.float32))


def tone(dbfs: float) -> NDArray[np.float32]:
    """A frame of this level."""
    wave = np.sin(2 * np.pi * np.arange(FRAME) * 10 / FRAME)
    return (wave * np.sqrt(2) * 10 ** (dbfs / 20)).astype(np.float32)


SPEECH = tone(-20.0)


def watch(
    planned: list[int], codes: list[int], samples: list[NDArray[np.float32]] | None = None
) -> tuple[int, Alarm] | None:
    """Frames of one planned class and one first code each: the frame of the alarm, and the alarm."""
    guard = SpeechGuard(LIMITS, phones_are_codes())
    for index, (phone, code) in enumerate(zip(planned, codes, strict=True)):
        sound = samples[index] if samples else SPEECH
        alarm = guard.frame(np.array([code]), np.full(QUARTERS, phone), sound)
        if alarm is not None:
            return index, alarm
    return None


PLAN = [index % 30 for index in range(200)]


def test_speech_as_planned_gives_no_alarm() -> None:
    assert watch(PLAN, PLAN) is None


def test_a_share_of_wrong_phones_is_borne_for_ever_and_babble_is_not() -> None:
    half_wrong = [code if index % 2 else code + 1 for index, code in enumerate(PLAN)]
    assert watch(PLAN, half_wrong) is None
    wrong_from_20 = PLAN[:20] + [code + 1 for code in PLAN[20:]]
    found = watch(PLAN, wrong_from_20)
    assert found is not None
    index, alarm = found
    assert alarm.kind == "babble"
    assert index - alarm.frames + 1 == 20, "the alarm says since when"
    assert (index - 20) * CODEC.frame_ms < 1500.0


def test_one_code_for_many_phones_is_a_repetition() -> None:
    caught = PLAN[:10] + [PLAN[9]] * 50
    guard = SpeechGuard(GuardLimits(wrong_quarters=1e9), phones_are_codes())
    alarms = [
        guard.frame(np.array([code]), np.full(QUARTERS, phone), SPEECH)
        for phone, code in zip(PLAN, caught, strict=False)
    ]
    first = next(index for index, alarm in enumerate(alarms) if alarm)
    assert alarms[first] == Alarm("repetition", LIMITS.repeat_frames)
    assert first == 9 + LIMITS.repeat_frames - 1


def test_one_sound_that_the_text_asks_for_is_none() -> None:
    assert watch([7] * 60, [7] * 60) is None
    assert watch([PAUSE_CLASS] * 60, [PAUSE_CLASS] * 60) is None


@pytest.mark.parametrize(("level_dbfs", "silent"), [(-55.0, True), (-200.0, True), (-45.0, False)])
def test_silence_within_words(level_dbfs: float, silent: bool) -> None:
    found = watch(PLAN, PLAN, [SPEECH] * 5 + [tone(level_dbfs)] * 195)
    assert (found is not None) == silent
    if found:
        assert found == (5 + LIMITS.silence_frames - 1, Alarm("silence", LIMITS.silence_frames))


def test_silence_in_a_pause_is_wanted() -> None:
    quiet = [tone(-200.0)] * 60
    assert watch([PAUSE_CLASS] * 60, [PAUSE_CLASS] * 60, quiet) is None
    closures = [tone(-80.0) if index % 5 < 3 else SPEECH for index in range(200)]
    assert watch(PLAN, PLAN, closures) is None


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_number_that_is_none(bad: float) -> None:
    sound = SPEECH.copy()
    sound[3] = bad
    assert watch(PLAN[:4], PLAN[:4], [SPEECH, SPEECH, sound, SPEECH]) == (2, Alarm("numbers", 1))


@pytest.mark.parametrize(("level_dbfs", "loud"), [(-3.0, True), (40.0, True), (-9.0, False)])
def test_loudness(level_dbfs: float, loud: bool) -> None:
    found = watch(PLAN[:3], PLAN[:3], [SPEECH, tone(level_dbfs), SPEECH])
    assert found == ((1, Alarm("loudness", 1)) if loud else None)


def test_what_was_seen_before_a_new_start_does_not_count() -> None:
    guard = SpeechGuard(LIMITS, phones_are_codes())
    for _ in range(10):
        for phone in PLAN[: LIMITS.repeat_frames - 2]:
            assert guard.frame(np.array([99]), np.full(QUARTERS, phone), SPEECH) is None
        guard.restart()


@pytest.mark.parametrize(
    ("quarters", "rate", "fitting"),
    [
        ([5, 6, 7, 20], 1.0, True),
        ([2, 3, 3, 10], 2.0, True),  # twice as fast
        ([1, 1, 1, 1], 1.0, False),  # what numbers that are none are rounded to
        ([64, 64, 64, 64], 1.0, False),
        ([5, 60, 6, 4], 1.0, False),
        ([5, 6, 7, 67], 1.0, True),  # a pause may be long
    ],
)
def test_durations(quarters: list[int], rate: float, fitting: bool) -> None:
    clause = Clause("tea", ("tea",), (Unit("t"), Unit("iy"), Unit("s"), Unit(".")))
    found = SpeechGuard(LIMITS, phones_are_codes()).durations(np.array(quarters), clause, rate)
    assert found == (None if fitting else Alarm("durations", 0))


def test_phones_are_heard_as_the_codec_hears_them() -> None:
    codec = tiny_codec()
    codes = torch.randint(0, TINY_CODEC.codebook_size, (1, 40, TINY_CODEC.codebooks))
    codes[:, 20:, TINY_CODEC.semantic_codebooks :] = -1
    wanted = codec.phones(codes)[0].view(40, -1).numpy()
    heard = heard_phones(codec)
    for frame, classes in zip(codes[0].numpy(), wanted, strict=True):
        assert np.array_equal(heard(frame), classes)


def test_classes_are_those_of_training() -> None:
    units = [Unit(symbol) for symbol in (*PHONES, ",", ".", "?")]
    assert planned_phones(units).tolist() == [PHONE_CLASSES[unit.symbol] for unit in units]


def test_only_whole_words_were_said() -> None:
    clause = Frontend.load().clauses("the kettle boiled")[0]
    counts = [len(words_spoken(clause, units)) for units in range(len(clause.units) + 1)]
    assert counts == sorted(counts)
    assert words_spoken(clause, 0) == ()
    assert words_spoken(clause, 2) == ("the",)
    assert words_spoken(clause, len(clause.units) - 1) == clause.words
    assert words_spoken(clause, len(clause.units) - 2) == clause.words[:-1]


def test_trouble_is_one_sentence() -> None:
    clause = Frontend.load().clauses("the kettle boiled " * 7)[0]
    for ended in (False, True):
        message = Trouble("silence", clause, ended).message
        assert message.startswith("The voice fell silent within a word at 'the kettle boiled")
        assert message.count(".") == 1
        assert len(message) < 240
        assert ("left out" in message) == ended


def test_contradictory_limits_are_refused() -> None:
    with pytest.raises(ConfigError, match="two frames"):
        GuardLimits(repeat_frames=1)
    with pytest.raises(ConfigError, match="share"):
        GuardLimits(wrong_share=60.0)
