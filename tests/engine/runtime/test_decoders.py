"""Every runtime's decoding half of the codec sounds like PyTorch's, in any chunks and from any state."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from engine.codec import Codec
from engine.runtime.cuda import CudaDecoder
from engine.runtime.onnx import OnnxDecoder
from tests.fixtures.tiny_models import TINY_CODEC, tiny_codec

FRAMES = 24
TOLERANCE = 1e-5
Decoder = OnnxDecoder | CudaDecoder


@pytest.fixture(autouse=True)
def inference() -> Iterator[None]:
    with torch.inference_mode():
        yield


@pytest.fixture(scope="module", params=[0, 2 * TINY_CODEC.hop_samples], ids=["one window", "short synthesis"])
def codec(request: pytest.FixtureRequest) -> Codec:
    return tiny_codec(config=replace(TINY_CODEC, decoder_layers=2, synthesis_window_samples=request.param))


@pytest.fixture(scope="module", params=["onnx", "cuda"])
def decoder(codec: Codec, request: pytest.FixtureRequest) -> Decoder:
    """The cuda one without graphs, which need a GPU."""
    return OnnxDecoder(codec) if request.param == "onnx" else CudaDecoder(codec, graphs=False)


@pytest.fixture(scope="module")
def codes() -> Tensor:
    shape = (1, FRAMES, TINY_CODEC.codebooks)
    return torch.randint(0, TINY_CODEC.codebook_size, shape, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("size", [1, 2, 5, FRAMES])
def test_audio_in_chunks_equals_the_whole_of_torch(
    codec: Codec, decoder: Decoder, codes: Tensor, size: int
) -> None:
    wanted, ends = codec.decode_step(codes, codec.decoder_state())
    state, pieces = decoder.decoder_state(), []
    for piece in codes.split(size, dim=1):
        samples, state = decoder.decode_step(piece, state)
        pieces.append(samples)
    assert wanted.abs().max() > 1e-2
    assert (torch.cat(pieces, dim=1) - wanted).abs().max() < TOLERANCE
    assert decoder.flush(state).shape == (1, codec.config.delay_samples)
    assert [layer.keys.shape for layer in state.layers] == [layer.keys.shape for layer in ends.layers]
    assert (state.layers[0].position, state.excitation.hop) == (
        ends.layers[0].position,
        ends.excitation.hop,
    )


@pytest.mark.parametrize("books", [TINY_CODEC.codebooks, TINY_CODEC.semantic_codebooks, 1])
def test_absent_books_sound_like_books_that_were_never_given(
    codec: Codec, decoder: Decoder, codes: Tensor, books: int
) -> None:
    coarse = codes.clone()
    coarse[..., books:] = -1
    wanted, _ = codec.decode_step(codes[..., :books], codec.decoder_state())
    for given in (coarse, codes[..., :books]):
        assert (decoder.decode_step(given, decoder.decoder_state())[0] - wanted).abs().max() < TOLERANCE


@pytest.mark.parametrize("cut", [1, 3, 17])
def test_a_stream_can_change_the_runtime_at_any_frame(
    codec: Codec, decoder: Decoder, codes: Tensor, cut: int
) -> None:
    """There and back again: a state that another runtime went on with is no longer the one that was packed."""
    wanted, _ = codec.decode_step(codes, codec.decoder_state())
    for first, second in ((codec, decoder), (decoder, codec)):
        begun, state = first.decode_step(codes[:, :cut], first.decoder_state())
        between, state = second.decode_step(codes[:, cut : cut + 3], state)
        rest, _ = first.decode_step(codes[:, cut + 3 :], state)
        assert (torch.cat((begun, between, rest), dim=1) - wanted).abs().max() < TOLERANCE


def test_a_state_is_a_value(decoder: Decoder, codes: Tensor) -> None:
    """Going on from an old state gives the same again, whatever was decoded in between."""
    _, state = decoder.decode_step(codes[:, :9], decoder.decoder_state())
    once, _ = decoder.decode_step(codes[:, 9:], state)
    decoder.decode_step(codes.flip(1), decoder.decoder_state())
    again, _ = decoder.decode_step(codes[:, 9:], state)
    assert torch.equal(once, again)


def test_prosody_is_the_codecs(codec: Codec, decoder: Decoder, codes: Tensor) -> None:
    assert (decoder.prosody(codes) - codec.prosody(codes)).abs().max() < TOLERANCE


def test_a_batch_is_refused(decoder: Decoder, codes: Tensor) -> None:
    with pytest.raises(ValueError, match="takes one stream and got 2"):
        decoder.decode_step(codes.expand(2, -1, -1), decoder.decoder_state(2))


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU")
def test_graphs_sound_like_the_functions(codec: Codec, codes: Tensor) -> None:
    on_gpu = tiny_codec(config=codec.config).cuda()
    sounds = []
    for graphs in (False, True):
        decoder = CudaDecoder(on_gpu, graphs)
        sounds.append(decoder.decode_step(codes.cuda(), decoder.decoder_state())[0])
    assert torch.equal(*sounds)
