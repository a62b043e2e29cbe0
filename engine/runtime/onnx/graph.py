"""Writes ONNX graphs by hand: names, weights, and the few operators the voice needs, fused where ONNX Runtime can.

Weights are written straight from the model's tensors; nothing is traced. Knows numpy and `onnx`, not onnxruntime.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn

Precision = Literal["float32", "int8"]

OPSET, IR_VERSION = 20, 10
FUSED = "com.microsoft"
BLOCK = 64
"""Weights that share one scale: 8 bits in blocks of 64 lose less than one scale a column and cost no time (ADR 6)."""


def array(tensor: Tensor) -> NDArray[np.float32]:
    """A float32 numpy copy."""
    return np.ascontiguousarray(tensor.detach().float().cpu().numpy())


def quantised(
    weight: NDArray[np.float32], block: int = BLOCK
) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Symmetric 8-bit codes (N, K / block, block), 128 meaning zero, and scales (N, K / block) of `weight` (N, K).

    K is filled up with zeros to whole blocks, as MatMulNBits wants it.
    """
    rows, columns = weight.shape
    blocks = -(-columns // block)
    padded = np.zeros((rows, blocks, block), dtype=np.float32)
    padded.reshape(rows, -1)[:, :columns] = weight
    scale = np.maximum(np.abs(padded).max(axis=-1, keepdims=True) / 127.0, 1e-12)
    padded /= scale
    np.rint(padded, out=padded)
    padded += 128.0
    return padded.astype(np.uint8), scale[..., 0]


class Graph:
    """One graph being written. Methods append a node and give the name of its output."""

    def __init__(self, name: str, precision: Precision) -> None:
        self.name, self.precision = name, precision
        self.nodes: list[onnx.NodeProto] = []
        self.weights: dict[str, onnx.TensorProto] = {}
        self.inputs: list[onnx.ValueInfoProto] = []
        self.outputs: list[onnx.ValueInfoProto] = []
        self._count = 0

    def _fresh(self, stem: str) -> str:
        self._count += 1
        return f"{self.name}.{stem}.{self._count}"

    def input(self, name: str, shape: Sequence[int | str], kind: int = TensorProto.FLOAT) -> str:
        """Declare an input; a letter in `shape` is a size that varies."""
        self.inputs.append(helper.make_tensor_value_info(name, kind, list(shape)))
        return name

    def output(
        self, name: str, value: str, shape: Sequence[int | str], kind: int = TensorProto.FLOAT
    ) -> None:
        """Declare the graph's output `name`, equal to `value`."""
        self.nodes.append(helper.make_node("Identity", [value], [name]))
        self.outputs.append(helper.make_tensor_value_info(name, kind, list(shape)))

    def result(self, value: str, shape: Sequence[int | str], kind: int = TensorProto.FLOAT) -> None:
        """Declare `value` itself as the next output, where only the order counts: a loop's body."""
        self.outputs.append(helper.make_tensor_value_info(value, kind, list(shape)))

    def weight(self, values: NDArray[Any], name: str | None = None) -> str:
        """A constant; a `name` given twice is stored once."""
        name = name or self._fresh("constant")
        if name not in self.weights:
            self.weights[name] = numpy_helper.from_array(np.asarray(values, order="C"), name)
        return name

    def numbers(self, *values: int) -> str:
        """A constant int64 vector."""
        return self.numbers_of((len(values),), *values)

    def add(self, op: str, *inputs: str, outputs: int = 1, domain: str = "", **attributes: Any) -> list[str]:
        """Append one node with several outputs."""
        names = [self._fresh(op) for _ in range(outputs)]
        self.nodes.append(helper.make_node(op, list(inputs), names, domain=domain, **attributes))
        return names

    def op(self, op: str, *inputs: str, domain: str = "", **attributes: Any) -> str:
        """Append one node with one output."""
        return self.add(op, *inputs, domain=domain, **attributes)[0]

    @staticmethod
    def node(op: str, inputs: list[str], outputs: list[str], **attributes: Any) -> onnx.NodeProto:
        """A node whose outputs have names of the caller's."""
        return helper.make_node(op, inputs, outputs, **attributes)

    def scalar(self, value: int) -> str:
        """A constant int64 scalar."""
        return self.numbers_of((), value)

    def numbers_of(self, shape: tuple[int, ...], *values: int) -> str:
        """A constant int64 array of this shape, shared by all who ask for the same."""
        name = f"{self.name}.numbers.{'x'.join(map(str, shape))}.{'_'.join(map(str, values))}"
        return self.weight(np.asarray(values, dtype=np.int64).reshape(shape), name)

    def reshape(self, x: str, *shape: int) -> str:
        """`x` in another shape; -1 is what is left."""
        return self.op("Reshape", x, self.numbers(*shape))

    def linear(
        self, x: str, weight: Tensor, name: str, bias: Tensor | None = None, exact: bool = False
    ) -> str:
        """x W^T + b for `weight` (N, K), in the graph's precision, or `exact`, in float32."""
        rows, columns = weight.shape
        if self.precision == "int8" and not exact:
            if f"{name}.codes" not in self.weights:
                codes, scales = quantised(array(weight))
                self.weight(codes, f"{name}.codes")
                self.weight(scales.reshape(-1), f"{name}.scales")
            y = self.op(
                "MatMulNBits",
                *(x, f"{name}.codes", f"{name}.scales"),
                domain=FUSED,
                K=columns,
                N=rows,
                bits=8,
                block_size=BLOCK,
                accuracy_level=4,  # the input is quantised to 8 bits as well
            )
        else:
            y = self.op("MatMul", x, self.weight(array(weight).T, name))
        return y if bias is None else self.op("Add", y, self.weight(array(bias), f"{name}.bias"))

    def add_rms_norm(self, x: str, update: str, weight: Tensor, name: str, eps: float) -> tuple[str, str]:
        """The normed sum of `x` and `update`, and the sum itself, in one operator."""
        normed, total = self._fresh("normed"), self._fresh("sum")
        inputs = [x, update, self.weight(array(weight), name)]
        self.nodes.append(
            helper.make_node(
                "SkipSimplifiedLayerNormalization", inputs, [normed, "", "", total], domain=FUSED, epsilon=eps
            )
        )
        return normed, total

    def layer_norm(self, x: str, norm: nn.LayerNorm, name: str) -> str:
        """Layer normalisation over the last axis."""
        gain, bias = self.weight(array(norm.weight), name), self.weight(array(norm.bias), f"{name}.bias")
        return self.op("LayerNormalization", x, gain, bias, axis=-1, epsilon=norm.eps)

    def swiglu(self, x: str, up: Tensor, down: Tensor, name: str) -> str:
        """W2 (silu(W1 x) * W3 x) with W1 and W3 stacked in `up`."""
        both = self.linear(x, up, f"{name}.up")
        gate, value = self.add("Split", both, outputs=2, axis=-1, num_outputs=2)
        silu = self.op("QuickGelu", gate, domain=FUSED, alpha=1.0)  # x * sigmoid(x)
        return self.linear(self.op("Mul", silu, value), down, f"{name}.down")

    def angles(self, position: str, head_width: int, base: float) -> tuple[str, str]:
        """Cosines and sines (1, d / 2) of one float `position` (1, 1), in float32 as `engine.layers.rotary_angles`."""
        half = head_width // 2
        frequencies = base ** (-torch.arange(half, dtype=torch.float32) / half)
        angles = self.op("Mul", position, self.weight(frequencies.numpy().reshape(1, half)))
        return self.op("Cos", angles), self.op("Sin", angles)

    def rotate(self, x: str, angles: tuple[str, str], heads: int) -> str:
        """Rotate the halves of each head of `x` (1, 1, heads * d)."""
        first = self.numbers_of((1, 1), 0)  # the row of `angles` that is meant: there is one
        return self.op("RotaryEmbedding", x, first, *angles, domain=FUSED, num_heads=heads)

    def spread_heads(self, x: str, heads: int, kv_heads: int, head_width: int) -> str:
        """Queries (1, 1, H d) as (H, Hkv d): each in the columns of its key head, zeros elsewhere."""
        rows = self.op("Tile", self.reshape(x, heads, head_width), self.numbers(1, kv_heads))
        return self.op("Mul", rows, self._own_columns(heads, kv_heads, head_width))

    def gather_heads(self, x: str, heads: int, kv_heads: int, head_width: int) -> str:
        """The inverse: of (H, Hkv d) each head's own columns, as (1, 1, H d)."""
        own = self.op("Mul", x, self._own_columns(heads, kv_heads, head_width))
        own = self.op(
            "ReduceSum", self.reshape(own, heads, kv_heads, head_width), self.numbers(1), keepdims=0
        )
        return self.reshape(own, 1, 1, heads * head_width)

    def _own_columns(self, heads: int, kv_heads: int, head_width: int) -> str:
        owner = np.arange(heads) // (heads // kv_heads)
        mask = np.repeat(owner[:, None] == np.arange(kv_heads)[None, :], head_width, axis=1)
        return self.weight(mask.astype(np.float32), f"own_columns.{heads}.{kv_heads}.{head_width}")

    def proto(self) -> onnx.GraphProto:
        """What was written."""
        return helper.make_graph(
            self.nodes, self.name, self.inputs, self.outputs, initializer=list(self.weights.values())
        )

    def serialised(self) -> bytes:
        """The whole model as onnxruntime reads it."""
        opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(FUSED, 1)]
        model = helper.make_model(
            self.proto(), opset_imports=opsets, ir_version=IR_VERSION, producer_name="sotto"
        )
        return bytes(model.SerializeToString())
