"""The codec recipe learns a few utterances by heart, repeats itself exactly, and refuses what it cannot use."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from engine.codec import Codec, load_codec
from engine.codec.decoder import FILTERS, NOISE, PULSES
from engine.errors import SottoError
from tests.fixtures.tone_corpus import write_tone_corpus
from tests.training.recipes.conftest import metrics
from tests.training.recipes.settings import SMALL_CODEC, train_codec
from training.__main__ import main
from training.data import Corpus
from training.recipes.codec import DeadCodes, draw_kept_books
from training.recipes.codec_losses import (
    VOICE_HZ,
    PhoneAdversary,
    SpectralLoss,
    low_bins,
    phone_loss,
    pitch_loss,
    prosody_loss,
    voicing_loss,
)
from training.recipes.run import mean_of

FIRST = {"mel": 1.8136, "pitch": 5.51861, "phone": 3.76521, "prosody": 1.5311}
"""Losses of the very first step: weights and data of the seed alone."""
LAST = {"mel": 0.43, "pitch": 0.14, "phone": 0.88, "prosody": 0.19}
"""Means of the last steps; a processor that rounds otherwise may end a little elsewhere."""


def test_it_overfits_a_few_utterances(codec_run: Path) -> None:
    *steps, averaged = metrics(codec_run)
    first, last = steps[0], mean_of(steps[-20:])
    assert {name: first[name] for name in FIRST} == pytest.approx(FIRST, rel=0.02)
    assert {name: last[name] for name in LAST} == pytest.approx(LAST, rel=0.35)
    assert last["mel"] < 0.5 * first["mel"]
    assert averaged["valid_mel_all"] < 0.5 * first["mel"]
    assert averaged["valid_phone_accuracy"] > 0.4


def test_what_it_decodes_is_where_it_was_said(codec_run: Path, tones: Path) -> None:
    codec = load_codec(codec_run / "codec.safetensors")
    corpus = Corpus(tones)
    audio = corpus.audio(corpus.utterances[0])
    with torch.inference_mode():
        made = codec.decode(codec.encode(torch.from_numpy(audio)[None]))[0].numpy()[: len(audio)]

    def loudness(samples: np.ndarray) -> np.ndarray:
        hop = SMALL_CODEC.hop_samples
        return np.sqrt((samples[: len(samples) // hop * hop].reshape(-1, hop) ** 2).mean(axis=1))

    wanted, got = loudness(audio), loudness(made)
    likeness = [np.corrcoef(wanted[10:-10], np.roll(got, shift)[10:-10])[0, 1] for shift in range(-8, 9)]
    assert np.argmax(likeness) - 8 in (-1, 0, 1)
    assert max(likeness) > 0.7
    assert got[-8:].max() < 0.2 * got.max()


def test_a_decoder_that_goes_on_learning_leaves_the_tokens_as_they_are(
    codec_run: Path, tones: Path, tmp_path: Path
) -> None:
    given = load_codec(codec_run / "codec.safetensors")
    start = load_codec(codec_run / "codec.safetensors")
    better = train_codec(tones, tmp_path, steps=2, start=start, decoder_only=True)
    assert better.token_hash() == given.token_hash()
    changed = {n for n, p in better.named_parameters() if not torch.equal(p, given.get_parameter(n))}
    assert changed
    assert all(name.startswith("decoder.") for name in changed)


def test_low_pulses_keep_the_phase_of_the_train(codec_run: Path) -> None:
    """A phase from hop to hop makes the fundamental's period wander: what is voiced is not found to be."""
    codec = load_codec(codec_run / "codec.safetensors")
    filters, _, _ = codec.decoder.hops(torch.randn(1, 3, SMALL_CODEC.latent_width), codec.decoder_state())
    _, phase, _ = filters.view(1, -1, FILTERS, codec.decoder.bins).unbind(2)
    frequencies_hz = (
        torch.arange(codec.decoder.bins) * SMALL_CODEC.sample_rate_hz / SMALL_CODEC.synthesis_window
    )
    low = frequencies_hz < VOICE_HZ
    assert low.any()
    assert (phase[..., low] == 0.0).all()
    assert (phase[..., ~low] != 0.0).any()


def test_a_run_may_begin_from_another_codec(codec_run: Path, tones: Path, tmp_path: Path) -> None:
    begun = train_codec(tones, tmp_path, steps=2, start=load_codec(codec_run / "codec.safetensors"))
    assert metrics(tmp_path)[0]["mel"] < 0.6 * FIRST["mel"]
    assert begun.token_hash() != load_codec(codec_run / "codec.safetensors").token_hash()


