"""One function over tensors that stay where they are, replayed as a CUDA graph or called as it is.

Graphs are captured by the thread that will replay them, the engine thread; other threads may use CUDA meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor

Precision = Literal["float32", "bfloat16"]
WARM_UPS = 3
"""Calls before a capture: libraries choose their kernels and take their workspaces in the first ones."""


@dataclass(frozen=True, slots=True)
class CudaOptions:
    """How the cuda runtime computes. `graphs` off is the kill switch: the same functions, launched kernel by kernel,
    on any device. `precision` is that of the big products; residuals, norms and what gives logits stay in float32."""

    graphs: bool = True
    precision: Precision = "float32"

    @property
    def dtype(self) -> torch.dtype:
        """Of weights and caches."""
        return torch.bfloat16 if self.precision == "bfloat16" else torch.float32


class Step:
    """`compute` takes nothing, reads tensors that never move and gives new ones; it must not wait for the device.

    With graphs, what a call gives lies where the next call writes: the caller copies what must outlive that.
    """

    def __init__(
        self, compute: Callable[[], tuple[Tensor, ...]], device: torch.device, graphs: bool, pool: Any = None
    ) -> None:
        self._compute = compute
        self._graph: torch.cuda.CUDAGraph | None = None
        if graphs:
            self._capture(device, pool)

    @torch.no_grad()
    def _capture(self, device: torch.device, pool: Any) -> None:
        with torch.cuda.device(device):
            aside = torch.cuda.Stream()  # type: ignore[no-untyped-call]
            aside.wait_stream(torch.cuda.current_stream())
            with torch.cuda.stream(aside):
                for _ in range(WARM_UPS):
                    self._compute()
            torch.cuda.current_stream().wait_stream(aside)
            self._graph = torch.cuda.CUDAGraph()
            # Only this thread is watched for calls that a capture forbids: others may allocate or copy meanwhile.
            with torch.cuda.graph(self._graph, pool=pool, capture_error_mode="thread_local"):
                self._given = self._compute()

    def __call__(self) -> tuple[Tensor, ...]:
        """Compute once from what the tensors hold now."""
        if self._graph is None:
            return self._compute()
        self._graph.replay()
        return self._given


def graph_pool(graphs: bool) -> Any:
    """Memory that several graphs share, which never run at the same time; None without graphs."""
    return torch.cuda.graph_pool_handle() if graphs else None


def add_product(x: Tensor, a: Tensor, weight: Tensor) -> Tensor:
    """`x` (1, D) float32 += `a` (1, I) @ `weight` (D, I)^T, in place: the residual costs no kernel of its own."""
    if a.dtype == x.dtype:
        return x.addmm_(a, weight.t())
    return x.add_(torch.nn.functional.linear(a, weight))
