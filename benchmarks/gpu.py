"""Speaking on a GPU: frames and first sounds with and without graphs, and how far its codes agree with the CPU's.

    python -m benchmarks.gpu [--json] [--voice V] [--rehearse]

`--rehearse` runs all of it on the CPU without graphs and for a few frames, so that the command is known to work before
it is given a GPU; its figures mean nothing. Main thread of a process of its own; imports torch.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from typing import Any

import torch

from benchmarks.agreement import spoken_agreement
from benchmarks.bench_voice import percentiles
from benchmarks.first_sound import Listener
from benchmarks.frame import TEXT
from benchmarks.machine import peak_mb
from benchmarks.say import SENTENCES
from benchmarks.telling import tell
from engine.errors import SottoError
from engine.runtime import CudaOptions, Synthesiser, Voice, load_voice
from engine.runtime.cuda import CudaFrames

VARIANTS: dict[str, CudaOptions | None] = {
    "float32": CudaOptions(),
    "bfloat16": CudaOptions(precision="bfloat16"),
    "no_graphs": CudaOptions(graphs=False),
    "eager": None,  # the reference, PyTorch without any of this
}


@dataclass(frozen=True, slots=True)
class Extent:
    """How much is measured: frames of speech, rounds of all sentences, frames whose codes are compared."""

    frames: int
    rounds: int
    compared: int


WHOLE, REHEARSAL = Extent(2000, 8, 200), Extent(12, 1, 6)


def measure(name: str | None, rehearse: bool) -> dict[str, Any]:
    """Figures of every variant. Raises SottoError where there is no GPU."""
    if not rehearse and not torch.cuda.is_available():
        raise SottoError(
            "PyTorch sees no CUDA GPU on this machine, so there is nothing to measure; run this on a machine with one,"
            " or rehearse it here with --rehearse."
        )
    device, extent = ("cpu", REHEARSAL) if rehearse else ("cuda", WHOLE)
    reference = load_voice(name, "cpu", "torch")
    figures: dict[str, Any] = {
        "voice": reference.name,
        "rehearsal": rehearse,
        "gpu": None if rehearse else torch.cuda.get_device_name(),
    }
    for variant, options in VARIANTS.items():
        if options is not None and rehearse:
            options = replace(options, graphs=False)
        figures[variant] = _variant(name, device, options, reference, extent)
    return figures | {"process_peak_mb": round(peak_mb(), 1)}


def _variant(
    name: str | None, device: str, options: CudaOptions | None, reference: Voice, extent: Extent
) -> dict[str, Any]:
    """Figures of one way to compute."""
    on_gpu = device == "cuda"
    if on_gpu:
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()
    started_s = time.perf_counter()
    voice = load_voice(name, device, "torch" if options is None else "cuda", options)
    load_s = time.perf_counter() - started_s
    figures: dict[str, Any] = {
        "runtime": voice.runtime,
        "graphs": options is not None and options.graphs,
        "load_s": round(load_s, 2),
    }
    figures |= _frames(voice, extent.frames) | _first_sounds(voice, extent)
    if isinstance(voice.frames, CudaFrames):
        shares = spoken_agreement(reference, voice.model, voice.frames, [TEXT], extent.compared)
        figures["agreement"] = {name: shares[name] for name in ("frames", "codes", "hidden_error")}
    figures["gpu_peak_mb"] = round(torch.cuda.max_memory_allocated() / 1e6, 1) if on_gpu else None
    return figures


def _frames(voice: Voice, count: int) -> dict[str, Any]:
    """Compute time of `count` frames of a long text, behind a sentence that is not counted."""
    synthesiser = Synthesiser(voice)
    for _ in islice(synthesiser.stream(SENTENCES[-1]), count):
        pass
    words = (word + " " for _ in range(count) for word in TEXT.split())
    chunks = [(chunk.compute_ms, len(chunk.samples)) for chunk in islice(synthesiser.stream(words), count)]
    frame_ms = [compute_ms for compute_ms, _ in chunks]
    audio_ms = 1000.0 * sum(samples for _, samples in chunks) / voice.sample_rate_hz
    return {
        "frames": len(chunks),
        "frame_ms": percentiles(frame_ms),
        "rtf": round(sum(frame_ms) / audio_ms, 4),
    }


def _first_sounds(voice: Voice, extent: Extent) -> dict[str, Any]:
    """When the first samples, and the first above -50 dBFS, were made, and when that one is heard."""
    listeners: list[Listener] = []
    for seed in range(extent.rounds):
        for sentence in SENTENCES:
            listener = Listener(voice.sample_rate_hz)
            synthesiser = Synthesiser(voice, seed=seed)
            started_s = time.perf_counter()
            for chunk in islice(synthesiser.stream(sentence), extent.frames):
                listener.hear(chunk.samples, time.perf_counter() - started_s)
            listeners.append(listener)
    moments = {
        "first_samples_ms": [listener.first_samples_s for listener in listeners],
        "first_sound_made_ms": [listener.made_s for listener in listeners],
        "first_sound_ms": [listener.heard_s for listener in listeners],
    }
    came = {name: [1000.0 * s for s in seconds if s is not None] for name, seconds in moments.items()}
    if not all(len(times) == len(listeners) for times in came.values()):
        raise SottoError(
            "The voice said nothing that can be heard in one of the sentences, so there is no first sound to time;"
            " measure another voice."
        )
    return {name: percentiles(times) for name, times in came.items()}


def main(argv: list[str]) -> int:
    """Command line."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.gpu", description="Figures of a voice on a GPU, held against their bars."
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--voice", metavar="V", help="name or folder (default: the shipped one)")
    parser.add_argument(
        "--rehearse", action="store_true", help="on the CPU, without graphs, with a few frames"
    )
    chosen = parser.parse_args(argv)
    return tell("gpu", partial(measure, chosen.voice, chosen.rehearse), chosen.json)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
