"""`sotto say` heard through a virtual sound card."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from app.cli.main import main
from tests.fakes.sotto_with_tones import make_handle
from tests.fakes.tones import CODEC, FRAMES_A_WORD, ToneVoice
from tests.fixtures.sound_card import SoundCard, likeness

WORDS = "one three eleven a seventeen to fifty"


def expected() -> NDArray[np.float32]:
    return np.concatenate([chunk.samples for chunk in ToneVoice("tones", "cpu").stream(WORDS, seed=0)])


def test_what_is_played_is_what_was_spoken(sound_card: SoundCard, capsys: pytest.CaptureFixture[str]) -> None:
    codes = []
    heard = sound_card.record(lambda: codes.append(main(["say", WORDS], make_handle)), CODEC.sample_rate_hz)
    assert codes == [0], capsys.readouterr().err
    spoken = expected()
    assert len(spoken) == len(WORDS.split()) * FRAMES_A_WORD * CODEC.frame_samples
    like, besides = likeness(heard, spoken)
    assert like > 0.98, "speech was lost, repeated or altered"
    assert besides < 0.01, "something else was played too"
