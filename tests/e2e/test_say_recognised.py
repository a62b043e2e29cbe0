"""The shipped voice speaks: what `sotto say` writes is understood by a recogniser that had no part in its making."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

import pytest
import soundfile

from app.cli.main import main
from engine.shelf import RuntimeShelf
from tests.fakes.shared_engine import SharedEngine
from training.evaluation.errors import word_errors
from training.evaluation.recognition import Recogniser

SENTENCES = (
    "The children walked to the river in the morning.",
    "She opened the window and looked at the garden.",
    "We will have dinner with my brother on Sunday.",
    "The old man told them a story about the sea.",
    "There is a letter for you on the kitchen table.",
)
"""Plain words, so that errors are the voice's and not the recogniser's."""

WORST_WORD_ERROR_RATE = 0.4
"""Five sentences measure little: this catches a voice that is broken. `sotto evaluate voice` measures it."""


def test_what_is_said_is_understood(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    recogniser = Recogniser()
    edits = words = 0
    with contextlib.closing(SharedEngine(RuntimeShelf)) as engine:
        engine.start()
        for number, sentence in enumerate(SENTENCES):
            path = tmp_path / f"{number}.wav"
            code = main(["say", sentence, "--out", str(path), "--json"], lambda: engine)
            out, err = capsys.readouterr()
            assert code == 0, err
            samples, rate_hz = soundfile.read(path, dtype="float32")
            said = json.loads(out)
            assert said["audio_s"] == pytest.approx(len(samples) / rate_hz, abs=0.001)
            assert 1.0 < said["audio_s"] < 8.0, "an utterance of nine words lasts a few seconds"
            found = word_errors(sentence.lower().rstrip(".").split(), recogniser.words(samples, rate_hz))
            edits, words = edits + found.edits, words + found.reference_words
    assert edits / words <= WORST_WORD_ERROR_RATE, f"{edits} errors in {words} words"
