"""Which runtime speaks: the fastest there is, the one asked for, or one sentence why not."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import torch

from engine.codec import Codec
from engine.errors import VoiceError
from engine.model import TorchFrames
from engine.runtime import RUNTIMES, CudaOptions, choose_runtime, load_voice, why_not_onnx
from engine.runtime.cuda import CudaDecoder, CudaFrames

CPU, GPU = torch.device("cpu"), torch.device("cuda")


@pytest.fixture
def no_onnxruntime(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a machine where onnxruntime is not installed."""
    monkeypatch.setitem(sys.modules, "onnxruntime", None)


def test_the_cpu_gets_onnx_and_a_gpu_cuda_unless_something_else_is_asked_for() -> None:
    assert why_not_onnx() is None
    assert choose_runtime(None, CPU) == "onnx"
    assert choose_runtime(None, GPU) == "cuda"
    assert choose_runtime(None, torch.device("mps")) == "torch"
    assert [choose_runtime(name, CPU, CudaOptions(graphs=False)) for name in RUNTIMES] == list(RUNTIMES)
    assert [choose_runtime(name, GPU) for name in ("torch", "cuda")] == ["torch", "cuda"]


def test_without_onnxruntime_the_cpu_gets_torch_and_the_reason_is_known(no_onnxruntime: None) -> None:
    assert choose_runtime(None, CPU) == "torch"
    assert "onnxruntime cannot be loaded" in str(why_not_onnx())
    with pytest.raises(VoiceError, match=r"not to be had: onnxruntime cannot be loaded .*; run make setup"):
        choose_runtime("onnx", CPU)


def test_what_cannot_be_is_refused_in_one_sentence() -> None:
    with pytest.raises(VoiceError, match="no runtime named 'banana'; there are: torch, onnx, cuda"):
        choose_runtime("banana", CPU)
    with pytest.raises(VoiceError, match="computes on the CPU, not on cuda"):
        choose_runtime("onnx", GPU)
    with pytest.raises(VoiceError, match="computes on a GPU that PyTorch can use, not on cpu; leave it out"):
        choose_runtime("cuda", CPU)


def test_a_voice_says_which_runtime_it_has(babbler_folder: Path) -> None:
    chosen = load_voice(babbler_folder, "cpu")
    assert chosen.runtime == "onnx"
    assert not isinstance(chosen.frames, TorchFrames)
    reference = load_voice(babbler_folder, "cpu", "torch")
    assert reference.runtime == "torch"
    assert isinstance(reference.frames, TorchFrames)
    assert isinstance(reference.decoder, Codec)
    graphless = load_voice(babbler_folder, "cpu", "cuda", CudaOptions(graphs=False))
    assert graphless.runtime == "cuda"
    assert isinstance(graphless.frames, CudaFrames)
    assert isinstance(graphless.decoder, CudaDecoder)


def test_asking_for_onnx_is_asking_for_the_cpu(babbler_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also on a machine with a GPU."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert load_voice(babbler_folder, None, "onnx").device == CPU
