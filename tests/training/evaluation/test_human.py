"""Recordings are found by their table, heard before and after the tokenizer, and refused in one sentence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import soundfile

from engine.codec import save_codec
from engine.config import CodecConfig
from tests.fixtures.tiny_models import tiny_codec
from training import __main__ as training
from training.corpus.speakers import resampled
from training.evaluation import heldout, human

WORDS = "the old man walked slowly down to the river"


@pytest.fixture
def clips(tmp_path: Path, needs_flite: None) -> Path:
    """One clip at another rate than the tokenizer's, in stereo, and its table."""
    rate_hz = CodecConfig().sample_rate_hz
    samples = resampled(heldout.source_audio(f"{WORDS}."), rate_hz, 16_000)
    soundfile.write(tmp_path / "clip.wav", [[s, s] for s in samples.tolist()], 16_000)
    (tmp_path / "words.tsv").write_text(f"clip.wav\t{WORDS}\n", encoding="utf-8")
    save_codec(tmp_path / "codec.safetensors", tiny_codec())
    return tmp_path


def arguments(folder: Path) -> list[str]:
    paths = ("--codec", folder / "codec.safetensors", "--clips", folder, "--words", folder / "words.tsv")
    return ["evaluate", "human", *map(str, paths), "--json"]


def test_a_recording_is_heard_and_an_untrained_tokenizer_loses_its_words(
    clips: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert training.main(arguments(clips)) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["words"] == len(WORDS.split())
    assert told["source"]["value"] <= 0.25
    assert told["codec 10 books"]["value"] > 0.5


def test_what_cannot_be_read_is_said_in_one_sentence(clips: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (clips / "clip.wav").write_bytes(b"no sound at all")
    assert training.main(arguments(clips)) == 2
    assert "clip.wav cannot be read as a sound file" in capsys.readouterr().err
    (clips / "words.tsv").write_text("clip.wav without a tab\n", encoding="utf-8")
    assert training.main(arguments(clips)) == 2
    assert "must hold a file name, a tab and the words" in capsys.readouterr().err
    (clips / "words.tsv").unlink()
    assert training.main(arguments(clips)) == 2
    assert "words.tsv cannot be read" in capsys.readouterr().err


def test_the_bundled_table_names_nine_clips() -> None:
    rows = [line.split("\t") for line in human.WORDS_FILE.read_text(encoding="utf-8").splitlines()]
    assert len(rows) == 9
    assert all(len(row) == 2 and row[1].islower() for row in rows)
