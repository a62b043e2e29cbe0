"""The letter-to-sound model: its quality on words it never saw, its training, and damaged files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.errors import SottoError
from engine.paths import resources_dir
from engine.text import PHONES, Dictionary
from engine.text.letter_to_sound import LetterToSound, PairModel
from training.recipes.letter_to_sound import Recipe, evaluate, is_held_out, lexicon, train

MODEL = resources_dir() / "text" / "letter_to_sound.npz"


@pytest.fixture(scope="module")
def dictionary() -> Dictionary:
    return Dictionary.load()


def test_words_it_never_saw_are_sounded_out_with_few_errors(dictionary: Dictionary) -> None:
    held_out = [word for word in lexicon(dictionary) if is_held_out(word, Recipe().held_out_share)]
    figures = evaluate(LetterToSound.load(MODEL), dictionary, held_out[::40])
    assert figures["test_words"] > 250
    assert figures["phone_error_rate"] < 0.10
    assert figures["word_accuracy"] > 0.65
    assert figures["phone_error_rate_with_stress"] < 0.14


def test_any_letters_give_phones_with_one_primary_stress() -> None:
    model = LetterToSound.load(MODEL)
    for word in ("a", "zzyzx", "qqqq", "aeiou" * 20, "supercalifragilistic"):
        phones = model.phones(word).split()
        assert {phone.rstrip("12") for phone in phones} <= set(PHONES)
        assert sum(phone.endswith("1") for phone in phones) <= 1
    assert model.phones("") == model.phones("'-") == ""


def test_training_repeats_itself_and_learns(dictionary: Dictionary) -> None:
    words = lexicon(dictionary)
    some = {word: phones for word, phones in words.items() if is_held_out(word, 0.03) and len(word) < 8}
    recipe = Recipe(em_words=500, em_rounds=4, order=5, min_pair_count=2, worst_alignment=-9.0)
    first, second = train(recipe, some), train(recipe, some)
    assert all(np.array_equal(first[name], second[name]) for name in first)
    figures = evaluate(LetterToSound(PairModel.from_arrays(first)), dictionary, list(some)[:200])
    assert figures["phone_error_rate"] < 0.15


def test_a_damaged_or_missing_model_is_one_sentence(tmp_path: Path) -> None:
    damaged = tmp_path / "model.npz"
    damaged.write_bytes(MODEL.read_bytes()[:5000])
    for path in (damaged, tmp_path / "missing.npz"):
        with pytest.raises(SottoError, match="letter-to-sound"):
            LetterToSound.load(path)
