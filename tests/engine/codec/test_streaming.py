"""Chunked equals whole, the past never depends on the future, and a stream's state is a plain value."""

from __future__ import annotations

import copy
import dataclasses
from dataclasses import replace
from typing import Any

import pytest
import torch
from safetensors.torch import load, save
from torch import Tensor

from engine.codec import Codec
from engine.layers import AttentionCache
from tests.fixtures.tiny_models import TINY_CODEC, tiny_codec

FRAMES = 12
TOLERANCE = 1e-5


@pytest.fixture(scope="module", params=[0, 2 * TINY_CODEC.hop_samples], ids=["one window", "short synthesis"])
def codec(request: pytest.FixtureRequest) -> Codec:
    return tiny_codec(config=replace(TINY_CODEC, synthesis_window_samples=request.param))


@pytest.fixture(scope="module")
def audio() -> Tensor:
    """(2, S): noise of changing loudness."""
    rng = torch.Generator().manual_seed(1)
    samples = FRAMES * TINY_CODEC.frame_samples
    loudness = torch.linspace(0, 12, samples).sin().abs() * 0.3
    return torch.randn(2, samples, generator=rng) * loudness


@pytest.fixture(scope="module")
def codes() -> Tensor:
    """(2, T, K) random codes."""
    rng = torch.Generator().manual_seed(2)
    return torch.randint(0, TINY_CODEC.codebook_size, (2, FRAMES, TINY_CODEC.codebooks), generator=rng)


def written_and_read(state: Any) -> Any:
    """The state through bytes: its tensors as safetensors, rebuilt by its own constructor."""
    if isinstance(state, Tensor):
        return load(save({"it": state.contiguous()}))["it"]
    if isinstance(state, tuple):
        return tuple(map(written_and_read, state))
    if dataclasses.is_dataclass(state) and not isinstance(state, type):
        parts = {f.name: written_and_read(getattr(state, f.name)) for f in dataclasses.fields(state)}
        return type(state)(**parts)
    assert isinstance(state, int)
    return state


@pytest.mark.parametrize("chunk", [1, 2, 5])
def test_latents_in_chunks_equal_the_whole(codec: Codec, audio: Tensor, chunk: int) -> None:
    whole, _ = codec.encoder(audio, codec.encoder.initial_state(2))
    state, parts = codec.encoder.initial_state(2), []
    for piece in audio.split(chunk * codec.frame_size, dim=1):
        part, state = codec.encoder(piece, state)
        parts.append(part)
    assert (torch.cat(parts, dim=1) - whole).abs().max() < TOLERANCE
    assert whole.std() > 0.05


@pytest.mark.parametrize("chunk", [1, 2, 5])
def test_audio_in_chunks_equals_the_whole(codec: Codec, codes: Tensor, chunk: int) -> None:
    whole = codec.decode(codes)
    state, parts = codec.decoder.initial_state(2), []
    for piece in codes.split(chunk, dim=1):
        part, state = codec.decode_step(piece, state)
        assert part.shape[1] == piece.shape[1] * codec.frame_size
        parts.append(part)
    parts.append(codec.flush(state))
    streamed = torch.cat(parts, dim=1)[:, codec.config.delay_samples :]
    assert streamed.shape == whole.shape == (2, FRAMES * codec.frame_size)
    assert (streamed - whole).abs().max() < TOLERANCE


def test_codes_of_a_stream_are_the_codes_of_the_recording(codec: Codec, audio: Tensor) -> None:
    state, parts = codec.encoder.initial_state(2), []
    for piece in audio.split(codec.frame_size, dim=1):
        part, state = codec.encode_step(piece, state)
        parts.append(part)
    assert torch.equal(torch.cat(parts, dim=1), codec.encode(audio))


@pytest.mark.parametrize("through", [copy.deepcopy, written_and_read], ids=["cloned", "saved"])
def test_a_restored_state_goes_on_as_if_nothing_had_happened(
    codec: Codec, audio: Tensor, codes: Tensor, through: Any
) -> None:
    cut = 7
    samples = cut * codec.frame_size
    whole, _ = codec.encoder(audio, codec.encoder.initial_state(2))
    _, state = codec.encoder(audio[:, :samples], codec.encoder.initial_state(2))
    rest, _ = codec.encoder(audio[:, samples:], through(state))
    assert (rest - whole[:, cut:]).abs().max() < TOLERANCE

    spoken, _ = codec.decode_step(codes, codec.decoder.initial_state(2))
    _, state = codec.decode_step(codes[:, :cut], codec.decoder.initial_state(2))
    rest, _ = codec.decode_step(codes[:, cut:], through(state))
    assert (rest - spoken[:, samples:]).abs().max() < TOLERANCE


def test_an_old_state_can_be_returned_to(codec: Codec, audio: Tensor) -> None:
    half = FRAMES // 2 * codec.frame_size
    _, kept = codec.encoder(audio[:, :half], codec.encoder.initial_state(2))
    first, _ = codec.encoder(audio[:, half:], kept)
    codec.encoder(torch.zeros_like(audio), kept)
    again, _ = codec.encoder(audio[:, half:], kept)
    assert torch.equal(first, again)


def test_states_are_frozen_and_bounded(codec: Codec, audio: Tensor) -> None:
    def size(state: Any) -> int:
        if isinstance(state, Tensor):
            return state.numel()
        if isinstance(state, tuple):
            return sum(map(size, state))
        if isinstance(state, int):
            return 1
        return sum(size(getattr(state, f.name)) for f in dataclasses.fields(state))

    _, early = codec.encoder(audio, codec.encoder.initial_state(2))
    _, late = codec.encoder(audio, early)
    assert size(early) == size(late)
    with pytest.raises(dataclasses.FrozenInstanceError):
        early.samples = audio
    assert isinstance(late.layers[0], AttentionCache)
    assert late.layers[0].position == 2 * FRAMES


@pytest.mark.parametrize("frame", [0, 3, FRAMES - 2])
def test_a_latent_does_not_depend_on_later_samples(codec: Codec, audio: Tensor, frame: int) -> None:
    samples = audio.clone().requires_grad_()
    latent, _ = codec.encoder(samples, codec.encoder.initial_state(2))
    (gradient,) = torch.autograd.grad(latent[:, frame].square().sum(), samples)
    end = (frame + 1) * codec.frame_size
    assert not gradient[:, end:].any()
    assert gradient[:, end - codec.frame_size : end].any()


@pytest.mark.parametrize("frame", [1, 4, FRAMES - 1])
def test_audio_does_not_depend_on_later_frames(codec: Codec, codes: Tensor, frame: int) -> None:
    latent = codec.quantiser.decode(codes).requires_grad_()
    samples, _ = codec.decoder(latent, codec.decoder.initial_state(2))
    (gradient,) = torch.autograd.grad(samples[:, : frame * codec.frame_size].square().sum(), latent)
    assert not gradient[:, frame:].any()
    assert gradient[:, frame - 1].any()


def test_changing_later_codes_leaves_earlier_audio_as_it_is(codec: Codec, codes: Tensor) -> None:
    frame = 5
    changed = codes.clone()
    changed[:, frame:] = (changed[:, frame:] + 1) % codec.config.codebook_size
    one, _ = codec.decode_step(codes, codec.decoder.initial_state(2))
    other, _ = codec.decode_step(changed, codec.decoder.initial_state(2))
    before = frame * codec.frame_size
    assert torch.equal(one[:, :before], other[:, :before])
    assert not torch.equal(one[:, before:], other[:, before:])
