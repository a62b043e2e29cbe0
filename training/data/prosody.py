"""F0, voicing and energy on the quarter-frame grid, voicing alone twice a hop: computed once a shard, cached beside it.

F0 by WORLD's DIO (Morise et al. 2009) through pyworld. Offline only.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from engine.config import CodecConfig
from training.data.corpus import Corpus

FloatArray = NDArray[np.float32]
REFERENCE_HZ = 128.0
Track = Literal["prosody", "voicing"]


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


def voicing_of(samples: FloatArray, config: CodecConfig) -> NDArray[np.uint8]:
    """(N,) for `samples` (S,): 1 where they are voiced, at 0, `voicing_step` and so on.

    Finer than the quarters, and decided by DIO with StoneMask (Morise 2009) as the evaluation decides it: stops and
    the edges of vowels are shorter than a quarter.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pyworld asks pkg_resources for its version
        import pyworld

    step, rate_hz = voicing_step(config), config.sample_rate_hz
    count = len(samples) // step
    signal = samples.astype(np.float64)
    f0, times = pyworld.dio(signal, rate_hz, frame_period=1000.0 * step / rate_hz)
    f0 = pyworld.stonemask(signal, f0, times, rate_hz)
    return (np.pad(f0, (0, max(0, count - len(f0))))[:count] > 0).astype(np.uint8)


def voicing_step(config: CodecConfig) -> int:
    """Samples from one value of `voicing_of` to the next: half a hop, which divides a quarter too."""
    return config.hop_samples // 2


_TRACKS: dict[Track, Callable[[FloatArray, CodecConfig], NDArray[Any]]] = {
    "prosody": lambda samples, config: prosody_of(samples, config).astype(np.float16),
    "voicing": voicing_of,
}


def _cache_shard(job: tuple[Path, int, Track, CodecConfig]) -> None:
    folder, shard, track, config = job
    path = cache_path(folder, shard, track)
    corpus = Corpus(folder)
    parts = [_TRACKS[track](corpus.audio(u), config) for u in corpus.utterances if u.shard == shard]
    partial = path.with_suffix(".partial.npy")
    np.save(partial, np.concatenate(parts))
    os.replace(partial, path)


def cache_path(folder: Path, shard: int, track: Track) -> Path:
    """Where a track of one shard lies."""
    return folder / f"shard-{shard:05d}.{track}.npy"


def cache_prosody(folder: Path, shards: list[int], config: CodecConfig, workers: int | None = None) -> None:
    """Compute what is missing of `shards`, one process a core."""
    jobs = [
        (folder, shard, track, config)
        for shard in shards
        for track in _TRACKS
        if not cache_path(folder, shard, track).exists()
    ]
    if len(jobs) <= 1:
        for job in jobs:
            _cache_shard(job)
        return
    with ProcessPoolExecutor(workers or os.cpu_count()) as pool:
        list(pool.map(_cache_shard, jobs))
