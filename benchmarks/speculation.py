"""What speculation inside a frame gains: books a verifying pass, passes a frame, and time beside plain decoding.

    python -m benchmarks.speculation [--voice V] [--draft F] [--frames N] [--json]

Speaks a paragraph with PyTorch; every frame's books are made plainly and by speculation, and must be the same. For the
onnx runtime, which has no speculation, batched passes are timed and rounded beside single steps, and the best is
estimated from them. Times are the process' CPU time. Main thread of a process of its own; imports torch.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import sys
import time
from collections.abc import Callable
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch
from onnx import TensorProto
from torch import Tensor

from benchmarks.bench_voice import conditions
from benchmarks.frame import TEXT
from engine.errors import SottoError
from engine.model import FrameInput, Sampling, SpeechModel, StreamState, TorchFrames, load_model
from engine.model.speculation import ROUNDING, DraftHeads, SpeculativeFrames, choose_surely, load_draft
from engine.runtime import Synthesiser, Voice, load_voice
from engine.runtime.onnx import OnnxFrames
from engine.runtime.onnx.depth_graph import depth_layers
from engine.runtime.onnx.graph import Graph, array
from engine.runtime.onnx.session import Session
from engine.runtime.voices import DRAFT, MODEL

WINDOWS = (2, 3, 4, 6, 8)
"""Books a pass that are tried beside all that are left."""
SIZES = (1, 2, 3, 4, 6, 8, 12, 16, 24)
"""Rows of the batched passes that are timed beside the whole frame's."""
REPEATS = 60


def cpu_ms(work: Callable[[], object], repeats: int = REPEATS) -> float:
    """Median CPU milliseconds of `work`."""
    for _ in range(3):
        work()
    spent = []
    for _ in range(repeats):
        started = time.process_time()
        work()
        spent.append(1000.0 * (time.process_time() - started))
    return float(np.median(spent))


class Comparison:
    """Fulfils `engine.model.FrameRunner`: speaks plainly, and makes every frame's books in each other way too."""

    def __init__(self, model: SpeechModel, ways: dict[str, SpeculativeFrames]) -> None:
        self.plain, self.ways = TorchFrames(model), ways
        self.frames: list[tuple[Tensor, Tensor, Tensor]] = []
        self.spent_ms: dict[str, list[float]] = {name: [] for name in ("plain", *ways)}
        self.settled: dict[str, list[tuple[int, ...]]] = {name: [] for name in ways}
        self.fell_back = dict.fromkeys(ways, 0)
        self.different = 0
        self.sampling = Sampling()

    def step(self, state: StreamState, inputs: FrameInput) -> tuple[Tensor, Tensor]:
        """See `FrameRunner`."""
        return self.plain.step(state, inputs)

    def choose(self, hidden: Tensor, sampling: Sampling, noise: Tensor, books: int) -> Tensor:
        """See `FrameRunner`."""
        self.sampling = sampling
        started = time.process_time()
        codes = self.plain.choose(hidden, sampling, noise, books)
        self.spent_ms["plain"].append(1000.0 * (time.process_time() - started))
        for name, way in self.ways.items():
            started = time.process_time()
            made = way.speculate(hidden, sampling, noise, books)
            self.spent_ms[name].append(1000.0 * (time.process_time() - started))
            if made.plain:
                self.fell_back[name] += 1
            else:
                self.settled[name].append(made.settled)
            self.different += int(not torch.equal(made.codes, codes))
        self.frames.append((hidden, noise, codes))
        return codes

    def figures(self) -> dict[str, Any]:
        """Of each way: CPU ms a frame, passes a frame, books a pass, share of frames made plainly after all."""
        found: dict[str, Any] = {"plain": {"cpu_ms": round(float(np.mean(self.spent_ms["plain"])), 2)}}
        for name in self.ways:
            settled = self.settled[name]
            passes = sum(map(len, settled))
            found[name] = {
                "cpu_ms": round(float(np.mean(self.spent_ms[name])), 2),
                "passes_a_frame": round(passes / max(1, len(settled)), 2),
                "books_a_pass": round(sum(map(sum, settled)) / max(1, passes), 2),
                "made_plainly": round(self.fell_back[name] / len(self.frames), 4),
            }
        return found


def rows_of_passes(settled: tuple[int, ...], books: int, window: int) -> list[int]:
    """How many books each pass of a frame went over."""
    rows, left = [], books - 1
    for count in settled:
        rows.append(min(window, left))
        left -= count
    return rows


