"""Questions rise, commas go on, content words stand out, and nothing of it depends on chance."""

from __future__ import annotations

import numpy as np
import pytest

from engine.config import CodecConfig
from engine.text import Clause
from training.corpus import intonation, lexicon, speakers
from training.corpus.utterance import Rendered, render
from training.data.prosody import prosody_of

pytestmark = pytest.mark.usefixtures("needs_flite")

CONFIG = CodecConfig()


def clause_of(text: str) -> Clause:
    found = lexicon.clauses(text)
    assert found is not None
    return found[0]


def spoken(speaker: str, text: str) -> Rendered:
    rendered = render(speaker, text)
    assert rendered is not None
    return rendered


def ending(speaker: str, text: str, clause: int = 0) -> float:
    """Semitones from the middle of a clause to the last voiced tenth of a second of it."""
    rendered = spoken(speaker, text)
    units = rendered.clauses[clause].units
    begin = rendered.clauses[clause - 1].units[-1][3] if clause else 0.0
    rate_hz = CONFIG.sample_rate_hz
    heard = (
        rendered.samples[round(begin * rate_hz) : round(units[-2][3] * rate_hz)].astype(np.float32) / 32768
    )
    track = prosody_of(heard, CONFIG)
    voiced = track[track[:, 1] > 0, 0]
    return 12.0 * float(np.median(voiced[-6:]) - np.median(voiced))


@pytest.mark.parametrize("speaker", ["rms", "slt"])
def test_a_question_for_yes_or_no_rises_where_the_statement_falls(speaker: str) -> None:
    asked, told = (ending(speaker, f"You are coming home tonight{mark}") for mark in "?.")
    assert asked > 1.0
    assert told < -1.0


def test_a_question_with_a_question_word_falls() -> None:
    assert ending("rms", "What time is it in the station?") < -1.0


def test_the_voice_stays_up_before_a_comma() -> None:
    text = "I like the old garden, but she likes the old garden."
    assert ending("rms", text, clause=0) > ending("rms", text, clause=1) + 1.5


def test_content_words_carry_the_accents() -> None:
    clause = clause_of("The man is on the river.")
    accented = set(intonation.accents(clause))
    vowels = [clause.units[index].symbol for index in sorted(accented)]
    assert vowels == ["ae", "ih"]  # man, river


def test_which_questions_rise() -> None:
    assert intonation.asks_yes_or_no(clause_of("Is it late?"))
    assert intonation.asks_yes_or_no(clause_of("You are ready?"))
    assert not intonation.asks_yes_or_no(clause_of("Where is it?"))
    assert not intonation.asks_yes_or_no(clause_of("It is late."))


def test_a_melody_moves_no_sound_in_time_and_leaves_the_words() -> None:
    clause = clause_of("Are you coming home tonight?")
    flite = speakers._flite()
    words = speakers.flite_words(clause)
    plain, same = flite.speak("rms", words), flite.speak("rms", words, lambda segments, f0_hz, frame_s: f0_hz)
    risen = flite.speak("rms", words, lambda segments, f0_hz, frame_s: f0_hz * 1.2)
    assert plain is not None
    assert same is not None
    assert risen is not None
    assert np.array_equal(plain.samples, same.samples)
    assert risen.segments == plain.segments
    assert len(risen.samples) == len(plain.samples)
    assert not np.array_equal(risen.samples, plain.samples)


def test_only_a_parametric_voice_takes_a_melody() -> None:
    with pytest.raises(ValueError, match="kal16"):
        speakers._flite().speak("kal16", [("a", "ax")], lambda segments, f0_hz, frame_s: f0_hz)


def test_an_error_of_the_melody_is_raised_and_not_lost_in_flite() -> None:
    def broken(segments: object, f0_hz: object, frame_s: float) -> None:
        raise ZeroDivisionError("a melody of nothing")

    with pytest.raises(ZeroDivisionError):
        speakers._flite().speak("rms", [("a", "ax")], broken)  # type: ignore[arg-type]
