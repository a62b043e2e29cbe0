"""`sotto say` and `sotto chat --speak` heard through a virtual sound card."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from app.cli.main import main
from tests.fakes.sotto_with_tones import make_handle
from tests.fakes.tones import CODEC, FRAMES_A_WORD, ToneVoice
from tests.fixtures.sound_card import WHOLE, SoundCard

WORDS = "one three eleven a seventeen to fifty"


def expected() -> NDArray[np.float32]:
    return np.concatenate([chunk.samples for chunk in ToneVoice("tones", "cpu").stream(WORDS, seed=0)])


def test_what_is_played_is_what_was_spoken(sound_card: SoundCard, capsys: pytest.CaptureFixture[str]) -> None:
    spoken = expected()
    assert len(spoken) == len(WORDS.split()) * FRAMES_A_WORD * CODEC.frame_samples
    codes: list[int] = []
    like, besides = sound_card.record_whole(
        lambda: codes.append(main(["say", WORDS], make_handle)), spoken, CODEC.sample_rate_hz
    )
    assert set(codes) == {0}, capsys.readouterr().err
    assert like > WHOLE, "speech was lost, repeated or altered"
    assert besides < 0.01, "something else was played too"


def chat_aloud(line: str) -> int:
    """`sotto chat --speak` with one line typed."""
    reading, writing = os.pipe()
    os.write(writing, line.encode())
    os.close(writing)
    try:
        return main(["chat", "--speak", "--voice", "tones"], make_handle, reading)
    finally:
        os.close(reading)


def test_a_chat_is_spoken_where_that_is_asked(
    sound_card: SoundCard, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SOTTO_DATA_DIR", str(tmp_path))
    answer = "10 miles are about 16.09 kilometers."
    spoken = np.concatenate([chunk.samples for chunk in ToneVoice("tones", "cpu").stream(answer, seed=0)])

    def chat() -> None:
        assert chat_aloud("ten miles in kilometers\n") == 0
        assert capsys.readouterr() == (f"{answer}\n", "")

    like, besides = sound_card.record_whole(chat, spoken, CODEC.sample_rate_hz)
    assert like > WHOLE, "speech was lost, repeated or altered"
    assert besides < 0.01


def test_a_chat_that_cannot_be_spoken_goes_on_in_writing(
    broken_sound_system: None,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("SOTTO_DATA_DIR", str(tmp_path))
    assert chat_aloud("seven times eight\nseven times nine\n") == 0
    said = capsys.readouterr()
    assert said.out.splitlines() == ["7 times 8 is 56.", "7 times 9 is 63."]
    assert said.err.count("The chat goes on in writing.") == 1