def test_the_adversary_drives_phones_out_of_what_it_listens_to() -> None:
    torch.manual_seed(0)
    phones = torch.randint(0, SMALL_CODEC.phone_classes, (8, 40, SMALL_CODEC.quarters_per_frame))
    told = torch.nn.functional.one_hot(phones, SMALL_CODEC.phone_classes).flatten(2).float()
    voice = torch.randn(8, 40, SMALL_CODEC.latent_width)
    mixing = torch.nn.Linear(told.shape[2], SMALL_CODEC.latent_width)
    adversary = PhoneAdversary(SMALL_CODEC)
    listens = torch.optim.Adam(adversary.parameters(), lr=3e-2)
    hides = torch.optim.Adam(mixing.parameters(), lr=1e-2)

    def accuracy(steps: int, hiding: bool) -> float:
        for _ in range(steps):
            losses = adversary(mixing(told) + 0.1 * voice, phones)
            for optimizer in (listens, hides):
                optimizer.zero_grad()
            torch.autograd.backward(losses["adversary"] + losses["confusion"])
            listens.step()
            if hiding:
                hides.step()
        return float(losses["acoustic_phone_accuracy"])

    known = accuracy(100, hiding=False)
    hidden = accuracy(300, hiding=True)
    assert known > 0.5
    assert hidden < 0.5 * known


def test_unlabelled_speech_teaches_the_adversary_nothing() -> None:
    adversary = PhoneAdversary(SMALL_CODEC)
    acoustic = torch.randn(2, 5, SMALL_CODEC.latent_width, requires_grad=True)
    phones = torch.full((2, 5, SMALL_CODEC.quarters_per_frame), -1)
    losses = adversary(acoustic, phones)
    torch.autograd.backward(losses["adversary"] + losses["confusion"])
    assert acoustic.grad is not None
    assert not acoustic.grad.any()


def test_the_same_seed_gives_the_same_losses(tones: Path, tmp_path: Path) -> None:
    for name in ("one", "other"):
        train_codec(tones, tmp_path / name, steps=3)
    one, other = metrics(tmp_path / "one"), metrics(tmp_path / "other")
    assert len(one) == 4
    for first, second in zip(one, other, strict=True):
        assert {**first, "minutes": 0} == {**second, "minutes": 0}


def test_the_command_writes_a_codec(tones: Path, tmp_path: Path) -> None:
    fields = {name: getattr(SMALL_CODEC, name) for name in SMALL_CODEC.__dataclass_fields__}
    config = tmp_path / "codec.toml"
    config.write_text("".join(f"{name} = {value}\n" for name, value in fields.items()), encoding="utf-8")
    run = tmp_path / "run"
    arguments = ["--corpus", str(tones), "--run", str(run), "--config", str(config), "--steps", "1"]
    assert main(["codec", *arguments, "--batch", "1", "--device", "cpu"]) == 0
    assert load_codec(run / "codec.safetensors").config == SMALL_CODEC
    assert metrics(run)[-1]["saved"] == str(run / "codec.safetensors")


def test_mistakes_end_with_a_sentence(
    tones: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["codec", "--corpus", str(tmp_path), "--run", str(tmp_path / "run"), "--steps", "1"]) == 2
    assert "is not a corpus" in capsys.readouterr().err
    with pytest.raises(SystemExit) as ended:
        main(["codec", "--corpus", str(tones), "--run", str(tmp_path / "run")])
    assert ended.value.code == 2
    assert "say how long: --minutes or --steps" in capsys.readouterr().err


def test_a_corpus_without_a_long_enough_utterance_is_refused(tmp_path: Path) -> None:
    corpus = write_tone_corpus(tmp_path / "corpus")
    path = corpus / "shard-00000.jsonl"
    path.write_text(path.read_text(encoding="utf-8").replace('"train"', '"test"'), encoding="utf-8")
    with pytest.raises(SottoError, match="holds no training utterance longer than 10 frames"):
        train_codec(corpus, tmp_path / "run", steps=1)


