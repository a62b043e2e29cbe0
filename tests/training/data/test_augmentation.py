"""What the encoder hears in training is damaged as a room and a microphone damage it, and never late."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from engine.config import CodecConfig
from training.data import augmentation

RATE_HZ = CodecConfig().sample_rate_hz


def rng() -> torch.Generator:
    return torch.Generator().manual_seed(3)


def clicks(rows: int = 8) -> Tensor:
    """A click in the middle of every row."""
    wave = torch.zeros(rows, RATE_HZ)
    wave[:, RATE_HZ // 2] = 0.5
    return wave


def test_a_room_and_an_equaliser_answer_after_the_click_and_not_before() -> None:
    for damaged in (
        augmentation.reverberate(clicks(), RATE_HZ, rng()),
        augmentation.equalise(clicks(), rng()),
    ):
        before, after = damaged[:, : RATE_HZ // 2], damaged[:, RATE_HZ // 2 :]
        assert before.abs().max() < 1e-3
        assert (after.abs().amax(dim=1) > 0.1).all()
        assert after[:, 1:].abs().max() > 0.01


def test_noise_is_as_loud_as_it_says() -> None:
    wave = torch.randn(64, RATE_HZ, generator=rng()) * 0.1
    noise = augmentation.add_noise(wave, torch.full((64, 1), 0.1), rng()) - wave
    level_db = 20.0 * (noise.square().mean(dim=1).sqrt() / 0.1).log10()
    low, high = augmentation.NOISE_DB
    assert -high - 0.1 <= level_db.min() < -0.8 * high
    assert -low + 0.1 >= level_db.max() > -1.5 * low


def test_a_good_part_stays_as_it_was_and_the_rest_is_changed_but_in_range() -> None:
    wave = torch.randn(200, 2400, generator=rng()) * 0.3
    heard = augmentation.as_heard(wave, RATE_HZ, rng())
    same = (heard == wave.clamp(-1.0, 1.0)).all(dim=1).float().mean()
    assert augmentation.CLEAN_SHARE - 0.1 < same < augmentation.CLEAN_SHARE + 0.25
    assert heard.abs().max() <= 1.0
    assert torch.isfinite(heard).all()


def test_the_same_seed_gives_the_same_damage() -> None:
    wave = clicks()
    assert torch.equal(
        augmentation.as_heard(wave, RATE_HZ, rng()), augmentation.as_heard(wave, RATE_HZ, rng())
    )


def test_silence_stays_finite() -> None:
    heard = augmentation.as_heard(torch.zeros(32, 2400), RATE_HZ, rng())
    assert torch.isfinite(heard).all()
    assert heard.abs().max() == pytest.approx(0.0, abs=1e-3)
