"""What was said or typed, in the forms that skills match: without politeness, contractions or number words.

Pure, any thread. Imports nothing but the reader of numbers.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from engine.dialogue.numerals import as_digits

LONGEST_COMMAND = 20_000
"""Characters. What is longer may be something to keep, by its beginning, and is not read as a command."""

_CONTRACTIONS = (
    (r"\b(what|where|who|when|how|that|it|there|here|he|she)'s\b", r"\1 is"),
    (r"\b(what|where|who|when|how|that|it|there|we|they)'re\b", r"\1 are"),
    (r"\b(we|they|you)'ve\b", r"\1 have"),
    (r"\b(we|they|you)'ll\b", r"\1 will"),
    (r"\b(whats|wats|wat's)\b", "what is"),
    (r"\bwheres\b", "where is"),
    (r"\bwhos\b", "who is"),
    (r"\bhows\b", "how is"),
    (r"\bwhens\b", "when is"),
    (r"\bi'm\b|\bim\b", "i am"),
    (r"\bi've\b", "i have"),
    (r"\bi'd\b", "i would"),
    (r"\bi'll\b", "i will"),
    (r"\byou're\b", "you are"),
    (r"\bcan't\b|\bcannot\b|\bcant\b", "can not"),
    (r"\bwon't\b", "will not"),
    (r"\bn't\b", " not"),
    (r"(\w)n't\b", r"\1 not"),
    (r"\bdont\b", "do not"),
    (r"\blet's\b", "let us"),
    (r"\bo'clock\b|\boclock\b", "o clock"),
    (r"(\d)\s*([ap])\.?\s?m\b\.?", r"\1 \2m"),
    (r"\b([ap])\.m\.?", r"\1m"),
    (r"\b([ap]) m\b", r"\1m"),
)

_POLITE_START = re.compile(
    r"^(?:(?:hey|hi|hello|ok|okay|so|um|uh|well|right|alright|now|and|yo)\s+(?:there\s+)?(?:sotto\s*)?"
    r"|sotto\s+"
    r"|please\s+"
    r"|(?:can|could|would|will) you (?:please |kindly |just |maybe |quickly )?"
    r"|(?:do|did|would) you (?:happen to )?know "
    r"|(?:may|can|could) i (?:please )?(?:know|ask(?: you)?|ask you|get|have) "
    r"|i (?:want|need|would like|would love|wish) (?:you )?to know "
    r"|i (?:want|need|would like|would love|wish) you to "
    r"|i (?:want|need|would like) to (?=set|add|know|convert|cancel|roll|flip|take|make|write|delete|clear|save|create)"
    r"|(?:just |quickly )?"
    r"(?:tell|give|show) me (?:please )?(?=what|when|how|where|who|which|the|my|a (?!joke|story|coin))"
    r"|let me know "
    r"|i (?:was )?wonder(?:ing)?(?: if you (?:can|could))? "
    r"|quick question "
    r"|(?:just |go ahead and |be so kind and |try to )"
    r")"
)
_POLITE_END = re.compile(
    r"\s+(?:rn|please|pls|plz|thanks|thank you|thx|for me|sotto|would you|will you|if you can|could you|mate|dear|buddy"
    r"|if you do not mind|or what|thank you very much|do you know|quickly)$"
)

_ASKED_AGAIN = re.compile(r"^((?:what|who|when|where|which|how) (?:is|are|was|were) .+) again$")


@dataclass(frozen=True, slots=True)
class Utterance:
    """`raw`: as it was, trimmed. `words`: lower case, contractions written out, no punctuation but that of numbers,
    times and sums. `figures`: `words` with number words as digits."""

    raw: str
    words: str
    figures: str

    def tail(self, pattern: re.Pattern[str]) -> str | None:
        """The open text behind a pattern that matches the start of `raw` whatever the case, with its own capitals."""
        if found := pattern.match(self.raw):
            return self.raw[found.end() :].strip(" \t\n,:;-–—") or ""
        return None


def readings(text: str) -> tuple[Utterance, ...]:
    """The text as it is, then without what is only polite; one where that is the same, or where it is far too long."""
    raw = re.sub(r"\s+", " ", unicodedata.normalize("NFC", text)).strip()
    if len(raw) > LONGEST_COMMAND:
        return (Utterance(raw, "", ""),)
    plain = _utterance(raw)
    stripped = plain.words
    while (shorter := _POLITE_END.sub("", _POLITE_START.sub("", stripped))) != stripped and shorter:
        stripped = shorter
    stripped = _ASKED_AGAIN.sub(r"\1", stripped)
    if stripped == plain.words:
        return (plain,)
    return plain, Utterance(_raw_of(raw, plain.words, stripped), stripped, as_digits(stripped))


def _utterance(raw: str) -> Utterance:
    words = normalised(raw)
    return Utterance(raw, words, as_digits(words))


def normalised(text: str) -> str:
    """The `words` of a text."""
    line = unicodedata.normalize("NFKC", text.replace("²", "^2").replace("³", "^3")).lower()
    line = line.replace("’", "'").replace("‘", "'").replace("−", "-").replace("–", "-").replace("—", " ")
    for pattern, replacement in _CONTRACTIONS:
        line = re.sub(pattern, replacement, line)
    line = line.replace("'", "")
    line = re.sub(r"(?<=\d),(?=\d{3}\b)", "", line)
    line = re.sub(r"(?<=[a-z])-(?=[a-z])", " ", line)
    line = re.sub(r"(?<![\d])\.(?!\d)|(?<=\d)\.(?!\d)", " ", line)
    line = re.sub(r"(?<!\d):|:(?!\d)", " ", line)
    line = re.sub(r"[^\w\s.:+\-*/^%()=!×÷√°$€£π]|_", " ", line)
    line = re.sub(r"(?<![\d)])!|!(?=\s*!)", " ", line)
    return re.sub(r"\s+", " ", line).strip(" .")


def _raw_of(raw: str, words: str, stripped: str) -> str:
    """The part of `raw` that `stripped`, a run of the words of `words`, came from: capitals kept, found by counting."""
    before = words[: words.find(stripped)].split()
    after = words[words.find(stripped) + len(stripped) :].split()
    tokens = raw.split()
    start = _tokens_for(tokens, len(before))
    end = _tokens_for(tokens[::-1], len(after))
    return " ".join(tokens[start : len(tokens) - end])


def _tokens_for(tokens: list[str], words: int) -> int:
    """How many of the tokens make at least so many normalised words."""
    used = made = 0
    while made < words and used < len(tokens):
        made += len(normalised(tokens[used]).split())
        used += 1
    return used
