"""What a model writes to what a voice says: mark-up, code, links, emoji, formulas and thoughts taken out of the stream.

Numbers, units and names are left to the voice's own normaliser. Pure, any thread. What comes out does not depend on how
the text was cut into pieces: every decision looks at the text alone, and waits for what it needs of it.
"""

from __future__ import annotations

import re

from engine.dialogue import inline
from engine.dialogue.inline import is_emoji
from engine.dialogue.signs import Open
from engine.dialogue.tables import Table
from engine.dialogue.thoughts import Thoughts

CODE_ONLY = "The answer is code, which is there to be read."
_FENCE = re.compile(r"[ \t]*(?:>[ \t]?)*(?P<fence>`{3,}|~{3,})(?P<rest>[^\n]*)")
_RULE = re.compile(r"[ \t]*(?:(?:[-*_=+~─═—][ \t]*){3,})$")
_MAY_BE_RULE = re.compile(r"[ \t]*(?:[-*_=+~─═—][ \t]*)*$")
_HEADING = re.compile(r"[ \t]*#{1,6}[ \t]+")
_QUOTE = re.compile(r"[ \t]*>[ \t]?(?:\[!\w+\][ \t]*)?")
_BULLET = re.compile(r"[ \t]*(?:[-*+•‣▪◦●○■➤►▶✔✓✅❌☑☐–—➡→]\ufe0f?)[ \t]+(?:\[[ xX✓]\][ \t]+)?")
_NUMBERED = re.compile(
    r"[ \t]*(?:\*\*)?(?P<number>\d{1,3})(?:[.)](?:\*\*)?|\ufe0f?\u20e3[.:)]?)[ \t]+(?:\[[ xX]\][ \t]+)?"
)
_LETTERED = re.compile(r"[ \t]*(?P<letter>[A-Ha-h])\)[ \t]+")
_DEFINITION = re.compile(r"[ \t]*\[\^?[^\]\n]{1,60}\]:")
_ROW = re.compile(r"[ \t]*\|")
_SPEAKER = re.compile(r"(?:\*\*)?(?:Assistant|AI|Sotto|Answer|Response)(?:\*\*)?:(?:\*\*)?[ \t]*")
_MAY_BE_SPEAKER = re.compile(
    r"\*{0,2}(?:A|AI|As\w{0,7}|S|So\w{0,3}|An\w{0,4}|R|Re\w{0,6})?\*{0,2}:?\*{0,2}[ \t]*"
)
# What a line may begin with that could still become one of the above.
_MAY_OPEN = re.compile(
    r"[ \t]*(?:>[ \t]?)*[ \t]*(?:\[!?\w*\]?[ \t]*)?(?:#{1,6}[ \t]*|`+|~+"
    r"|\*{0,2}\d{1,3}(?:[.)]|\ufe0f?\u20e3?[.:)]?)?\*{0,2}[ \t]*(?:\[.?\]?)?"
    r"|[-*+•‣▪◦●○■➤►▶✔✓✅❌☑☐–—➡→]\ufe0f?[ \t]*(?:\[.?\]?)?|[A-Ha-h]\)?[ \t]*|\[\^?[^\]\n]{0,60}\]?)?$"
)
_LEADS_ON = re.compile(r"(?:^|\s)(?:to|in|from|see|by|of|with|per|under|and|than)$", re.IGNORECASE)
_ENDS_SENTENCE = ".,;:!?…"
_STRETCH = 400
_DEEPEST_INDENT = 16
_CLOSING = "\"'”’»)]}"


