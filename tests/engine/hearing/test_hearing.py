"""What a user notices of the ears: they hear a quiet voice and when it ends, and take nothing else for one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.bargein import interrupted
from benchmarks.room_speech import INTERRUPTIONS, REPLIES, Array, at_level, at_rate, cough, said
from benchmarks.room_talk import RoomTalk, TurnModel
from benchmarks.rooms import Room
from engine.audio.duplex import CaptureBlock
from engine.commands import Echo
from engine.config import AudioConfig
from engine.hearing import HeardBlock, make_hearing

CONFIG = AudioConfig()
SPOKEN = said("slt", INTERRUPTIONS[3])
ROOM = Room(seed=7, rt60_s=0.3, delay_ms=90.0, drift_ppm=40.0, drive=0.6, noise_dbfs=-66.0)


def ms(sample: int) -> float:
    return 1000.0 * sample / CONFIG.rate_hz


def heard(sound: Array, echo: Echo = "cancel", jump: int = 0) -> list[HeardBlock]:
    """What the ears make of (S,) at the devices' rate while nothing plays; `jump` samples were lost at the start."""
    ears, block = make_hearing(echo, CONFIG), CONFIG.block_samples
    nothing = np.zeros(block, np.float32)
    return [
        ears.hear(
            CaptureBlock(start + jump * (start > 0), sound[start : start + block], nothing), playing=False
        )
        for start in range(0, len(sound) - block + 1, block)
    ]


def noise(seconds: float, dbfs: float) -> Array:
    draw = np.random.default_rng(1).standard_normal(int(seconds * CONFIG.rate_hz))
    return np.asarray(10.0 ** (dbfs / 20.0) * draw, np.float32)


def spoken_at(dbfs: float) -> Array:
    """A second of a quiet room, a sentence, half a second of the room."""
    quiet = np.zeros(16_000, np.float32)
    sound = at_rate(np.concatenate([quiet, at_level(SPOKEN, dbfs), quiet[:8000]]), CONFIG.rate_hz)
    return sound + noise(len(sound) / CONFIG.rate_hz, -75.0)[: len(sound)]


@pytest.mark.parametrize("dbfs", [-20.0, -50.0])
@pytest.mark.parametrize("echo", ["cancel", "headphones"])
def test_a_sentence_is_heard_soon_and_its_ends_are_placed(dbfs: float, echo: Echo) -> None:
    blocks = heard(spoken_at(dbfs), echo)
    begun = [(block.started_at, block.at_sample) for block in blocks if block.started_at is not None]
    ended = [(block.stopped_at, block.at_sample) for block in blocks if block.stopped_at is not None]
    assert ms(begun[0][0]) == pytest.approx(1000.0, abs=30.0)
    assert ms(begun[0][1]) < 1150.0
    end_ms = 1000.0 + len(SPOKEN) / 16.0
    assert ms(ended[-1][0]) == pytest.approx(end_ms, abs=40.0)
    assert ms(ended[-1][1]) < end_ms + 130.0
    assert len(begun) == len(ended) <= 2
    assert sum(len(block.samples) for block in blocks) == len(blocks) * 160


def test_noise_that_has_just_begun_delays_no_end() -> None:
    """A fan is switched on, and a word said: the fan was once the voice going on, for a fifth of a second."""
    silence = np.zeros(16_000, np.float32)
    word = said("rms", "wait")
    sound = at_rate(np.concatenate([silence, silence[:9600], at_level(word, -26.0), silence]), CONFIG.rate_hz)
    fan = noise(len(sound) / CONFIG.rate_hz, -46.0)[: len(sound)]
    fan[: CONFIG.rate_hz] *= np.float32(1e-3)
    ends = [block for block in heard(sound + fan) if block.stopped_at is not None]
    end_ms = 1600.0 + len(word) / 16.0
    assert ms(ends[-1].stopped_at or 0) == pytest.approx(end_ms, abs=60.0)
    assert ms(ends[-1].at_sample) < end_ms + 150.0


def test_a_voice_stirs_before_it_is_told_and_a_quiet_room_does_not() -> None:
    blocks = heard(spoken_at(-26.0))
    told = next(index for index, block in enumerate(blocks) if block.started_at is not None)
    stirred = next(index for index, block in enumerate(blocks) if block.stirring and index > 20)
    assert ms(blocks[stirred].at_sample) == pytest.approx(1000.0, abs=40.0)
    assert stirred < told - 2
    assert not any(block.stirring for block in blocks[30 : told - 15])
    assert not any(block.stirring for block in blocks if block.voice)


def tones() -> Array:
    """Four seconds of chords that are struck and fade."""
    time_s = np.arange(4 * CONFIG.rate_hz) / CONFIG.rate_hz
    struck = np.exp(-3.0 * (2.0 * time_s % 1.0))
    chord = sum(
        np.sin(2 * np.pi * hz * 2 ** (np.floor(2 * time_s) % 5 / 12) * time_s) for hz in (220, 277, 330, 440)
    )
    return np.asarray(0.05 * chord * struck, np.float32)


