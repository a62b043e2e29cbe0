"""What models write and what is said of it: a table of awkward replies, and that pieces change nothing."""

from __future__ import annotations

import random
import re
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.dialogue.cleaning import SpeechText, clean
from engine.text import normalise

TABLE = Path(__file__).with_name("replies.tsv")
ESCAPES = {"\\n": "\n", "\\\\": "\\"}


def table_rows() -> list[tuple[str, str]]:
    """(reply, what is said) of each line that has both."""
    rows = [line.split("\t") for line in TABLE.read_text(encoding="utf-8").splitlines() if "\t" in line]
    return [(re.sub(r"\\n|\\\\", lambda match: ESCAPES[match[0]], reply), said) for reply, said in rows]


def in_pieces(pieces: list[str]) -> str:
    """What the cleaner says of pieces."""
    cleaner = SpeechText()
    return "".join([*(cleaner.feed(piece) for piece in pieces), cleaner.finish()])


@pytest.mark.parametrize(("reply", "said"), table_rows())
def test_awkward_replies_are_said_as_a_reader_would(reply: str, said: str) -> None:
    assert normalise(clean(reply)) == said


def test_the_table_is_large_enough() -> None:
    assert len({reply for reply, _ in table_rows()}) >= 200


@pytest.mark.parametrize("reply", [reply for reply, _ in table_rows()])
def test_pieces_of_a_real_reply_change_nothing(reply: str) -> None:
    whole = clean(reply)
    for length in (1, 2, 3, 5, 8):
        assert in_pieces([reply[at : at + length] for at in range(0, len(reply), length)]) == whole


@settings(max_examples=40)
@given(st.randoms(use_true_random=False))
def test_any_pieces_of_many_replies_in_a_row_change_nothing(chooser: random.Random) -> None:
    replies = [reply for reply, _ in table_rows()]
    text = chooser.choice(("\n\n", "\n", " ")).join(chooser.sample(replies, 12))
    pieces, at = [], 0
    while at < len(text):
        length = chooser.choice((1, 2, 3, 5, 8, 40, 200))
        pieces.append(text[at : at + length])
        at += length
    assert in_pieces(pieces) == clean(text)


SIGNS = (
    "* ** _ __ ~~ == ` ``` $ $$ \\ \\( \\) \\[ \\] \\frac{1}{2} [ ]"
    " ( ) ](x) ![ < > <b> </b> <br> <think> </think> & &amp; : :// "
    ":a: ! 【 】 # ## - 1. 2) | |- > 😀 ✅ http://x.y a A laughs 5 $5 x^2 {}"
).split(" ")
BLANKS = [" ", " ", "\n", "\n\n", "Assistant:", "a) ", "| a | b |\n", "$52)"]


@settings(max_examples=400)
@given(
    st.lists(
        st.sampled_from(SIGNS + BLANKS),
        max_size=30,
    ),
    st.integers(1, 7),
)
def test_pieces_of_any_text_change_nothing(parts: list[str], length: int) -> None:
    text = "".join(parts)
    assert in_pieces([text[at : at + length] for at in range(0, len(text), length)]) == clean(text)


@settings(max_examples=200)
@given(st.text(max_size=80))
def test_nothing_that_is_cleaned_raises_and_thoughts_never_show(text: str) -> None:
    assert "secret" not in clean(f"{text.replace('<', '')}\n<think>secret</think> {text}")


def test_plain_words_are_not_held_back() -> None:
    cleaner = SpeechText()
    assert cleaner.feed("The answer") == "The answer"
    assert cleaner.feed(" is sim") == " is sim"
    assert cleaner.feed("ple. A") == "ple. A"
    assert cleaner.feed("nd **this** is") == "nd this is"
    assert cleaner.feed(" $5 for") == " $5 for"


def test_hostile_text_is_survived_quickly() -> None:
    started_s = time.perf_counter()
    for sign in (
        "word ",
        "*",
        "[",
        "`",
        "$x",
        "<",
        "(",
        "\\",
        "| a ",
        "_",
        "\n- ",
        "&",
        "😀",
        "a",
        " ",
        "[a](b",
        "![",
    ):
        assert isinstance(clean(sign * (10_000 // len(sign))), str)
    assert time.perf_counter() - started_s < 20.0
