"""One frame of the codec's decoder as a graph: codes and the past in, filters and pitch of its hops out.

In float32: the decoder is small, and what 8 bits lose here is heard directly. Excitation, inverse transform and
overlap-add stay the reference's own.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from onnx import TensorProto

from engine.codec import Codec
from engine.codec.decoder import FILTERS
from engine.layers import ConvNeXtBlock, TransformerBlock
from engine.runtime.onnx.graph import FUSED, Graph, array


def decoder_graph(codec: Codec) -> bytes:
    """Serialised graph. K books, H heads, d head width, R hops a frame, C decoder width, k kernel, F filter values
    a hop.

    Inputs: codes (K,), -1 absent · position (1, 1) · for each layer l keys.l, values.l (1, H, n, d), n < window · for
    each block b past.b (1, k - 1, C). Outputs: filters (1, R, F), octaves (1, R) · keys.l.out, values.l.out,
    past.b.out, the same one frame later.
    """
    config, decoder = codec.config, codec.decoder
    graph = Graph("decoder", "float32")
    x = graph.linear(_latent(graph, codec), decoder.latent_in.weight, "latent_in", decoder.latent_in.bias)
    position = graph.input("position", (1, 1))
    update = graph.weight(np.zeros((1, 1, config.transformer_width), np.float32))
    for index, layer in enumerate(decoder.layers):
        assert isinstance(layer, TransformerBlock)
        x, update = _transformer(graph, layer, index, x, update, position)
    normed, _ = graph.add_rms_norm(x, update, decoder.norm.weight, "norm", decoder.norm.eps)
    x = graph.linear(normed, decoder.to_hops.weight, "to_hops", decoder.to_hops.bias)
    x = graph.reshape(x, 1, config.hops_per_frame, config.decoder_width)
    for index, block in enumerate(decoder.blocks):
        assert isinstance(block, ConvNeXtBlock)
        x = _convnext(graph, block, index, x, config.hops_per_frame)
    x = graph.layer_norm(x, decoder.head_norm, "head_norm")
    filters = graph.linear(x, decoder.head.weight, "head", decoder.head.bias)
    graph.output("filters", filters, (1, config.hops_per_frame, FILTERS * decoder.bins))
    octaves = graph.linear(x, decoder.pitch.weight, "pitch", decoder.pitch.bias)
    graph.output("octaves", graph.reshape(octaves, 1, config.hops_per_frame), (1, config.hops_per_frame))
    return graph.serialised()


def book_table(codec: Codec) -> NDArray[np.float32]:
    """What each code adds to the latent, (K, E + 1, D): projected back; the first is zeros, for an absent code."""
    quantiser = codec.quantiser
    table = torch.einsum("kel,kld->ked", quantiser.entries.float(), quantiser.out.float())
    return array(torch.nn.functional.pad(table, (0, 0, 1, 0)))


def _latent(graph: Graph, codec: Codec) -> str:
    """The sum (1, 1, D) of what the codes of all books add."""
    config = codec.config
    table = book_table(codec)
    firsts = graph.weight(np.arange(config.codebooks, dtype=np.int64) * table.shape[1] + 1)
    rows = graph.op("Add", graph.input("codes", (config.codebooks,), TensorProto.INT64), firsts)
    found = graph.op("Gather", graph.weight(table.reshape(-1, config.latent_width), "books"), rows, axis=0)
    return graph.reshape(graph.op("ReduceSum", found, graph.numbers(0), keepdims=1), 1, 1, -1)


def _transformer(
    graph: Graph, layer: TransformerBlock, index: int, x: str, update: str, position: str
) -> tuple[str, str]:
    """Hidden state of `x` + `update` before the feed-forward, and what that adds."""
    attention, name = layer.attention, f"layer.{index}"
    heads, head_width = attention.heads, attention.head_width
    width = heads * head_width
    norm = layer.attention_norm
    normed, x = graph.add_rms_norm(x, update, norm.weight, f"{name}.attention_norm", norm.eps)
    stacked = graph.linear(normed, attention.query_key_value.weight, f"{name}.query_key_value")
    query_key, value = graph.add("Split", stacked, graph.numbers(2 * width, width), outputs=2, axis=-1)
    angles = graph.angles(position, head_width, attention.rope_base)
    rotated = graph.rotate(query_key, angles, 2 * heads)
    query, key = graph.add("Split", rotated, outputs=2, axis=-1, num_outputs=2)
    query, key, value = (graph.reshape(part, 1, heads, 1, head_width) for part in (query, key, value))
    shape = (1, heads, f"seen.{index}", head_width)
    keys = graph.op("Concat", graph.input(f"keys.{index}", shape), key, axis=2)
    values = graph.op("Concat", graph.input(f"values.{index}", shape), value, axis=2)
    scores = graph.op("FusedMatMul", query, keys, domain=FUSED, transB=1, alpha=head_width**-0.5)
    mixed = graph.op("MatMul", graph.op("Softmax", scores, axis=-1), values)
    kept = graph.numbers(1 - attention.window), graph.numbers(2**31), graph.numbers(2)
    shape = (1, heads, f"kept.{index}", head_width)
    graph.output(f"keys.{index}.out", graph.op("Slice", keys, *kept), shape)
    graph.output(f"values.{index}.out", graph.op("Slice", values, *kept), shape)
    update = graph.linear(graph.reshape(mixed, 1, 1, width), attention.out.weight, f"{name}.out")
    norm = layer.ffn_norm
    normed, x = graph.add_rms_norm(x, update, norm.weight, f"{name}.ffn_norm", norm.eps)
    return x, graph.swiglu(normed, layer.ffn.up.weight, layer.ffn.down.weight, name)


def _convnext(graph: Graph, block: ConvNeXtBlock, index: int, x: str, hops: int) -> str:
    """One block on `x` (1, R, C). The filter is a weighted sum of shifted rows: time stays the leading axis."""
    name, depthwise = f"block.{index}", block.depthwise
    kernel, width = depthwise.kernel, depthwise.width
    padded = graph.op("Concat", graph.input(f"past.{index}", (1, kernel - 1, width)), x, axis=1)
    kept = graph.numbers(1 - kernel), graph.numbers(2**31), graph.numbers(1)
    graph.output(f"past.{index}.out", graph.op("Slice", padded, *kept), (1, kernel - 1, width))
    shifted = graph.weight(np.arange(hops)[:, None] + np.arange(kernel)[None, :], "shifts")
    taps = graph.weight(array(depthwise.weight[:, 0].t()), f"{name}.taps")
    rows = graph.op("Mul", graph.op("Gather", padded, shifted, axis=1), taps)
    y = graph.op("ReduceSum", rows, graph.numbers(2), keepdims=0)
    y = graph.op("Add", y, graph.weight(array(depthwise.bias), f"{name}.bias"))
    y = graph.linear(graph.layer_norm(y, block.norm, f"{name}.norm"), block.up.weight, f"{name}.up")
    y = graph.op("FastGelu", y, graph.weight(array(block.up.bias), f"{name}.up.bias"), domain=FUSED)
    scale = block.scale  # folded into the last product
    y = graph.linear(y, block.down.weight * scale[:, None], f"{name}.down", block.down.bias * scale)
    return graph.op("Add", x, y)
