"""Any Unicode text to the small character set the rules read, remembering where each character came from.

Accents go, typographic variants become plain, what cannot be spoken becomes a blank: emoji, control characters,
letters of other scripts. Pure functions on any thread; standard library only.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from engine.text.vocabulary import GREEK, SYMBOLS_SAID

# Entities, terminal escape sequences, single Greek letters (as in formulas): whole spans with one meaning.
_SPANS = re.compile(
    r"(?P<entity>&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});)"
    r"|(?P<escape>\x1b(?:\[[0-9;?]*[ -/]*[@-~]|[@-Z\\-_]))"
    r"|(?P<power>(?<=[\w)])[⁻⁺]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+)"
    r"|(?P<greek>(?<![\u0370-\u03ff])[\u03b1-\u03c9\u0391-\u03a9](?![\u0300-\u03ff]))"
)
_SIMPLE = re.compile(r"[\n -%'-~]*")
_REPLACEMENTS = {
    **dict.fromkeys("‘’‚‛′ʼ`´＇", "'"),
    **dict.fromkeys("“”„‟″«»‹›「」『』＂", '"'),
    **dict.fromkeys("‐‑‒⁃", "-"),
    **dict.fromkeys("―⸺", "—"),
    **dict.fromkeys("\t\r\x0b\x0c\u2028\u2029", " "),
    **dict.fromkeys("•●▪‣◦■□", "•"),
    **dict.fromkeys("→⇒➔➜⟶", "→"),
    **dict.fromkeys("。｡", ". "),
    **dict.fromkeys("、،", ", "),
    "؟": "? ", "؛": "; ", "。": ". ", "।": ". ",
    "\u2028": "\n", "\u2029": "\n", "…": "...", "−": "−", "²": "^2", "³": "^3", "№": "No. ", "⁄": "/",
    "ß": "ss", "ẞ": "SS", "æ": "ae", "Æ": "Ae", "œ": "oe", "Œ": "Oe", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L",
    "đ": "d", "Đ": "D", "þ": "th", "Þ": "Th", "ð": "d", "Ð": "D", "ı": "i", "ħ": "h", "Ħ": "H", "ŋ": "ng",
    "μ": "µ", "™": "", "®": "", "©": "", "ª": "", "º": "°", "×": "×", "⨯": "×", "✕": "×", "∼": "~", "＄": "$",
}  # fmt: skip
_KEPT = frozenset("–—−→•×µ" + "".join(key for key in SYMBOLS_SAID if len(key) == 1) + "₽₩₿")


@dataclass(frozen=True, slots=True)
class Folded:
    """text: the plain form. origins: for each of its characters and its end, the index in the source.

    origins is None where the source is the plain form already.
    """

    text: str
    origins: Sequence[int] | None

    def source_index(self, index: int) -> int:
        return index if self.origins is None else self.origins[index]


@lru_cache(maxsize=4096)
def fold_character(character: str) -> str:
    """The plain form of one character: "" for marks that vanish, " " for what separates or cannot be spoken."""
    if character in _REPLACEMENTS:
        return _REPLACEMENTS[character]
    if character in _KEPT or character == "\n" or " " <= character <= "~":
        return character
    category = unicodedata.category(character)
    if category in ("Cf", "Mn", "Me", "Sk"):
        return ""
    if category == "Nd":
        return str(unicodedata.digit(character))
    compatible = unicodedata.normalize("NFKC", character)
    if category == "No" and "⁄" in compatible:
        return " " + compatible.replace("⁄", "/")
    plain = "".join(c for c in unicodedata.normalize("NFKD", compatible) if not unicodedata.combining(c))
    plain = "".join(_REPLACEMENTS.get(c, c) for c in plain)
    return plain if plain and all(c in _KEPT or " " <= c <= "~" for c in plain) else " "


def _fold_span(match: re.Match[str]) -> str:
    if match["entity"]:
        spoken = html.unescape(match[0])
        return match[0] if spoken == match[0] else "".join(map(fold_character, spoken))
    if match["escape"]:
        return ""
    if match["power"]:
        return _fold_power(match)
    return f" {GREEK[match[0].lower()]} " if match[0].lower() in GREEK else " "


def _fold_power(match: re.Match[str]) -> str:
    """x⁴ and 10⁻³ are powers; a raised one behind a word is the mark of a footnote."""
    power = unicodedata.normalize("NFKC", match[0]).replace("\u2212", "-").replace("+", "")
    is_footnote = power == "1" and match.string[: match.start()][-2:].isalpha()
    return "" if is_footnote else f"^{power}"


def fold(text: str) -> Folded:
    """Fold a text. Plain ASCII comes back as it is."""
    if _SIMPLE.fullmatch(text):
        return Folded(text, None)
    parts: list[str] = []
    origins: list[int] = []
    position = 0
    for match in [*_SPANS.finditer(text), None]:
        end = match.start() if match else len(text)
        for index in range(position, end):
            plain = fold_character(text[index])
            parts.append(plain)
            origins.extend([index] * len(plain))
        if match:
            plain = _fold_span(match)
            parts.append(plain)
            origins.extend([match.start()] * len(plain))
            position = match.end()
    return Folded("".join(parts), [*origins, len(text)])


_SCRIPT_NAMES = {
    "CJK": "Chinese", "HIRAGANA": "Japanese", "KATAKANA": "Japanese", "HANGUL": "Korean", "DEVANAGARI": "Devanagari",
}  # fmt: skip


def unspeakable_scripts(text: str) -> tuple[str, ...]:
    """Names of the writing systems in a text that the voice cannot speak, in order of first use: ("Cyrillic",)."""
    scripts: dict[str, None] = {}
    for character in dict.fromkeys(text):
        if character.isalpha() and not fold_character(character).strip():
            compatible = unicodedata.normalize("NFKC", character)[0]
            first = unicodedata.name(compatible, "unknown").split()[0].partition("-")[0]
            scripts[_SCRIPT_NAMES.get(first, first.capitalize())] = None
    return tuple(scripts)
