"""Does a voice tire? Minute-long passages in one breath, their first and last quarter minute beside each other.

Each passage is read forwards and backwards, so that the same sentences stand at both ends and only their place
differs. Main thread of an evaluation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from training.corpus import plan
from training.evaluation import heldout
from training.evaluation.errors import WordErrors, bootstrap, paired_difference, word_errors
from training.evaluation.recognition import recognise
from training.evaluation.renderings import LoadedVoice, Samples
from training.evaluation.sound import median_f0_hz

PASSAGE_S = 62.0
END_S = 15.0
BAR = 0.03


@dataclass(frozen=True)
class Place:
    """One sentence of a passage as it was spoken: where it begins and ends in the passage, in seconds."""

    sentence: str
    samples: Samples
    begin_s: float
    end_s: float


def passages(sentences: Sequence[str], count: int, speaker: str) -> list[tuple[str, ...]]:
    """`count` runs of sentences of about a minute each, as many as there are."""
    found: list[tuple[str, ...]] = []
    open_: list[str] = []
    seconds = 0.0
    for sentence in sentences:
        open_.append(sentence)
        seconds += plan.seconds_of(sentence, speaker)
        if seconds >= PASSAGE_S:
            found.append(tuple(open_))
            open_, seconds = [], 0.0
        if len(found) == count:
            break
    return found


def read_out(voice: LoadedVoice, sentences: Sequence[str], seed: int) -> list[Place]:
    """The passage spoken as one stream, cut into its sentences."""
    rate_hz = voice.codec.sample_rate
    ends = np.cumsum([len(sentence) + 1 for sentence in sentences])
    parts: list[list[Samples]] = [[] for _ in sentences]
    index, said, clause = 0, 0, None
    for chunk in voice.speaking(" ".join(sentences), seed):
        if chunk.clause is not clause:
            clause = chunk.clause
            index = min(int(np.searchsorted(ends, said, side="right")), len(sentences) - 1)
            said += len(clause.text)
        parts[index].append(np.asarray(chunk.samples, np.float32))
    places, begin = [], 0.0
    for sentence, pieces in zip(sentences, parts, strict=True):
        samples = np.concatenate(pieces) if pieces else np.zeros(0, np.float32)
        end = begin + len(samples) / rate_hz
        places.append(Place(sentence, samples, begin, end))
        begin = end
    return places


def judge(voice: LoadedVoice, texts: Sequence[tuple[str, ...]], seed: int, workers: int) -> dict[str, Any]:
    """Word errors of the first and the last 15 s on the sentences that stood in both, and what F0 did meanwhile."""
    first: dict[str, Samples] = {}
    last: dict[str, Samples] = {}
    shifts = []
    lengths = []
    for sentences in texts:
        for order in (sentences, sentences[::-1]):
            places = read_out(voice, order, seed)
            total = places[-1].end_s
            lengths.append(total)
            early = [place for place in places if place.end_s <= END_S]
            late = [place for place in places if place.begin_s >= total - END_S]
            first |= {place.sentence: place.samples for place in early}
            last |= {place.sentence: place.samples for place in late}
            levels = [_octaves(group, voice.codec.sample_rate) for group in (early, late)]
            shifts.append(12.0 * (levels[1] - levels[0]))
    both = sorted(set(first) & set(last))
    heard = recognise([[group[sentence] for sentence in both] for group in (first, last)], workers)
    early_errors, late_errors = (_errors(both, words) for words in heard)
    difference = paired_difference(late_errors, early_errors)
    return {
        "kind": "drift",
        "name": voice.name,
        "runtime": voice.runtime,
        "passages": len(lengths),
        "passage_s": round(float(np.median(lengths)), 1),
        "sentences": len(both),
        "first_15_s_wer": round(bootstrap(early_errors).value, 4),
        "last_15_s_wer": round(bootstrap(late_errors).value, 4),
        "difference": {name: round(value, 4) for name, value in asdict(difference).items()},
        "f0_shift_semitones": round(float(np.median(shifts)), 2),
        "bar": BAR,
        "passed": difference.value <= BAR,
    }


def _errors(sentences: Sequence[str], heard: Sequence[tuple[str, ...]]) -> list[WordErrors]:
    return [
        word_errors(heldout.reference_words(sentence), words)
        for sentence, words in zip(sentences, heard, strict=True)
    ]


def _octaves(places: Sequence[Place], rate_hz: int) -> float:
    """Median pitch of some sentences in octaves; nan where nothing is voiced."""
    return float(np.log2(median_f0_hz(np.concatenate([place.samples for place in places]), rate_hz)))
