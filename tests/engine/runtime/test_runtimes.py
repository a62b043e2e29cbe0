"""Which runtime speaks: the fastest there is, the one asked for, or one sentence why not."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.codec import Codec
from engine.errors import VoiceError
from engine.model import TorchFrames, load_model
from engine.model.speculation import DraftHeads, SpeculativeFrames, save_draft
from engine.runtime import RUNTIMES, CudaOptions, Synthesiser, Voice, choose_runtime, load_voice, why_not_onnx
from engine.runtime.cuda import CudaDecoder, CudaFrames
from engine.runtime.voices import DRAFT, MODEL

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


@pytest.fixture
def drafting(babbler_folder: Path, tmp_path: Path) -> Path:
    """The voice with draft heads of random weights beside it."""
    folder = Path(shutil.copytree(babbler_folder, tmp_path / "drafting"))
    model, about = load_model(folder / MODEL)
    torch.manual_seed(0)
    save_draft(folder / DRAFT, DraftHeads(model.config), about["sha256"])
    return folder


def spoken(voice: Voice) -> np.ndarray:  # type: ignore[type-arg]
    return np.concatenate([chunk.samples for chunk in Synthesiser(voice, seed=3).stream("It is the same.")])


def test_draft_heads_beside_a_voice_change_nothing_but_the_way(drafting: Path, babbler_folder: Path) -> None:
    voice = load_voice(drafting, "cpu", "torch")
    assert isinstance(voice.frames, SpeculativeFrames)
    assert voice.frames.heads is not None
    assert np.array_equal(spoken(voice), spoken(load_voice(babbler_folder, "cpu", "torch")))


def test_onnx_has_no_use_for_draft_heads_and_does_not_read_them(drafting: Path) -> None:
    (drafting / DRAFT).write_bytes(b"not read")
    assert not isinstance(load_voice(drafting, "cpu", "onnx").frames, SpeculativeFrames)
    with pytest.raises(VoiceError, match=r"draft\.safetensors is damaged"):
        load_voice(drafting, "cpu", "torch")


def test_draft_heads_of_another_model_are_refused(drafting: Path) -> None:
    model, _ = load_model(drafting / MODEL)
    save_draft(drafting / DRAFT, DraftHeads(model.config), "another")
    with pytest.raises(VoiceError, match=r"made for other weights .*; remove it") as refused:
        load_voice(drafting, "cpu", "torch")
    assert "\n" not in str(refused.value)
