"""A model for onnx-asr on onnxruntime, loaded from a folder without any network: on a GPU where there is one, else CPU.

Recogniser's process only. Weights are ONNX, so nothing of the model is run but its graph.
"""

from __future__ import annotations

import ctypes
import os
import sys
import time

import numpy as np
import onnx_asr
import onnxruntime
from numpy.typing import NDArray
from onnx_asr.adapters import TimestampedResultsAsrAdapter

from engine.errors import SottoError
from engine.recognition.contract import RATE_HZ
from engine.recognition.model_folder import ModelFolder
from engine.recognition.offline import Decoded, OfflineModel
from engine.recognition.pace import Pace, measured

MOST_THREADS = 4
_ERRORS_ONLY = 3
_GUESS_LANGUAGES = ("whisper", "whisper-ort")
"""Kinds that guess the language of a single word, often wrongly, unless they are told it."""

_CUDA, _CPU = "CUDAExecutionProvider", "CPUExecutionProvider"
_DRIVERS = {"win32": "nvcuda.dll"}


class OnnxModel:
    """See `OfflineModel`. `device` is cuda or cpu."""

    def __init__(self, adapter: TimestampedResultsAsrAdapter, device: str, asks_english: bool) -> None:
        self._adapter = adapter
        self._language = "en" if asks_english else None
        self.device = device

    def decode(self, samples: NDArray[np.float32]) -> Decoded:
        """See `OfflineModel`."""
        # The package types its rates as literals, of which RATE_HZ is one.
        result = self._adapter.recognize(  # type: ignore[call-overload]
            np.ascontiguousarray(samples, np.float32), sample_rate=RATE_HZ, language=self._language
        )
        told = result.logprobs
        tokens = len(told) if told is not None else len(result.text.split())
        return Decoded(result.text, tokens, float(sum(told)) if told is not None else None)


def load(folder: ModelFolder) -> tuple[OnnxModel, Pace]:
    """The model, warm, and how fast it is here.

    Raises SottoError with one sentence for a model that cannot be loaded, does not decode, or is too slow.
    """
    model = None
    if gpu_here():
        try:
            model = _loaded(folder, "cuda")
            _decode_s(model, 1.0)
        except Exception:  # noqa: BLE001 - whatever the GPU lacks, the CPU does the same more slowly
            model = None
    try:
        model = model or _loaded(folder, "cpu")
        _decode_s(model, 1.0)  # the first run prepares what later ones use
        pace = measured(lambda seconds: _decode_s(model, seconds))
    except Exception as error:
        told = str(error).strip().partition("\n")[0] or type(error).__name__
        raise SottoError(
            f"The recogniser model in {folder.path} cannot be used as {folder.kind} ({told}); "
            "check its files, or download it again."
        ) from error
    if pace.too_slow:
        raise SottoError(
            f"The recogniser model in {folder.path} is too slow for this machine: it needs "
            f"{pace.cost_s(3.0):.1f} s for 3 s of speech; choose a smaller one."
        )
    return model, pace


def _loaded(folder: ModelFolder, device: str) -> OnnxModel:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads()
    options.inter_op_num_threads = 1
    options.log_severity_level = _ERRORS_ONLY
    adapter = onnx_asr.load_model(
        folder.kind,
        folder.path,
        quantization=folder.precision,
        sess_options=options,
        providers=[_CUDA, _CPU] if device == "cuda" else [_CPU],
    )
    return OnnxModel(adapter.with_timestamps(), device, folder.kind in _GUESS_LANGUAGES)


def threads() -> int:
    """Half of the cores, four at most: the voice needs the others."""
    return max(1, min(MOST_THREADS, (os.cpu_count() or 1) // 2))


def gpu_here() -> bool:
    """Whether onnxruntime can compute on a GPU and a driver sees one. It offers CUDA on machines without, too."""
    if _CUDA not in onnxruntime.get_available_providers():
        return False
    try:
        driver = ctypes.CDLL(_DRIVERS.get(sys.platform, "libcuda.so.1"))
    except OSError:
        return False
    count = ctypes.c_int(0)
    if driver.cuInit(0) != 0 or driver.cuDeviceGetCount(ctypes.byref(count)) != 0 or count.value == 0:
        return False
    onnxruntime.preload_dlls()  # finds CUDA's libraries beside PyTorch's, without PyTorch
    return True


def _decode_s(model: OfflineModel, seconds: float) -> float:
    """How long decoding so much soft noise takes."""
    noise = np.random.default_rng(0).standard_normal(round(seconds * RATE_HZ)).astype(np.float32) * 0.05
    started_s = time.perf_counter()
    model.decode(noise)
    return time.perf_counter() - started_s
