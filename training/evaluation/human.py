"""Recordings of people through the tokenizer: it was taught on synthesizers alone, and these tell how far it carries.

Main thread of an evaluation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import soundfile

from engine.codec import Codec
from engine.errors import SottoError
from training.corpus.speakers import resampled
from training.evaluation.errors import bootstrap, word_errors
from training.evaluation.recognition import recognise
from training.evaluation.renderings import Samples, resynthesised

WORDS_FILE = Path(__file__).resolve().parents[2] / "resources" / "evaluation" / "human.tsv"
"""Nine clips from the test data of CMU's pocketsphinx (BSD-2-Clause; LibriVox readings are in the public domain)."""


@dataclass(frozen=True)
class Clip:
    """A recording at its own rate, float32 (S,), and what is said in it."""

    name: str
    samples: Samples
    rate_hz: int
    words: tuple[str, ...]


def read_clips(folder: Path, words: Path) -> list[Clip]:
    """The clips that the table names. Raises SottoError where one is missing or is no sound."""
    try:
        rows = [line.split("\t") for line in words.read_text(encoding="utf-8").splitlines() if line]
    except OSError as error:
        raise SottoError(f"{words} cannot be read ({error.strerror}).") from error
    clips = []
    for row in rows:
        if len(row) != 2:
            raise SottoError(f"{words} must hold a file name, a tab and the words on each line.")
        path = folder / row[0]
        try:
            samples, rate_hz = soundfile.read(path, dtype="float32", always_2d=True)
        except (OSError, soundfile.LibsndfileError) as error:
            raise SottoError(f"{path} cannot be read as a sound file ({error}).") from error
        clips.append(Clip(row[0], samples.mean(axis=1), rate_hz, tuple(row[1].split())))
    if not clips:
        raise SottoError(f"{words} names no clip.")
    return clips


def judge(codec: Codec, clips: Sequence[Clip], few_books: int, workers: int) -> dict[str, Any]:
    """Word error rates of the recordings and of what the tokenizer makes of them with all and with few books."""
    sources = [resampled(clip.samples, clip.rate_hz, codec.sample_rate) for clip in clips]
    conditions: dict[str, list[Samples]] = {"source": sources}
    for books in (codec.num_codebooks, few_books):
        conditions[f"codec {books} books"] = [resynthesised(codec, samples, books) for samples in sources]
    heard = recognise(list(conditions.values()), workers)
    result: dict[str, Any] = {
        "kind": "human",
        "clips": len(clips),
        "words": sum(len(clip.words) for clip in clips),
        "seconds": round(float(sum(len(s) for s in sources)) / codec.sample_rate, 1),
    }
    for name, words in zip(conditions, heard, strict=True):
        errors = [word_errors(clip.words, said) for clip, said in zip(clips, words, strict=True)]
        result[name] = {key: round(value, 4) for key, value in asdict(bootstrap(errors)).items()}
    return result
