"""Voices whose weights are damaged, and speech that gets caught: nothing hangs, nothing bursts, and it is said so."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.codec import Codec
from engine.errors import VoiceError
from engine.model import Sampling, SpeechModel, TorchFrames, load_model, save_model
from engine.runtime import GuardLimits, Synthesiser, Voice, load_voice
from engine.runtime.synthesiser import ENDED_CLAUSES
from tests.fakes.loudspeaker import CaughtFrames
from tests.fixtures.babbler import write_voice
from tests.fixtures.harmed import ADVERSARIAL, Harm, harmed, speak
from tests.fixtures.tiny_models import tiny_codec

ONE = "hello there"
LONG = "the old lamp was clean and the green garden was full of small birds"
MANY = "Hello there. How are you today? I am fine, thanks; the lamp was clean."
WORDS_UNJUDGED = GuardLimits(wrong_quarters=1e9, shortest_mean_quarters=0.0)
"""Random weights speak no phones, and as fast as they like; whatever else is watched in a sound voice is watched."""


def nan_in_the_backbone(model: SpeechModel, codec: Codec) -> None:
    model.backbone.norm.weight[0] = torch.nan


def nan_in_the_text_encoder(model: SpeechModel, codec: Codec) -> None:
    model.text.norm.weight[0] = torch.nan


def nan_in_the_decoder(model: SpeechModel, codec: Codec) -> None:
    codec.decoder.head.bias[0] = torch.nan


def bursting_decoder(model: SpeechModel, codec: Codec) -> None:
    codec.decoder.head.bias += 20.0


def silent_decoder(model: SpeechModel, codec: Codec) -> None:
    codec.decoder.head.weight.zero_()
    codec.decoder.head.bias.fill_(-20.0)


def longest_durations(model: SpeechModel, codec: Codec) -> None:
    model.text.duration[-1].bias.zero_()
    model.text.duration[-1].bias[-1] = 100.0


def nan_durations(model: SpeechModel, codec: Codec) -> None:
    model.text.duration[-1].bias[0] = torch.nan


HARMS: list[tuple[Harm, str]] = [
    (nan_in_the_backbone, "numbers"),
    (nan_in_the_text_encoder, "numbers"),
    (nan_in_the_decoder, "numbers"),
    (bursting_decoder, "loudness"),
    (silent_decoder, "silence"),
    (longest_durations, "durations"),
]


@pytest.mark.parametrize(("harm", "kind"), HARMS, ids=[harm.__name__ for harm, _ in HARMS])
def test_damage_ends_the_clause_with_a_sentence(babbler: Voice, harm: Harm, kind: str) -> None:
    synthesiser = Synthesiser(
        harmed(babbler, harm, WORDS_UNJUDGED), seed=3, rate=0.2
    )  # slow: random weights speak short clauses
    spoken = speak(synthesiser, LONG)
    assert spoken.kinds in ([(kind, False), (kind, True)], [(kind, True)])
    assert spoken.troubles[-1].clause.text == LONG
    assert spoken.error == ""
    if kind in ("numbers", "loudness", "durations"):
        assert spoken.chunks == []
        assert synthesiser.state.mark.memory.semantic.slots == (), "what was not played was not said"
        assert synthesiser.state.mark.units == 0


@pytest.mark.parametrize("harm", [nan_in_the_backbone, bursting_decoder, longest_durations])
def test_a_voice_that_fails_again_and_again_is_stopped(babbler: Voice, harm: Harm) -> None:
    spoken = speak(Synthesiser(harmed(babbler, harm, WORDS_UNJUDGED)), MANY)
    assert sum(trouble.ended for trouble in spoken.troubles) == ENDED_CLAUSES
    assert "'babbler' failed 3 times in a row" in spoken.error
    assert "verify" in spoken.error
    assert spoken.chunks == []


def nan_in_a_layer(model: SpeechModel, codec: Codec) -> None:
    model.backbone.blocks[0].attention_norm.weight[0] = torch.nan  # type: ignore[index,union-attr]


def test_a_nan_in_a_layer(babbler: Voice) -> None:
    """In float32. Products of 8 bits may swallow it, which is why weights that hold one are not loaded at all."""
    voice = harmed(babbler, nan_in_a_layer, WORDS_UNJUDGED)
    spoken = speak(Synthesiser(replace(voice, frames=TorchFrames(voice.model))), ONE)
    assert spoken.kinds == [("numbers", False), ("numbers", True)]
    assert spoken.chunks == []


def test_weights_that_are_no_numbers_are_not_loaded(tmp_path: Path) -> None:
    folder = write_voice(tmp_path / "voice")
    model, about = load_model(folder / "model.safetensors")
    with torch.inference_mode():
        nan_in_a_layer(model, tiny_codec())
    save_model(folder / "model.safetensors", model, about["tokens"], {"speakers": about["speakers"]})
    with pytest.raises(VoiceError, match=r"no numbers.*install the voice again"):
        load_voice(folder, "cpu", "torch")


def test_durations_that_are_no_numbers(babbler: Voice) -> None:
    limits = GuardLimits(wrong_quarters=1e9)
    spoken = speak(Synthesiser(harmed(babbler, nan_durations, limits)), ONE)
    assert spoken.kinds == [("durations", True)]


def test_a_head_that_gives_one_code(babbler: Voice) -> None:
    def zeroed(model: SpeechModel, codec: Codec) -> None:
        model.first_head.weight.zero_()

    voice = harmed(babbler, zeroed, WORDS_UNJUDGED)
    greedy = replace(voice, card=replace(voice.card, sampling=Sampling(semantic_temperature=0.0)))
    spoken = speak(Synthesiser(greedy, rate=0.4), MANY)
    assert ("repetition", False) in spoken.kinds
    assert ("repetition", True) in spoken.kinds


def caught(voice: Voice, first: int, last: int) -> Synthesiser:
    """A slow voice that is caught in one code from one frame it makes to another."""
    card = replace(voice.card, guards=WORDS_UNJUDGED)
    return Synthesiser(
        replace(voice, card=card, frames=CaughtFrames(voice.frames, first, last)), seed=3, rate=0.25
    )


def test_speech_that_gets_caught_once_is_taken_up_again_where_it_did(babbler: Voice) -> None:
    first, repeated = 3, WORDS_UNJUDGED.repeat_frames
    sound = speak(Synthesiser(babbler, seed=3, rate=0.25), LONG)
    synthesiser = caught(babbler, first, first + repeated - 1)
    spoken = speak(synthesiser, LONG)
    assert spoken.kinds == [("repetition", False)]
    repeats = len(spoken.chunks) - len(sound.chunks)
    assert 0 < repeats < repeated, (
        "what was caught is spoken again, and nothing else; its last frame never sounded"
    )
    assert [chunk.frame_index for chunk in spoken.chunks] == list(range(len(spoken.chunks)))
    before = [chunk.samples for chunk in sound.chunks[: first - 1]]
    assert np.array_equal(
        np.concatenate(before), np.concatenate([c.samples for c in spoken.chunks[: first - 1]])
    )
    assert [slot.text for slot in synthesiser.state.mark.memory.semantic.slots] == [LONG]


def test_speech_that_stays_caught_is_left_out_and_the_next_clause_goes_on(babbler: Voice) -> None:
    """Caught from the 13th frame on for two attempts: the clause's first words were said, the others were not."""
    text = "the old lamp was clean. Hello there."
    last = 12 + 2 * WORDS_UNJUDGED.repeat_frames - 2
    synthesiser = caught(babbler, 12, last)
    spoken = speak(synthesiser, text)
    assert spoken.kinds == [("repetition", False), ("repetition", True)]
    assert spoken.troubles[-1].clause.words == ("the", "old", "lamp", "was", "clean")
    said, following = (slot.text for slot in synthesiser.state.mark.memory.semantic.slots)
    assert "the old lamp was clean".startswith(said)
    assert said not in ("", "the old lamp was clean")
    assert following.strip() == "Hello there."
    assert spoken.chunks[-1].clause.words == ("hello", "there")
    words = len(synthesiser.voice.frontend.clauses("Hello there.")[0].units)
    assert synthesiser.state.mark.units < words + len(spoken.troubles[-1].clause.units), (
        "no units of unsaid words"
    )


def test_the_same_seed_gives_the_same_speech_whatever_went_wrong(babbler: Voice) -> None:
    one, other = (speak(caught(babbler, 3, 40), MANY) for _ in range(2))
    assert one.kinds == other.kinds != []
    assert np.array_equal(
        np.concatenate([chunk.samples for chunk in one.chunks]),
        np.concatenate([chunk.samples for chunk in other.chunks]),
    )


@pytest.mark.parametrize("text", ADVERSARIAL.values(), ids=ADVERSARIAL.keys())
def test_adversarial_text_is_spoken_or_not_but_ends(babbler: Voice, text: str) -> None:
    judged = replace(babbler, card=replace(babbler.card, guards=WORDS_UNJUDGED))
    spoken = speak(Synthesiser(judged, rate=4.0), text[:1200])
    assert spoken.error == "" or "in a row" in spoken.error
    assert bool(spoken.chunks) == bool(judged.frontend.clauses(text[:1200]))
