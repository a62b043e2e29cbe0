"""What the rules for a line's signs share: "more text is needed", what is open, brackets, stage directions.

Pure, any thread.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from engine.text.vocabulary import STAGE_ADVERBS, STAGE_WORDS, word_set

LONGEST_SPAN = 400
LONGEST_LINK = 3_000
DEEPEST = 5
_BRACKETS = {"[": re.compile(r"[\[\]\n]"), "(": re.compile(r"[()]")}
_SURE_STAGE = re.compile(
    r"(?:laugh|chuckl|sigh|smil|grin|wink|nod|giggl|gasp|cough|whisper|shrug|yawn|sniff|sniffl|sob|groan|snort|smirk"
    r"|frown|blink|gulp|pause)(?:e?s|ing)$"
)
_ACTIONS = STAGE_WORDS | word_set(
    """walks steps sits stands opens closes reaches gestures points claps pats puts adjusts holds checks types
    searches beeps whirs processing thinking typing searching loading speaks pretends bounces dances jumps spins
    tips strokes rubs taps scribbles writes reads pulls pushes picks sips drinks wipes lowers lifts extends offers
    places sets gazes peers ponders considers hesitates stretches straightens settles"""
)


class _Wait:
    """More text is needed."""


WAIT: Final = _Wait()
Found = tuple[int, str] | _Wait


@dataclass
class Open:
    """What is open within the line: links whose text is being read, an address, whether a sentence begins here, and
    whether a word stands before that leads to another, as in "according to"."""

    links: int = 0
    address: bool = False
    starts_sentence: bool = True
    leads_on: bool = False

    def clear(self) -> None:
        """A new line."""
        self.links, self.address = 0, False


Rule = Callable[[str, str, bool, Open], Found | None]


def is_word_like(character: str) -> bool:
    """Whether a character is a letter or a digit; "" is none."""
    return character.isalnum()


def is_blank(character: str) -> bool:
    """Whether there is no character, or white space."""
    return not character or character.isspace()


def run_length(text: str) -> int:
    """How often the first character is repeated."""
    return len(text) - len(text.lstrip(text[0]))


def rest_of_line(text: str, ended: bool) -> tuple[str, bool]:
    """The rest of the line, and whether that is all of it."""
    end = text.find("\n")
    return (text, ended) if end < 0 else (text[:end], True)


def bracket_end(text: str, opening: str, closing: str, most: int) -> int:
    """Behind the bracket that closes the one at the beginning; 0 where there is none, -1 where it lies too far."""
    depth = 0
    for match in _BRACKETS[opening].finditer(text, 0, most):
        if match[0] == "\n":
            return -1
        depth += 1 if match[0] == opening else -1
        if depth == 0:
            return match.end()
        if depth > DEEPEST:
            return -1
    return -1 if len(text) >= most else 0


def stage_direction(text: str, closing: str, ended: bool, opened: Open) -> Found | None:
    """A stage direction from the sign at the beginning to `closing`, which is not said; None: it is none."""
    line, is_whole = rest_of_line(text, ended)
    line = line[: LONGEST_SPAN + 1]
    is_whole = is_whole or len(line) > LONGEST_SPAN
    end = line.find(closing, 1)
    body = line[1:] if end < 0 else line[1:end]
    acts = _first_words_may_act(body, _ACTIONS, is_whole or end >= 0)
    if acts is False:
        return None
    if end < 0:
        return None if is_whole else WAIT
    if not _is_stage(body, closing, opened):
        return None
    return end + 1, ""


def _first_words_may_act(body: str, actions: frozenset[str], is_whole: bool) -> bool | None:
    """Whether the first word after adverbs is an action; None while it is not complete."""
    words = re.findall(r"[A-Za-z'’]+", body)
    complete = words if is_whole or (body and not (body[-1].isalpha() or body[-1] in "'’")) else words[:-1]
    for word in complete:
        if word.lower() not in STAGE_ADVERBS:
            return word.lower() in actions
    return False if is_whole else None


def _is_stage(body: str, closing: str, opened: Open) -> bool:
    words = re.findall(r"[a-z'’]+", body.lower())
    while words and words[0] in STAGE_ADVERBS:
        words = words[1:]
    if not words or words[0] not in _ACTIONS:
        return False
    is_sure = _SURE_STAGE.match(words[0]) is not None or words[:2] in (
        ["clears", "throat"],
        ["clears", "his"],
    )
    if closing == "*":
        return (is_sure or opened.starts_sentence) and len(words) <= 40
    return len(words) <= 6 and (is_sure or words[0] in STAGE_WORDS) and not re.search(r"[.!?:;,]\s", body) and (
        closing == "]" or is_sure or words[0] not in ("takes", "looks", "turns", "waves", "music", "hums", "thinking")
    )  # fmt: skip
