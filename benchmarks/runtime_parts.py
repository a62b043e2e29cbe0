"""What each part of a frame costs, and how far a runtime's codes agree with PyTorch's: of a voice or of random weights.

    python -m benchmarks.runtime_parts torch|float32|int8 [--voice V | --config C.toml] [--frames N] [--window W]

A voice's codes are compared on what it says itself, those of random weights along random codes. Times are the process'
CPU time, so that other load on the machine does not count; the windows are full. Prints one JSON object. Main thread
of a process of its own; imports torch.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import defaultdict
from collections.abc import Generator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from benchmarks.agreement import spoken_agreement
from benchmarks.bars import verdicts
from benchmarks.bench_voice import percentiles
from benchmarks.frame import TEXT
from benchmarks.machine import machine
from benchmarks.say import SENTENCES
from engine.codec import Codec, StreamDecoder
from engine.config import CodecConfig, SpeechModelConfig, load_config
from engine.errors import SottoError
from engine.model import (
    FrameRunner,
    Sampling,
    SpeechModel,
    SpeechStream,
    StreamState,
    TorchFrames,
    gumbel_noise,
    unit_tensors,
)
from engine.paths import resources_dir
from engine.runtime import load_voice
from engine.runtime.onnx import OnnxDecoder, OnnxFrames
from engine.text import SYMBOLS

UNITS_A_CLAUSE, QUARTERS_A_UNIT = 60, 5
SAMPLING = Sampling()
WINDOW = 256


class Walk:
    """One stream of random clauses, spoken by `frames` or driven through given codes."""

    def __init__(self, model: SpeechModel, frames: FrameRunner, window: int) -> None:
        self.model, self.frames = model, frames
        self.stream = SpeechStream(model, window, frames)
        self.state: StreamState = self.stream.create()
        self._rng = np.random.default_rng(0)

    def hidden(self, clauses: int) -> Generator[Tensor, Tensor, None]:
        """Backbone states (1, D) of `clauses` clauses; the codes (K,) sent back after each are its past."""
        device, speaker = torch.device("cpu"), torch.tensor(0)
        for _ in range(clauses):
            symbols = self._rng.integers(2, len(SYMBOLS) - 7, UNITS_A_CLAUSE).tolist()
            units = unit_tensors(symbols, [0] * UNITS_A_CLAUSE, [0] * UNITS_A_CLAUSE, 0, 0, device)
            quarters = torch.full((UNITS_A_CLAUSE,), QUARTERS_A_UNIT)
            plan = self.stream.plan(self.state, units, quarters=quarters)
            first = self.stream.begin_clause(self.state, plan)
            for frame in range(plan.frames):
                codes = yield self.stream.speak_frame(self.state, plan, frame, first, speaker)
                self.stream.finish_frame(self.state, codes, torch.zeros(3))
            self.stream.end_clause(self.state, UNITS_A_CLAUSE, "")


def noise_of(config: SpeechModelConfig, frame: int) -> Tensor:
    """Gumbel noise (K, E)."""
    return torch.from_numpy(gumbel_noise(1, frame, config.codebooks, config.codebook_size))


def clauses_for(frames: int, config: SpeechModelConfig) -> int:
    """Clauses that last at least `frames` frames."""
    return -(-frames * config.quarters_per_frame // (UNITS_A_CLAUSE * QUARTERS_A_UNIT))


def costs(walk: Walk, decoder: StreamDecoder, frames: int, window: int) -> dict[str, dict[str, float]]:
    """Percentiles of the CPU milliseconds of each part over `frames` frames behind a full window."""
    config, spent = walk.model.config, defaultdict[str, list[float]](list)
    states = walk.hidden(clauses_for(frames + window, config))
    decoded = decoder.decoder_state()
    started = time.process_time()
    hidden = next(states)
    while True:
        marks = [started, time.process_time()]
        noise = noise_of(config, walk.state.mark.frame)
        marks.append(time.process_time())
        codes = walk.frames.choose(hidden, SAMPLING, noise, config.codebooks)
        marks.append(time.process_time())
        decoder.prosody(codes.view(1, 1, -1))
        _, decoded = decoder.decode_step(codes.view(1, 1, -1), decoded)
        marks.append(time.process_time())
        if walk.state.mark.frame >= window:
            for part, cost in zip(("backbone", "noise", "depth", "decode"), np.diff(marks), strict=True):
                spent[part].append(1000.0 * cost)
            spent["frame"].append(1000.0 * (marks[-1] - marks[0]))
        started = time.process_time()
        try:
            hidden = states.send(codes)
        except StopIteration:
            return {part: percentiles(values) for part, values in spent.items()}


def agreement(model: SpeechModel, frames: OnnxFrames, window: int, count: int) -> dict[str, float]:
    """Share of codes that PyTorch would have chosen too, both along the same random history, with the same noise."""
    config = model.config
    truth = torch.randint(0, config.codebook_size, (2 * count, config.codebooks))
    clauses = clauses_for(count, config)
    torch_states, onnx_states = (
        Walk(model, runner, window).hidden(clauses) for runner in (TorchFrames(model), frames)
    )
    wanted, made = next(torch_states), next(onnx_states)
    same, errors = [], []
    for frame, codes in enumerate(truth):
        noise = noise_of(config, frame)
        logits = torch.cat((model.first_head(wanted)[:, None], model.depth(wanted, codes[None])), dim=1)[0]
        chosen = [
            SAMPLING.choose(logits[book : book + 1], noise[book : book + 1], book < config.semantic_codebooks)
            for book in range(config.codebooks)
        ]
        same.append(torch.cat(chosen) == frames.choose_forced(made, SAMPLING, noise, codes))
        errors.append((made - wanted).std() / wanted.std())
        try:
            wanted, made = torch_states.send(codes), onnx_states.send(codes)
        except StopIteration:
            break
    return {
        "frames": len(same),
        "codes": round(float(torch.stack(same).float().mean()), 4),
        "hidden_error": float(f"{torch.stack(errors).mean():.2g}"),
    }


@torch.inference_mode()
def figures(chosen: argparse.Namespace) -> dict[str, Any]:
    """All figures of one kind of runtime, and their bars."""
    torch.manual_seed(0)
    voice = load_voice(chosen.voice, "cpu", "torch") if chosen.voice else None
    if voice is not None:
        model, codec, window = voice.model, voice.codec, chosen.window or voice.card.context_frames
    else:
        model = SpeechModel(load_config(SpeechModelConfig, chosen.config)).eval().requires_grad_(False)
        codec, window = Codec(CodecConfig()).eval().requires_grad_(False), chosen.window or WINDOW
    started_s = time.process_time()
    runner: FrameRunner
    decoder: StreamDecoder
    if chosen.kind == "torch":
        runner, decoder = TorchFrames(model), codec
    else:
        runner, decoder = OnnxFrames(model, chosen.kind), OnnxDecoder(codec)
    build_s = time.process_time() - started_s
    found: dict[str, Any] = {"benchmark": f"runtime_parts {chosen.kind}"} | machine()
    found |= {
        "threads": torch.get_num_threads(),
        "preset": model.config.name,
        "voice": voice.name if voice else None,
        "window": window,
        "build_s": round(build_s, 2),
    }
    found["cpu_ms"] = costs(Walk(model, runner, window), decoder, chosen.frames, window)
    if isinstance(runner, OnnxFrames):
        if voice is not None:
            found["agreement"] = spoken_agreement(voice, model, runner, (*SENTENCES, TEXT))
        else:
            found["agreement"] = agreement(model, runner, window, 100)
        found["bars"] = verdicts(found["benchmark"], found)
    return found


def main(argv: list[str]) -> int:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.runtime_parts", description=__doc__)
    parser.add_argument("kind", choices=("torch", "float32", "int8"))
    weights = parser.add_mutually_exclusive_group()
    weights.add_argument("--voice", help="a voice's name or folder")
    weights.add_argument("--config", type=Path, default=resources_dir() / "configs" / "tiny.toml")
    parser.add_argument("--frames", type=int, default=300)
    parser.add_argument("--window", type=int, help=f"default: the voice's, or {WINDOW}")
    chosen = parser.parse_args(argv)
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    try:
        print(json.dumps(figures(chosen), allow_nan=False))
    except SottoError as error:
        print(f"sotto: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
