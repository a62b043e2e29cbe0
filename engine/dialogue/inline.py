"""The marks that a model writes within a line, one rule for each sign: what it means for a voice, or that it must wait.

Pure, any thread. A rule gets the text from its sign on, and answers with how much it takes and what is said instead.
"""

from __future__ import annotations

import html
import re

from engine.dialogue import formulas, links
from engine.dialogue.signs import (
    LONGEST_SPAN,
    WAIT,
    Found,
    Open,
    Rule,
    is_blank,
    is_word_like,
    rest_of_line,
    run_length,
    stage_direction,
)

_EMOJI = (
    "\U0001f000-\U0001faff\u2600-\u2638\u263a-\u266c\u2670-\u27bf\u2b00-\u2bff\u2300-\u2317\u2319-\u23ff\u25a0-\u25ff"
    "\u231a\u231b\ufe0f\ufe0e\u200d\u20e3\U000e0020-\U000e007f\u3030\u303d\u3297\u3299\ue200-\ue206"
)
_IS_EMOJI = re.compile(f"[{_EMOJI}]")
_ARROWS = "➔➙➛➜➝➞➡⮕⇒⟶⟹"
PLAIN = re.compile(rf"[^\n*_~`$\\\[\](<!&:;=【{_EMOJI}{_ARROWS}]+")
"""Characters that mean themselves."""
_ADDRESS = re.compile(r"[^\s<>\"\[\])*`]+")


def is_emoji(character: str) -> bool:
    """Whether it is a picture, or a part of one."""
    return _IS_EMOJI.match(character) is not None


def apply(text: str, before: str, ended: bool, opened: Open) -> Found:
    """What the sign at the beginning of `text` means, after the character `before`. Takes one character at least."""
    if opened.address:
        if match := _ADDRESS.match(text):
            return match.end(), match[0]
        opened.address = False
    first = text[0]
    if first in "★☆⭐":
        return _stars(text, before, ended)
    if is_emoji(first):
        return 1, ""
    if first in _ARROWS:
        return 1, "→"
    rule = _RULES.get(first)
    found = rule(text, before, ended, opened) if rule else None
    return found if found is not None else (1, first)


def _stars(text: str, before: str, ended: bool) -> Found:
    """A mark in stars: those that are full, out of all; a single one is a picture."""
    match = re.match("[★☆⭐\ufe0f]+", text)
    if match is None or (match.end() == len(text) and not ended):
        return WAIT if match else (1, "")
    full, empty = match[0].count("★") + match[0].count("⭐"), match[0].count("☆")
    if full + empty < 2:
        return match.end(), ""
    said = f"{full} out of {full + empty} stars" if empty else f"{full} stars"
    return match.end(), said if is_blank(before) else f" {said}"


def _star(text: str, before: str, ended: bool, opened: Open) -> Found | None:
    run = run_length(text)
    if run == len(text) and not ended:
        return WAIT
    after = text[run : run + 1]
    if is_blank(before) and is_blank(after):
        return (run, text[:run]) if run == 1 or not opened.starts_sentence else (run, "")
    if run > 1:
        return run, ""
    if (is_word_like(before) or before == ")") and (is_word_like(after) or after == "("):
        return run, "*"
    if is_word_like(before) or is_blank(after):
        return run, ""
    found = stage_direction(text, "*", ended, opened)
    return (1, "") if found is None else found


def _underscore(text: str, before: str, ended: bool, opened: Open) -> Found | None:
    run = run_length(text)
    if run == len(text) and not ended:
        return WAIT
    after = text[run : run + 1]
    if run > 3 or (run == 3 and is_blank(after)):
        return run, "blank" if is_blank(before) else " blank"
    if is_word_like(before) and is_word_like(after):
        return run, text[:run]
    if is_word_like(after) and not is_word_like(before):
        return run, ""
    return (run, text[:run]) if is_blank(before) and is_blank(after) else (run, "")


def _doubled(text: str, before: str, ended: bool, opened: Open) -> Found | None:
    """~~struck~~ and ==marked==: the marks are silent, a single sign or one between blanks stands for itself."""
    run = run_length(text)
    if run == len(text) and not ended:
        return WAIT
    after = text[run : run + 1]
    if run != 2 or (is_blank(before) and is_blank(after)) or (is_word_like(before) and is_word_like(after)):
        return run, text[:run]
    return run, ""


def _code(text: str, before: str, ended: bool, opened: Open) -> Found | None:
    run = run_length(text)
    if run == len(text) and not ended:
        return WAIT
    closing = re.compile(rf"(?<!`)`{{{run}}}(?!`)")
    stretch = text[: LONGEST_SPAN + run]
    line, is_whole = rest_of_line(stretch, ended or len(stretch) > LONGEST_SPAN)
    match = closing.search(line, run)
    if match is None or (match.end() == len(text) and not ended):
        return (run, "") if is_whole and match is None else WAIT
    inside = line[run : match.start()].strip()
    if run >= 3:  # a block on one line begins with its language
        inside = re.sub(r"^[a-z]{2,10}(?=\s)", "", inside).strip()
    inside = re.sub(r"</?([A-Za-z][\w-]*)[^<>]*>", r"\1", inside)  # a tag that is spoken of
    return match.end(), inside


def _entity(text: str, before: str, ended: bool, opened: Open) -> Found | None:
    match = re.match(r"&(?:[A-Za-z]{2,10}|#\d{1,7}|#[xX][0-9A-Fa-f]{1,6});", text)
    if match:
        return match.end(), html.unescape(match[0]).replace("\u00a0", " ")
    if not ended and re.fullmatch(r"&(?:[A-Za-z]{0,10}|#\d{0,7}|#[xX][0-9A-Fa-f]{0,6})", text):
        return WAIT
    return None


_SMILEY = re.compile(r"[:;]['’]?[-o^]?(?:[)(\]\[DPp|*]+)(?=[\s.,!?]|$)")
_MAY_BE_SMILEY = re.compile(r"[:;]['’]?[-o^]?[)(\]\[DPp|*]*")


def _smiley(text: str, before: str, ended: bool) -> Found | None:
    """A face of signs, which stands by itself and is not said."""
    if not is_blank(before):
        return None
    if not ended and _MAY_BE_SMILEY.fullmatch(text):
        return WAIT
    match = _SMILEY.match(text)
    return (match.end(), "") if match else None


def _semicolon(text: str, before: str, ended: bool, opened: Open) -> Found | None:
    return _smiley(text, before, ended)


def _colon(text: str, before: str, ended: bool, opened: Open) -> Found | None:
    if (smiley := _smiley(text, before, ended)) is not None:
        return smiley
    if not ended and len(text) < 3 and "://".startswith(text):
        return WAIT
    if text.startswith("://"):
        opened.address = True
        return 3, "://"
    if is_word_like(before) or before == ":":
        return None
    match = re.match(r":[a-z][a-z0-9_+-]{1,30}:", text)
    if match:
        return match.end(), ""
    return WAIT if not ended and re.fullmatch(r":[a-z][a-z0-9_+-]{0,30}", text) else None


_RULES: dict[str, Rule] = {
    "*": _star, "_": _underscore, "~": _doubled, "=": _doubled, "`": _code,
    "$": formulas.dollar, "\\": formulas.backslash, "[": links.bracket, "]": links.bracket_close,
    "(": links.parenthesis, "<": links.angle, "&": _entity, ":": _colon, ";": _semicolon,
    "!": links.exclamation, "【": links.lenticular,
}  # fmt: skip  # fmt: skip
