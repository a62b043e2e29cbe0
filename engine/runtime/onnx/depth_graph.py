"""The depth loop with sampling as one graph: hidden state and noise in, the frame's codes out.

A Loop, not 31 copies of its body: the number of books is the trip count, an input, so that a late frame can be made
coarser at once. Unrolled it takes 0.7 ms less for all 32 books (ADR 6).
"""

from __future__ import annotations

import numpy as np
from onnx import TensorProto

from engine.model import SpeechModel
from engine.model.depth import DepthDecoder, DepthLayer
from engine.runtime.onnx.graph import FUSED, Graph, Precision, array

INT64, INT32, BOOL = TensorProto.INT64, TensorProto.INT32, TensorProto.BOOL

NOISE, FORCED = "scaled_noise", "forced"
"""Values of the outer graph that the loop's body reads."""


def depth_graph(model: SpeechModel, precision: Precision, teacher_forced: bool = False) -> bytes:
    """Serialised graph. K books, E entries, D width.

    Inputs: hidden (1, 1, D) · noise (K, E), a row of Gumbel noise a book · temperature (K, 1) · top_k (K, 1) ·
    steps () books after the first. Output: codes (1, steps + 1).
    With `teacher_forced` a further input, forced (K,), holds the codes that the walk goes on with; the output is
    still what would have been chosen.
    """
    config, depth = model.config, model.depth
    books, entries = config.codebooks, config.codebook_size
    graph = Graph("frame", precision)
    hidden = graph.input("hidden", (1, 1, config.width))
    noise = graph.input("noise", (books, entries))
    temperature = graph.input("temperature", (books, 1))
    graph.input("top_k", (books, 1), INT64)
    steps = graph.input("steps", (), INT64)
    if teacher_forced:
        graph.input(FORCED, (books,), INT64)
    # argmax(logits / T + noise) = argmax(logits + T noise), which a temperature of 0 does not break.
    scaled = graph.op("Mul", noise, temperature)
    graph.nodes.append(graph.node("Reshape", [scaled, graph.numbers(books, 1, 1, entries)], [NOISE]))
    state = graph.linear(hidden, depth.state_in.weight, "state_in")
    logits = graph.linear(hidden, model.first_head.weight, "first_head", exact=True)
    first = _choose(graph, logits, graph.scalar(0))
    entering = _forced(graph, graph.scalar(0)) if teacher_forced else first
    head_width = config.depth_width // config.depth_heads
    empty = graph.weight(np.zeros((1, config.depth_kv_heads, 0, head_width), np.float32))
    carried = 2 * config.depth_layers
    body = _body(model, precision, state, teacher_forced)
    results = graph.add(
        "Loop", steps, "", entering, *[empty] * carried, outputs=1 + carried + 1, body=body.proto()
    )
    rest = graph.reshape(results[-1], 1, -1)
    codes = graph.op("Concat", graph.reshape(first, 1, 1), rest, axis=-1)
    graph.output("codes", codes, (1, "books"), INT64)
    return graph.serialised()


def _body(model: SpeechModel, precision: Precision, state: str, teacher_forced: bool) -> Graph:
    """One book: from the code before it to its own."""
    config, depth = model.config, model.depth
    entries, kv_heads = config.codebook_size, config.depth_kv_heads
    head_width = config.depth_width // config.depth_heads
    body = Graph("book", precision)
    step = body.input("step", (), INT64)
    go_on = body.input("go_on", (), BOOL)
    code = body.input("code", (1, 1, 1), INT64)
    cached = [
        (
            body.input(f"keys.{layer}", (1, kv_heads, "books_past", head_width)),
            body.input(f"values.{layer}", (1, kv_heads, "books_past", head_width)),
        )
        for layer in range(config.depth_layers)
    ]
    table = array(depth.codes.weight) + np.repeat(
        array(depth.place), entries, axis=0
    )  # the place comes for free
    row = body.op("Add", code, body.op("Mul", step, body.scalar(entries)))
    x = body.op("Gather", body.weight(table, "depth.codes"), body.reshape(row, 1, 1), axis=0)
    normed, fresh = depth_layers(body, depth, x, state, cached, step)
    # A head a book, used once a frame: copied out of the table as float32, which costs less than a quantised one that
    # is not packed, and keeps the logits exact.
    head = body.op("Gather", body.weight(array(depth.heads), "depth.heads"), step, axis=0)
    following = body.op("Add", step, body.scalar(1))
    chosen = _choose(body, body.op("MatMul", normed, head), following)
    body.output("go_on.out", go_on, (), BOOL)
    body.output("code.out", _forced(body, following) if teacher_forced else chosen, (1, 1, 1), INT64)
    for pair in fresh:
        for value in pair:
            body.result(value, (1, kv_heads, "books_now", head_width))
    body.result(chosen, (1, 1, 1), INT64)
    return body


def depth_layers(
    body: Graph, depth: DepthDecoder, x: str, update: str, cached: list[tuple[str, str]], step: str
) -> tuple[str, list[tuple[str, str]]]:
    """All layers and the final norm on `x` + `update` (1, L, D), whose last row is that of `step` ().

    Also each layer's keys and values, its own included.
    """
    config = depth.config
    counted = body.op("Cast", step, to=INT32)
    past, total = body.reshape(counted, 1), body.op("Add", counted, body.weight(np.array(1, np.int32)))
    fresh = []
    for index, layer in enumerate(depth.layers):
        assert isinstance(layer, DepthLayer)
        name = f"depth.{index}"
        norm = layer.attention_norm
        normed, x = body.add_rms_norm(x, update, norm.weight, f"{name}.attention_norm", norm.eps)
        packed = body.linear(normed, layer.query_key_value.weight, f"{name}.query_key_value")
        mixed, keys, values = body.add(
            "GroupQueryAttention",
            *(packed, "", "", *cached[index], past, total),
            outputs=3,
            domain=FUSED,
            num_heads=config.depth_heads,
            kv_num_heads=config.depth_kv_heads,
        )
        fresh.append((keys, values))
        update = body.linear(mixed, layer.out.weight, f"{name}.out")
        norm = layer.ffn_norm
        normed, x = body.add_rms_norm(x, update, norm.weight, f"{name}.ffn_norm", norm.eps)
        update = body.swiglu(normed, layer.ffn.up.weight, layer.ffn.down.weight, name)
    normed, _ = body.add_rms_norm(x, update, depth.norm.weight, "depth.norm", depth.norm.eps)
    return normed, fresh


def _choose(graph: Graph, logits: str, book: str) -> str:
    """The code (1, 1, 1) that Gumbel-argmax over the top k of `logits` (1, 1, E) draws for `book` ()."""
    noise = graph.op("Gather", NOISE, book, axis=0)
    top = graph.op("Gather", "top_k", book, axis=0)
    values, places = graph.add("TopK", logits, top, outputs=2, axis=-1, sorted=0)
    scores = graph.op("Add", values, graph.op("GatherElements", noise, places, axis=-1))
    best = graph.op("ArgMax", scores, axis=-1, keepdims=1)
    return graph.op("GatherElements", places, best, axis=-1)


def _forced(graph: Graph, book: str) -> str:
    """The code (1, 1, 1) that the walk goes on with after `book` (), where it is given."""
    return graph.reshape(graph.op("Gather", FORCED, book, axis=0), 1, 1, 1)
