"""A loudspeaker that bends its sound: how far is found out, and the echo filter takes it away."""

from __future__ import annotations

import numpy as np

from engine.hearing.echo_filter import EchoFilter, EchoFilterConfig
from engine.hearing.loudspeaker import LEAST_SHARE, Loudspeaker

BLOCK = 160


def left_of_echo_db(bend: float, seconds: float = 6.0) -> tuple[float, float]:
    """Decibels taken away in the last 2 s behind a loudspeaker that adds `bend` times the cube, and the share found."""
    draw, filter_ = np.random.default_rng(5), EchoFilter(EchoFilterConfig())
    response = 0.5 * draw.standard_normal(800) * np.exp(-np.arange(800) / 150.0)
    played = (0.15 * draw.standard_normal(round(16_000 * seconds))).astype(np.float32)
    echo = np.convolve(played + bend * played**3, response)[: len(played)].astype(np.float32)
    echo += 1e-4 * draw.standard_normal(len(played)).astype(np.float32)
    left = [
        filter_.step(echo[i : i + BLOCK], played[i : i + BLOCK]).residual
        for i in range(0, len(played), BLOCK)
    ]
    last = slice(-32_000, None)
    taken = np.mean(echo[last] ** 2) / np.mean(np.concatenate(left)[last] ** 2)
    return 10.0 * float(np.log10(taken)), filter_.loudspeaker_share


def test_what_a_bent_sound_adds_is_learned_and_taken_away() -> None:
    """Of noise of this loudness no linear filter takes away more than 16 dB behind such a bend: the cube's part that is
    no multiple of the sound has 54 sigma^4 of its power."""
    taken_db, share = left_of_echo_db(-3.0)
    assert taken_db > 21.0
    assert -3.0 <= share < -2.0


def test_a_loudspeaker_that_does_not_bend_is_known_for_one() -> None:
    taken_db, share = left_of_echo_db(0.0)
    assert taken_db > 28.0
    assert abs(share) < 0.3


def test_a_share_stays_within_what_loudspeakers_do() -> None:
    loudspeaker, draw = Loudspeaker(BLOCK, 2), np.random.default_rng(1)
    path = np.ones((2, BLOCK + 1), np.complex64)
    for _ in range(40):
        loudspeaker.play(draw.standard_normal(BLOCK).astype(np.float32))
        error = -1e3 * np.ones(BLOCK + 1, np.complex64) * draw.standard_normal()
        loudspeaker.learn(path, error, np.full(BLOCK + 1, 1e-6, np.float32))
        assert LEAST_SHARE <= loudspeaker.share <= 0.5
