"""Recipes read what the corpus wrote: audio, alignment, dialogues; damaged folders are named."""

from __future__ import annotations

import json
import pickle
import shutil
from pathlib import Path

import numpy as np
import pytest

from engine.config import CodecConfig
from engine.errors import SottoError
from tests.training.conftest import SENTENCES
from training.data import PAUSE_CLASS, UNKNOWN_CLASS, Corpus, quarter_labels, quarters


def test_utterances_and_audio_are_what_was_written(tiny_corpus: Path) -> None:
    corpus = Corpus(tiny_corpus)
    assert [utterance.text for utterance in corpus.utterances] == list(SENTENCES)
    for utterance in corpus.utterances:
        samples = corpus.audio(utterance)
        assert samples.dtype == np.float32
        assert samples.shape == (utterance.samples,)
        assert 0.02 < np.abs(samples).max() < 1.0
        if utterance.clauses:
            end_s = utterance.clauses[-1].units[-1].end_s
            assert round(end_s * CodecConfig().sample_rate_hz) == utterance.samples


def test_splits_and_dialogues_are_found(tiny_corpus: Path) -> None:
    corpus = Corpus(tiny_corpus)
    assert len(corpus.select("train")) == 5
    assert len(corpus.select("train", aligned=True)) == 4
    assert [[turn.role for turn in turns] for turns in corpus.dialogues()] == [["user", "agent"]]


def test_a_corpus_travels_to_worker_processes(tiny_corpus: Path) -> None:
    corpus = Corpus(tiny_corpus)
    first = corpus.utterances[0]
    samples = corpus.audio(first)
    assert np.array_equal(pickle.loads(pickle.dumps(corpus)).audio(first), samples)


def test_quarters_add_up_to_the_utterance(tiny_corpus: Path) -> None:
    quarter_samples = CodecConfig().quarter_samples
    for utterance in Corpus(tiny_corpus).select("train", aligned=True):
        durations = quarters(utterance)
        assert [len(row) for row in durations] == [len(clause.units) for clause in utterance.clauses]
        assert min(min(row) for row in durations) >= 1
        assert abs(sum(map(sum, durations)) - utterance.samples / quarter_samples) <= 0.5


def test_labels_follow_the_units_and_are_masked_elsewhere(tiny_corpus: Path) -> None:
    aligned, plain = Corpus(tiny_corpus).utterances[0], Corpus(tiny_corpus).utterances[4]
    total = sum(map(sum, quarters(aligned)))
    labels = quarter_labels(aligned, total + 5)
    assert labels[total - 1] == PAUSE_CLASS
    assert (labels[total:] == UNKNOWN_CLASS).all()
    changes = 1 + np.count_nonzero(np.diff(labels[:total]))
    assert changes == sum(len(clause.units) for clause in aligned.clauses)
    assert (quarter_labels(plain, 20) == UNKNOWN_CLASS).all()


def test_damage_is_named_in_one_sentence(tiny_corpus: Path, tmp_path: Path) -> None:
    with pytest.raises(SottoError, match="is not a corpus"):
        Corpus(tmp_path)
    damaged = tmp_path / "damaged"
    shutil.copytree(tiny_corpus, damaged)
    card = json.loads((damaged / "corpus.json").read_text(encoding="utf-8"))
    (damaged / "corpus.json").write_text(json.dumps({**card, "version": 99}), encoding="utf-8")
    with pytest.raises(SottoError, match="version 99"):
        Corpus(damaged)
    (damaged / "corpus.json").write_text(json.dumps(card), encoding="utf-8")
    (damaged / "shard-00001.jsonl").write_text('{"id": "x"', encoding="utf-8")
    with pytest.raises(SottoError, match=r"shard-00001\.jsonl is damaged"):
        Corpus(damaged).shard(1)
