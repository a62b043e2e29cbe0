"""What of a conversation a model is sent: within its budget, in turns that alternate, the oldest summarised."""

from __future__ import annotations

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.dialogue import Exchange, Summary
from engine.dialogue.context import (
    UNHEARD,
    build_prompt,
    estimate_tokens,
    summary_request,
    to_summarise,
    turns,
)
from engine.dialogue.model_config import ModelConfig
from tests.engine.dialogue.conversing import asked

CONFIG = ModelConfig("http://127.0.0.1:1/v1", "small", context_tokens=1200, answer_tokens=200)
LONG = tuple(Exchange(f"question {i}", f"answer {i} " + "word " * 40, turn=i) for i in range(30))


def test_the_estimate_is_rather_too_high_for_prose_and_counts_signs() -> None:
    prose = "The quick brown fox jumps over the lazy dog today."
    assert (
        11 <= estimate_tokens(prose) <= 15
    )  # ten words and a mark, which large vocabularies have as a token each
    assert estimate_tokens("2026") == 4
    assert estimate_tokens("你好") == 2
    assert estimate_tokens("") == 0


def test_the_newest_turns_that_fit_are_sent() -> None:
    prompt = build_prompt(CONFIG, LONG, asked("and now?"))
    assert prompt.tokens <= CONFIG.prompt_tokens
    assert prompt.left_out > 0
    first_sent = prompt.messages[1]["content"]
    assert first_sent == f"question {prompt.left_out}"
    assert prompt.messages[-1]["content"] == "and now?"


def test_a_summary_stands_for_the_turns_it_tells_and_for_no_others() -> None:
    old = to_summarise(CONFIG, LONG, None)
    assert old == LONG[:15]
    summary = Summary(14, "They counted.")
    whole = build_prompt(CONFIG, LONG[10:18], asked("and now?"), summary)
    assert "Earlier in this conversation: They counted." in whole.messages[0]["content"]
    assert (whole.messages[1]["content"], whole.left_out) == ("question 15", 0)
    older = to_summarise(CONFIG, LONG[5:], summary)
    assert older == LONG[15:22], "what is summed up already is not asked about again, seen or not"
    messages, _ = summary_request(CONFIG, older, summary)
    assert messages[1]["content"].startswith("Summary so far: They counted.\nUser: question 15\n")


def test_short_conversations_are_not_summarised() -> None:
    assert to_summarise(CONFIG, LONG[:3], None) == ()


def test_many_short_turns_are_summarised_before_they_are_no_longer_kept() -> None:
    short = tuple(Exchange("yes", "no", turn=turn) for turn in range(1, 41))
    assert to_summarise(CONFIG, short[:39], None) == ()
    assert to_summarise(CONFIG, short, None) == short[:20]
    assert to_summarise(CONFIG, short, Summary(20, "Yes and no.")) == ()
    unanswered = (*short[:39], Exchange("well", ""))
    assert to_summarise(CONFIG, unanswered, None) == short[:20]


exchanges = st.builds(Exchange, st.text(max_size=40), st.text(max_size=40), st.booleans())


@settings(max_examples=150)
@given(st.lists(exchanges, max_size=12).map(tuple), st.text(min_size=1, max_size=3000))
def test_any_conversation_fits_and_alternates(history: tuple[Exchange, ...], question: str) -> None:
    prompt = build_prompt(CONFIG, history, asked(question))
    assert prompt.tokens <= CONFIG.prompt_tokens
    roles = [message["role"] for message in prompt.messages[1:]]
    assert all(first != second for first, second in itertools.pairwise(roles))
    assert all(message["content"].strip() for message in prompt.messages)
    assert roles[:1] in ([], ["user"])


def test_the_model_is_told_where_its_last_answer_was_only_read() -> None:
    read = Exchange("what time is it", "It is five.", turn=1, unheard=True)
    told = build_prompt(CONFIG, (read,), asked("and now?")).messages
    assert UNHEARD in told[0]["content"]
    assert told[2] == {"role": "assistant", "content": "It is five."}
    later = build_prompt(CONFIG, (read, Exchange("and now?", "Six.", turn=2)), asked("sure?")).messages
    assert UNHEARD not in later[0]["content"]


def test_turns_without_a_heard_word_are_merged() -> None:
    history = (
        Exchange("", "An alarm rings."),
        Exchange("stop", ""),
        Exchange("what was that", "Your alarm."),
    )
    assert turns(history, "thanks") == [
        {"role": "user", "content": "stop\nwhat was that"},
        {"role": "assistant", "content": "Your alarm."},
        {"role": "user", "content": "thanks"},
    ]
