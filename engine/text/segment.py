"""Cuts running text into segments that are normalised on their own, as early as is safe.

A decision depends on the text so far and never on how it was chunked: streaming equals whole by construction.
Pure Python, any thread; imports no numpy, torch or Qt.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from engine.text.units import MAX_CLAUSE_WORDS
from engine.text.vocabulary import (
    ABBREVIATIONS,
    BEFORE_NUMBER,
    CONJUNCTIONS,
    LOWER_ABBREVIATIONS,
    MONTHS,
    PREPOSITIONS,
    SENTENCE_STARTERS,
    TITLES,
    word_set,
)

MAX_SEGMENT_CHARACTERS = 400
_MIN_SPLIT_WORDS = 8

# Whole blocks that are not for speaking: opening -> what closes it (to the end of the text when it never does).
_BLOCKS = {
    "```": "```", "~~~": "~~~", "<!--": "-->", "\\[": "\\]",
    "<think>": "</think>", "<thinking>": "</thinking>", "<reasoning>": "</reasoning>",
    "<scratchpad>": "</scratchpad>", "<tool_call>": "</tool_call>", "<script>": "</script>",
    "<style>": "</style>",
}  # fmt: skip
# Where a decision may fall; each kind of trigger has a pattern of its own, matched from there.
_TRIGGER = re.compile(r"[,;:.?!…。！？，；：\n\-–—`~<\\]")
_BLOCK = re.compile("|".join(re.escape(opening) for opening in _BLOCKS), re.IGNORECASE)
_CLOSERS = r"(?:[\"'”’»)\]}*_]|`(?!``)|~(?!~~))*"
_LONGEST_BLOCK = max(map(len, _BLOCKS))
_MARK = re.compile(r"(?P<mark>[,;:.?!…。！？，；：]+)" + _CLOSERS + r"(?P<space>\s+)(?=\S)")
_RUN = re.compile(r"[,;:.?!…。！？，；：\-–—]*" + _CLOSERS + r"\s*")
_LINE = re.compile(r"\n\s*(?=\S)")
_DASH = re.compile(r"[-–—]++(?P<space>\s*)(?=\S)")
_FIRST_WORDS = re.compile(rf"\s*(?:\S+\s+){{{MAX_CLAUSE_WORDS}}}(?=\S)")
_SHORTEST_FULL = 2 * MAX_CLAUSE_WORDS
_WORD = re.compile(r"\S+")
_LIST_ITEM = re.compile(r"[-*+•]\s|\d{1,3}[.)]\s|#{1,6}\s|[>|]|[-*_=]{3,}")
_LIST_ITEM_PREFIX = re.compile(r"[-*+•]|\d{1,3}[.)]?|#{1,6}|[-*_=]{1,2}")
_LONGEST_LIST_ITEM = 7
_FINAL_MARK = re.compile(r"([,;:.?!…。！？，；：]+)[\"'”’»)\]}*_~`\s]*$")
_LAST_WORD = re.compile(r"[A-Za-z][A-Za-z.]*$")
_DIGIT_BEFORE = re.compile(r"\d[a-z]?\s+$")
_ENTITY_BEFORE = re.compile(r"&#?\w+$")
_DATE_BEFORE = re.compile(r"\b(?:" + "|".join(MONTHS) + r")[a-z]*\.? \d{1,2}(?:st|nd|rd|th)?$")
_NEXT_WORD = re.compile(r"[\"'“‘(*_]*([A-Za-z']+)")
_LONGEST_STARTER = max(map(len, SENTENCE_STARTERS))
_SHORT_LINE = 45
_YES, _NO, _WAIT = 1, 0, -1

# A dot after these ends a sentence only if what follows looks like the start of one.
_MAY_END = word_set(
    "etc inc ltd co corp jr sr bros dept govt esq ave blvd rd hwy st dr a.m p.m ph.d b.a m.a d.c b.c a.d"
)
_NUMBERED_PARTS = word_set("vol ch pt sec art fig eq")
_ADDRESS_WORDS = word_set("st dr ave blvd rd hwy")
_NEVER_ENDS = frozenset(
    [word for word in (*ABBREVIATIONS, *TITLES, *LOWER_ABBREVIATIONS) if word.lower() not in _MAY_END]
    + "e.g i.e a.k.a w.r.t cf".split()
) - frozenset(("Mon", "Fri", "Wed"))


@dataclass(frozen=True, slots=True)
class Segment:
    """start: index in the whole text. pause: the mark that ends it, "" where none is written."""

    text: str
    start: int
    pause: str
    is_last: bool = False

    @property
    def end(self) -> int:
        return self.start + len(self.text)


def strongest(marks: str) -> str:
    """The pause for a run of punctuation: "?!" -> "?", "!!!" -> "!"; "" for none.

    A dot before a comma belongs to an abbreviation: "e.g.," -> ",".
    """
    return stronger(re.sub(r"\.+(?=[,;:])", "", marks))


def stronger(*pauses: str) -> str:
    """The longest of several pauses that meet."""
    met = "".join(pauses)
    return next((mark for mark in "?!.:;,-" if mark in met), "")


_ASCII_MARKS = str.maketrans({"。": ".", "！": "!", "？": "?", "，": ",", "；": ";", "：": ":", "…": "..."})


class Segmenter:
    """Feed text in any chunks; segments come out as soon as their end is certain. One text each."""

    def __init__(self) -> None:
        self._text = ""  # what is not settled yet, with one settled character before it for look-behind
        self._start = 0  # of the current segment in self._text
        self._offset = 0  # of self._text in the whole text
        self._scan = 0  # candidates before this index are settled
        self._column = 0  # characters of the current line before the current segment
        self._closing = ""  # inside a block: what ends it
        self._ended = False

    def feed(self, text: str) -> Iterator[Segment]:
        """Segments that are certain now. Exhaust the iterator before feeding again."""
        self._text += text
        yield from self._drain()
        kept = max(0, self._start - 1)
        self._text = self._text[kept:]
        self._offset += kept
        self._start -= kept
        self._scan = max(self._start, self._scan - kept)

    def finish(self) -> Iterator[Segment]:
        """The rest of the text; nothing of a block that was never closed."""
        self._ended = True
        yield from self._drain()
        if self._start < len(self._text) and not self._closing:
            match = _FINAL_MARK.search(self._text, self._start)
            pause = self._pause_of(match[1], "") if match else ""
            rest = self._cut(len(self._text), pause)
            yield Segment(rest.text, rest.start, pause, is_last=True)

    def _drain(self) -> Iterator[Segment]:
        while True:
            if self._closing:
                closing = re.compile(re.escape(self._closing), re.IGNORECASE)
                match = closing.search(self._text, self._start)
                if match is None:
                    self._start = self._scan = max(self._start, len(self._text) - len(self._closing) + 1)
                    return
                self._start = self._scan = match.end()
                self._closing = ""
            found = self._next_end(self._start)
            if found is None:
                return
            end, pause = found
            line = self._text.rfind("\n", self._start, end)
            self._column = end - line - 1 if line >= 0 else self._column + end - self._start
            if end > self._start:
                yield self._cut(end, pause)
            self._start = self._scan = end + len(self._opened(end))

    def _opened(self, index: int) -> str:
        """The opening of a block that was found at index, "" for none; turns on the search for its end."""
        for opening, closing in _BLOCKS.items():
            if self._text[index : index + len(opening)].lower() == opening:
                self._closing = closing
                return opening
        return ""

    def _cut(self, end: int, pause: str) -> Segment:
        return Segment(self._text[self._start : end], self._offset + self._start, pause)

    def _next_end(self, start: int) -> tuple[int, str] | None:
        """End and pause of the segment from start; None when that is not certain yet."""
        limit = self._limit(start)
        # Nothing behind the limit matters, and what is certain must not depend on how far the text reaches.
        horizon = len(self._text) if limit is None else limit + 1
        scan = max(self._scan, start)
        while trigger := _TRIGGER.search(self._text, scan, horizon):
            index = trigger.start()
            if _BLOCK.match(self._text, index):
                return index, "."
            verdict, end, pause = self._judge(start, index, horizon)
            if verdict == _YES:
                return end, pause
            if verdict == _WAIT and not self._ended:
                self._scan = index
                return None
            scan = end
        if limit is None:
            self._scan = max(scan, len(self._text))
            return None
        return self._split_long(start, limit), ""

    def _judge(self, start: int, index: int, horizon: int) -> tuple[int, int, str]:
        """Whether the segment ends at a trigger: (_YES, _NO or _WAIT; the end, or where to look on; the pause)."""
        text = self._text
        if text[index] in "`~<\\":
            rest = text[index : index + _LONGEST_BLOCK].lower()
            return (_WAIT if any(opening.startswith(rest) for opening in _BLOCKS) else _NO), index + 1, ""
        kind = _LINE if text[index] == "\n" else _DASH if text[index] in "-–—" else _MARK
        match = kind.match(text, index, horizon)
        if (
            match is None
        ):  # at the horizon, which may be only the end of what has come so far, or not before a blank
            run = _RUN.match(text, index, horizon)
            end = run.end() if run else index + 1
            return (_WAIT if end == len(text) else _NO), end, ""
        if kind is _LINE:
            return self._judge_line(match, start)
        if kind is _DASH:
            return self._judge_dash(match)
        is_paragraph = match["space"].count("\n") > 1
        verdict = _YES if is_paragraph else self._ends_clause(match, start, text[match.end()])
        pause = self._pause_of(match["mark"], text[match.end()])
        return verdict, match.end() if verdict == _YES else match.start("space"), pause

    def _judge_dash(self, match: re.Match[str]) -> tuple[int, int, str]:
        text, dash = self._text, match[0].rstrip()
        before = text[match.start() - 1] if match.start() else "\n"
        after = text[match.end()]
        if before == "\n" or (before.isdigit() and after.isdigit()):
            return _NO, match.end(), ""
        if before.isspace() and match["space"]:
            digit_before = _DIGIT_BEFORE.search(text[max(0, match.start() - 8) : match.start()]) is not None
            return (_NO if digit_before and after.isdigit() else _YES), match.end(), "-"
        is_break = "—" in dash or (len(dash) > 1 and before.isalpha())
        return (_YES if is_break else _NO), match.end(), "-"

    def _judge_line(self, match: re.Match[str], start: int) -> tuple[int, int, str]:
        text, end = self._text, match.end()
        if match[0].count("\n") > 1 or _LIST_ITEM.match(text, end):
            return _YES, end, "."
        if _LIST_ITEM_PREFIX.fullmatch(text[end : end + _LONGEST_LIST_ITEM]):
            return _WAIT, end, ""
        line_start = text.rfind("\n", start, match.start())
        column = match.start() - line_start - 1 if line_start >= 0 else self._column + match.start() - start
        is_new_line = column < _SHORT_LINE and (text[end].isupper() or text[end] in "\"“'([*_<")
        return (_YES if is_new_line else _NO), end, "."

    def _ends_clause(self, match: re.Match[str], start: int, following: str) -> int:
        """Whether punctuation before white space ends a clause: _YES, _NO, _WAIT."""
        text, mark = self._text, match["mark"]
        before = text[max(start, match.start() - 40) : match.start()]
        if mark == ",":
            return _NO if following.isdigit() and _DATE_BEFORE.search(before) else _YES
        if mark == ";":
            return _NO if _ENTITY_BEFORE.search(before) else _YES
        word_match = _LAST_WORD.search(before)
        if mark != "." or not word_match:
            return _YES
        word = word_match[0]
        lower = word.lower()
        if (
            word in _NEVER_ENDS
            or (lower in _NEVER_ENDS and ("." in word or lower in LOWER_ABBREVIATIONS))
            or before.endswith("et al")
        ):
            return _NO
        if (following.isdigit() or (following in "IVX(" and lower in _NUMBERED_PARTS)) and (
            word in MONTHS or (lower in BEFORE_NUMBER and word != "no")
        ):
            return _NO
        earlier = before[: word_match.start()].split()
        follows_name = bool(earlier) and (earlier[-1][0].isupper() or earlier[-1][0].isdigit())
        if word in ("Dr", "St") and not follows_name:
            return _NO
        if len(word) == 1 and word.isupper() and word != "I":
            if not following.isupper() or (earlier and not follows_name):
                return _YES
            return self._starts_sentence(match.end())
        if (
            (word[0].isupper() or "." in word or word == "etc")
            and lower in _MAY_END
            and not following.isupper()
            and following not in "\"“'("
        ):
            return _NO
        if lower in ("a.m", "p.m"):  # a time zone may follow: "3 p.m. EST"
            second = text[match.end() + 1 : match.end() + 2]
            return _NO if second.isupper() else _YES if second or self._ended else _WAIT
        if (word[0].isupper() and lower in _ADDRESS_WORDS) or (
            "." in word and word.replace(".", "").isupper()
        ):
            return self._starts_sentence(match.end())
        return _YES

    def _starts_sentence(self, index: int) -> int:
        """Whether the word at index is one that opens sentences."""
        match = _NEXT_WORD.match(self._text, index)
        if not match:
            return _WAIT if not self._text[index:].strip("\"'“‘(*_") else _YES
        if match.end() == len(self._text) and len(match[1]) <= _LONGEST_STARTER and not self._ended:
            return _WAIT
        return _YES if match[1][0].isupper() and match[1].lower().split("'")[0] in SENTENCE_STARTERS else _NO

    def _pause_of(self, marks: str, following: str) -> str:
        marks = marks.translate(_ASCII_MARKS)
        if "..." in marks and not set(marks) & set("?!"):
            return "," if following.islower() else "."
        return strongest(marks)

    def _limit(self, start: int) -> int | None:
        """Where a segment from start is too long, if the text reaches so far."""
        if len(self._text) - start < _SHORTEST_FULL:
            return None
        characters = start + MAX_SEGMENT_CHARACTERS
        words = _FIRST_WORDS.match(self._text, start, characters)
        if words:
            return words.end()
        return characters if len(self._text) > characters else None

    def _split_long(self, start: int, limit: int) -> int:
        """A good place to breathe before limit: a late conjunction, else a preposition, else the last word."""
        words = [match for match in _WORD.finditer(self._text, start, limit) if match.start() > start]
        if not words:
            return limit
        for openers in (CONJUNCTIONS, PREPOSITIONS):
            for match in reversed(words[_MIN_SPLIT_WORDS:]):
                if match[0].lower() in openers:
                    return match.start()
        return limit if self._text[limit - 1].isspace() else words[-1].start()
