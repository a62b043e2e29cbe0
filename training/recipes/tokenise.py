"""Recipe: turn a corpus into tokens with a frozen codec; resumable, one process a core.

    python -m training tokenise --corpus DIR --codec codec.safetensors --out DIR

Uses the streaming encoder from silence for every utterance, exactly as the engine does.
"""

from __future__ import annotations

import argparse
import json
import os
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from engine.codec import Codec, load_codec
from engine.config import CodecConfig
from engine.errors import SottoError
from training.data.corpus import Corpus, Utterance
from training.data.durations import quarters

BATCH_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class _Job:
    corpus: Path
    codec: Path
    out: Path
    shard: int
    device: str


def unit_quarters(utterance: Utterance, config: CodecConfig, total: int) -> list[list[int]]:
    """Quarters of each unit of each clause; the very last unit takes what is left of `total`, one at least."""
    durations = [list(row) for row in quarters(utterance, config)]
    if durations:
        spent = sum(map(sum, durations))
        durations[-1][-1] = max(1, durations[-1][-1] + total - spent)
    return durations


def _describe(utterance: Utterance, codec: Codec, start: int, frames: int) -> dict[str, Any]:
    config = codec.config
    durations = unit_quarters(utterance, config, frames * config.quarters_per_frame)
    return {
        "id": utterance.id,
        "start": start,
        "frames": frames,
        "speaker": utterance.speaker,
        "text": utterance.text,
        "split": utterance.split,
        "dialogue": utterance.dialogue,
        "role": utterance.role,
        "clauses": [
            {
                "text": clause.text,
                "units": [
                    [unit.symbol, unit.stress, int(unit.word_start), duration]
                    for unit, duration in zip(clause.units, row, strict=True)
                ],
            }
            for clause, row in zip(utterance.clauses, durations, strict=True)
        ],
    }


@torch.inference_mode()
def tokens_of(
    codec: Codec, audios: list[NDArray[np.float32]]
) -> list[tuple[NDArray[np.uint8], NDArray[np.float16]]]:
    """Codes (T, K) and prosody (T, 3) of each recording; padding behind a causal encoder changes nothing before it."""
    device = next(codec.parameters()).device
    longest = max(len(a) for a in audios)
    wave = torch.zeros(len(audios), longest)
    for row, audio in zip(wave, audios, strict=True):
        row[: len(audio)] = torch.from_numpy(audio)
    codes = codec.encode(wave.to(device))
    prosody = codec.prosody(codes)
    counts = [-(-len(a) // codec.frame_size) for a in audios]
    return [
        (c[:n].to(torch.uint8).cpu().numpy(), p[:n].to(torch.float16).cpu().numpy())
        for c, p, n in zip(codes, prosody, counts, strict=True)
    ]


def _tokenise_shard(job: _Job) -> int:
    torch.set_num_threads(1)
    codec = load_codec(job.codec, torch.device(job.device))
    corpus = Corpus(job.corpus)
    utterances = sorted((u for u in corpus.utterances if u.shard == job.shard), key=lambda u: u.samples)
    codes, prosody, rows, start = [], [], [], 0
    while utterances:
        size = max(1, int(BATCH_SECONDS * codec.sample_rate / utterances[-1].samples))
        batch, utterances = utterances[-size:], utterances[:-size]
        for utterance, (c, p) in zip(batch, tokens_of(codec, [corpus.audio(u) for u in batch]), strict=True):
            rows.append(_describe(utterance, codec, start, len(c)))
            codes.append(c)
            prosody.append(p)
            start += len(c)
    stem = job.out / f"tokens-{job.shard:05d}"
    _replace(stem.with_suffix(".codes.npy"), np.concatenate(codes))
    _replace(stem.with_suffix(".prosody.npy"), np.concatenate(prosody))
    partial = stem.with_suffix(".partial")
    partial.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    os.replace(partial, stem.with_suffix(".jsonl"))
    return start


def _replace(path: Path, array: NDArray[Any]) -> None:
    partial = path.with_suffix(".partial.npy")
    np.save(partial, array)
    os.replace(partial, path)


def tokenise(corpus: Path, codec_path: Path, out: Path, workers: int, device: str = "cpu") -> int:
    """Tokenise every shard that is not done yet; gives the frames made now. Refuses a folder of other tokens."""
    out.mkdir(parents=True, exist_ok=True)
    source = Corpus(corpus)
    made_of = {"tokens": load_codec(codec_path).token_hash(), "plan": source.card["plan"]}
    about = out / "tokens.json"
    if about.exists() and json.loads(about.read_text()) != made_of:
        raise SottoError(f"{out} holds tokens of another codec or of another corpus; choose another folder")
    about.write_text(json.dumps(made_of))
    shards = sorted({u.shard for u in source.utterances})
    jobs = [
        _Job(corpus, codec_path, out, shard, device)
        for shard in shards
        if not (out / f"tokens-{shard:05d}.jsonl").exists()
    ]
    frames = 0
    if workers <= 1:
        for job in jobs:
            frames += _tokenise_shard(job)
        return frames
    with ProcessPoolExecutor(workers) as pool:
        for done, made in enumerate(pool.map(_tokenise_shard, jobs), start=1):
            frames += made
            print(json.dumps({"shards": done, "of": len(jobs), "frames": frames}), flush=True)
    return frames


def main(argv: list[str] | None = None) -> int:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m training tokenise", description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--codec", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--device", default="cpu")
    args = parser.parse_args(argv)
    frames = tokenise(args.corpus, args.codec, args.out, args.workers, args.device)
    print(json.dumps({"frames": frames, "out": str(args.out)}))
    return 0
