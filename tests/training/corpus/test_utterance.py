"""What flite says is what our units say, at the times written beside them."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from engine.errors import SottoError
from tests.training.conftest import SENTENCES
from training.corpus import lexicon, speakers
from training.corpus.utterance import PAUSE_MS, Rendered, pause_ms, render

pytestmark = pytest.mark.usefixtures("needs_flite")

RATE_HZ = speakers.SAMPLE_RATE_HZ


def spoken(speaker: str, text: str) -> Rendered:
    rendered = render(speaker, text)
    assert rendered is not None, f"{speaker} disagreed with our phones on {text!r}"
    return rendered


def level_dbfs(samples: np.ndarray) -> float:
    return float(10 * np.log10(np.mean((samples / 32768.0) ** 2) + 1e-12))


@pytest.mark.parametrize("text", SENTENCES)
def test_units_are_what_flite_said_and_end_inside_the_audio(text: str) -> None:
    rendered = spoken("rms", text)
    wanted = lexicon.clauses(text)
    assert wanted is not None
    assert [tuple(unit[0] for unit in clause.units) for clause in rendered.clauses] == [
        tuple(unit.symbol for unit in clause.units) for clause in wanted
    ]
    ends = [unit[3] for clause in rendered.clauses for unit in clause.units]
    assert all(later > earlier for earlier, later in itertools.pairwise(ends))
    assert ends[0] > 0
    assert round(ends[-1] * RATE_HZ) == len(rendered.samples)


def test_pauses_are_quiet_and_as_long_as_their_mark_says() -> None:
    text = SENTENCES[1]
    rendered = spoken("rms", text)
    for index, clause in enumerate(rendered.clauses):
        mark, start_s, end_s = clause.units[-1][0], clause.units[-2][3], clause.units[-1][3]
        length_ms = 1000 * (end_s - start_s)
        assert length_ms == pytest.approx(pause_ms(mark, text, index), abs=0.1)
        assert 0.85 * PAUSE_MS[mark] <= length_ms <= 1.15 * PAUSE_MS[mark]
        quiet = rendered.samples[round((start_s + 0.02) * RATE_HZ) : round(end_s * RATE_HZ)]
        assert -80 < level_dbfs(quiet) < -70


def test_speech_begins_after_thirty_milliseconds_and_is_level_between_speakers() -> None:
    for speaker in ("rms", "slt", "kal16", "rms-warp004"):
        samples = spoken(speaker, SENTENCES[0]).samples.astype(np.float64)
        onset_ms = 1000 * np.flatnonzero(np.abs(samples) > 32768 * 10 ** (-45 / 20))[0] / RATE_HZ
        assert 10 <= onset_ms <= 90
        power = np.mean(samples[: len(samples) // 240 * 240].reshape(-1, 240) ** 2, axis=1) / 32768.0**2
        assert 10 * np.log10(power[power > power.max() * 1e-3].mean()) == pytest.approx(-23, abs=2.5)
        assert np.abs(samples).max() < 32767


def test_the_same_text_gives_the_same_bytes_whatever_came_before() -> None:
    for speaker in ("rms", "slt-warp005", speakers.espeak_name(7)):
        first = spoken(speaker, SENTENCES[3]).samples
        spoken(speaker, SENTENCES[0])  # what was said in between leaves no trace
        assert np.array_equal(spoken(speaker, SENTENCES[3]).samples, first)


def test_a_warped_speaker_is_another_voice_at_the_same_times() -> None:
    plain, warped = (spoken(speaker, SENTENCES[0]) for speaker in ("rms", "rms-warp007"))
    assert warped.clauses == plain.clauses
    assert not np.array_equal(warped.samples, plain.samples)


def test_espeak_speaks_without_an_alignment() -> None:
    rendered = spoken(speakers.espeak_name(3), SENTENCES[0])
    assert rendered.clauses == ()
    assert 1.0 < len(rendered.samples) / RATE_HZ < 6.0


def test_the_voice_kept_for_fine_tuning_is_refused() -> None:
    clause = (lexicon.clauses("Call me.") or [])[0]
    for speaker in ("awb", "awb_time", "awb-warp001"):
        with pytest.raises(SottoError, match="not a speaker with alignment"):
            speakers.speak_clause(speaker, clause)


@pytest.mark.parametrize(
    "text", ["She paid 20 dollars.", "Ask NASA.", "Dr. Smith called.", "A frobnicatorish idea."]
)
def test_writing_that_is_not_plain_stays_out(text: str) -> None:
    assert lexicon.clauses(text) is None
