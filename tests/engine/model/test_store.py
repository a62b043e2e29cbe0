"""A speech model on disk: what is read is what was written, bound to its codec's tokens."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from engine.codec import save_codec
from engine.errors import SottoError, VoiceError
from engine.model import load_model, save_model
from engine.weights import read_weights, write_weights
from tests.fixtures.tiny_models import TINY_MODEL, tiny_codec, tiny_model


def test_what_is_written_is_read_again_rounded_to_bf16(tmp_path: Path) -> None:
    model = tiny_model()
    save_model(tmp_path / "model.safetensors", model, "the tokens", {"speakers": {"first": 0}})
    again, about = load_model(tmp_path / "model.safetensors")
    assert again.config == TINY_MODEL
    assert about["tokens"] == "the tokens"
    assert about["speakers"] == {"first": 0}
    for name, parameter in model.named_parameters():
        read = again.get_parameter(name)
        assert read.dtype == torch.float32
        assert torch.equal(read, parameter.to(torch.bfloat16).float())
        assert not read.requires_grad
    assert not list(tmp_path.glob("*.partial"))


def test_a_codec_is_no_speech_model(tmp_path: Path) -> None:
    save_codec(tmp_path / "codec.safetensors", tiny_codec())
    with pytest.raises(VoiceError, match="holds a codec, not a speech model"):
        load_model(tmp_path / "codec.safetensors")


def test_weights_of_another_shape_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    save_model(path, tiny_model(), "tokens", {})
    tensors, about = read_weights(path)
    tensors["first_head.weight"] = torch.zeros(4, 4)
    write_weights(path, tensors, about)
    with pytest.raises(VoiceError, match="does not fit its own configuration"):
        load_model(path)


@pytest.mark.parametrize("lost", ["config", "kind"])
def test_a_description_that_lost_a_part_is_refused(tmp_path: Path, lost: str) -> None:
    path = tmp_path / "model.safetensors"
    save_model(path, tiny_model(), "tokens", {})
    tensors, about = read_weights(path)
    del about[lost]
    write_weights(path, tensors, about)
    with pytest.raises(SottoError, match=r"lost the config|unknown kind"):
        load_model(path)
