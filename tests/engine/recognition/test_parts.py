"""The recogniser's small parts: stable words, noise, silence, the kept means, agreement of two decoders."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.recognition import RATE_HZ
from engine.recognition.adaptation import CEPSTRA, load_mean, store_mean
from engine.recognition.denoise import HOP, WINDOW, Denoiser, NoiseState
from engine.recognition.gate import SpeechGate
from engine.recognition.judge import agreement
from engine.recognition.pronunciation import SPHINX_PHONES, pronunciations
from engine.recognition.robust import StreamMap
from engine.recognition.stable import AGREEING, StablePrefix

WORDS = st.lists(st.sampled_from("what time day is it".split()), max_size=5).map(tuple)


@given(st.lists(WORDS, max_size=40))
def test_stable_words_stay(partials: list[tuple[str, ...]]) -> None:
    prefix, before = StablePrefix(), ()
    for words in partials:
        stable, tentative = prefix.split(words)
        assert stable[: len(before)] == before
        assert len(stable) + len(tentative) >= len(words)
        before = stable


def test_a_word_is_stable_once_it_was_said_often_enough_and_is_not_the_newest() -> None:
    prefix = StablePrefix()
    for _ in range(AGREEING - 1):
        assert prefix.split(("set", "a")) == ((), ("set", "a"))
    assert prefix.split(("set", "a")) == (("set",), ("a",))


def tone(seconds: float, level: float = 0.1) -> np.ndarray:
    time_s = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    return (level * np.sin(2 * np.pi * 440 * time_s)).astype(np.float32)


def noise(seconds: float, level: float = 0.01) -> np.ndarray:
    return (level * np.random.default_rng(1).standard_normal(round(seconds * RATE_HZ))).astype(np.float32)


def cleaned(denoiser: Denoiser, samples: np.ndarray, step: int) -> tuple[np.ndarray, np.ndarray]:
    parts = [denoiser.cleaned(samples[at : at + step]) for at in range(0, len(samples), step)]
    parts.append(denoiser.cleaned(np.zeros(0, np.float32), last=True))
    return np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])


def test_noise_is_lowered_and_what_stands_out_is_kept() -> None:
    sound = noise(2.0)
    sound[RATE_HZ:] += tone(1.0)
    out, levels_db = cleaned(Denoiser(), sound, 800)
    quiet, loud = out[RATE_HZ // 2 : RATE_HZ - WINDOW], out[RATE_HZ + WINDOW : 2 * RATE_HZ - WINDOW]
    assert np.sqrt(np.mean(quiet**2)) < 0.01 / 4
    assert np.sqrt(np.mean(loud**2)) == pytest.approx(0.1 / np.sqrt(2), rel=0.1)
    assert np.all(levels_db[RATE_HZ // HOP + 4 : 2 * RATE_HZ // HOP - 4] > 10)
    assert np.all(levels_db[20 : RATE_HZ // HOP - 4] < 3)


def test_the_denoiser_in_pieces_equals_the_whole() -> None:
    sound = noise(0.7) + tone(0.7)
    whole, pieces = cleaned(Denoiser(), sound, len(sound)), cleaned(Denoiser(), sound, 333)
    np.testing.assert_allclose(whole[0], pieces[0], atol=1e-7)
    np.testing.assert_allclose(whole[1], pieces[1], atol=1e-6)


def test_noise_is_remembered_so_that_an_utterance_may_begin_at_once() -> None:
    known = NoiseState()
    cleaned(Denoiser(known), noise(1.0), 800)
    _, levels_db = cleaned(Denoiser(known), tone(0.5) + noise(0.5), 800)
    assert np.median(levels_db) > 10


def test_only_speech_passes_the_gate() -> None:
    gate = SpeechGate()
    levels_db = np.zeros(400)
    levels_db[200:250] = 15.0
    samples = np.repeat(np.arange(400, dtype=np.float32), HOP)
    out = gate.passed(samples, levels_db)
    assert out[0] == 200 - 13  # 15 frames before the third in a row
    assert set(range(200, 250)) <= set(out.astype(int).tolist())
    assert out[-1] < 290
    assert gate.heard_speech
    assert gate.snr_db == 15.0


def test_a_click_is_no_speech() -> None:
    gate = SpeechGate()
    levels_db = np.zeros(100)
    levels_db[50:55] = 30.0
    gate.passed(np.zeros(100 * HOP, np.float32), levels_db)
    assert not gate.heard_speech


def test_a_mean_survives_and_a_damaged_one_is_as_good_as_none(tmp_path: Path) -> None:
    file = tmp_path / "new" / "adaptation.json"
    assert load_mean(file) is None
    mean = tuple(float(n) for n in range(CEPSTRA))
    store_mean(file, mean)
    assert load_mean(file) == mean
    assert [path.name for path in file.parent.iterdir()] == [file.name]
    for damaged in (
        "",
        "[1, 2]",
        '{"mean": [1, 2]}',
        "[" + ",".join(["1e9"] * CEPSTRA) + "]",
    ):
        file.write_text(damaged, encoding="utf-8")
        assert load_mean(file) is None


def test_agreement() -> None:
    assert agreement("set a timer".split(), "set the timer".split()) == pytest.approx(2 / 3)
    assert agreement((), ()) == 0.0
    assert agreement(("stop",), ("stop",)) == 1.0


def test_words_that_the_dictionary_lacks_are_pronounced() -> None:
    found = pronunciations(["litres", "sotto", "kilometres"])
    assert all(set(phones.split()) <= set(SPHINX_PHONES) for phones in found.values())
    assert found["litres"].startswith("L ")


def test_gaussians_go_as_far_as_they_are_told_on_the_way_of_their_own_region() -> None:
    the_map = StreamMap(
        centres=np.array([[0.0, 0.0], [10.0, 10.0]], np.float32),
        scale=np.ones(2, np.float32),
        slopes=np.stack([np.eye(2, dtype=np.float32), 0.5 * np.eye(2, dtype=np.float32)]),
        shifts=np.array([[4.0, 0.0], [0.0, 0.0]], np.float32),
        spread=np.array([[0.0, 0.0], [1.75, 1.75]], np.float32),
    )
    means, variances = the_map.centres, np.ones((2, 2), np.float32)

    stayed = the_map.moved(means, variances, reach=0.0)
    gone = the_map.moved(means, variances, reach=1.0)
    halfway = the_map.moved(means, variances, reach=0.5)

    np.testing.assert_array_equal(stayed[0], means)
    np.testing.assert_array_equal(stayed[1], variances)
    np.testing.assert_allclose(gone[0], [[4.0, 0.0], [5.0, 5.0]])
    np.testing.assert_allclose(gone[1], [[1.0, 1.0], [2.0, 2.0]])  # 0.5**2 + 1.75
    np.testing.assert_allclose(halfway[0], [[2.0, 0.0], [7.5, 7.5]])
    np.testing.assert_allclose(halfway[1], [[1.0, 1.0], [1.5, 1.5]])
