"""What is written and what is said: a table of awkward inputs, and properties that hold for any text."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.text import PAUSES, has_speakable, normalise, unspeakable_scripts

TABLE = Path(__file__).with_name("normaliser.tsv")
ESCAPE = re.compile(r"\\(?:n|t|x[0-9a-f]{2}|u[0-9a-f]{4})")


def table_rows() -> list[tuple[str, str]]:
    rows = []
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if "\t" in line:
            written, spoken = line.split("\t")
            unescaped = ESCAPE.sub(lambda match: match[0].encode().decode("unicode_escape"), written)
            rows.append((unescaped, spoken))
    return rows


@pytest.mark.parametrize(("written", "spoken"), table_rows())
def test_awkward_inputs_are_said_as_a_reader_would(written: str, spoken: str) -> None:
    assert normalise(written) == spoken


def test_the_table_is_large_enough() -> None:
    assert len({written for written, _ in table_rows()}) >= 200


PIECES = [
    *(
        "a A i St. Dr. No. mr etc . , ; : ? ! ... - – — ( ) [ ] * ** _ ` ``` ~ ~~ < > <think> </think> | \\ / // # ## "
        "@ & % $ £ 5 12 1990 3.5 1,234 1/2 :30 pm a.m. p.m. km/h °C ' \" 's n't U.S. e.g. i.e Henry VIII IV NASA FBI "
        "URLs iPhone foo.bar main.py http://x.com www. é 你 😀 x = + ^ 2 vs approx Jan May because hello"
    ).split(" "),
    " ",
    " ",
    " ",
    "\n",
    "\n\n",
    "\t",
]
texts = st.one_of(
    st.text(max_size=60),
    st.lists(st.sampled_from(PIECES), max_size=14).map("".join),
    st.lists(st.sampled_from(PIECES), max_size=14).map(" ".join),
)


@settings(max_examples=250)
@given(texts)
def test_any_text_becomes_plain_words_and_pauses_and_stays_so(text: str) -> None:
    spoken = normalise(text)
    assert re.fullmatch(rf"[a-z' {re.escape(''.join(PAUSES))}]*", spoken)
    assert normalise(spoken) == spoken


@settings(max_examples=100)
@given(texts)
def test_speakable_means_that_something_is_said(text: str) -> None:
    assert has_speakable(text) == bool(normalise(text))


@pytest.mark.parametrize(
    "text", ["", "  \n", "?!...", "😀 🎉", "---", "Привет, мир", "你好", "\x00\x07", "<think>hm"]
)
def test_texts_without_a_word_are_recognised(text: str) -> None:
    assert not has_speakable(text)
    assert normalise(text) == ""


def test_the_scripts_that_cannot_be_spoken_are_named() -> None:
    assert unspeakable_scripts("Привет 你好 hello café") == ("Cyrillic", "Chinese")
    assert unspeakable_scripts("Ünïcödé, naïve, 5 € 😀") == ()


@pytest.mark.parametrize(
    "text",
    ["a" * 100_000, "1" * 100_000, "a." * 50_000, "(" * 100_000, "*" * 100_000, "1/" * 50_000, "é" * 50_000],
)
def test_hostile_text_is_survived_quickly(text: str) -> None:
    assert isinstance(normalise(text), str)