@pytest.mark.parametrize(
    "sound",
    [
        np.zeros(96_000, np.float32),
        noise(3.0, -30.0),
        noise(2.0, -80.0) + np.float32(0.3),
        tones(),
        np.sign(np.sin(2 * np.pi * 150.0 * np.arange(96_000) / 48_000)).astype(np.float32),
    ],
    ids=["silence", "noise", "offset", "music", "a clipped hum"],
)
def test_what_is_no_voice_is_not_taken_for_one(sound: Array) -> None:
    assert sum(block.voice for block in heard(sound)) * CONFIG.block_ms < 300.0


@pytest.mark.parametrize("harm", ["offset", "clipped"])
def test_a_voice_through_a_bad_microphone_is_still_heard(harm: str) -> None:
    sound = (
        spoken_at(-26.0) + np.float32(0.2) if harm == "offset" else np.clip(spoken_at(-6.0) * 4.0, -1.0, 1.0)
    )
    voiced = sum(block.voice for block in heard(sound)) * CONFIG.block_ms
    assert voiced > 0.6 * len(SPOKEN) / 16.0


def test_lost_samples_move_what_follows() -> None:
    blocks = heard(spoken_at(-26.0), jump=4800)
    begun = next(block.started_at for block in blocks if block.started_at is not None)
    assert ms(begun) == pytest.approx(1100.0, abs=30.0)


def test_half_duplex_is_deaf_while_it_plays_and_a_moment_after() -> None:
    ears, block = make_hearing("half_duplex", CONFIG), CONFIG.block_samples
    sound, nothing = spoken_at(-20.0), np.zeros(CONFIG.block_samples, np.float32)
    starts = range(0, len(sound) - block + 1, block)
    blocks = [
        ears.hear(CaptureBlock(start, sound[start : start + block], nothing), playing=ms(start) < 1300.0)
        for start in starts
    ]
    begun = [ms(block.started_at) for block in blocks if block.started_at is not None]
    assert begun
    assert min(begun) >= 1480.0
    assert all(block.overlap_ms == 0.0 for block in blocks)


def reply(sentences: int) -> Array:
    pause = np.zeros(4000, np.float32)
    return at_level(
        np.concatenate([np.append(said("rms", text), pause) for text in REPLIES[:sentences]]), -20.0
    )


def test_beside_its_own_voice_it_hears_the_user_and_not_itself() -> None:
    """One room: its own voice, as loud as the user, is no overlap; a cough is no turn; an interruption stops it."""
    talk = RoomTalk(ROOM, -26.0, CONFIG)
    alone = TurnModel()
    talk.begin_reply(reply(3), alone)
    talk.run(8.0)
    assert alone.happened == []

    talk.person_speaks(at_level(cough(np.random.default_rng(5)), -26.0))
    blocks = talk.run(1.6)
    assert alone.count("turn") == 0
    assert not blocks[-1].voice
    talk.end_reply()

    model = TurnModel()
    talk.begin_reply(reply(3), model)
    talk.run(2.0)
    talk.run_until_loud()
    onset = talk.person_speaks(at_level(SPOKEN, -26.0))
    blocks = talk.run(1.2)
    ducked, silent = (model.first_at(what, onset, CONFIG.rate_hz) for what in ("duck", "silent"))
    assert ducked is not None
    assert silent is not None
    assert ducked < 400.0
    assert silent < 600.0
    assert max(block.overlap_ms for block in blocks) >= 300.0


def test_a_loud_loudspeaker_does_not_drown_the_user() -> None:
    """12 dB louder than the user, once the room is known."""
    talk = RoomTalk(replace(ROOM, drift_ppm=-20.0, rt60_s=0.2), -14.0, CONFIG)
    model = TurnModel()
    talk.begin_reply(reply(4), model)
    talk.run(10.0)
    talk.run_until_loud()
    assert model.count("pause") == 0
    onset = talk.person_speaks(at_level(said("slt", INTERRUPTIONS[8]), -26.0))
    talk.run(1.5)
    silent = model.first_at("silent", onset, CONFIG.rate_hz)
    assert silent is not None
    assert silent < 1200.0


def test_the_rests_of_its_own_echo_leave_no_ear_deaf() -> None:
    """A room that bends, 12 dB louder than the user: one interruption after the other stops a reply. With all of the
    network's memory only the last did, since it took what the echo filter leaves for the room's noise."""
    talk, draw = RoomTalk(Room.drawn(1011), -14.0, CONFIG), np.random.default_rng([1000, 5, 1])
    lines = (("awb", "Stop."), ("kal16", "Wait a moment please."), ("awb", "No, I meant the other one."))
    silent_ms = [interrupted(talk, said(voice, text), draw)[1] for voice, text in lines]
    assert None not in silent_ms, silent_ms
