"""Links, citations, pictures, tags: what a model points to is not said, what it calls it is.

Pure, any thread.
"""

from __future__ import annotations

import re

from engine.dialogue.signs import (
    LONGEST_LINK,
    LONGEST_SPAN,
    WAIT,
    Found,
    Open,
    bracket_end,
    is_word_like,
    rest_of_line,
    stage_direction,
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
_TAG = re.compile(r"<(?P<end>/?)(?P<name>[A-Za-z][A-Za-z0-9_-]*)(?P<rest>(?:\s[^<>\n]{0,600})?)/?>")
_MAY_BE_TAG = re.compile(
    r"</?(?:[A-Za-z][A-Za-z0-9_-]{0,30}(?:\s[^<>\n]{0,600})?/?)?$|<(?:h|ht|htt|https?|https?:[^\s<>]*)$"
)


def bracket(text: str, before: str, ended: bool, opened: Open) -> Found | None:
    """A link, of which the text is said; a citation, a stage direction, which are not; else a bracket."""
    end = bracket_end(text, "[", "]", LONGEST_SPAN)
    if end == 0:
        return None if ended else WAIT
    if end < 0:
        return None
    if end == len(text) and not ended:
        return WAIT
    inside, rest = text[1 : end - 1], text[end:]
    if rest[:1] == "(":
        length = bracket_end(rest, "(", ")", LONGEST_LINK)
        if length == 0 and not ended:
            return WAIT
        if length > 0 and _is_target(rest[1 : length - 1]):
            if _CITATION.fullmatch(inside.strip("\\")):
                return end + length, ""
            opened.links += 1
            return 1, ""
    if rest[:1] == "[" and not _CITATION.fullmatch(inside):
        length = bracket_end(rest, "[", "]", LONGEST_SPAN)
        if length == 0 and not ended:
            return WAIT
        if length > 0 and not _CITATION.fullmatch(rest[1 : length - 1]):
            opened.links += 1
            return 1, ""
    if _CITATION.fullmatch(inside):
        return end, inside if opened.leads_on and inside.isdigit() else ""
    stage = stage_direction(text[:end], "]", True, opened)
    return stage if stage is not None else (1, "[")


def _is_target(inside: str) -> bool:
    """Whether what stands in parentheses behind brackets is an address, and not an aside."""
    target = inside.strip()
    return " " not in target or re.match(r"\S+\s+[\"'(]|<", target) is not None


def bracket_close(text: str, before: str, ended: bool, opened: Open) -> Found | None:
    """The end of a link's text: the address behind it is not said."""
    if not opened.links:
        return None
    opened.links -= 1
    rest = text[1:]
    if rest[:1] == "(":
        length = bracket_end(rest, "(", ")", LONGEST_LINK)
    elif rest[:1] == "[":
        length = bracket_end(rest, "[", "]", LONGEST_SPAN)
    else:
        length = 0
    return 1 + max(length, 0), ""


def parenthesis(text: str, before: str, ended: bool, opened: Open) -> Found | None:
    """A source in parentheses or a stage direction, which are not said; else a parenthesis."""
    body = text[1:13].lower()
    if not body and not ended:
        return WAIT
    line, is_whole = rest_of_line(text, ended)
    if (
        not is_whole
        and len(line) < 8
        and any(s.startswith(line[1:].lower()) for s in ("https://", "source:", "www."))
    ):
        return WAIT
    if re.match(r"\(\[|\(https?:|\(www\.|\(sources?:", line, re.IGNORECASE):
        end = bracket_end(line, "(", ")", LONGEST_LINK)
        if end == 0 and not is_whole:
            return WAIT
        if end > 0 and _is_reference(line[1 : end - 1]):
            return end, ""
        return None
    return stage_direction(text, ")", ended, opened)


def _is_reference(inside: str) -> bool:
    """An address or links and nothing else."""
    inside = re.sub(r"^sources?:\s*", "", inside.strip(), flags=re.IGNORECASE)
    link = r"!?\[[^\]\n]*\]\([^()\s]*(?:\([^()\s]*\)[^()\s]*)*\)|https?://\S+|www\.\S+"
    return re.fullmatch(rf"(?:(?:{link})[\s,;]*)+", inside) is not None


def angle(text: str, before: str, ended: bool, opened: Open) -> Found | None:
    """A tag, a comment, an address in angle brackets, or a sign of comparison."""
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
    if is_word_like(before) and tag["rest"] and "=" not in tag["rest"]:
        return 1, " < "  # a<b and c>d; the normaliser, too, takes it for a tag without blanks
    if name in _HIDING_TAGS and not tag["end"]:
        close = re.compile(rf"</{name}\s*>", re.IGNORECASE).search(text, tag.end())
        if close is None:
            return (len(text), "") if ended else WAIT
        return close.end(), ""
    if name not in _TAGS:
        inside = f"{tag['name']}{tag['rest']}".strip()
        return (1, "<") if is_word_like(before) else (tag.end(), inside.replace("_", " "))
    if name == "sup" and not tag["end"]:
        if tag.end() == len(text) and not ended:
            return WAIT
        return tag.end(), "^" if re.match(r"[-−]?\d|[a-z]<", text[tag.end() :]) and is_word_like(
            before
        ) else ""
    if name in ("td", "th") and tag["end"]:
        return tag.end(), ", "
    return tag.end(), "\n" if name in _BLOCK_TAGS else ""


def exclamation(text: str, before: str, ended: bool, opened: Open) -> Found | None:
    """A picture, which is not said, or an exclamation mark."""
    if text == "!" and not ended:
        return WAIT
    if text[1] != "[" if len(text) > 1 else True:
        return None
    end = bracket_end(text[1:], "[", "]", LONGEST_SPAN)
    if end <= 0:
        return WAIT if end == 0 and not ended else None
    rest = text[1 + end :]
    if not rest and not ended:
        return WAIT
    if rest[:1] != "(":
        return None
    length = bracket_end(rest, "(", ")", 200_000)
    if length <= 0:
        return WAIT if length == 0 and not ended else None
    return 1 + end + length, ""


def lenticular(text: str, before: str, ended: bool, opened: Open) -> Found | None:
    """The citations of some models: 【4†source】."""
    end = text.find("】", 0, LONGEST_SPAN)
    if end < 0:
        return None if ended or len(text) > LONGEST_SPAN else WAIT
    return end + 1, ""
