"""Which runtime speaks: the fastest there is, the one asked for, or one sentence why not."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import torch

from engine.codec import Codec
from engine.errors import VoiceError
from engine.model import TorchFrames
from engine.runtime import RUNTIMES, choose_runtime, load_voice, why_not_onnx

CPU, GPU = torch.device("cpu"), torch.device("cuda")


@pytest.fixture
def no_onnxruntime(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a machine where onnxruntime is not installed."""
    monkeypatch.setitem(sys.modules, "onnxruntime", None)


def test_the_cpu_gets_onnx_and_a_gpu_torch() -> None:
    assert why_not_onnx() is None
    assert choose_runtime(None, CPU) == "onnx"
    assert choose_runtime(None, GPU) == "torch"
    assert [choose_runtime(name, CPU) for name in RUNTIMES] == list(RUNTIMES)


def test_without_onnxruntime_the_cpu_gets_torch_and_the_reason_is_known(no_onnxruntime: None) -> None:
    assert choose_runtime(None, CPU) == "torch"
    assert "onnxruntime cannot be loaded" in str(why_not_onnx())
    with pytest.raises(VoiceError, match=r"not to be had: onnxruntime cannot be loaded .*; run make setup"):
        choose_runtime("onnx", CPU)


def test_what_cannot_be_is_refused_in_one_sentence() -> None:
    with pytest.raises(VoiceError, match="no runtime named 'banana'; there are: torch, onnx"):
        choose_runtime("banana", CPU)
    with pytest.raises(VoiceError, match="computes on the CPU, not on cuda"):
        choose_runtime("onnx", GPU)


def test_a_voice_says_which_runtime_it_has(babbler_folder: Path) -> None:
    chosen = load_voice(babbler_folder, "cpu")
    assert chosen.runtime == "onnx"
    assert not isinstance(chosen.frames, TorchFrames)
    reference = load_voice(babbler_folder, "cpu", "torch")
    assert reference.runtime == "torch"
    assert isinstance(reference.frames, TorchFrames)
    assert isinstance(reference.decoder, Codec)
