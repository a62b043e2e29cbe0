"""Passages are cut into their sentences again, and a voice that tires is told from one that does not."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.config import CodecConfig
from engine.text import Clause, Frontend
from tests.fixtures.tiny_models import tiny_codec
from training.corpus import plan
from training.evaluation import drift, heldout
from training.evaluation.renderings import LoadedVoice

pytestmark = pytest.mark.usefixtures("needs_flite")


@dataclass(frozen=True)
class Said:
    samples: NDArray[np.float32]
    clause: Clause


class Reader:
    """Says each clause as the source does; after `tires_s` seconds nothing but noise comes."""

    def __init__(self, tires_s: float = np.inf) -> None:
        self.tires_s = tires_s

    def __call__(self, text: str, seed: int) -> Iterator[Said]:
        rate_hz, begin = CodecConfig().sample_rate_hz, 0.0
        for clause in Frontend.load().clauses(text):
            samples = heldout.source_audio(clause.text.strip())
            if begin > self.tires_s:
                rng = np.random.default_rng(seed)
                samples = rng.standard_normal(len(samples)).astype(np.float32) * 0.1
            yield Said(samples[:5000], clause)
            yield Said(samples[5000:], clause)
            begin += len(samples) / rate_hz


def loaded(reader: Reader) -> LoadedVoice:
    return LoadedVoice("reader", "none", "rms", tiny_codec(), reader)


SENTENCES = ("The old man walked home.", "I like apples, but she likes pears.", "It is late!")


def test_a_passage_is_cut_into_its_sentences_whatever_their_clauses() -> None:
    places = drift.read_out(loaded(Reader()), SENTENCES, seed=0)
    assert [place.sentence for place in places] == list(SENTENCES)
    for place in places:
        clauses = Frontend.load().clauses(place.sentence)
        wanted = np.concatenate([heldout.source_audio(clause.text.strip()) for clause in clauses])
        assert np.array_equal(place.samples, wanted)
    assert all(one.end_s == other.begin_s for one, other in itertools.pairwise(places))


def test_passages_are_about_a_minute_long_and_share_no_sentence() -> None:
    found = drift.passages(heldout.held_out_sentences(), 3, "rms")
    assert len(found) == 3
    assert len({sentence for passage in found for sentence in passage}) == sum(map(len, found))
    for passage in found:
        assert 60.0 < sum(plan.seconds_of(sentence, "rms") for sentence in passage) < 75.0


def test_a_voice_that_tires_is_told_from_one_that_does_not() -> None:
    passage = drift.passages(heldout.held_out_sentences(), 1, "rms")
    fresh = drift.judge(loaded(Reader()), passage, seed=0, workers=2)
    tired = drift.judge(loaded(Reader(tires_s=40.0)), passage, seed=0, workers=2)
    assert fresh["passed"]
    assert fresh["difference"]["value"] == 0
    assert abs(fresh["f0_shift_semitones"]) < 2.0
    assert tired["last_15_s_wer"] > 0.8
    assert not tired["passed"]
