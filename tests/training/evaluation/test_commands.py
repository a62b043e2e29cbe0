"""The whole evaluation with voices of known quality: one that speaks as the source does, one that is silent."""

from __future__ import annotations

import dataclasses
import json
import shutil
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from engine.codec import Codec, save_codec
from engine.config import CodecConfig
from training import __main__ as training
from training.corpus import splits
from training.evaluation import commands, heldout, report
from training.evaluation.recognition import recogniser_words
from training.evaluation.sound import likeness, measure

RATE_HZ = CodecConfig().sample_rate_hz


@dataclass(frozen=True)
class Chunk:
    samples: NDArray[np.float32]


def parrot(text: str, seed: int) -> Iterator[Chunk]:
    """Says the text as the source does, in two chunks."""
    samples = heldout.source_audio(text)
    yield Chunk(samples[:7000])
    yield Chunk(samples[7000:])


def mute(text: str, seed: int) -> Iterator[Chunk]:
    yield Chunk(np.zeros(2 * RATE_HZ, np.float32))


def endless(text: str, seed: int) -> Iterator[Chunk]:
    while True:
        yield Chunk(np.full(RATE_HZ, 0.1, np.float32))


@pytest.fixture
def small_codec() -> Codec:
    torch.manual_seed(0)
    config = dataclasses.replace(
        CodecConfig(), encoder_blocks=1, decoder_blocks=1, encoder_layers=1, decoder_layers=1
    )
    return Codec(config).eval()


@pytest.mark.usefixtures("needs_flite")
def test_a_good_voice_passes_and_silent_and_endless_ones_are_caught(small_codec: Codec) -> None:
    sentences = heldout.held_out_sentences(2)
    references = [heldout.reference_words(sentence) for sentence in sentences]
    rendered = commands.render_all(sentences, small_codec, parrot, seeds=1)
    for name, voice in (("mute", mute), ("endless", endless)):
        extra = commands.render_all(sentences[:1], small_codec, voice, seeds=1)[-1]
        extra.name = name
        rendered.append(extra)
    conditions = commands.judge(rendered, references, workers=2)
    result = report.result({"kind": "voice", "name": "parrot"}, conditions, references, sentences)
    named = {condition.name: condition for condition in conditions}

    figures = result["conditions"]
    assert figures["source"]["wer"]["value"] <= 0.25
    assert figures["voice"]["above_source"]["value"] == 0
    assert figures["voice"]["failures"]["count"] == 0
    assert figures["voice"]["duration_ratio"]["median"] == 1
    assert figures["voice"]["f0_spread_ratio"] == 1
    assert figures["codec 32 books"]["above_source"]["value"] > 0.3  # untrained
    assert "voice" in report.table(json.loads(json.dumps(result)))

    for name, kind in (("mute", "silence"), ("endless", "no end")):
        failures = report.failures_of(named[name], named["source"], references, sentences)
        assert failures["kinds"][kind] == failures["count"] == 1
        assert not failures["passed"]


@pytest.mark.usefixtures("needs_flite")
def test_the_command_judges_a_voice_and_writes_its_card(
    babbler_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(babbler_folder, tmp_path / "babbler")
    monkeypatch.chdir(tmp_path)
    arguments = ["evaluate", "voice", "--voice", "babbler", "--device", "cpu", "--sentences", "2"]
    assert training.main([*arguments, "--json", "--record", "--save-audio", "heard"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["conditions"]["voice"]["failures"]["count"] == 2  # random weights
    assert len(list(tmp_path.glob("heard/*/0001.wav"))) == 4
    metrics = tomllib.loads((tmp_path / "babbler" / "voice.toml").read_text(encoding="utf-8"))["metrics"]
    assert metrics["command"] == "sotto " + " ".join(arguments)
    assert metrics["voice_failures"] == 1.0


def test_sound_measures_of_a_known_signal() -> None:
    seconds = np.arange(2 * RATE_HZ) / RATE_HZ
    pitch = 120.0 * 2 ** (seconds / 2 * 7 / 12)  # seven semitones in two seconds
    tone = sum(0.1 * np.sin(2 * np.pi * n * np.cumsum(pitch) / RATE_HZ) for n in range(1, 6))
    silent = np.zeros(RATE_HZ // 4)
    sound = measure(np.concatenate([silent, tone]).astype(np.float32), RATE_HZ)
    assert sound.duration_s == pytest.approx(2.25)
    assert sound.active_s == pytest.approx(2.0, abs=0.03)
    assert sound.leading_silence_ms == pytest.approx(250, abs=5)
    assert sound.f0_spread_semitones == pytest.approx(0.8 * 7, abs=0.5)


def test_likeness_tells_pitch_voicing_and_noise_in_pauses_apart() -> None:
    seconds = np.arange(RATE_HZ) / RATE_HZ

    def voice(pitch_hz: float) -> NDArray[np.float64]:
        return sum(0.1 * np.sin(2 * np.pi * n * pitch_hz * seconds) for n in range(1, 6)) * (seconds < 0.6)

    rng = np.random.default_rng(0)
    source = voice(120.0).astype(np.float32)
    same = likeness(source, source, RATE_HZ)
    assert same.f0_error_semitones == 0
    assert same.voicing_error == 0
    assert same.pause_dbfs is not None
    assert same.pause_dbfs < -100
    higher = likeness(source, voice(120.0 * 2 ** (2 / 12)).astype(np.float32), RATE_HZ)
    assert higher.f0_error_semitones == pytest.approx(2.0, abs=0.1)
    noisy = likeness(source, source + rng.standard_normal(RATE_HZ).astype(np.float32) * 0.01, RATE_HZ)
    assert noisy.pause_dbfs == pytest.approx(-40.0, abs=0.5)
    hoarse = likeness(source, rng.standard_normal(RATE_HZ).astype(np.float32) * 0.1, RATE_HZ)
    assert hoarse.voicing_error > 0.5
    assert likeness(np.ones(RATE_HZ, np.float32), np.ones(RATE_HZ, np.float32), RATE_HZ).pause_dbfs is None


def test_held_out_sentences_are_what_they_claim() -> None:
    sentences = heldout.held_out_sentences()
    assert len(sentences) == len(set(sentences)) == heldout.SENTENCES
    for sentence in sentences:
        words = heldout.reference_words(sentence)
        assert heldout.MIN_WORDS <= len(words) <= heldout.MAX_WORDS
        assert any(splits.held_out(word) for word in words)
        assert recogniser_words().issuperset(words)


def test_mistakes_end_with_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], small_codec: Codec
) -> None:
    assert training.main(["evaluate", "codec", "--codec", str(tmp_path / "none.safetensors")]) == 2
    assert "missing" in capsys.readouterr().err
    path = tmp_path / "codec.safetensors"
    save_codec(path, small_codec)
    assert training.main(["evaluate", "codec", "--codec", str(path), "--sentences", "0"]) == 2
    assert "at least 1" in capsys.readouterr().err
