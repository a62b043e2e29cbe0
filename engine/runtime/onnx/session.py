"""An onnxruntime session whose inputs and outputs are torch tensors where they lie: nothing is copied in or out.

One thread, since a step is matrix-vector work. Runs on the engine thread; the only file that imports onnxruntime.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import onnxruntime
import torch
from torch import Tensor

_ERRORS_ONLY = 3
_KINDS = {torch.float32: np.float32, torch.int64: np.int64}
PROVIDER = "CPUExecutionProvider"


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows (n, width) of float32 inside `owner`, named by their address: what a slice says, for less."""

    owner: Tensor
    address: int
    shape: tuple[int, int]


class Session:
    """One graph, ready to run on CPU tensors."""

    def __init__(self, graph: bytes) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
        options.log_severity_level = _ERRORS_ONLY  # it warns about every accelerator that is not there
        options.enable_mem_pattern = False  # sizes change from frame to frame until the windows are full
        options.add_session_config_entry("session.set_denormal_as_zero", "1")
        self._session = onnxruntime.InferenceSession(graph, options, providers=[PROVIDER])
        self.providers: list[str] = self._session.get_providers()
        self._names = [value.name for value in self._session.get_inputs()]
        self._binding = self._session.io_binding()
        self._bound: dict[str, tuple[int, tuple[int, ...]]] = {}

    def run(self, inputs: Mapping[str, Tensor | Rows], outputs: Mapping[str, Tensor]) -> None:
        """Compute `outputs`, which are written where they lie, from `inputs`; float32 or int64.

        An input that is not contiguous is copied; an output must be. What lies where it lay before stays bound.
        """
        lying = [(name, _lying(inputs[name])) for name in self._names]  # alive until the run is over
        for name, value in lying:
            address, shape, kind = _place(value)
            if self._bound.get(name) != (address, shape):
                self._binding.bind_input(name, "cpu", 0, kind, shape, address)
                self._bound[name] = (address, shape)
        for name, tensor in outputs.items():
            self._binding.bind_output(name, "cpu", 0, _KINDS[tensor.dtype], tensor.shape, tensor.data_ptr())
        self._session.run_with_iobinding(self._binding)


def _place(value: Tensor | Rows) -> tuple[int, tuple[int, ...], type]:
    """Address, shape and kind of number."""
    if isinstance(value, Rows):
        return value.address, value.shape, np.float32
    return value.data_ptr(), tuple(value.shape), _KINDS[value.dtype]


def _lying(value: Tensor | Rows) -> Tensor | Rows:
    return value if isinstance(value, Rows) else value.contiguous()
