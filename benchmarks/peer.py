"""Frames a second of our speech model beside the CSM of Hugging Face's `transformers` at the same size.

Random weights, since no time depends on them; one thread; one process; in rounds, so that both meet the same load. A
frame is all of what makes codes: backbone, every book, sampling, and no codec. Ours runs as shipped (onnx, 8 bits) and
in float32 behind a full voice window; the peer generates by its own `generate` from a short prompt with either cache in
float32 and bfloat16, and its fastest eager setting counts. Imports torch; the only file that imports `transformers`,
which is a development dependency.
"""

from __future__ import annotations

import importlib
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from benchmarks.bench_voice import Costs
from benchmarks.runtime_parts import SAMPLING, WINDOW, Walk, noise_of
from engine.config import SpeechModelConfig, load_config
from engine.errors import SottoError
from engine.model import SpeechModel
from engine.runtime.onnx import OnnxFrames

PROMPT_TOKENS = 32
TEXT_TOKENS = 256
ROUNDS = 3
WARM_UP_FRAMES = 3
OURS, OURS_EXACT = "onnx int8", "onnx float32"
PEERS = {
    f"{cache} cache, {str(dtype).removeprefix('torch.')}": (cache, dtype)
    for cache in ("dynamic", "static")
    for dtype in (torch.float32, torch.bfloat16)
}
CLOCKS = ("wall_ms", "cpu_ms")
COMPILED = "compiled, static cache, float32"


def figures_of(costs: Costs) -> dict[str, Any]:
    """Percentiles, and frames a second at the median."""
    return costs.figures() | {
        "frames_per_s": round(1000.0 / float(np.median(costs.wall_ms)), 2),
        "frames_per_cpu_s": round(1000.0 / float(np.median(costs.cpu_ms)), 2),
    }


class Clock:
    """The streamer that `generate` hands each frame to: notes when, and keeps nothing else."""

    def __init__(self) -> None:
        self.moments: list[tuple[float, float]] = []

    def put(self, codes: Tensor) -> None:
        """The prompt, then each frame (1, K), is there."""
        self.moments.append(now())

    def end(self) -> None:
        """Nothing is held back."""


def now() -> tuple[float, float]:
    """Seconds of wall and of process CPU time."""
    return time.perf_counter(), time.process_time()


def measure(config: Path, frames: int, compiled: bool) -> dict[str, Any]:
    """Figures of both, and how many times as fast ours is as the fastest eager setting of the peer."""
    library = _transformers()
    preset = load_config(SpeechModelConfig, config)
    torch.manual_seed(0)
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    with torch.inference_mode():
        model = SpeechModel(preset).eval().requires_grad_(False)
        peer = _peer_model(library, preset)
        makers = _ours(model) | {
            name: _peers_frames(library, peer, cache, dtype) for name, (cache, dtype) in PEERS.items()
        }
        costs = {name: Costs() for name in makers}
        for _ in range(ROUNDS):
            for name, make in makers.items():
                _spend(costs[name], make(frames))
        if compiled:
            costs[COMPILED] = Costs()
            make = _peers_frames(library, peer, "static", torch.float32, compiled=True)
            list(make(frames))  # compiles, and for other shapes again
            _spend(costs[COMPILED], make(frames))
    best = {clock: min(PEERS, key=lambda name: np.median(getattr(costs[name], clock))) for clock in CLOCKS}
    times = {
        clock: float(np.median(getattr(costs[best[clock]], clock)) / np.median(getattr(costs[OURS], clock)))
        for clock in CLOCKS
    }
    return {
        "transformers": library.__version__,
        "threads": torch.get_num_threads(),
        "preset": preset.name,
        "parameters": _parameters(model),
        "peer_parameters": _parameters(peer) - _parameters(peer.codec_model),
        "ours": {name: figures_of(costs[name]) for name in (OURS, OURS_EXACT)},
        "peer": {name: figures_of(cost) for name, cost in costs.items() if name not in (OURS, OURS_EXACT)},
        "peer_best_eager": best["cpu_ms"],
        "times_faster_wall": round(times["wall_ms"], 2),
        "times_faster_cpu": round(times["cpu_ms"], 2),
        "times_faster": round(min(times.values()), 2),  # where the two differ, other load was met
    }


