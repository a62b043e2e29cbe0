"""Word errors, intervals and kinds of failure on small cases worked out by hand."""

from __future__ import annotations

import pytest

from training.evaluation.errors import bootstrap, paired_difference, wilson, word_errors
from training.evaluation.failures import Take, failure, repeated_run


def take(
    reference: str,
    heard: str,
    duration_ratio: float = 1.0,
    active_ratio: float = 1.0,
    reached_limit: bool = False,
) -> Take:
    wanted, got = tuple(reference.split()), tuple(heard.split())
    return Take(wanted, got, word_errors(wanted, got), duration_ratio, active_ratio, reached_limit)


@pytest.mark.parametrize(
    ("reference", "heard", "edits"),
    [
        ("the cat sat", "the cat sat", (0, 0, 0)),
        ("the cat sat", "the bat sat", (1, 0, 0)),
        ("the cat sat", "the sat", (0, 1, 0)),
        ("the cat sat", "the the cat sat", (0, 0, 1)),
        ("the cat sat", "", (0, 3, 0)),
        ("one two three four", "two three five four six", (0, 1, 2)),
    ],
)
def test_edits_are_counted_by_kind(reference: str, heard: str, edits: tuple[int, int, int]) -> None:
    errors = word_errors(reference.split(), heard.split())
    assert (errors.substitutions, errors.deletions, errors.insertions) == edits
    assert errors.rate == pytest.approx(sum(edits) / len(reference.split()))


def test_intervals_enclose_the_rate_and_pairing_narrows_the_difference() -> None:
    source = [word_errors(["a", "b", "c", "d"], ["a", "b", "c", "d"][: 4 - n % 3]) for n in range(60)]
    worse = [word_errors(["a", "b", "c", "d"], ["x", "b", "c", "d"][: 4 - n % 3]) for n in range(60)]
    interval = bootstrap(source)
    assert interval.value == pytest.approx(0.25)
    assert interval.low < 0.25 < interval.high
    difference = paired_difference(worse, source)
    assert difference.value == difference.low == difference.high == pytest.approx(0.25)


def test_wilson_interval_of_none_in_two_hundred() -> None:
    interval = wilson(0, 200)
    assert interval.value == 0
    assert interval.low == pytest.approx(0, abs=1e-9)
    assert interval.high == pytest.approx(0.0188, abs=1e-3)
    assert wilson(10, 200).low == pytest.approx(0.0274, abs=1e-3)


def test_repeated_runs() -> None:
    assert repeated_run(["i", "want", "to", "want", "to", "go"]) == ("want", "to")
    assert repeated_run(["the", "the", "cat"]) == ("the",)
    assert repeated_run(["the", "cat", "and", "the", "dog"]) == ()


@pytest.mark.parametrize(
    ("kind", "failed"),
    [
        (None, take("we lead the way home", "we lead the way home")),
        (None, take("we lead the way home", "we need the way")),
        (None, take("it was very very cold", "it was very very cold")),
        ("no end", take("we lead the way home", "we lead the way home", reached_limit=True)),
        ("silence", take("we lead the way home", "", active_ratio=0.05)),
        ("repetition", take("we lead the way home", "we lead the way the way home", duration_ratio=1.3)),
        ("truncation", take("we lead the way home", "we lead", duration_ratio=0.5)),
        ("truncation", take("we lead the way home", "we lead", active_ratio=0.5)),
        ("babble", take("we lead the way home", "a wheel be day hum", duration_ratio=1.0)),
        ("babble", take("we lead the way home", "we lead the way home", duration_ratio=1.8)),
    ],
)
def test_failures_are_told_apart(kind: str | None, failed: Take) -> None:
    assert failure(failed) == kind
