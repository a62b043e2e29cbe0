"""F0, voicing and energy on the quarter-frame grid, computed once a shard and cached beside it.

F0 by WORLD's DIO (Morise et al. 2009) through pyworld. Offline only.
"""

from __future__ import annotations

import os
import warnings
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.config import CodecConfig
from training.data.corpus import Corpus

FloatArray = NDArray[np.float32]
REFERENCE_HZ = 128.0


def prosody_of(samples: FloatArray, config: CodecConfig) -> FloatArray:
    """(Q, 3) for `samples` (S,): log2(F0 / 128 Hz) or 0 when unvoiced, voiced 0/1, energy in 20 dB about -40 dBFS."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pyworld asks pkg_resources for its version
        import pyworld

    quarter = config.quarter_samples
    count = len(samples) // quarter
    f0, _ = pyworld.dio(
        samples.astype(np.float64), config.sample_rate_hz, f0_floor=60.0, f0_ceil=500.0,
        frame_period=1000.0 * quarter / config.sample_rate_hz,
    )  # fmt: skip
    f0 = np.pad(f0, (0, max(0, count - len(f0))))[:count]
    voiced = f0 > 0
    power = (samples[: count * quarter].reshape(count, quarter).astype(np.float64) ** 2).mean(axis=1)
    energy = (10.0 * np.log10(power + 1e-9) + 40.0) / 20.0
    pitch = np.where(voiced, np.log2(np.where(voiced, f0, REFERENCE_HZ) / REFERENCE_HZ), 0.0)
    return np.stack((pitch, voiced, energy), axis=1).astype(np.float32)


def _cache_shard(job: tuple[Path, int, CodecConfig]) -> None:
    folder, shard, config = job
    path = cache_path(folder, shard)
    corpus = Corpus(folder)
    parts = [prosody_of(corpus.audio(u), config) for u in corpus.utterances if u.shard == shard]
    partial = path.with_suffix(".partial.npy")
    np.save(partial, np.concatenate(parts).astype(np.float16))
    os.replace(partial, path)


def cache_path(folder: Path, shard: int) -> Path:
    """Where the prosody of one shard lies."""
    return folder / f"shard-{shard:05d}.prosody.npy"


def cache_prosody(folder: Path, shards: list[int], config: CodecConfig, workers: int | None = None) -> None:
    """Compute what is missing of `shards`, one process a core."""
    jobs = [(folder, shard, config) for shard in shards if not cache_path(folder, shard).exists()]
    if len(jobs) <= 1:
        for job in jobs:
            _cache_shard(job)
        return
    with ProcessPoolExecutor(workers or os.cpu_count()) as pool:
        list(pool.map(_cache_shard, jobs))
