"""What is believed of a command before its speaker has finished; sounds and scores are of turns that were heard."""

from __future__ import annotations

import pytest

from engine.recognition.so_far import belief


@pytest.mark.parametrize(
    ("words", "score", "agreement"),
    [
        (7, -3.75, 0.95),  # "set a timer for two minutes"; open: "set the timer for two minutes"
        (5, -3.35, 0.55),  # "what is seven times eight"; open: "one incident times a"
        (4, -4.27, 0.67),  # "what day is it"; open: "one day is a"
        (1, -4.65, 0.17),  # "repeat"; open: "red tape": single words are heard by their own score
    ],
)
def test_a_whole_command_is_whole(words: int, score: float, agreement: float) -> None:
    assert belief(words, score, whole=True, agreement=agreement, same=True) == "whole"


@pytest.mark.parametrize(
    ("words", "score", "agreement"),
    [
        (3, -4.92, 0.2),  # "nine minus eight" for "when i was a"
        (2, -5.38, 0.12),  # "good evening" for "do you think"
        (3, -5.67, 0.1),  # "three minute timer" for "remind me to pay the rent"
        (1, -5.05, 0.25),  # "wait" for "we"
    ],
)
def test_what_only_the_grammar_hears_is_open_text(words: int, score: float, agreement: float) -> None:
    assert belief(words, score, whole=True, agreement=agreement, same=True) == "open"


def test_a_command_that_noise_hides_from_the_open_decoder_is_kept_but_not_hurried() -> None:
    assert (
        belief(4, -4.05, whole=True, agreement=0.1, same=False) == "doubtful"
    )  # "what can you do"; open: "like penny been"


def test_a_beginning_is_shown_where_both_hear_it() -> None:
    assert belief(4, -5.2, whole=False, agreement=0.8, same=False) == "beginning"
    assert belief(4, -5.2, whole=False, agreement=0.1, same=False) == "open"
    assert belief(4, -6.5, whole=False, agreement=0.8, same=False) == "open"


def test_no_words_are_no_command() -> None:
    assert belief(0, -100.0, whole=False, agreement=0.0, same=False) == "open"


def test_few_words_are_believed_where_both_decoders_hear_them() -> None:
    """Half a sentence in noise, "mustard and", fits "faster" as well as a command does."""
    assert belief(1, -4.6, whole=True, agreement=0.3, same=False) == "doubtful"
    assert belief(2, -3.2, whole=True, agreement=0.6, same=False) == "doubtful"
    assert belief(2, -3.2, whole=True, agreement=1.0, same=True) == "whole"
    assert belief(3, -3.2, whole=True, agreement=0.6, same=False) == "whole"
