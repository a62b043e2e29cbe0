"""The codec's contract: any prefix of books decodes, sizes are checked in words, tokens know which codec made them."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from engine.codec import Codec, load_codec, save_codec
from engine.codec.features import hann_window, mel_filterbank, synthesis_window
from engine.codec.quantiser import ResidualQuantiser
from engine.config import CodecConfig
from engine.errors import VoiceError
from engine.model import save_model
from tests.fixtures.tiny_models import TINY_CODEC, tiny_codec, tiny_model


@pytest.fixture
def codec() -> Codec:
    return tiny_codec()


def noise(samples: int, rows: int = 1) -> Tensor:
    return torch.randn(rows, samples, generator=torch.Generator().manual_seed(3)) * 0.2


def test_a_frame_is_two_chunks_of_30_ms() -> None:
    config = CodecConfig()
    assert config.frame_ms == 60.0
    assert config.frame_samples == 2 * round(0.030 * config.sample_rate_hz)
    assert config.frame_rate_hz == pytest.approx(16.67, abs=0.01)
    assert (config.codebooks, config.semantic_codebooks, config.codebook_size) == (32, 10, 256)


def test_the_shipped_size_is_small_beside_the_model() -> None:
    codec = Codec(CodecConfig())
    assert 7e6 < sum(p.numel() for p in codec.parameters()) < 14e6
    assert (codec.frame_size, codec.sample_rate, codec.num_codebooks) == (1440, 24_000, 32)
    assert codec.frame_rate == pytest.approx(1000 / 60)


def test_any_prefix_of_the_books_decodes(codec: Codec) -> None:
    codes = codec.encode(noise(4 * codec.frame_size))
    heard = [codec.decode(codes[..., :books]) for books in range(1, codec.num_codebooks + 1)]
    assert all(audio.shape == (1, 4 * codec.frame_size) and audio.isfinite().all() for audio in heard)
    assert all(not torch.equal(coarse, fine) for coarse, fine in pairwise(heard))


def test_a_frame_whose_last_books_are_absent_decodes_as_one_of_fewer_books(codec: Codec) -> None:
    codes = codec.encode(noise(4 * codec.frame_size))
    books = codec.config.semantic_codebooks
    coarse = codes.clone()
    coarse[..., books:] = -1
    assert torch.equal(codec.decode(coarse), codec.decode(codes[..., :books]))
    coarse[:, ::2] = codes[:, ::2]
    assert not torch.equal(codec.decode(coarse), codec.decode(codes[..., :books]))


def test_fewer_books_can_be_encoded_alone(codec: Codec) -> None:
    latent, _ = codec.encoder(noise(3 * codec.frame_size), codec.encoder.initial_state(1))
    assert torch.equal(codec.quantiser.encode(latent, 3), codec.quantiser.encode(latent)[..., :3])


def test_decoded_audio_is_as_long_as_what_was_encoded_in_whole_frames(codec: Codec) -> None:
    for samples, frames in ((1, 1), (codec.frame_size, 1), (codec.frame_size + 1, 2)):
        codes = codec.encode(noise(samples))
        assert codes.shape == (1, frames, codec.num_codebooks)
        assert codec.decode(codes).shape == (1, frames * codec.frame_size)


def test_padding_at_the_end_changes_no_earlier_code(codec: Codec) -> None:
    audio = noise(5 * codec.frame_size)
    assert torch.equal(codec.encode(audio)[:, :3], codec.encode(audio[:, : 3 * codec.frame_size]))


@pytest.mark.parametrize("shape", [(1, 100), (1, 0), (1440,), (1, 1, 1440)])
def test_a_wrong_size_is_refused_in_a_sentence_that_says_who_must_buffer(
    codec: Codec, shape: tuple[int, ...]
) -> None:
    with pytest.raises(ValueError, match=r"whole frames of 1440 samples .*the caller must buffer"):
        codec.encode_step(torch.zeros(shape), codec.encoder.initial_state(1))


def test_phones_and_prosody_read_the_semantic_books_alone(codec: Codec) -> None:
    codes = codec.encode(noise(3 * codec.frame_size))
    semantic = codes[..., : codec.config.semantic_codebooks]
    assert torch.equal(codec.phones(codes), codec.phones(semantic))
    assert torch.equal(codec.prosody(codes), codec.prosody(semantic))
    assert codec.phones(codes).shape == (1, 3 * codec.config.quarters_per_frame)
    prosody = codec.prosody(codes)
    assert prosody.shape == (1, 3, 3)
    assert ((prosody[..., 1] > 0) & (prosody[..., 1] < 1)).all()


def test_the_token_hash_names_encoder_and_books_but_not_decoder_or_probes(codec: Codec) -> None:
    def nudged(module: nn.Module) -> str:
        parameter = next(module.parameters())
        kept = parameter.detach().clone()
        parameter.data += 0.5
        changed = codec.token_hash()
        parameter.data.copy_(kept)
        return changed

    plain = codec.token_hash()
    assert nudged(codec.encoder) != plain
    assert nudged(codec.quantiser) != plain
    assert nudged(codec.decoder) == plain
    assert nudged(codec.phone_probe) == plain
    assert codec.token_hash() == plain
    assert tiny_codec(seed=1).token_hash() != plain


def test_what_is_written_is_read_again(codec: Codec, tmp_path: Path) -> None:
    path = tmp_path / "codec.safetensors"
    save_codec(path, codec, {"trained_minutes": 1.0})
    first = load_codec(path)
    assert first.config == TINY_CODEC
    assert first.token_hash() == codec.token_hash()
    save_codec(tmp_path / "again.safetensors", first)
    second = load_codec(tmp_path / "again.safetensors")
    audio = noise(4 * codec.frame_size)
    assert torch.equal(first.encode(audio), second.encode(audio))
    assert torch.equal(first.decode(first.encode(audio)), second.decode(second.encode(audio)))
    assert not any(parameter.requires_grad for parameter in first.parameters())


def test_a_speech_model_is_no_codec(tmp_path: Path) -> None:
    save_model(tmp_path / "model.safetensors", tiny_model(), "tokens", {})
    with pytest.raises(VoiceError, match="holds a speech model, not a codec"):
        load_codec(tmp_path / "model.safetensors")


@pytest.fixture
def quantiser() -> ResidualQuantiser:
    torch.manual_seed(5)
    return ResidualQuantiser(TINY_CODEC)


def test_training_and_inference_choose_the_same_codes(quantiser: ResidualQuantiser) -> None:
    latent = torch.randn(2, 7, TINY_CODEC.latent_width)
    kept = torch.tensor([2, TINY_CODEC.codebooks])
    quantised = quantiser(latent, kept)
    assert torch.equal(quantised.codes, quantiser.encode(latent))
    sums = quantiser.cumulative(quantised.codes)
    assert torch.allclose(quantised.latent[0], sums[1][0], atol=1e-5)
    assert torch.allclose(quantised.latent[1], sums[-1][1], atol=1e-5)
    assert torch.allclose(quantised.semantic[:, :, -1], sums[TINY_CODEC.semantic_codebooks - 1], atol=1e-5)


def test_acoustic_books_do_not_train_semantic_ones(quantiser: ResidualQuantiser) -> None:
    latent = torch.randn(2, 7, TINY_CODEC.latent_width)
    quantised = quantiser(latent, torch.full((2,), TINY_CODEC.codebooks))
    acoustic = (quantised.latent - quantised.semantic[:, :, -1]).square().sum()
    semantic = TINY_CODEC.semantic_codebooks
    gradient = torch.autograd.grad(acoustic, quantiser.into)[0]
    assert not gradient[:semantic].any()
    assert gradient[semantic:].any()


@pytest.mark.parametrize("overlaps", [2, 3, 4])
def test_overlapping_synthesis_windows_neither_add_nor_take_loudness(overlaps: int) -> None:
    hop = CodecConfig().hop_samples
    window = synthesis_window(overlaps * hop, hop)
    together = window.square().view(overlaps, hop).sum(dim=0)
    assert torch.allclose(together, torch.ones(hop), atol=1e-5)


def test_the_transform_is_constant_over_time_and_covers_the_band() -> None:
    config = CodecConfig()
    window = hann_window(config.window_samples)
    overlapped = window.square().view(-1, config.hop_samples).sum(dim=0)
    assert torch.allclose(overlapped, overlapped.mean().expand_as(overlapped), atol=1e-5)
    filters = mel_filterbank(config.window_samples // 2 + 1, config.mels, config.sample_rate_hz)
    assert filters.shape == (config.window_samples // 2 + 1, config.mels)
    assert (filters >= 0).all()
    assert (filters.sum(dim=0) > 0.2).all()
