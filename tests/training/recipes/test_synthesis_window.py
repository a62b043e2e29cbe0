"""A decoder that gets a shorter synthesis window keeps its tokens, its place in time and most of what it knows."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from engine.codec import Codec
from engine.errors import SottoError
from tests.fixtures.tiny_models import TINY_CODEC, tiny_codec
from training.recipes.codec_losses import periodicity_loss
from training.recipes.synthesis_window import with_synthesis_window

SHORT = 2 * TINY_CODEC.hop_samples


@pytest.fixture(scope="module")
def shortened() -> tuple[Codec, Codec]:
    """A codec before and after."""
    codec = tiny_codec()
    return codec, with_synthesis_window(codec, SHORT).eval()


def test_tokens_stay_and_sound_comes_sooner(shortened: tuple[Codec, Codec]) -> None:
    before, after = shortened
    assert after.token_hash() == before.token_hash()
    audio = 0.1 * torch.randn(1, 6 * before.frame_size, generator=torch.Generator().manual_seed(1))
    assert torch.equal(after.encode(audio), before.encode(audio))
    assert after.config.delay_samples == TINY_CODEC.hop_samples < before.config.delay_samples
    assert after.decode(after.encode(audio)).shape == audio.shape


def test_hops_of_the_same_moment_have_the_same_filters(shortened: tuple[Codec, Codec]) -> None:
    """Within a frame a hop is what the next one was; at the frequencies that both have."""
    before, after = (codec.decoder for codec in shortened)
    latent = torch.randn(1, 1, TINY_CODEC.latent_width, generator=torch.Generator().manual_seed(2))
    hops = []
    for decoder in (before, after):
        state = decoder.initial_state()
        state = replace(state, blocks=())  # the networks before the blocks are what was moved
        x = decoder.latent_in(latent)
        for layer, cache in zip(decoder.layers, state.layers, strict=True):
            x, _ = layer(x, cache)
        hops.append(decoder.to_hops(decoder.norm(x)).view(TINY_CODEC.hops_per_frame, -1))
    assert torch.equal(hops[1][:-1], hops[0][1:])
    head = torch.randn(TINY_CODEC.decoder_width, generator=torch.Generator().manual_seed(3))
    coarse, fine = (decoder.head(head).view(3, -1) for decoder in (after, before))
    assert torch.allclose(coarse, fine[:, ::2], atol=1e-6)


def test_a_window_that_is_no_fraction_is_refused() -> None:
    with pytest.raises(SottoError, match="does not divide"):
        with_synthesis_window(tiny_codec(), TINY_CODEC.window_samples - TINY_CODEC.hop_samples)


def test_noise_is_told_from_a_tone_of_its_level() -> None:
    rng = torch.Generator().manual_seed(4)
    times = torch.arange(TINY_CODEC.sample_rate_hz) / TINY_CODEC.sample_rate_hz
    tone = 0.2 * torch.sin(2.0 * torch.pi * 120.0 * times)[None]
    noise = torch.randn(1, len(times), generator=rng) * tone.square().mean().sqrt()
    like = float(periodicity_loss(0.5 * tone, tone, TINY_CODEC))
    unlike = float(periodicity_loss(noise, tone, TINY_CODEC))
    assert like < 0.01
    assert unlike > 0.3
    assert float(periodicity_loss(noise, 1e-5 * tone, TINY_CODEC)) == 0.0  # a pause has no pitch to miss
