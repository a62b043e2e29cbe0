"""An onnxruntime session whose inputs and outputs are torch tensors where they lie: nothing is copied in or out.

One thread, since a step is matrix-vector work. Runs on the engine thread; the only file that imports onnxruntime.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import onnxruntime
import torch
from torch import Tensor

_ERRORS_ONLY = 3
_KINDS = {torch.float32: np.float32, torch.int64: np.int64}
PROVIDER = "CPUExecutionProvider"


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

    def run(self, inputs: Mapping[str, Tensor], outputs: Mapping[str, Tensor]) -> None:
        """Compute `outputs`, which are written where they lie, from `inputs`; float32 or int64.

        An input that is not contiguous is copied; an output must be.
        """
        binding = self._binding
        lying = [(name, inputs[name].contiguous()) for name in self._names]  # alive until the run is over
        for name, tensor in lying:
            binding.bind_input(name, "cpu", 0, _KINDS[tensor.dtype], tensor.shape, tensor.data_ptr())
        for name, tensor in outputs.items():
            binding.bind_output(name, "cpu", 0, _KINDS[tensor.dtype], tensor.shape, tensor.data_ptr())
        self._session.run_with_iobinding(binding)
