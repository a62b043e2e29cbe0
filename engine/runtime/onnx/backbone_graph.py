"""One backbone step as a graph: the frame's input, voice and text attention, memory reads, the final norm.

Caches are read as they lie, time first, without a transposed copy: a query is spread over the width of all key heads
(zero outside its own), so that one product with the whole cache gives every head's scores.
"""

from __future__ import annotations

import numpy as np
import torch
from onnx import TensorProto

from engine.memory import MemoryRead
from engine.model import SpeechModel
from engine.model.backbone import Block
from engine.model.speech import PROGRESS_STEPS
from engine.runtime.onnx.graph import FUSED, Graph, Precision, array

INT64 = TensorProto.INT64


def backbone_graph(model: SpeechModel, precision: Precision) -> bytes:
    """Serialised graph. K books, Q quarters, D width, W text width, V = key/value heads x head width, I memory width.

    Inputs: previous (K,), -1 absent · kind, speaker (1,) · position, unit (1, 1) · spoken (Q, W), elapsed, remaining
    (Q,) and present (1,), 0 in a user frame · for each layer l voice_keys.l, voice_values.l (n, V) and text_keys.l,
    text_values.l (m, V), m > 0 · for each bank and reading layer BANK_keys.l, BANK_values.l (N + 1, I), and
    BANK_decay (1, N + 1), whose first slot is the empty one: all zeros.
    Outputs: hidden, written (1, 1, D) · fresh (2 L, V), key and value of each layer.
    """
    config = model.config
    graph = Graph("backbone", precision)
    x, update = _frame_input(graph, model)
    head_width = config.width // config.heads
    voice, unit = (
        graph.angles(graph.input(name, (1, 1)), head_width, config.rope_base) for name in ("position", "unit")
    )
    fresh: list[str] = []
    written = ""
    for layer, block in enumerate(model.backbone.blocks):
        assert isinstance(block, Block)
        name = f"block.{layer}"
        norm = block.attention_norm
        normed, x = graph.add_rms_norm(x, update, norm.weight, f"{name}.attention_norm", norm.eps)
        if layer == config.memory_write_layer + 1:
            written = x
        update, key, value = _Attention(graph, block, layer).attend(normed, voice, unit)
        fresh += [key, value]
        if block.reads_memory:
            norm = block.memory_norm
            normed, x = graph.add_rms_norm(x, update, norm.weight, f"{name}.memory_norm", norm.eps)
            banks = ("semantic", block.semantic), ("prosodic", block.prosodic)
            read = [_remember(graph, normed, bank, read, layer) for bank, read in banks]
            update = graph.op("Add", *read)
        norm = block.ffn_norm
        normed, x = graph.add_rms_norm(x, update, norm.weight, f"{name}.ffn_norm", norm.eps)
        update = graph.swiglu(normed, block.ffn.up.weight, block.ffn.down.weight, name)
    norm = model.backbone.norm
    hidden, last = graph.add_rms_norm(x, update, norm.weight, "backbone.norm", norm.eps)
    width = config.width
    graph.output("hidden", hidden, (1, 1, width))
    graph.output("written", written or last, (1, 1, width))
    kv_width = config.kv_heads * head_width
    graph.output("fresh", graph.op("Concat", *fresh, axis=0), (2 * config.layers, kv_width))
    return graph.serialised()


def _frame_input(graph: Graph, model: SpeechModel) -> tuple[str, str]:
    """Two addends (1, 1, D) of the backbone's input: the last frame and who speaks; what is spoken."""
    config = model.config
    books, entries, quarters = config.codebooks, config.codebook_size, config.quarters_per_frame
    # A row of zeros before each book's entries: -1 finds it.
    table = np.zeros((books, entries + 1, config.audio_width), np.float32)
    table[:, 1:] = array(model.audio.weight).reshape(books, entries, -1)
    firsts = graph.weight(np.arange(books, dtype=np.int64) * (entries + 1) + 1)
    rows = graph.op("Add", graph.input("previous", (books,), INT64), firsts)
    codes = graph.op("Gather", graph.weight(table.reshape(-1, config.audio_width), "audio"), rows, axis=0)
    heard = graph.op("ReduceSum", codes, graph.numbers(0), keepdims=1)
    if isinstance(model.audio_in, torch.nn.Linear):
        heard = graph.linear(heard, model.audio_in.weight, "audio_in")
    for name, embedding in (("kind", model.kind), ("speaker", model.speaker)):
        weight = graph.weight(array(embedding.weight), f"{name}s")
        heard = graph.op("Add", heard, graph.op("Gather", weight, graph.input(name, (1,), INT64), axis=0))
    spoken = graph.input("spoken", (quarters, config.text_width))
    for name, embedding in (("elapsed", model.elapsed), ("remaining", model.remaining)):
        place = graph.input(name, (quarters,), INT64)
        place = graph.op("Clip", place, graph.scalar(0), graph.scalar(PROGRESS_STEPS - 1))
        weight = graph.weight(array(embedding.weight), f"{name}s")
        spoken = graph.op("Add", spoken, graph.op("Gather", weight, place, axis=0))
    spoken = graph.op("Mul", spoken, graph.input("present", (1,)))
    spoken = graph.linear(graph.reshape(spoken, 1, 1, -1), model.quarters_in.weight, "quarters_in")
    return graph.reshape(heard, 1, 1, -1), spoken


