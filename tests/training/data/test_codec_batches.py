"""Crops for the codec: audio, phones and prosody of the same stretch, roughened for the encoder alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from engine.text import PHONES
from tests.fixtures.tiny_models import TINY_CODEC
from tests.fixtures.tone_corpus import PITCH_HZ, chord, write_tone_corpus
from training.data import PAUSE_CLASS, Corpus, Utterance, quarter_labels
from training.data.codec_batches import CodecBatches
from training.data.prosody import prosody_of, voicing_of, voicing_step

FRAMES = 8


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tone_corpus(tmp_path_factory.mktemp("tones") / "corpus")


@pytest.fixture(scope="module")
def batches(folder: Path) -> CodecBatches:
    return CodecBatches(folder, TINY_CODEC, batch=5, frames=FRAMES)


def labels_of(utterance: Utterance) -> NDArray[np.int64]:
    return quarter_labels(utterance, utterance.samples // TINY_CODEC.quarter_samples, TINY_CODEC)


def test_held_out_crops_are_what_the_corpus_holds(folder: Path, batches: CodecBatches) -> None:
    first, second = batches.held_out_batches(2), batches.held_out_batches(2)
    for one, other in zip(first, second, strict=True):
        assert all(torch.equal(one[name], other[name]) for name in one)
    valid = next(u for u in Corpus(folder).utterances if u.split == "valid")
    audio, labels = Corpus(folder).audio(valid), labels_of(valid)
    quarter = TINY_CODEC.quarter_samples
    for clean, phones in zip(first[0]["clean"].numpy(), first[0]["phones"].flatten(1).numpy(), strict=True):
        starts = [at for at in range(0, len(audio) - len(clean) + 1, quarter) if audio[at] == clean[0]]
        (start,) = [at for at in starts if np.array_equal(audio[at : at + len(clean)], clean)]
        assert np.array_equal(labels[start // quarter : start // quarter + phones.size], phones)
    assert torch.equal(first[0]["clean"], first[0]["noisy"])


def test_a_batch_has_the_shapes_it_promises(batches: CodecBatches) -> None:
    batch = batches.draw(torch.Generator().manual_seed(0))
    assert batch["clean"].shape == batch["noisy"].shape == (5, FRAMES * TINY_CODEC.frame_samples)
    assert batch["phones"].shape == (5, FRAMES, TINY_CODEC.quarters_per_frame)
    assert batch["prosody"].shape == (5, FRAMES, 3)
    assert batch["voiced"].shape == (5, FRAMES * TINY_CODEC.hops_per_frame)
    assert batch["clean"].abs().max() <= 1.0
    again = batches.draw(torch.Generator().manual_seed(0))
    assert all(torch.equal(batch[name], again[name]) for name in batch)


def test_a_room_is_heard_by_the_encoder_alone_and_on_some_rows(batches: CodecBatches) -> None:
    rng = torch.Generator().manual_seed(1)
    drawn = [batches.draw(rng) for _ in range(6)]
    noise = torch.cat([(batch["noisy"] - batch["clean"]).square().mean(dim=1) for batch in drawn])
    speech = torch.cat([batch["clean"].square().mean(dim=1) for batch in drawn])
    assert 0.2 < float((noise > 0).float().mean()) < 0.8
    assert (noise < speech * 10).all()


def test_energy_is_that_of_the_gained_signal(batches: CodecBatches) -> None:
    batch = batches.draw(torch.Generator().manual_seed(2))
    power = batch["clean"].view(5, FRAMES, TINY_CODEC.quarters_per_frame, -1).square().mean(-1)
    energy = ((10 * torch.log10(power + 1e-9) + 40) / 20).mean(-1)
    loud = power.amin(-1) > 1e-5
    assert loud.any()
    assert torch.allclose(batch["prosody"][..., 2][loud], energy[loud], atol=0.02)


def test_phones_follow_the_alignment(folder: Path) -> None:
    for utterance in Corpus(folder).utterances:
        labels = labels_of(utterance)
        assert labels[-1] == PAUSE_CLASS
    assert PHONES[labels[0]] == "w"


def test_the_pitch_of_a_quarter_is_that_of_its_sound(batches: CodecBatches) -> None:
    pitch = batches.draw(torch.Generator().manual_seed(3))["pitch"]
    assert pitch.shape == (5, FRAMES * TINY_CODEC.quarters_per_frame, 2)
    voiced = pitch[..., 1] == 1
    assert voiced.any()
    assert torch.allclose(pitch[..., 0][voiced].median(), torch.tensor(PITCH_HZ / 128.0).log2(), atol=0.05)


def test_hops_are_voiced_where_the_corpus_is(folder: Path, batches: CodecBatches) -> None:
    valid = next(u for u in Corpus(folder).utterances if u.split == "valid")
    audio, step = Corpus(folder).audio(valid), voicing_step(TINY_CODEC)
    track = np.pad(voicing_of(audio, TINY_CODEC), (1, 2)).astype(bool)
    (batch,) = batches.held_out_batches(1)
    shares = []
    for clean, voiced in zip(batch["clean"].numpy(), batch["voiced"].numpy(), strict=True):
        starts = (at for at in range(0, len(audio), TINY_CODEC.quarter_samples) if audio[at] == clean[0])
        start = next(at for at in starts if np.array_equal(audio[at : at + len(clean)], clean))
        assert len(voiced) == FRAMES * TINY_CODEC.hops_per_frame
        first_samples = start // step + 2 * np.arange(len(voiced)) + 1
        near = track[first_samples - 1] | track[first_samples] | track[first_samples + 1]
        assert np.array_equal(voiced, near)
        shares.append(voiced.mean())
    assert 0.0 < np.mean(shares) < 1.0


def test_pitch_and_voicing_are_found() -> None:
    tone = chord("ah", 60, 0).astype(np.float32)
    track = prosody_of(np.concatenate((tone, np.zeros_like(tone))), TINY_CODEC)
    assert track.shape == (120, 3)
    voiced = track[10:50]
    assert (voiced[:, 1] == 1).all()
    assert np.allclose(voiced[:, 0], np.log2(PITCH_HZ / 128.0), atol=0.05)
    assert not track[75:, 1].any()
    assert not track[75:, 0].any()
    assert voiced[:, 2].min() > track[75:, 2].max() + 1.0
