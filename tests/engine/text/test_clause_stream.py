"""Text that streams in: the same clauses as from the whole text, as soon as each is complete."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.text import Clause, ClauseStream, Frontend

TEXT = """Hello, Dr. Smith! I live at 5 Main St. The U.S. Army (big) came — at 3 p.m. He said: "Yes," e.g. this.
J. R. R. Tolkien wrote... well... No. 5 is alive; March 5, 2026, was cold. It costs $3.50 at example.com, or 1,234.
<think>long, secret. thoughts</think> So - what now?
```python
x = 1, 2. 3
```
- item one
- item two

3. Third item
This is a wrapped line that is long enough to have been broken by an editor at about this point, and
continues. Words without any mark go on and on over the hills and far away until nobody knows how it began or why.
## Title
Next one? "Sure!" she said. Call 555-123-4567 today. 4 a.m. EST to 5 p.m. Then &amp; now"""


@pytest.fixture(scope="module")
def frontend() -> Frontend:
    return Frontend.load()


def streamed(frontend: Frontend, chunks: list[str]) -> list[Clause]:
    stream = ClauseStream(frontend)
    clauses = [clause for chunk in chunks for clause in stream.feed(chunk)]
    return clauses + stream.flush()


def test_one_character_at_a_time_equals_the_whole(frontend: Frontend) -> None:
    assert streamed(frontend, list(TEXT)) == frontend.clauses(TEXT)


@settings(max_examples=60)
@given(st.randoms(use_true_random=False))
def test_any_chunks_of_a_real_text_equal_the_whole(frontend: Frontend, chooser: random.Random) -> None:
    chunks, index = [], 0
    while index < len(TEXT):
        length = chooser.choice((1, 2, 3, 5, 8, 40, 200))
        chunks.append(TEXT[index : index + length])
        index += length
    assert streamed(frontend, chunks) == frontend.clauses(TEXT)


PIECES = (
    "Dr. St. U.S. a.m. etc. No. 5 3 I A B e.g. (x) \" ' - — -- ... . , ; : ? ! ``` ` <think> </think> * 1. word The"
).split(" ")


@settings(max_examples=150)
@given(st.lists(st.sampled_from([*PIECES, " ", " ", " ", "\n", "\n\n"]), max_size=40), st.integers(1, 7))
def test_any_chunks_of_any_text_equal_the_whole(frontend: Frontend, pieces: list[str], length: int) -> None:
    text = "".join(pieces)
    chunks = [text[index : index + length] for index in range(0, len(text), length)]
    assert streamed(frontend, chunks) == frontend.clauses(text)


def test_a_clause_comes_out_with_the_first_character_after_it(frontend: Frontend) -> None:
    stream = ClauseStream(frontend)
    assert stream.feed("Well, ") == []
    assert [clause.words for clause in stream.feed("I")] == [("well",)]
    assert stream.feed(" paid $3.50 to Dr. No. ") == []
    assert [clause.text for clause in stream.feed("T")] == ["I paid $3.50 to Dr. No. "]
    assert stream.feed("hen I left") == []
    assert [clause.text for clause in stream.flush()] == ["Then I left"]


def test_a_long_sentence_does_not_wait_for_its_end(frontend: Frontend) -> None:
    stream = ClauseStream(frontend)
    words = (
        "we walked along the river and saw many birds that sang to us while the sun went down slowly".split()
    )
    early = [clause for _ in range(3) for word in words for clause in stream.feed(f"{word} ")]
    assert len(early) >= 2
    assert all(len(clause.words) <= 24 for clause in early)


def test_a_stream_can_be_used_again_after_a_flush(frontend: Frontend) -> None:
    stream = ClauseStream(frontend)
    stream.feed("An unfinished <think>thought")
    stream.flush()
    assert stream.feed("Next one. ") == []
    assert [clause.words for clause in stream.flush()] == [("next", "one")]


def test_the_slices_of_the_clauses_give_the_text_back(frontend: Frontend) -> None:
    text = "  Hello, world! It's 5:30 pm (already)...  Call 555-123-4567;\n\nthe U.S. economy — well, it grew 3.5%. "
    assert "".join(clause.text for clause in frontend.clauses(text)) == text


def test_the_first_clause_of_a_long_text_is_there_at_once(frontend: Frontend) -> None:
    text = "The quick brown fox jumps over the lazy dog, and then it rests. " * 1_600
    started = time.perf_counter()
    next(frontend.iter_clauses(text))
    first_s = time.perf_counter() - started
    clauses = frontend.clauses(text)
    assert len(clauses) == 3_200
    assert first_s < (time.perf_counter() - started) / 20