def verifying_graph(model: SpeechModel) -> bytes:
    """One batched pass over L books behind P earlier ones, in 8 bits, with sampling, as the onnx runtime would run it.

    Inputs: hidden (1, 1, D) · codes (1, L) · places (L,) · last () · noise, already scaled (L, E) · top_k (1,) · keys
    and values (1, H, P, d) a layer. Outputs: chosen (L, 1) · logits (L, E) · the caches, now P + L long.
    """
    config, depth, graph = model.config, model.depth, Graph("pass", "int8")
    int64, entries = TensorProto.INT64, config.codebook_size
    shape = (1, config.depth_kv_heads, "P", config.depth_width // config.depth_heads)
    hidden, codes = graph.input("hidden", (1, 1, config.width)), graph.input("codes", (1, "L"), int64)
    places, last = graph.input("places", ("L",), int64), graph.input("last", (), int64)
    noise, top = graph.input("noise", ("L", entries)), graph.input("top_k", (1,), int64)
    layers = range(config.depth_layers)
    cached = [(graph.input(f"keys.{n}", shape), graph.input(f"values.{n}", shape)) for n in layers]
    table = array(depth.codes.weight) + np.repeat(array(depth.place), entries, axis=0)
    row = graph.op("Add", codes, graph.op("Mul", places, graph.scalar(entries)))
    x = graph.op("Gather", graph.weight(table, "depth.codes"), row, axis=0)
    state = graph.op("Expand", graph.linear(hidden, depth.state_in.weight, "state_in"), graph.op("Shape", x))
    normed, fresh = depth_layers(graph, depth, x, state, cached, last)
    heads = graph.op("Gather", graph.weight(array(depth.heads), "depth.heads"), places, axis=0)
    rows = graph.op("MatMul", graph.reshape(normed, -1, 1, config.depth_width), heads)
    logits = graph.reshape(rows, -1, entries)
    values, entry = graph.add("TopK", logits, top, outputs=2, axis=-1, sorted=0)
    scores = graph.op("Add", values, graph.op("GatherElements", noise, entry, axis=-1))
    best = graph.op("ArgMax", scores, axis=-1, keepdims=1)
    graph.output("chosen", graph.op("GatherElements", entry, best, axis=-1), ("L", 1), int64)
    graph.output("logits", logits, ("L", entries))
    for n, pair in zip(layers, fresh, strict=True):
        for kind, value in zip(("keys", "values"), pair, strict=True):
            graph.output(f"{kind}.{n}.now", value, (*shape[:2], "T", shape[3]))
    return graph.serialised()


class OnnxPass:
    """Batched passes of the depth decoder in 8 bits."""

    def __init__(self, model: SpeechModel) -> None:
        self.config, self._session = model.config, Session(verifying_graph(model))
        config = self.config
        width = config.depth_width // config.depth_heads
        buffer = torch.zeros(2 * config.depth_layers, 1, config.depth_kv_heads, config.codebooks, width)
        self._names = [f"{kind}.{n}" for n in range(config.depth_layers) for kind in ("keys", "values")]
        self._buffers = dict(zip(self._names, buffer, strict=True))

    def run(
        self, hidden: Tensor, codes: Tensor, begin: int, past: dict[str, Tensor], top: int
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """Logits (L, E) after `codes` (L,) that stand from `begin` on, and the caches behind them."""
        inputs, outputs = self._bound(hidden, codes, begin, past, top)
        self._session.run(inputs, outputs)
        return outputs["logits"], {name: outputs[f"{name}.now"] for name in self._names}

    def _bound(
        self, hidden: Tensor, codes: Tensor, begin: int, past: dict[str, Tensor], top: int
    ) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        count, entries = len(codes), self.config.codebook_size
        end = begin + count
        caches = {
            f"{name}.now": torch.empty(*b.shape[:2], end, b.shape[3]) for name, b in self._buffers.items()
        }
        chosen, logits = torch.empty(count, 1, dtype=torch.long), torch.empty(count, entries)
        inputs = {
            "hidden": hidden.view(1, 1, -1),
            "codes": codes.view(1, -1),
            "places": torch.arange(begin, end),
            "last": torch.tensor(end - 1),
            "noise": torch.zeros(count, entries),
            "top_k": torch.tensor([min(top, entries)]),
            **past,
        }
        return inputs, {"chosen": chosen, "logits": logits, **caches}

    def empty(self) -> dict[str, Tensor]:
        """Caches of no books."""
        return {name: buffer[:, :, :0] for name, buffer in self._buffers.items()}

    def costs_ms(self, hidden: Tensor, codes: Tensor, top: int) -> dict[int, float]:
        """CPU milliseconds of a pass by its rows, at the end of the frame, where most has been cached."""
        books, costs = len(codes), {}
        for rows in sorted({size for size in SIZES if size < books - 1} | {books - 1}):
            begin = books - 1 - rows
            past = self.empty() if not begin else self.run(hidden, codes[:begin], 0, self.empty(), top)[1]
            bound = self._bound(hidden, codes[begin : begin + rows], begin, past, top)
            costs[rows] = cpu_ms(partial(self._session.run, *bound))
        return costs


def onnx_estimate(model: SpeechModel, seen: Comparison, windows: dict[str, int]) -> dict[str, Any]:
    """What the passes of each window would cost the onnx runtime, drafting and checking not counted, and how often a
    frame would have to be made plainly because a batch rounds otherwise than a step."""
    config, sampling = model.config, seen.sampling
    books, top = config.codebooks, sampling.acoustic_top_k
    passes, plain = OnnxPass(model), OnnxFrames(model)
    hidden, noise, codes = seen.frames[len(seen.frames) // 2]
    costs = passes.costs_ms(hidden, codes, top)
    off, single, unsure = 0.0, [], []
    for state, _, spoken in seen.frames[:20]:
        caches, rows = passes.empty(), []
        for book in range(books - 1):
            logits, caches = passes.run(state, spoken[book : book + 1], book, caches, top)
            rows.append(logits)
        steps = torch.cat(rows)
        batch, _ = passes.run(state, spoken[:-1], 0, passes.empty(), top)
        off = max(off, float(((batch - steps).abs().amax(-1) / steps.abs().amax(-1)).max()))
        single.append((batch == steps).all(dim=-1)[1:].float().mean())
    semantic = (torch.arange(1, books) < config.semantic_codebooks).view(-1, 1)
    heat = torch.where(semantic, sampling.semantic_temperature, sampling.acoustic_temperature)
    tops = torch.where(semantic, sampling.semantic_top_k, sampling.acoustic_top_k).clamp_max(
        config.codebook_size
    )
    for state, drawn, spoken in seen.frames:
        logits = model.depth(state, spoken[None])[0]
        unsure.append(not bool(choose_surely(logits, drawn[1:], heat, tops, off)[1].all()))
    plain_ms, close = cpu_ms(partial(plain.choose, hidden, sampling, noise, books)), float(np.mean(unsure))
    # Called from outside, a step costs more than in the graph's own loop; a pass would save as much.
    calling_ms = max(0.0, costs[1] - plain_ms / (books - 1))
    inside_ms = [cost - calling_ms for cost in costs.values()]
    alone_ms, exact_ms = {}, {}
    for name, window in windows.items():
        frames_ms = [
            sum(np.interp(rows_of_passes(settled, books, window), list(costs), inside_ms))
            for settled in seen.settled[name]
        ]
        alone_ms[name] = round(float(np.mean(frames_ms)), 2)
        exact_ms[name] = round(float(np.mean(frames_ms)) + close * plain_ms, 2)
    return {
        "plain_cpu_ms": round(plain_ms, 2),
        "pass_cpu_ms": {rows: round(cost, 3) for rows, cost in costs.items()},
        "passes_alone_cpu_ms": alone_ms,
        "rows_equal_to_steps": round(float(torch.stack(single).mean()), 4),
        "largest_rounding": float(f"{off:.2g}"),
        "frames_too_close_to_call": round(close, 3),
        "passes_and_frames_made_plainly_cpu_ms": exact_ms,
    }


def torch_rounding(model: SpeechModel, seen: Comparison) -> float:
    """The most that a batched pass rounded otherwise than steps, as a share of the bound."""
    worst = 0.0
    for hidden, _, codes in seen.frames:
        walk = model.depth.start(hidden)
        steps = torch.cat([walk.next_logits(codes[book : book + 1]) for book in range(len(codes) - 1)])
        batch = model.depth.start(hidden).following_logits(codes[None, :-1])[0]
        worst = max(worst, float(((batch - steps).abs().amax(-1) / steps.abs().amax(-1)).max()))
    return worst / ROUNDING


@torch.inference_mode()
def measure(voice: Voice, heads: DraftHeads | None, frames: int) -> dict[str, Any]:
    """All figures, over the first `frames` frames of TEXT."""
    model, plain = voice.model, TorchFrames(voice.model)
    windows = {f"window {size}": size for size in WINDOWS} | {"all": model.config.codebooks}
    ways = {name: SpeculativeFrames(plain, heads, size) for name, size in windows.items()}
    if heads is not None:
        ways["all, no heads"] = SpeculativeFrames(plain, None)
    seen = Comparison(model, ways)
    speaking = Synthesiser(dataclasses.replace(voice, frames=seen))
    for _ in islice(speaking.stream(TEXT), frames):
        pass
    return conditions(voice) | {
        "heads": heads is not None,
        "frames": len(seen.frames),
        "frames_different": seen.different,
        "torch": seen.figures() | {"largest_rounding_of_bound": round(torch_rounding(model, seen), 3)},
        "onnx int8, estimated": onnx_estimate(model, seen, windows),
    }


def main(argv: list[str]) -> int:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speculation", description=__doc__)
    parser.add_argument("--voice", metavar="V", help="name or folder of a voice (default: the shipped one)")
    parser.add_argument(
        "--draft", type=Path, metavar="F", help="draft heads (default: the voice's own, or none)"
    )
    parser.add_argument("--frames", type=int, default=120)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    chosen = parser.parse_args(argv)
    try:
        voice = load_voice(chosen.voice, "cpu", "torch")
        path = chosen.draft or (voice.folder / DRAFT if (voice.folder / DRAFT).exists() else None)
        heads = None
        if path is not None:
            model = load_model(voice.folder / MODEL)[1]["sha256"]
            heads = load_draft(path, voice.model.config, model, voice.device)
        figures = measure(voice, heads, chosen.frames)
    except SottoError as error:
        print(f"sotto: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    figures["load_average"] = round(os.getloadavg()[0], 2)
    if chosen.json:
        print(json.dumps(figures))
    else:
        for name, value in figures.items():
            print(f"{name:24} {value}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
