"""Dollars and backslashes: money, formulas in LaTeX, escaped signs, the paths of files.

Pure, any thread.
"""

from __future__ import annotations

import re

from engine.dialogue import latex
from engine.dialogue.signs import DEEPEST, LONGEST_SPAN, WAIT, Found, Open, rest_of_line

_LONGEST_FORMULA = 2_000
_MONEY = re.compile(r"\$\d[\d,]*(?:\.\d+)?(?P<after>[kKMB]\b|bn\b)?")
_FOLLOWS_MONEY = re.compile(
    r"[.,;:!?)\]\"'”’*|]*(?:\s+[A-Za-z'(]{2,}|\s*$)|[.,;:!?)]+\s|[-–/]\$?\d|/[a-z]|[-–][a-z]{2}|%|\s+[a-z]\s+[a-z]{2,}"
)
# What may still become that.
_MAY_FOLLOW_MONEY = re.compile(
    r"[.,;:!?)\]\"'”’*|]*(?:\s+[A-Za-z'(]?(?:\s+[a-z]?)?|\s*)|\s*[-–/+]\s?|[-–/]\$?|[-–][a-z]"
)
_COMMAND = re.compile(r"\\([A-Za-z]+)\*?")


def dollar(text: str, before: str, ended: bool, opened: Open) -> Found | None:
    """Money, or a formula between dollars."""
    if text == "$" and not ended:
        return WAIT
    if text.startswith("$$"):
        end = text.find("$$", 2, _LONGEST_FORMULA)
        if end < 0:
            return (2, "") if ended or len(text) > _LONGEST_FORMULA else WAIT
        return end + 2, _formula(text[2:end])
    line, is_whole = rest_of_line(text, ended)
    if money := _MONEY.match(line):
        verdict = _is_money(line, money, is_whole)
        if verdict is None:
            return WAIT
        if verdict:
            return money.end(), money[0]
    if line[1:2].isspace() or len(line) < 2:
        return None
    closing = re.compile(r"(?<![\s\\])\$(?!\d)")
    match = closing.search(line, 2, LONGEST_SPAN)
    if match is None or (match.end() == len(line) and not is_whole):
        return None if is_whole or len(line) > LONGEST_SPAN else WAIT
    inside = line[1 : match.start()]
    if not re.search(r"[\\^_=+<>{}|/()-]|^[A-Za-z]['′]?$|^\d*[A-Za-z]$|^[\d.,]+$|^[A-Z]{2}$|^\w!$", inside):
        return None
    return match.end(), _formula(inside)


def _is_money(line: str, money: re.Match[str], is_whole: bool) -> bool | None:
    """Whether "$5" begins an amount and no formula: what follows tells; None: wait for it."""
    rest = line[money.end() :]
    if is_whole and "$" not in rest:
        return True
    if not is_whole and _MAY_FOLLOW_MONEY.fullmatch(rest):
        return None
    return _FOLLOWS_MONEY.match(rest) is not None


def _formula(source: str) -> str:
    said = latex.speak_formula(source)
    return f" {said} " if said else ""


def backslash(text: str, before: str, ended: bool, opened: Open) -> Found | None:
    """A formula, a command outside of one, an escaped sign, or a backslash."""
    if len(text) == 1:
        return (1, "") if ended else WAIT
    second = text[1]
    if second in "[(":
        closing = "\\]" if second == "[" else "\\)"
        end = text.find(closing, 2, _LONGEST_FORMULA)
        if end < 0:
            return (2, second) if ended or len(text) > _LONGEST_FORMULA else WAIT
        return end + 2, _formula(text[2:end])
    if second in "])":
        return 2, ""
    if second == "\\":
        return 2, "\\"
    if second == "\n":
        return 1, ""
    command = _COMMAND.match(text)
    if command is None:
        return 2, second
    if command.end() == len(text) and not ended:
        return WAIT
    if command[1] == "begin":
        return _environment(text, ended)
    if command[1] not in latex.KNOWN or (before not in " \n(,;:=+-*/^_{}.|" and not before.isdigit()):
        return 1, "\\"
    return _bare_command(text, command.end(), ended)


def _environment(text: str, ended: bool) -> Found | None:
    opening = re.match(r"\\begin\{([A-Za-z]+\*?)\}", text)
    if opening is None:
        return (1, "\\") if ended or "\n" in text[:40] or len(text) > 40 else WAIT
    closing = f"\\end{{{opening[1]}}}"
    end = text.find(closing, 0, _LONGEST_FORMULA)
    if end < 0:
        return (opening.end(), "") if ended or len(text) > _LONGEST_FORMULA else WAIT
    return end + len(closing), _formula(text[: end + len(closing)])


def _bare_command(text: str, end: int, ended: bool) -> Found:
    """A command outside of dollars, with the groups that follow it."""
    line, is_whole = rest_of_line(text, ended)
    while end < len(line) and line[end] in "{[^_":
        if line[end] in "^_":
            end += 1
            continue
        depth, at = 0, end
        while at < len(line):
            depth += {"{": 1, "[": 1, "}": -1, "]": -1}.get(line[at], 0)
            at += 1
            if depth == 0 or depth > 2 * DEEPEST:
                break
        if depth:
            is_hopeless = is_whole or depth > 2 * DEEPEST or len(line) > LONGEST_SPAN
            return (end, _formula(line[:end])) if is_hopeless else WAIT
        end = at
    if end == len(line) and not is_whole:
        return WAIT
    return end, _formula(line[:end])