def test_quantiser_dropout_dwells_on_the_books_that_matter() -> None:
    kept = draw_kept_books(4000, SMALL_CODEC, torch.Generator().manual_seed(0))
    assert kept.min() >= 1
    shares = torch.bincount(kept, minlength=SMALL_CODEC.codebooks + 1) / len(kept)
    assert shares[SMALL_CODEC.semantic_codebooks] > 0.2
    assert shares[SMALL_CODEC.codebooks // 2] > 0.15
    assert shares[SMALL_CODEC.codebooks] > 0.45
    assert (shares[1:] > 0).all()


def test_codes_that_nothing_chooses_are_restarted(codec_run: Path) -> None:
    codec = load_codec(codec_run / "codec.safetensors")
    dead = DeadCodes(codec)
    books, size, width = codec.quantiser.entries.shape
    codes = torch.zeros(1, 50, books, dtype=torch.long)
    lookups = torch.full((books, 50, width), 7.0)
    rng = torch.Generator().manual_seed(0)
    replaced = [dead.update(codec, codes, lookups, step, rng) for step in range(200)]
    assert sum(replaced) >= books * (size - 1)
    assert (codec.quantiser.entries[:, 1:] == 7.0).all()
    assert not (codec.quantiser.entries[:, 0] == 7.0).any()


def test_equal_signals_cost_nothing_and_others_do() -> None:
    spectral = SpectralLoss(SMALL_CODEC)
    rng = torch.Generator().manual_seed(0)
    wanted = torch.randn(2, 9600, generator=rng) * 0.1
    same = spectral(wanted, wanted)
    near = spectral(wanted + 0.01 * torch.randn(2, 9600, generator=rng), wanted)
    far = spectral(torch.randn(2, 9600, generator=rng) * 0.1, wanted)
    assert float(same) == pytest.approx(0.0, abs=1e-6)
    assert 0 < float(near) < float(far)


def test_silence_has_finite_losses_and_gradients() -> None:
    spectral = SpectralLoss(SMALL_CODEC)
    made = torch.zeros(1, 9600, requires_grad=True)
    torch.autograd.backward(spectral(made, torch.zeros(1, 9600)))
    assert made.grad is not None
    assert made.grad.isfinite().all()


def test_unknown_phones_do_not_count(codec_run: Path) -> None:
    codec = load_codec(codec_run / "codec.safetensors").requires_grad_(True)
    semantic = torch.randn(1, 4, SMALL_CODEC.semantic_codebooks, SMALL_CODEC.latent_width)
    unknown = torch.full((1, 4, SMALL_CODEC.quarters_per_frame), -1)
    loss, accuracy = phone_loss(codec, semantic, 2, unknown)
    assert float(loss.detach()) == float(accuracy) == 0.0
    known = unknown.clone()
    known[0, 1, 2] = 5
    loss, _ = phone_loss(codec, semantic, 2, known)
    assert float(loss.detach()) > 0
    unvoiced = torch.zeros(1, 4, 3)
    moved = unvoiced.clone()
    moved[..., 0] = 9.0
    losses = [float(prosody_loss(codec, semantic, 1, track).detach()) for track in (unvoiced, moved)]
    assert losses[0] == losses[1]


def test_pitch_counts_where_the_voice_is_voiced_and_in_semitones() -> None:
    hops = SMALL_CODEC.hops_per_frame * 4
    wanted = torch.zeros(1, 4 * SMALL_CODEC.quarters_per_frame, 2)
    wanted[0, :8] = torch.tensor([0.5, 1.0])  # half an octave up, voiced
    right = torch.full((1, hops), 0.5)
    right[0, hops // 2 :] = -1.0  # unvoiced: whatever it says
    assert float(pitch_loss(right, wanted, SMALL_CODEC)) == 0.0
    assert float(pitch_loss(right + 1.0, wanted, SMALL_CODEC)) == pytest.approx(12.0 - 0.25)
    assert float(pitch_loss(right, torch.zeros_like(wanted), SMALL_CODEC)) == 0.0


def test_a_voice_is_pulses_and_what_is_none_is_noise() -> None:
    voiced = torch.tensor([[1.0, 1.0, 0.0, 0.0]])
    bins, low = Codec(SMALL_CODEC).decoder.bins, low_bins(SMALL_CODEC)
    filters = torch.zeros(1, 4, FILTERS, bins)

    def loss(labels: torch.Tensor) -> float:
        return float(voicing_loss(filters.flatten(2), labels, SMALL_CODEC))

    undecided = loss(voiced)
    filters[..., low:] = torch.randn(1, 4, FILTERS, bins - low)
    assert loss(voiced) == pytest.approx(undecided)  # a voice is looked for at its lowest harmonics
    filters[:, :2, PULSES, :low] = filters[:, 2:, NOISE, :low] = 16.0
    assert loss(voiced) < 0.05 * undecided
    assert loss(1.0 - voiced) > 5.0 * undecided
    filters[:, 2:, NOISE, 1:low] = 26.0
    quiet = loss(voiced)
    filters[:, 2:, PULSES, 0] = 20.0  # a voice beneath louder noise beside it
    assert loss(voiced) > quiet + 0.01
