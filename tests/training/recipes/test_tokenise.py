"""Tokens are what the engine's streaming encoder makes; a run goes on where it stopped and keeps codecs apart."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.codec import Codec, load_codec, save_codec
from engine.errors import SottoError
from tests.fixtures.tiny_models import TINY_CODEC, tiny_codec
from tests.fixtures.tone_corpus import SENTENCES, write_tone_corpus
from training.__main__ import main
from training.data import Corpus
from training.data.speech_rows import read_tokens
from training.recipes.tokenise import tokenise, unit_quarters


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two shards."""
    return write_tone_corpus(tmp_path_factory.mktemp("two") / "corpus", shards=2)


@pytest.fixture(scope="module")
def codec_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("codec") / "codec.safetensors"
    save_codec(path, tiny_codec())
    return path


@pytest.fixture
def out(corpus: Path, codec_path: Path, tmp_path: Path) -> Path:
    tokenise(corpus, codec_path, tmp_path / "tokens", workers=1)
    return tmp_path / "tokens"


def streamed(codec: Codec, audio: np.ndarray) -> np.ndarray:
    """Codes (T, K) frame by frame, as a conversation makes them."""
    padded = torch.from_numpy(np.pad(audio, (0, -len(audio) % codec.frame_size)))
    state, codes = codec.encoder.initial_state(1), []
    for frame in padded.view(-1, 1, codec.frame_size):
        made, state = codec.encode_step(frame, state)
        codes.append(made[0])
    return torch.cat(codes).numpy()


def test_tokens_are_those_of_the_streaming_encoder(corpus: Path, codec_path: Path, out: Path) -> None:
    codec, speech = load_codec(codec_path), Corpus(corpus)
    found = {utterance.id: utterance for utterance in read_tokens(out)}
    assert len(found) == 2 * len(SENTENCES)
    for utterance in speech.utterances[:3]:
        tokens = found[utterance.id]
        assert np.array_equal(tokens.codes, streamed(codec, speech.audio(utterance)))
        assert tokens.codes.dtype == np.uint8
        assert (tokens.text, tokens.split, tokens.speaker) == (
            utterance.text,
            utterance.split,
            utterance.speaker,
        )
        with torch.inference_mode():
            prosody = codec.prosody(torch.from_numpy(tokens.codes.astype(np.int64))[None])[0]
        assert np.allclose(tokens.prosody, prosody, atol=2e-3)


def test_units_fill_the_frames(corpus: Path, out: Path) -> None:
    speech = {utterance.id: utterance for utterance in Corpus(corpus).utterances}
    for tokens in read_tokens(out):
        durations = tokens.units[:, 4]
        assert durations.min() >= 1
        assert durations.sum() == 4 * tokens.frames
        assert tokens.units[-1, 3] + 1 == len(speech[tokens.id].clauses)


def test_finished_shards_are_left_alone(corpus: Path, codec_path: Path, out: Path) -> None:
    before = {path.name: path.stat().st_mtime_ns for path in out.glob("tokens-*")}
    content = {path.name: path.read_bytes() for path in out.glob("tokens-*")}
    for lost in ("tokens-00001.jsonl", "tokens-00001.codes.npy"):
        (out / lost).unlink()
    half = tokenise(corpus, codec_path, out, workers=1)
    assert half == sum(utterance.frames for utterance in read_tokens(out)) // 2
    after = {path.name: path.stat().st_mtime_ns for path in out.glob("tokens-*")}
    assert {name for name in before if before[name] != after[name]} <= {
        "tokens-00001.jsonl",
        "tokens-00001.codes.npy",
        "tokens-00001.prosody.npy",
    }
    assert {path.name: path.read_bytes() for path in out.glob("tokens-*")} == content
    assert tokenise(corpus, codec_path, out, workers=1) == 0


def test_tokens_of_another_codec_are_not_mixed_in(
    corpus: Path, out: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    save_codec(tmp_path / "other.safetensors", tiny_codec(seed=1))
    arguments = ["--corpus", str(corpus), "--codec", str(tmp_path / "other.safetensors"), "--out", str(out)]
    assert main(["tokenise", *arguments, "--workers", "1"]) == 2
    assert (
        "holds tokens of another codec or of another corpus; choose another folder" in capsys.readouterr().err
    )


def test_another_decoder_is_no_other_codec(corpus: Path, codec_path: Path, out: Path, tmp_path: Path) -> None:
    codec = load_codec(codec_path)
    next(codec.decoder.parameters()).data += 1.0
    save_codec(tmp_path / "better.safetensors", codec)
    assert tokenise(corpus, tmp_path / "better.safetensors", out, workers=1) == 0


def test_a_folder_without_tokens_is_named(tmp_path: Path) -> None:
    with pytest.raises(SottoError, match="holds no tokens"):
        read_tokens(tmp_path)


def test_every_unit_is_spoken_even_where_the_times_leave_it_no_room(corpus: Path) -> None:
    utterance = Corpus(corpus).utterances[0]
    slow = replace(
        TINY_CODEC, hop_samples=66 * TINY_CODEC.hop_samples, window_samples=264 * TINY_CODEC.hop_samples
    )
    squeezed = unit_quarters(utterance, slow, total=4)
    assert min(min(row) for row in squeezed) == 1
    exact = unit_quarters(utterance, TINY_CODEC, total=200)
    assert sum(map(sum, exact)) == 200