class SpeechText:
    """Feed an answer in any pieces; what comes back is text for the voice. One answer each.

    `in_line`: what comes is a part of a line, so that nothing in it opens one.
    """

    def __init__(self, in_line: bool = False) -> None:
        self._thoughts = Thoughts()
        self._text = ""
        self._before = "\n"
        self._at_start = not in_line
        self._first_line = True
        self._line_end = ""
        self._is_bold_line = False
        self._fence = ""
        self._table = Table(_clean_cell)
        self._open = Open()
        self._had_code = False
        self._blank = ""  # white space that is due before the next word
        self._last = ""  # the last characters given back, which white space never ends
        self._dropped = False  # something was left out since then

    def feed(self, text: str) -> str:
        """What can be said of it so far."""
        # in short stretches, since what is not settled yet is looked at again with each of them
        stretches = (text[at : at + _STRETCH] for at in range(0, len(text), _STRETCH))
        return "".join(self._feed(stretch) for stretch in stretches)

    def _feed(self, text: str) -> str:
        self._text += self._thoughts.feed(text)
        return self._drain(ended=False)

    def finish(self) -> str:
        """The rest."""
        self._text += self._thoughts.finish()
        out = self._drain(ended=True) + self._finish_line() + self._end_table()
        if self._had_code and not self._last:
            out += self._emit(CODE_ONLY)
        return out

    def _drain(self, ended: bool) -> str:
        out: list[str] = []
        while self._text:
            said = self._line_opening(ended) if self._at_start else self._inline(ended)
            if said is None:
                break
            out.append(said)
        return "".join(out)

    # lines

    def _line_opening(self, ended: bool) -> str | None:
        """Take what a line begins with, or the whole of one that is not said; None: wait for more."""
        if (indent := len(self._text) - len(self._text.lstrip(" \t"))) > _DEEPEST_INDENT:
            self._text = self._text[indent - _DEEPEST_INDENT :]
        newline = self._text.find("\n")
        is_whole = ended or newline >= 0
        line = self._text if newline < 0 else self._text[:newline]
        if not is_whole and self._must_be_whole(line):
            return None
        if self._fence:
            if re.fullmatch(rf"[ \t>]*{re.escape(self._fence[0])}{{{len(self._fence)},}}[ \t]*", line):
                self._fence = ""
            return self._drop_line(line)
        if _ROW.match(line):
            out = self._drop_line(line)
            return out + "".join(self._emit(f"{sentence}\n") for sentence in self._table.row(line))
        out = self._end_table()
        if not line.strip():
            return out + self._drop_line(line, paragraph=True)
        if fence := _opens_fence(line):
            self._fence, self._had_code = fence, True
            return out + self._drop_line(line)
        if _RULE.fullmatch(line) or _DEFINITION.match(line):
            return out + self._drop_line(line)
        return out + self._open_line(line)

    def _must_be_whole(self, line: str) -> bool:
        """Whether the beginning of a line does not tell yet what it is, or tells that all of it is needed."""
        if self._fence or _ROW.match(line) or _FENCE.match(line) or _DEFINITION.match(line):
            return True
        speaker = _SPEAKER.match(line) if self._first_line else None
        if _MAY_OPEN.match(line[speaker.end() :] if speaker else line) or _MAY_BE_RULE.match(line):
            return True
        return self._first_line and _MAY_BE_SPEAKER.fullmatch(line) is not None

    def _open_line(self, line: str) -> str:
        taken, said = 0, ""
        if self._first_line and (speaker := _SPEAKER.match(line)):
            taken = speaker.end()
        while quote := _QUOTE.match(line, taken):
            taken = quote.end()
        if heading := _HEADING.match(line, taken):
            taken, self._line_end = heading.end(), "."
        elif numbered := _NUMBERED.match(line, taken):
            taken, self._line_end = numbered.end(), "."
            said = f"{numbered['number']}. "
        elif lettered := _LETTERED.match(line, taken):
            taken, self._line_end = lettered.end(), "."
            said = f"{lettered['letter'].upper()}: "
        elif bullet := _BULLET.match(line, taken):
            taken, self._line_end = bullet.end(), "."
        elif is_emoji(line[taken : taken + 1] or " "):
            self._line_end = "."
        self._is_bold_line = line.startswith("**", taken)
        self._first_line = self._at_start = False
        self._text = self._text[taken:]
        self._before = "\n"
        return self._emit(said)

    def _drop_line(self, line: str, paragraph: bool = False) -> str:
        """Pass over a whole line; a blank one ends a paragraph."""
        self._text = self._text[len(line) + 1 :]
        if self._last:
            self._blank = "\n\n" if paragraph else self._blank or "\n"
        return ""

    def _end_table(self) -> str:
        return "".join(self._emit(f"{sentence}\n") for sentence in self._table.end())

    def _finish_line(self) -> str:
        """What a heading or a list's item ends with where no mark is written."""
        ending = "." if self._line_end or (self._is_bold_line and self._before == "*") else ""
        self._line_end, self._is_bold_line = "", False
        last = "".join(self._last.split())[-4:].rstrip(_CLOSING)[-1:]
        if not ending or not self._last or last in _ENDS_SENTENCE:
            return ""
        self._blank = ""
        return self._emit(ending)

    # within a line

    def _inline(self, ended: bool) -> str | None:
        if self._text[0] == "\n":
            out = self._finish_line()
            self._text, self._before, self._at_start = self._text[1:], "\n", True
            self._open.clear()
            if self._last:
                self._blank = "\n"
            return out
        if not self._open.address and (plain := inline.PLAIN.match(self._text)):
            return self._take(plain.end(), plain[0])
        if self._text[0] in "❤♥" and self._last[-1:] == "I" and self._blank == " ":
            return self._take(1, "love")
        self._open.starts_sentence = not self._last or self._last[-1] in '.!?…"”'
        self._open.leads_on = self._blank == " " and _LEADS_ON.search(self._last) is not None
        found = inline.apply(self._text, self._before, ended, self._open)
        if not isinstance(found, tuple):
            return None
        self._dropped = self._dropped or not found[1]
        out = self._take(*found)
        self._dropped = self._dropped or found[1].endswith(" ")  # a formula, which a mark may follow
        return out

    def _take(self, end: int, said: str) -> str:
        self._before = self._text[end - 1]
        self._text = self._text[end:]
        return self._emit(said)

    def _emit(self, text: str) -> str:
        """Text with its white space made single. The last of it waits: its word may have been left out."""
        out: list[str] = []
        for part in re.findall(r"\s+|\S+", text):
            if part.isspace():
                if "\n" in part and self._last:
                    self._blank = self._blank if "\n" in self._blank else "\n"
                elif self._last:
                    self._blank = self._blank or " "
                continue
            is_orphan = self._dropped and self._blank == " " and part[0] in ".,;:!?)…"
            said = part if is_orphan else self._blank + part
            out.append(said)
            self._blank, self._dropped = "", False
            self._last = (self._last + said)[-12:]
        return "".join(out)


def _opens_fence(line: str) -> str:
    """The fence that a block of code begins with, "" where a line is none: code within a line may look like one."""
    match = _FENCE.match(line)
    if match is None or (match["fence"][0] == "`" and "`" in match["rest"]):
        return ""
    return match["fence"]


def _clean_cell(text: str) -> str:
    cleaner = SpeechText(in_line=True)
    return cleaner.feed(text) + cleaner.finish()


def clean(text: str) -> str:
    """A whole text at once."""
    cleaner = SpeechText()
    return cleaner.feed(text) + cleaner.finish()