def _transformers() -> Any:
    """The library. Raises SottoError where it is not installed."""
    try:
        return importlib.import_module("transformers")
    except ImportError as error:
        raise SottoError(
            f"The comparison needs the library transformers, which is not installed here ({error}); run make setup."
        ) from error


def _peer_model(library: Any, preset: SpeechModelConfig) -> Any:
    """A CSM of the preset's shape with random weights. Its codec, which makes no codes, is as small as can be."""
    depth = {
        "num_codebooks": preset.codebooks,
        "vocab_size": preset.codebook_size,
        "backbone_hidden_size": preset.width,
        "hidden_size": preset.depth_width,
        "intermediate_size": preset.depth_ffn,
        "num_hidden_layers": preset.depth_layers,
        "num_attention_heads": preset.depth_heads,
        "num_key_value_heads": preset.depth_kv_heads,
        "max_position_embeddings": preset.codebooks + 1,
    }
    codec = {
        "model_type": "mimi",
        "hidden_size": 16,
        "num_filters": 2,
        "num_hidden_layers": 1,
        "num_attention_heads": 1,
        "num_key_value_heads": 1,
        "intermediate_size": 16,
        "codebook_size": 8,
        "codebook_dim": 8,
        "vector_quantization_hidden_dimension": 8,
        "upsample_groups": 16,
    }
    config = library.CsmConfig(
        num_codebooks=preset.codebooks,
        vocab_size=preset.codebook_size,
        text_vocab_size=TEXT_TOKENS,
        hidden_size=preset.width,
        intermediate_size=preset.ffn,
        num_hidden_layers=preset.layers,
        num_attention_heads=preset.heads,
        num_key_value_heads=preset.kv_heads,
        pad_token_id=0,
        bos_token_id=1,
        audio_token_id=2,
        audio_eos_token_id=3,
        codebook_pad_token_id=preset.codebook_size - 1,
        codebook_eos_token_id=0,
        depth_decoder_config=depth,
        codec_config=codec,
    )
    return library.CsmForConditionalGeneration(config).eval().requires_grad_(False)


Moments = Iterator[tuple[float, float]]


def _peers_frames(
    library: Any, peer: Any, cache: str, dtype: torch.dtype, compiled: bool = False
) -> Callable[[int], Moments]:
    """Gives the moments of so many frames of a fresh prompt: before the first, and after each."""
    prompt = torch.randint(4, TEXT_TOKENS, (1, PROMPT_TOKENS))
    settings: dict[str, Any] = {"cache_implementation": cache, "do_sample": True}
    if compiled:
        settings["compile_config"] = library.CompileConfig(mode="default")
        settings["compile_config"]._compile_all_devices = True  # it compiles for accelerators alone otherwise
    settings |= {f"depth_decoder_{name}": value for name, value in settings.items()}

    def moments(frames: int) -> Moments:
        clock = Clock()
        model = peer.to(dtype)
        mask = torch.ones_like(prompt)
        count = WARM_UP_FRAMES + frames
        model.generate(
            input_ids=prompt, attention_mask=mask, max_new_tokens=count, streamer=clock, **settings
        )
        yield from clock.moments[-frames - 1 :]

    return moments


def _ours(model: SpeechModel) -> dict[str, Callable[[int], Moments]]:
    """The same of our runtime, in both precisions, each along a stream of its own whose window is full."""
    made: dict[str, Callable[[int], Moments]] = {}
    for name, frames in ((OURS, OnnxFrames(model, "int8")), (OURS_EXACT, OnnxFrames(model, "float32"))):
        stream = _our_moments(Walk(model, frames, WINDOW))
        for _ in islice(stream, WINDOW):
            pass
        made[name] = lambda count, stream=stream: islice(stream, count + 1)  # type: ignore[misc]
    return made


def _our_moments(walk: Walk) -> Moments:
    config = walk.model.config
    states = walk.hidden(clauses=10**6)
    hidden = next(states)
    while True:
        yield now()
        noise = noise_of(config, walk.state.mark.frame)
        codes = walk.frames.choose(hidden, SAMPLING, noise, config.codebooks)
        hidden = states.send(codes)


def _spend(costs: Costs, moments: Moments) -> None:
    """Add what lies between the moments."""
    differences = 1000.0 * np.diff(np.asarray(list(moments)), axis=0)
    costs.wall_ms += differences[:, 0].tolist()
    costs.cpu_ms += differences[:, 1].tolist()


def _parameters(module: torch.nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())
