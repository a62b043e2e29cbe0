"""Grammars are read and asked as pocketsphinx understands them."""

from __future__ import annotations

import pytest

from engine.recognition.jsgf import parse

GRAMMAR = """#JSGF V1.0;
grammar small; // a comment | with signs
public <command> = [please] (<time> | <timer>) | stop+;
<time> = /2/ what time is it {time} | what's the time;
<timer> = set a timer for <n> (minute | minutes) /* not seconds */;
<n> = one | two* three;
"""


@pytest.mark.parametrize(
    "words",
    [
        "what time is it",
        "please what's the time",
        "stop",
        "stop stop stop",
        "set a timer for one minute",
        "set a timer for three minutes",
        "please set a timer for two two three minutes",
    ],
)
def test_accepted(words: str) -> None:
    assert parse(GRAMMAR).accepts(words.split())


@pytest.mark.parametrize(
    "words", ["", "please", "what time is", "set a timer for two minutes", "it", "please stop", "stop please"]
)
def test_not_accepted(words: str) -> None:
    assert not parse(GRAMMAR).accepts(words.split())


def test_words_are_all_that_can_be_said() -> None:
    assert {"what's", "three", "stop"} <= parse(GRAMMAR).words()
    assert not {"time}", "comment", "seconds", "2"} & parse(GRAMMAR).words()


@pytest.mark.parametrize(
    ("jsgf", "what"),
    [
        ("#JSGF V1.0; grammar g; <a> = b;", "no public rule"),
        ("#JSGF V1.0; grammar g; public <a> = <b>;", "lacks"),
        ("#JSGF V1.0; grammar g; public <a> = x <a>;", "contains itself"),
        ("#JSGF V1.0; grammar g; public <a> = (x;", "not closed"),
        ("#JSGF V1.0; grammar g; public <a> = x); public <b> = y;", "did not open"),
        ("#JSGF V1.0; grammar g; public <a> = x; public <b> = y;", "two public rules"),
        ("#JSGF V1.0; grammar g; public <a> = x; <a> = y;", "stands twice"),
        ("#JSGF V1.0; grammar g; public <a> = * x;", "nothing stands before"),
    ],
)
def test_what_is_wrong_is_said(jsgf: str, what: str) -> None:
    with pytest.raises(ValueError, match=what):
        parse(jsgf)
