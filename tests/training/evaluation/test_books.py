"""The two groups of books are told apart, and each measure looks at the group that it names."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from engine.codec import Codec, save_codec
from tests.fixtures.tiny_models import TINY_CODEC, tiny_codec
from training.__main__ import main
from training.evaluation.books import Spoken, _probe, swapped

FRAMES = 400


def teachable(codec: Codec, semantic: bool, seed: int) -> Spoken:
    """Random codes; the first book of one group says which phone class is spoken in all quarters of a frame."""
    rng = torch.Generator().manual_seed(seed)
    shape = (1, FRAMES, codec.num_codebooks)
    codes = torch.randint(0, codec.config.codebook_size, shape, generator=rng)
    book = 0 if semantic else codec.config.semantic_codebooks
    codes[..., book] %= 5
    phones = codes[0, :, book].unsqueeze(1).expand(-1, codec.config.quarters_per_frame)
    return Spoken(codes, phones)


@pytest.mark.parametrize("taught", [True, False])
def test_a_probe_finds_what_its_own_books_say_and_no_more(taught: bool) -> None:
    codec = tiny_codec()
    lessons, questions = [teachable(codec, taught, 0)], [teachable(codec, taught, 1)]
    own = _probe(codec, lessons, questions, semantic=taught)
    other = _probe(codec, lessons, questions, semantic=not taught)
    assert own > 0.5
    assert other < 0.35  # one in five by chance


def test_a_swap_takes_the_first_books_of_one_and_the_last_of_the_other() -> None:
    codec = tiny_codec()
    one, other = teachable(codec, True, 0), teachable(codec, True, 1)
    short = Spoken(other.codes[:, :150], other.phones[:150])
    codes = one.codes.clone()
    books = TINY_CODEC.semantic_codebooks
    codes[..., books:] = torch.cat((short.codes, short.codes, short.codes), 1)[:, :FRAMES, books:]
    assert torch.equal(torch.from_numpy(swapped(codec, one, short)), codec.decode(codes)[0])


@pytest.mark.usefixtures("needs_flite", "needs_texts")
def test_the_command_prints_shares(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    save_codec(tmp_path / "codec.safetensors", tiny_codec())
    arguments = ["evaluate", "books", "--codec", str(tmp_path / "codec.safetensors"), "--sentences", "3"]
    assert main([*arguments, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["probe_taught_on"] == 9
    shares = [*told["phone_probe"].values(), *told["words_heard_after_swap"].values()]
    assert all(0 <= share <= 1 for share in shares)
    assert told["words_heard_after_swap"]["semantic"] < 0.5  # untrained
