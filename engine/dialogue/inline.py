"""The marks that a model writes within a line, one rule for each sign: what it means for a voice, or that it must wait.

Pure, any thread. A rule gets the text from its sign on, and answers with how much it takes and what is said instead.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from engine.dialogue import latex
from engine.text.vocabulary import STAGE_ADVERBS, STAGE_WORDS, word_set


class _Wait:
    """More text is needed."""


WAIT: Final = _Wait()
Found = tuple[int, str] | _Wait


@dataclass
class Open:
    """What is open within the line: links whose text is being read, an address, and whether a sentence begins here."""

    links: int = 0
    address: bool = False
    starts_sentence: bool = True

    def clear(self) -> None:
        """A new line."""
        self.links, self.address = 0, False


_EMOJI = (
    "\U0001f000-\U0001faff\u2600-\u2638\u263a-\u266c\u2670-\u27bf\u2b00-\u2bff\u2300-\u2317\u2319-\u23ff\u25a0-\u25ff"
    "\u231a\u231b\ufe0f\ufe0e\u200d\u20e3\U000e0020-\U000e007f\u3030\u303d\u3297\u3299\ue200-\ue206"
)
_IS_EMOJI = re.compile(f"[{_EMOJI}]")
_ARROWS = "➔➙➛➜➝➞➡⮕⇒⟶⟹"
PLAIN = re.compile(rf"[^\n*_~`$\\\[\](<!&:=【{_EMOJI}{_ARROWS}]+")
"""Characters that mean themselves."""
_ADDRESS = re.compile(r"[^\s<>\"\[\])*`]+")
_LONGEST_SPAN = 400
_LONGEST_LINK = 3_000
_LONGEST_FORMULA = 2_000

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
_BLOCK_TAGS = frozenset(
    "br p li div tr ul ol h1 h2 h3 h4 h5 h6 hr details summary table blockquote section".split()
)
_TAGS = _BLOCK_TAGS | frozenset(
    """a b i u s em strong code pre kbd span thead tbody td th sup sub small mark del ins font center img video audio
    source article header footer nav main figure figcaption input button label select option form abbr cite q var samp
    wbr dl dt dd big strike tt math artifact speak prosody emphasis voice break say-as antartifact citation cite ref
    body html document result tool_result""".split()
)
_HIDING_TAGS = frozenset("script style svg iframe head audio video math".split())
_CITATION = re.compile(
    r"\[?\^?(?:\d{1,3}(?:\s?[,;–-]\s?\^?\d{1,3})*|citation needed|source|sources?:?\s?\d+|note \d+|web:\d+|\w+†\w+"
    r"|ref|refs|\d+:\d+†[^\]]*)\]?",
    re.IGNORECASE,
)
_MONEY = re.compile(r"\$\d[\d,]*(?:\.\d+)?(?P<after>[kKMB]\b|bn\b)?")
_TAG = re.compile(r"<(?P<end>/?)(?P<name>[A-Za-z][A-Za-z0-9_-]*)(?P<rest>(?:\s[^<>\n]{0,600})?)/?>")
_MAY_BE_TAG = re.compile(
    r"</?(?:[A-Za-z][A-Za-z0-9_-]{0,30}(?:\s[^<>\n]{0,600})?/?)?$|<(?:h|ht|htt|https?|https?:[^\s<>]*)$"
)
_COMMAND = re.compile(r"\\([A-Za-z]+)\*?")


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


Rule = Callable[[str, str, bool, Open], Found | None]


def _stars(text: str, before: str, ended: bool) -> Found:
    """A mark in stars: those that are full, out of all; a single one is a picture."""
    match = re.match("[★☆⭐\ufe0f]+", text)
    if match is None or (match.end() == len(text) and not ended):
        return WAIT if match else (1, "")
    full, empty = match[0].count("★") + match[0].count("⭐"), match[0].count("☆")
    if full + empty < 2:
        return match.end(), ""
    said = f"{full} out of {full + empty} stars" if empty else f"{full} stars"
    return match.end(), said if _blank(before) else f" {said}"


def _word_like(character: str) -> bool:
    return character.isalnum()


def _blank(character: str) -> bool:
    return not character or character.isspace()


def _run(text: str) -> int:
    """How often the first character is repeated."""
    return len(text) - len(text.lstrip(text[0]))


def _line(text: str, ended: bool) -> tuple[str, bool]:
    """The rest of the line, and whether that is all of it."""
    end = text.find("\n")
    return (text, ended) if end < 0 else (text[:end], True)


def _first_words_may_act(body: str, actions: frozenset[str], is_whole: bool) -> bool | None:
    """Whether the first word after adverbs is an action; None while it is not complete."""
    words = re.findall(r"[A-Za-z'’]+", body)
    complete = words if is_whole or (body and not (body[-1].isalpha() or body[-1] in "'’")) else words[:-1]
    for word in complete:
        if word.lower() not in STAGE_ADVERBS:
            return word.lower() in actions
    return False if is_whole else None


def _star(text: str, before: str, ended: bool, opened: Open) -> Found | None:
    run = _run(text)
    if run == len(text) and not ended:
        return WAIT
    after = text[run : run + 1]
    if _blank(before) and _blank(after):
        return (run, text[:run]) if run == 1 or not opened.starts_sentence else (run, "")
    if run > 1:
        return run, ""
    if (_word_like(before) or before == ")") and (_word_like(after) or after == "("):
        return run, "*"
    if _word_like(before) or _blank(after):
        return run, ""
    found = _stage(text, "*", ended, opened)
    return (1, "") if found is None else found


def _stage(text: str, closing: str, ended: bool, opened: Open) -> Found | None:
    """A stage direction from the sign at the beginning to `closing`, which is not said; None: it is none."""
    line, is_whole = _line(text, ended)
    line = line[: _LONGEST_SPAN + 1]
    is_whole = is_whole or len(line) > _LONGEST_SPAN
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


def _underscore(text: str, before: str, ended: bool, opened: Open) -> Found | None:
    run = _run(text)
    if run == len(text) and not ended:
        return WAIT
    after = text[run : run + 1]
    if run > 3 or (run == 3 and _blank(after)):
        return run, "blank" if _blank(before) else " blank"
    if _word_like(before) and _word_like(after):
        return run, text[:run]
    if _word_like(after) and not _word_like(before):
        return run, ""
    return (run, text[:run]) if _blank(before) and _blank(after) else (run, "")


def _doubled(text: str, before: str, ended: bool, opened: Open) -> Found | None:
    """~~struck~~ and ==marked==: the marks are silent, a single sign or one between blanks stands for itself."""
    run = _run(text)
    if run == len(text) and not ended:
        return WAIT
    after = text[run : run + 1]
    if run != 2 or (_blank(before) and _blank(after)) or (_word_like(before) and _word_like(after)):
        return run, text[:run]
    return run, ""


def _code(text: str, before: str, ended: bool, opened: Open) -> Found | None:
    run = _run(text)
    if run == len(text) and not ended:
        return WAIT
    closing = re.compile(rf"(?<!`)`{{{run}}}(?!`)")
    stretch = text[: _LONGEST_SPAN + run]
    line, is_whole = _line(stretch, ended or len(stretch) > _LONGEST_SPAN)
    match = closing.search(line, run)
    if match is None or (match.end() == len(text) and not ended):
        return (run, "") if is_whole and match is None else WAIT
    inside = line[run : match.start()].strip()
    if run >= 3:  # a block on one line begins with its language
        inside = re.sub(r"^[a-z]{2,10}(?=\s)", "", inside).strip()
    inside = re.sub(r"</?([A-Za-z][\w-]*)[^<>]*>", r"\1", inside)  # a tag that is spoken of
    return match.end(), inside


def _dollar(text: str, before: str, ended: bool, opened: Open) -> Found | None:
    if text == "$" and not ended:
        return WAIT
    if text.startswith("$$"):
        end = text.find("$$", 2, _LONGEST_FORMULA)
        if end < 0:
            return (2, "") if ended or len(text) > _LONGEST_FORMULA else WAIT
        return end + 2, _formula(text[2:end])
    line, is_whole = _line(text, ended)
    if money := _MONEY.match(line):
        verdict = _is_money(line, money, is_whole)
        if verdict is None:
            return WAIT
        if verdict:
            return money.end(), money[0]
    if line[1:2].isspace() or len(line) < 2:
        return None
    closing = re.compile(r"(?<![\s\\])\$(?!\d)")
    match = closing.search(line, 2, _LONGEST_SPAN)
    if match is None or (match.end() == len(line) and not is_whole):
        return None if is_whole or len(line) > _LONGEST_SPAN else WAIT
    inside = line[1 : match.start()]
    if not re.search(r"[\\^_=+<>{}|/()-]|^[A-Za-z]['′]?$|^\d*[A-Za-z]$|^[\d.,]+$|^[A-Z]{2}$|^\w!$", inside):
        return None
    return match.end(), _formula(inside)


def _is_money(line: str, money: re.Match[str], is_whole: bool) -> bool | None:
    """Whether "$5" begins an amount and no formula: what follows tells; None: wait for it."""
    rest = line[money.end() :]
    if "$" not in rest and is_whole:
        return True
    if not rest or re.fullmatch(r"[.,]|\s+[A-Za-z(]?|\s*[-–/+]\s?|\s[a-z]", rest):
        return None if not is_whole else "$" not in rest
    if re.match(
        r"[.,;:!?)\]\"'”’*|]*(?:\s+[A-Za-z'(]{2,}|\s*$)|[.,;:!?)]+\s|[-–/]\$?\d|/[a-z]|[-–][a-z]{2}|%", rest
    ):
        return True
    return re.match(r"\s+[a-z]\s+[a-z]{2,}", rest) is not None


def _formula(source: str) -> str:
    said = latex.speak_formula(source)
    return f" {said} " if said else ""


def _backslash(text: str, before: str, ended: bool, opened: Open) -> Found | None:
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
    line, is_whole = _line(text, ended)
    while end < len(line) and line[end] in "{[^_":
        if line[end] in "^_":
            end += 1
            continue
        depth, at = 0, end
        while at < len(line):
            depth += {"{": 1, "[": 1, "}": -1, "]": -1}.get(line[at], 0)
            at += 1
            if depth == 0 or depth > 2 * _DEEPEST:
                break
        if depth:
            is_hopeless = is_whole or depth > 2 * _DEEPEST or len(line) > _LONGEST_SPAN
            return (end, _formula(line[:end])) if is_hopeless else WAIT
        end = at
    if end == len(line) and not is_whole:
        return WAIT
    return end, _formula(line[:end])


_BRACKETS = {"[": re.compile(r"[\[\]\n]"), "(": re.compile(r"[()]")}
_DEEPEST = 5


def _bracket_end(text: str, opening: str, closing: str, most: int) -> int:
    """Behind the bracket that closes the one at the beginning; 0 where there is none, -1 where it lies too far."""
    depth = 0
    for match in _BRACKETS[opening].finditer(text, 0, most):
        if match[0] == "\n":
            return -1
        depth += 1 if match[0] == opening else -1
        if depth == 0:
            return match.end()
        if depth > _DEEPEST:
            return -1
    return -1 if len(text) >= most else 0


def _bracket(text: str, before: str, ended: bool, opened: Open) -> Found | None:
    end = _bracket_end(text, "[", "]", _LONGEST_SPAN)
    if end == 0:
        return None if ended else WAIT
    if end < 0:
        return None
    if end == len(text) and not ended:
        return WAIT
    inside, rest = text[1 : end - 1], text[end:]
    if rest[:1] == "(":
        length = _bracket_end(rest, "(", ")", _LONGEST_LINK)
        if length == 0 and not ended:
            return WAIT
        if length > 0 and _is_target(rest[1 : length - 1]):
            if _CITATION.fullmatch(inside.strip("\\")):
                return end + length, ""
            opened.links += 1
            return 1, ""
    if rest[:1] == "[" and not _CITATION.fullmatch(inside):
        length = _bracket_end(rest, "[", "]", _LONGEST_SPAN)
        if length == 0 and not ended:
            return WAIT
        if length > 0 and not _CITATION.fullmatch(rest[1 : length - 1]):
            opened.links += 1
            return 1, ""
    if _CITATION.fullmatch(inside):
        return end, ""
    stage = _stage(text[:end], "]", True, opened)
    return stage if stage is not None else (1, "[")


def _is_target(inside: str) -> bool:
    """Whether what stands in parentheses behind brackets is an address, and not an aside."""
    target = inside.strip()
    return " " not in target or re.match(r"\S+\s+[\"'(]|<", target) is not None


def _bracket_close(text: str, before: str, ended: bool, opened: Open) -> Found | None:
    if not opened.links:
        return None
    opened.links -= 1
    rest = text[1:]
    if rest[:1] == "(":
        length = _bracket_end(rest, "(", ")", _LONGEST_LINK)
    elif rest[:1] == "[":
        length = _bracket_end(rest, "[", "]", _LONGEST_SPAN)
    else:
        length = 0
    return 1 + max(length, 0), ""


def _parenthesis(text: str, before: str, ended: bool, opened: Open) -> Found | None:
    body = text[1:13].lower()
    if not body and not ended:
        return WAIT
    line, is_whole = _line(text, ended)
    if (
        not is_whole
        and len(line) < 8
        and any(s.startswith(line[1:].lower()) for s in ("https://", "source:", "www."))
    ):
        return WAIT
    if re.match(r"\(\[|\(https?:|\(www\.|\(sources?:", line, re.IGNORECASE):
        end = _bracket_end(line, "(", ")", _LONGEST_LINK)
        if end == 0 and not is_whole:
            return WAIT
        if end > 0 and _is_reference(line[1 : end - 1]):
            return end, ""
        return None
    return _stage(text, ")", ended, opened)


def _is_reference(inside: str) -> bool:
    """An address or links and nothing else."""
    inside = re.sub(r"^sources?:\s*", "", inside.strip(), flags=re.IGNORECASE)
    link = r"!?\[[^\]\n]*\]\([^()\s]*(?:\([^()\s]*\)[^()\s]*)*\)|https?://\S+|www\.\S+"
    return re.fullmatch(rf"(?:(?:{link})[\s,;]*)+", inside) is not None


def _angle(text: str, before: str, ended: bool, opened: Open) -> Found | None:
    if text.startswith("<!"):
        end = text.find(">" if len(text) > 3 and not text.startswith("<!--") else "-->")
        if end < 0:
            return (len(text), "") if ended else WAIT
        return end + (3 if text.startswith("<!--") else 1), ""
    if not ended and _MAY_BE_TAG.match(text) and len(text) < 640:
        return WAIT
    if address := re.match(r"<((?:https?://|mailto:[^\s<>@]*@|[^\s<>@]+@)[^\s<>]+)>", text):
        return address.end(), address[1].removeprefix("mailto:")
    tag = _TAG.match(text)
    if tag is None:
        return None
    name = tag["name"].lower()
    if name in _HIDING_TAGS and not tag["end"]:
        close = re.compile(rf"</{name}\s*>", re.IGNORECASE).search(text, tag.end())
        if close is None:
            return (len(text), "") if ended else WAIT
        return close.end(), ""
    if name not in _TAGS:
        inside = f"{tag['name']}{tag['rest']}".strip()
        return (1, "<") if _word_like(before) else (tag.end(), inside.replace("_", " "))
    if name == "sup" and not tag["end"]:
        if tag.end() == len(text) and not ended:
            return WAIT
        return tag.end(), "^" if re.match(r"[-−]?\d|[a-z]<", text[tag.end() :]) and _word_like(before) else ""
    if name in ("td", "th") and tag["end"]:
        return tag.end(), ", "
    return tag.end(), "\n" if name in _BLOCK_TAGS else ""


def _entity(text: str, before: str, ended: bool, opened: Open) -> Found | None:
    match = re.match(r"&(?:[A-Za-z]{2,10}|#\d{1,7}|#[xX][0-9A-Fa-f]{1,6});", text)
    if match:
        return match.end(), html.unescape(match[0]).replace("\u00a0", " ")
    if not ended and re.fullmatch(r"&(?:[A-Za-z]{0,10}|#\d{0,7}|#[xX][0-9A-Fa-f]{0,6})", text):
        return WAIT
    return None


def _colon(text: str, before: str, ended: bool, opened: Open) -> Found | None:
    if not ended and len(text) < 3 and "://".startswith(text):
        return WAIT
    if text.startswith("://"):
        opened.address = True
        return 3, "://"
    if _word_like(before) or before == ":":
        return None
    match = re.match(r":[a-z][a-z0-9_+-]{1,30}:", text)
    if match:
        return match.end(), ""
    return WAIT if not ended and re.fullmatch(r":[a-z][a-z0-9_+-]{0,30}", text) else None


def _exclamation(text: str, before: str, ended: bool, opened: Open) -> Found | None:
    if text == "!" and not ended:
        return WAIT
    if text[1] != "[" if len(text) > 1 else True:
        return None
    end = _bracket_end(text[1:], "[", "]", _LONGEST_SPAN)
    if end <= 0:
        return WAIT if end == 0 and not ended else None
    rest = text[1 + end :]
    if not rest and not ended:
        return WAIT
    if rest[:1] != "(":
        return None
    length = _bracket_end(rest, "(", ")", 200_000)
    if length <= 0:
        return WAIT if length == 0 and not ended else None
    return 1 + end + length, ""


def _lenticular(text: str, before: str, ended: bool, opened: Open) -> Found | None:
    end = text.find("】", 0, _LONGEST_SPAN)
    if end < 0:
        return None if ended or len(text) > _LONGEST_SPAN else WAIT
    return end + 1, ""


_RULES: dict[str, Rule] = {
    "*": _star, "_": _underscore, "~": _doubled, "=": _doubled, "`": _code, "$": _dollar, "\\": _backslash,
    "[": _bracket, "]": _bracket_close, "(": _parenthesis, "<": _angle, "&": _entity, ":": _colon,
    "!": _exclamation, "【": _lenticular,
}  # fmt: skip
