"""The shipped voice and its guards: they leave ordinary speech alone, and notice when it is not speech any more."""

from __future__ import annotations

import pytest
import torch

from engine.codec import Codec
from engine.model import SpeechModel
from engine.paths import resources_dir
from engine.runtime import Synthesiser, Voice, load_voice
from tests.fixtures.harmed import ADVERSARIAL, Harm, harmed, speak

ORDINARY = 40
SENTENCE = "We will have dinner with my brother on Sunday."


@pytest.fixture(scope="module")
def voice() -> Voice:
    return load_voice(None, "cpu", "onnx")


def ordinary_sentences() -> list[str]:
    """Held-out sentences of three words or more, the shortest first."""
    lines = (resources_dir() / "evaluation" / "heldout.txt").read_text(encoding="utf-8").splitlines()
    return sorted((line for line in lines if len(line.split()) > 2), key=len)[:ORDINARY]


def test_ordinary_sentences_raise_no_alarm(voice: Voice) -> None:
    sentences = ordinary_sentences()
    assert len(sentences) == ORDINARY
    for seed, sentence in enumerate(sentences):
        spoken = speak(Synthesiser(voice, seed=seed), sentence)
        assert spoken.chunks
        assert spoken.troubles == [], sentence


def zeroed_heads(model: SpeechModel, codec: Codec) -> None:
    model.first_head.weight.zero_()
    model.depth.heads.zero_()


def zeroed_text(model: SpeechModel, codec: Codec) -> None:
    model.quarters_in.weight.zero_()
    for block in model.backbone.blocks:
        block.attention.gate.weight.zero_()  # type: ignore[union-attr,operator]
        block.attention.gate.bias.zero_()  # type: ignore[union-attr,operator]


def shuffled_progress(model: SpeechModel, codec: Codec) -> None:
    weight = model.quarters_in.weight
    weight.copy_(weight[torch.randperm(len(weight), generator=torch.Generator().manual_seed(0))])


@pytest.mark.parametrize("harm", [zeroed_heads, zeroed_text, shuffled_progress])
def test_a_damaged_voice_is_noticed_and_its_clause_ended(voice: Voice, harm: Harm) -> None:
    spoken = speak(Synthesiser(harmed(voice, harm, voice.card.guards)), SENTENCE)
    assert [trouble.ended for trouble in spoken.troubles] == [False, True]
    sounded_s = sum(len(chunk.samples) for chunk in spoken.chunks) / voice.sample_rate_hz
    assert sounded_s < 4.0, "two attempts of less than two seconds each"


@pytest.mark.parametrize("text", ADVERSARIAL.values(), ids=ADVERSARIAL.keys())
def test_adversarial_text_does_no_harm(voice: Voice, text: str) -> None:
    synthesiser = Synthesiser(voice)
    spoken = speak(synthesiser, text, chunks=40, endless=True)
    assert bool(spoken.chunks) == bool(voice.frontend.clauses(text))
    after = speak(Synthesiser(voice), "Good evening.")
    assert after.chunks
    assert after.troubles == []
