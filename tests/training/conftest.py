"""Fixtures for the training side: a tiny real corpus, and skips that say what is missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from training.corpus import flite, texts
from training.corpus.plan import Spec
from training.corpus.shards import Job, write_corpus, write_shard

SENTENCES = (
    "The old man walked slowly down to the river.",
    "Of course: ten minutes, starting now.",
    "Is the apple on the table? No - it fell.",
    "She sells fresh bread; we buy it!",
    "Call the dentist.",
    "Authors' books are never late, are they?",
)


def specs() -> list[list[Spec]]:
    """Three shards: four plain utterances of several speakers, then a dialogue of two turns."""
    return [
        [
            Spec("00000-0000", "rms", SENTENCES[0], "train"),
            Spec("00000-0001", "slt-warp001", SENTENCES[1], "train"),
        ],
        [
            Spec("00001-0000", "kal16", SENTENCES[2], "valid"),
            Spec("00001-0001", "rms", SENTENCES[3], "train"),
        ],
        [
            Spec("00002-0000", "espeak:en-us+f3:50:160", SENTENCES[4], "train", "dialogue-1", "user"),
            Spec("00002-0001", "rms", SENTENCES[5], "train", "dialogue-1", "agent"),
        ],
    ]


@pytest.fixture(scope="session")
def needs_flite() -> None:
    """Skip where flite is not installed."""
    if not flite.available():
        pytest.skip("needs flite: apt-get install flite; make setup installs it")


@pytest.fixture(scope="session")
def needs_texts() -> None:
    """Skip where the text sources are not installed."""
    if not texts.WORDNET.is_dir() or not texts.FORTUNES.is_dir():
        pytest.skip("needs texts: apt-get install wordnet-base fortunes; make setup installs them")


@pytest.fixture(scope="session")
def tiny_corpus(needs_flite: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six utterances in three shards, written as the command writes them."""
    folder = tmp_path_factory.mktemp("corpus")
    shards = specs()
    for index, shard in enumerate(shards):
        write_shard(Job(folder, index, tuple(shard)))
    list(write_corpus(folder, "speech", shards, workers=1))
    return folder