class _Attention:
    """Voice and text attention of one block."""

    def __init__(self, graph: Graph, block: Block, layer: int) -> None:
        self.graph, self.block, self.layer = graph, block, layer
        attention = block.attention
        self.heads, self.kv_heads, self.head_width = attention.heads, attention.kv_heads, attention.head_width
        self.kv_width = self.kv_heads * self.head_width

    def attend(self, x: str, voice: tuple[str, str], unit: tuple[str, str]) -> tuple[str, str, str]:
        """The block's update (1, 1, D), and the new key and value (1, V)."""
        graph, attention, name = self.graph, self.block.attention, f"block.{self.layer}"
        width = self.heads * self.head_width
        stacked = torch.cat(
            (attention.query_key_value.weight, attention.text_query.weight, attention.gate.weight)
        )
        sizes = graph.numbers(width + self.kv_width, self.kv_width, width, self.heads)
        query_key, value, text_query, gate = graph.add(
            "Split", graph.linear(x, stacked, f"{name}.attention"), sizes, outputs=4, axis=-1
        )
        rotated = graph.rotate(query_key, voice, self.heads + self.kv_heads)
        query, key = graph.add("Split", rotated, graph.numbers(width, self.kv_width), outputs=2, axis=-1)
        key, value = graph.reshape(key, 1, -1), graph.reshape(value, 1, -1)
        keys = graph.op("Concat", graph.input(f"voice_keys.{self.layer}", ("n", self.kv_width)), key, axis=0)
        values = graph.op(
            "Concat", graph.input(f"voice_values.{self.layer}", ("n", self.kv_width)), value, axis=0
        )
        mixed = self._mix(query, keys, values)
        text_keys = graph.input(f"text_keys.{self.layer}", ("m", self.kv_width))
        text_values = graph.input(f"text_values.{self.layer}", ("m", self.kv_width))
        heard = self._mix(graph.rotate(text_query, unit, self.heads), text_keys, text_values)
        gate = graph.op("Add", gate, graph.weight(array(attention.gate.bias), f"{name}.gate.bias"))
        gate = graph.reshape(graph.op("Tanh", gate), self.heads, 1)
        mixed = graph.op("Add", mixed, graph.op("Mul", gate, heard))
        gathered = graph.gather_heads(mixed, self.heads, self.kv_heads, self.head_width)
        return graph.linear(gathered, attention.out.weight, f"{name}.out"), key, value

    def _mix(self, query: str, keys: str, values: str) -> str:
        """Values (H, V) mixed for every head by its own query; each head's part lies in its key head's columns."""
        spread = self.graph.spread_heads(query, self.heads, self.kv_heads, self.head_width)
        scores = self.graph.op(
            "FusedMatMul", spread, keys, domain=FUSED, transB=1, alpha=self.head_width**-0.5
        )
        return self.graph.op("MatMul", self.graph.op("Softmax", scores, axis=-1), values)


def _remember(graph: Graph, x: str, bank: str, read: MemoryRead, layer: int) -> str:
    """What one bank adds (1, 1, D). The empty slot scores 0, which is the 1 in the denominator of `read_weights`."""
    inner = read.heads * read.head_width
    query = graph.linear(x, read.query.weight, f"block.{layer}.{bank}.query")
    keys = graph.input(f"{bank}_keys.{layer}", (f"{bank}_slots", inner))
    values = graph.input(f"{bank}_values.{layer}", (f"{bank}_slots", inner))
    decay = f"{bank}_decay"
    if all(known.name != decay for known in graph.inputs):
        graph.input(decay, (1, f"{bank}_slots"))
    spread = graph.spread_heads(query, read.heads, read.heads, read.head_width)
    scores = graph.op("FusedMatMul", spread, keys, domain=FUSED, transB=1, alpha=read.head_width**-0.5)
    weights = graph.op("Mul", graph.op("Softmax", scores, axis=-1), decay)
    mixed = graph.gather_heads(graph.op("MatMul", weights, values), read.heads, read.heads, read.head_width)
    return graph.linear(mixed, read.out.weight, f"block.{layer}.{bank}.out")
