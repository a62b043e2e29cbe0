"""A decoder learns which of its hops are voiced; then they are noise where they are not, and as loud as before."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import torch

from engine.codec import load_codec, save_codec
from tests.fixtures.tiny_models import TINY_CODEC, tiny_codec
from tests.fixtures.tone_corpus import write_tone_corpus
from training.recipes.voicing import main, with_voicing

CODEC = tiny_codec(config=replace(TINY_CODEC, synthesis_window_samples=2 * TINY_CODEC.hop_samples))


def test_it_learns_tones_from_pauses_and_leaves_the_rest(tmp_path: Path) -> None:
    corpus = write_tone_corpus(tmp_path / "corpus")
    save_codec(tmp_path / "before.safetensors", CODEC)
    files = [
        "--corpus",
        corpus,
        "--codec",
        tmp_path / "before.safetensors",
        "--out",
        tmp_path / "after.safetensors",
    ]
    assert main([*map(str, files), "--batches", "4", "--epochs", "40"]) == 0
    before, after = (load_codec(tmp_path / f"{name}.safetensors") for name in ("before", "after"))
    assert after.token_hash() == before.token_hash()
    assert after.config == replace(before.config, voicing_width=128)
    kept = before.state_dict()
    assert all(torch.equal(weight, kept[name]) for name, weight in after.state_dict().items() if name in kept)


def test_pulses_go_over_to_noise_where_a_hop_is_not_voiced() -> None:
    codec = with_voicing(CODEC, 4).requires_grad_(False)
    bins, low = codec.decoder.bins, codec.decoder.voicing_bins
    assert 0 < low < bins
    latent = torch.randn(1, 5, TINY_CODEC.latent_width, generator=torch.Generator().manual_seed(1))
    plain, _, _ = CODEC.decoder.hops(latent, CODEC.decoder_state())
    last = codec.decoder.voicing[2]
    assert isinstance(last, torch.nn.Linear)
    last.weight.zero_()
    gains = {}
    for name, odds in (("voiced", 30.0), ("unvoiced", -30.0)):
        last.bias.fill_(odds)
        filters, _, _ = codec.decoder.hops(latent, codec.decoder_state())
        gains[name] = filters.view(-1, 3, bins)
    wanted = plain.view(-1, 3, bins)
    assert torch.allclose(gains["voiced"], wanted, atol=1e-5)
    assert torch.equal(gains["unvoiced"][..., low:], wanted[..., low:])
    assert (gains["unvoiced"][:, 0, :low] < wanted[:, 0, :low] - 10.0).all()
    power = (2.0 * gains["unvoiced"][:, 2, :low]).exp()
    assert torch.allclose(
        power, (2.0 * wanted[:, 0, :low]).exp() + (2.0 * wanted[:, 2, :low]).exp(), rtol=1e-4
    )


def test_a_decision_that_was_taught_is_kept() -> None:
    once = with_voicing(CODEC, 4)
    assert with_voicing(once, 4) is once
    other = with_voicing(once, 6)
    assert other.config.voicing_width == 6
    assert torch.equal(other.decoder.head.weight, once.decoder.head.weight)
