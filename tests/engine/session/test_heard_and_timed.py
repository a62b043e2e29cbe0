"""Which words were heard, and what a turn's delay was made of."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.session.heard import resume_sample, text_of, words_heard
from engine.session.latency import PARTS, Milestones, ahead_ms, breakdown_ms, saved_ms, v2v_ms
from engine.session.making import TimedWord

WORDS = (
    TimedWord("It is", 0, 1000, False),
    TimedWord(" ten", 1000, 3000, False),
    TimedWord(" past.", 3500, 5000, True),
)


@pytest.mark.parametrize(
    ("samples", "heard"), [(0, 0), (499, 0), (500, 1), (1999, 1), (2000, 2), (4249, 2), (4250, 3), (9000, 3)]
)
def test_a_word_counts_when_half_of_it_sounded(samples: int, heard: int) -> None:
    assert words_heard(WORDS, samples) == heard


def test_their_texts_are_the_text() -> None:
    assert text_of(WORDS) == "It is ten past."


@pytest.mark.parametrize(("head", "start"), [(0, 0), (999, 0), (1000, 1000), (3400, 1000), (9000, 3500)])
def test_it_goes_on_from_the_start_of_the_last_word(head: int, start: int) -> None:
    assert resume_sample(WORDS, head) == start


def milestones(**values: int) -> Milestones:
    """A turn at 1 kHz."""
    usual = {
        "stopped": 1000, "decided": 1200, "final": 1220, "asked": 1120, "text": 1121, "speech": 1180,
        "sounded": 1300, "lead_samples": 20,
    }  # fmt: skip
    return Milestones(**(usual | values))


def test_what_was_made_ahead_costs_nothing_and_is_listed() -> None:
    at = milestones()
    assert breakdown_ms(at, 1000) == {
        "eot": 200, "recognition": 20, "dialogue": 0, "speech": 0, "leading_silence": 20, "output": 60,
    }  # fmt: skip
    assert ahead_ms(at, 1000) == {"dialogue": 1, "speech": 59}
    assert saved_ms(at, 1000) == 60


def test_what_was_asked_late_is_on_the_path() -> None:
    at = milestones(asked=1220, text=1225, speech=1290)
    assert breakdown_ms(at, 1000)["dialogue"] == 5
    assert breakdown_ms(at, 1000)["speech"] == 65
    assert ahead_ms(at, 1000) == {}


@given(
    st.lists(st.integers(0, 500), min_size=4, max_size=4),
    st.integers(0, 2000),
    st.integers(0, 2000),
    st.integers(0, 400),
)
def test_the_parts_add_up_to_the_whole(steps: list[int], text: int, speech: int, lead: int) -> None:
    stopped, decided, final = steps[0], sum(steps[:2]), sum(steps[:3])
    at = milestones(
        stopped=stopped,
        decided=decided,
        final=final,
        text=text,
        speech=max(text, speech),
        sounded=max(final, text, speech) + steps[3],
        lead_samples=lead,
    )
    parts = breakdown_ms(at, 1000)
    assert tuple(parts) == PARTS
    assert sum(parts.values()) == pytest.approx(v2v_ms(at, 1000))
    assert min(parts.values()) >= 0.0
