"""Writes a planned corpus: each shard by one worker process, atomically, and skipped when it is already there.

`shard-N.npy` and `shard-N.info.json` are in place before `shard-N.jsonl`, which marks the shard as finished.
Must not import torch.
"""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from engine.errors import SottoError
from training.corpus.plan import Spec
from training.corpus.speakers import SAMPLE_RATE_HZ
from training.corpus.utterance import Rendered, render

VERSION = 1


@dataclass(frozen=True)
class Job:
    directory: Path
    index: int
    specs: tuple[Spec, ...]

    @property
    def stem(self) -> Path:
        return self.directory / f"shard-{self.index:05d}"


def _replace(path: Path, data: bytes) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_bytes(data)
    os.replace(temporary, path)


def _row(spec: Spec, rendered: Rendered, start: int) -> dict[str, Any]:
    row: dict[str, Any] = {
        "id": spec.id,
        "start": start,
        "samples": len(rendered.samples),
        "speaker": spec.speaker,
        "text": spec.text,
        "split": spec.split,
        "clauses": [asdict(clause) for clause in rendered.clauses],
    }
    if spec.dialogue:
        row |= {"dialogue": spec.dialogue, "role": spec.role}
    return row


def write_shard(job: Job) -> dict[str, Any]:
    """Render and write one shard; returns its figures (those of the finished shard if it is there)."""
    info_path = job.stem.with_suffix(".info.json")
    if job.stem.with_suffix(".jsonl").exists():
        return json.loads(info_path.read_text(encoding="utf-8"))  # type: ignore[no-any-return]
    rows: list[dict[str, Any]] = []
    parts: list[np.ndarray[Any, np.dtype[np.int16]]] = []
    seconds: dict[str, float] = {}
    start = disagreed = 0
    for spec in job.specs:
        rendered = render(spec.speaker, spec.text)
        if rendered is None:
            disagreed += 1
            continue
        rows.append(_row(spec, rendered, start))
        parts.append(rendered.samples)
        start += len(rendered.samples)
        seconds[spec.speaker] = seconds.get(spec.speaker, 0.0) + len(rendered.samples) / SAMPLE_RATE_HZ
    info = {
        "shard": job.index,
        "utterances": len(rows),
        "disagreed": disagreed,
        "seconds": start / SAMPLE_RATE_HZ,
        "speakers": seconds,
    }
    audio = job.stem.with_name(f".{job.stem.name}.{os.getpid()}.npy")
    np.save(audio, np.concatenate(parts) if parts else np.zeros(0, np.int16))
    os.replace(audio, job.stem.with_suffix(".npy"))
    _replace(info_path, json.dumps(info).encode())
    _replace(job.stem.with_suffix(".jsonl"), "".join(json.dumps(row) + "\n" for row in rows).encode())
    return info


def _fingerprint(shards: list[list[Spec]]) -> str:
    digest = hashlib.sha256()
    for shard in shards:
        for spec in shard:
            digest.update(repr(spec).encode())
    return digest.hexdigest()[:16]


def _summary(kind: str, plan: str, shards: int, infos: list[dict[str, Any]]) -> dict[str, Any]:
    seconds: dict[str, float] = {}
    for info in infos:
        for speaker, value in info["speakers"].items():
            seconds[speaker] = seconds.get(speaker, 0.0) + value
    kept, dropped = (sum(info[key] for info in infos) for key in ("utterances", "disagreed"))
    return {
        "version": VERSION,
        "kind": kind,
        "plan": plan,
        "sample_rate_hz": SAMPLE_RATE_HZ,
        "shards": shards,
        "shards_finished": len(infos),
        "utterances": kept,
        "disagreed": dropped,
        "seconds": sum(seconds.values()),
        "speakers": sorted(seconds),
        "speaker_seconds": {speaker: round(seconds[speaker], 2) for speaker in sorted(seconds)},
    }


def write_corpus(
    directory: Path, kind: str, shards: list[list[Spec]], workers: int
) -> Iterator[dict[str, Any]]:
    """Write every shard that is not there yet; yields one event a shard, then the corpus' summary.

    Raises SottoError if the folder holds shards of another plan or cannot be written.
    """
    plan = _fingerprint(shards)
    summary_path = directory / "corpus.json"
    try:
        directory.mkdir(parents=True, exist_ok=True)
        if summary_path.exists():
            if json.loads(summary_path.read_text(encoding="utf-8")).get("plan") != plan:
                raise SottoError(
                    f"{directory} holds a corpus made with other settings; choose another folder."
                )
        else:
            _replace(summary_path, json.dumps(_summary(kind, plan, len(shards), []), indent=1).encode())
    except OSError as error:
        raise SottoError(f"{directory} cannot be written ({error.strerror}).") from error
    jobs = [Job(directory, index, tuple(specs)) for index, specs in enumerate(shards)]
    infos: list[dict[str, Any]] = []
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        pending = [pool.submit(write_shard, job) for job in jobs]
        try:
            for done in as_completed(pending):
                infos.append(done.result())
                infos.sort(key=lambda info: int(info["shard"]))
                summary = _summary(kind, plan, len(shards), infos)
                _replace(summary_path, json.dumps(summary, indent=1).encode())
                shard = {key: value for key, value in done.result().items() if key != "speakers"}
                progress = {
                    "finished": len(infos),
                    "of": len(shards),
                    "total_seconds": round(summary["seconds"], 1),
                }
                yield {"event": "shard", **shard, **progress}
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    yield {"event": "done", **{key: value for key, value in summary.items() if key != "speaker_seconds"}}


def report(event: dict[str, Any]) -> None:
    """One JSON line on stdout."""
    sys.stdout.write(json.dumps(event) + "\n")
    sys.stdout.flush()
