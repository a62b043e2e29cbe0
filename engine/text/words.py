"""How single written words are said: letter case, acronyms, initials, abbreviations, names of files and hosts.

Rules take a regex match over folded text and return spoken words, or None to let the next rule try. Any thread;
imports no numpy, torch or Qt.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from engine.text import vocabulary as v
from engine.text.dictionary import bundled_dictionary
from engine.text.numbers import cardinal, code_number, ordinal, roman

_HUMP = re.compile(r"[A-Z]{2,}(?![a-z])|[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]")
_PIECE = re.compile(r"[A-Za-z]+|\d+")
_KEEPS_HUMP = re.compile(r"(?:Mc|Mac|O'|D'|Fitz|De|Di|La|Le|Van)[A-Z][a-z]+(?:'s)?")
_PRONOUNCEABLE = re.compile(r"(?:[^aeiouy]{0,2}[aeiouy]{1,2})+[^aeiouy]{0,2}")
_REPEATED = re.compile(r"([a-z])\1{2,}")
_WORD_BEFORE = re.compile(r"([A-Za-z][A-Za-z'.]*)[\"')*_]* $")
_CAPITAL_AFTER = re.compile(r"\.?[\"'*_]* [\"'(*_]*([A-Z][A-Za-z']*)")
LONGEST_WORD = 30


@cache
def _is_known(word: str) -> bool:
    return word in bundled_dictionary()


@lru_cache(maxsize=256)
def _is_shouted(segment: str) -> bool:
    """Whether a segment is all capitals, so that capitals mean nothing: two ordinary words at least, no lower case."""
    if any(letter.islower() for letter in segment):
        return False
    words = [word.lower() for word in re.findall(r"[A-Z']{2,}", segment)]
    return sum(word in v.LOUD_WORDS or (len(word) > 3 and _is_known(word)) for word in words) >= 2


def letters(text: str) -> list[str]:
    """The letters of a text one by one; "ay" is the letter a, for "a" is the article."""
    return ["ay" if letter == "a" else letter for letter in text.lower() if letter.isalpha()]


def lower_word(word: str) -> list[str]:
    """A lower-case word: long runs of one letter shortened ("sooo"), absurd lengths cut into pieces."""
    if _REPEATED.search(word) and not _is_known(word):
        twice, once = _REPEATED.sub(r"\1\1", word), _REPEATED.sub(r"\1", word)
        prefers_once = word[-1] in "aeiouy" or not _is_known(twice)
        word = once if _is_known(once) and prefers_once else twice
    said = v.LOWER_ABBREVIATIONS.get(word) or v.SPECIAL.get(word)
    if said:
        return said.split()
    if len(word) > 1 and word.isalpha() and is_vowelless(word) and not _is_known(word):
        return letters(word)
    if len(word) <= LONGEST_WORD:
        return [word]
    pieces = [word[index : index + LONGEST_WORD].strip("'") for index in range(0, len(word), LONGEST_WORD)]
    return [said for piece in pieces if piece for said in lower_word(piece)]


def acronym(word: str, shouted: bool = False) -> list[str]:
    """A word in capitals: a loud word, an acronym said as a word, or letters one by one."""
    lower = word.lower()
    if lower in v.ACRONYM_WORDS or lower in v.LOUD_WORDS or "'" in word:
        return lower_word(lower)
    if len(word) <= 3:
        return (
            lower_word(lower) if shouted and _is_known(lower) and not is_vowelless(lower) else letters(word)
        )
    if _is_known(lower):
        return lower_word(lower)
    return lower_word(lower) if len(word) > 5 and _PRONOUNCEABLE.fullmatch(lower) else letters(word)


def is_vowelless(lower: str) -> bool:
    return not re.search(r"[aeiouy]", lower)


def humps(word: str) -> list[str]:
    """A word with capitals inside: known as a whole, or said part by part ("PyTorch", "iPhone", "OpenAI")."""
    if _KEEPS_HUMP.fullmatch(word) and not _is_known(word[3:].lower()):
        return lower_word(word.lower())
    if _is_known(word.lower()):
        return lower_word(word.lower())
    said: list[str] = []
    for part in _HUMP.findall(word):
        if len(part) == 1:
            said += letters(part)
        else:
            said += acronym(part) if part.isupper() else lower_word(part.lower())
    return said


def name_parts(text: str) -> list[str]:
    """A part of a file, host or user name: known words as words, short unknown ones as letters, digits as numbers."""
    said: list[str] = []
    for piece in _PIECE.findall(text):
        if piece.isdigit():
            said += code_number(piece)
        elif piece.islower() or piece.istitle():
            lower = piece.lower()
            is_word = (_is_known(lower) and len(lower) > 2) or lower in (
                "my",
                "me",
                "to",
                "in",
                "at",
                "we",
                "go",
                "of",
            )
            said += (
                lower_word(lower)
                if is_word or (len(lower) > 4 and not is_vowelless(lower))
                else letters(lower)
            )
        else:
            said += humps(piece)
    return said


def say_word(match: re.Match[str]) -> list[str] | None:
    """Any word of letters and apostrophes."""
    word = match[0].rstrip("'")
    if word in v.SPECIAL:
        return v.SPECIAL[word].split()
    if word.islower():
        return lower_word(word)
    stem, apostrophe, tail = word.partition("'")
    ending = apostrophe + tail.lower()
    if len(word) == 1:
        return _single_capital(match, word)
    if stem.isupper() and len(stem) > 1:
        if tail in ("s", ""):
            said = _roman(match, stem) or acronym(stem, _is_shouted(match.string))
            return [*said[:-1], said[-1] + ending]
        return lower_word(word.lower())
    if re.fullmatch(r"[A-Z]{2,}s", word):  # CDs, URLs
        said = acronym(word[:-1])
        return [*said[:-1], said[-1] + ("'s" if len(said[-1]) == 1 else "s")]
    if word[1:].islower() or ("'" in word and not re.search(r"[a-z][A-Z]", word)):
        return lower_word(word.lower())
    said = humps(stem)
    return [*said[:-1], said[-1] + ending] if said else None


def _word_before(match: re.Match[str]) -> str:
    before = _WORD_BEFORE.search(match.string[max(0, match.start() - 40) : match.start()])
    return before[1] if before else ""


def _word_after(match: re.Match[str]) -> str:
    """The next word if it begins with a capital, else ""."""
    after = _CAPITAL_AFTER.match(match.string, match.end())
    return after[1] if after else ""


_FORMULA_AFTER = re.compile(
    r" (?:squared|cubed|equals|plus|minus|times|over|divided|to the power|vector|hat|bar|prime|is (?:at|about)"
    r"|[a-z] )\b"
)


def _single_capital(match: re.Match[str], letter: str) -> list[str]:
    before = _word_before(match)
    if letter in "IVX":
        said = _roman(match, letter)
        if said:
            return said
    if letter == "A":
        follows_name = before.lower() in v.LETTERED
        is_article = re.match(r"\s*[\"'(*_`]*[A-Za-z0-9$£€]", match.string[match.end() :])
        is_quantity = _FORMULA_AFTER.match(match.string, match.end())
        return ["ay"] if follows_name or is_quantity or not is_article else ["a"]
    return [letter.lower()]


def _roman(match: re.Match[str], word: str) -> list[str]:
    """A roman numeral where the word before makes it clear: "Chapter IV", "Henry VIII", "World War II"."""
    value = roman(word)
    before = _word_before(match)
    if not value or not before:
        return []
    if before.lower().rstrip(".") in v.NUMBERED:
        return cardinal(value)
    if before.lower() in v.REGAL and value < 40:
        return ["the", *ordinal(value)]
    is_clear = len(word) > 1 and set(word) <= set("IVX") and before[0].isupper()
    return cardinal(value) if is_clear and not _is_shouted(match.string) else []


def say_abbreviation(match: re.Match[str]) -> list[str] | None:
    """A word with a dot that stands for another: "Dr." "St." "etc." "No." "fig."."""
    word = match["word"]
    lower = word.lower()
    if word == "St":
        return ["saint" if _is_saint(match) else "street"]
    if word == "Dr":
        is_road = _word_before(match)[:1].isupper() and not _word_after(match)
        return ["drive" if is_road else "doctor"]
    if word in v.ABBREVIATIONS:
        return v.ABBREVIATIONS[word].split()
    if word in v.TITLES and _word_after(match):
        return v.TITLES[word].split()
    if word[:3] in v.MONTHS and word in v.MONTHS:
        return [v.MONTHS[word]] if word != "May" else None
    if word in v.LOWER_ABBREVIATIONS:
        return v.LOWER_ABBREVIATIONS[word].split()
    if (
        lower in v.BEFORE_NUMBER
        and word != "no"
        and re.match(r"\s*\(?(?:\d|[IVXLC]+\b)", match.string[match.end() :])
    ):
        return v.BEFORE_NUMBER[lower].split()
    return None


def _is_saint(match: re.Match[str]) -> bool:
    after = _word_after(match)
    if not after:
        return False
    before = match.string[: match.start()].rstrip()[-12:].split()
    follows_name = bool(before) and (before[-1][0].isupper() or before[-1][0].isdigit())
    return after.lower().removesuffix("'s") in v.SAINTS or not follows_name


def say_dotless_title(match: re.Match[str]) -> list[str] | None:
    """British style, "Dr Smith", "St Paul", "Mr Jones": only before a capital."""
    if not _word_after(match) or (match["word"] == "St" and not _is_saint(match)):
        return None
    known = {**v.ABBREVIATIONS, "Dr": "doctor", "St": "saint"}
    return known[match["word"]].split()


def say_dotted(match: re.Match[str]) -> list[str] | None:
    """Letters with dots: "e.g." "U.S." "J.R.R.", an initial "J."."""
    bare = match[0].rstrip(".")
    if bare.lower() in v.DOTTED:
        return v.DOTTED[bare.lower()].split()
    return letters(bare)


def say_slashed(match: re.Match[str]) -> list[str] | None:
    """Set phrases with a slash: "w/o", "24/7"."""
    said = v.SLASHED.get(match[0].lower())
    return said.split() if said else None


def say_host(match: re.Match[str]) -> list[str] | None:
    """A host, file or package name with dots, "example.com", "main.py", "node.js"; not a missing blank ("end.Next")."""
    parts = match[0].split(".")
    is_name = parts[-1] in v.EXTENSIONS or all(part.islower() or not part.isalpha() for part in parts)
    if not is_name:
        return None
    return dotted_name(parts)


def dotted_name(parts: list[str]) -> list[str]:
    """Parts joined by "dot"; endings such as com are words, others letters."""
    said = name_parts(parts[0])
    for part in parts[1:]:
        said += ["dot", *([part] if part in v.DOMAIN_WORDS or part == "json" else name_parts(part))]
    return said


def say_link(match: re.Match[str]) -> list[str] | None:
    """A web address: the host, and the path when it is short and made of words."""
    host, _, path = match["address"].rstrip(".,;:!?'\")]}>*_").partition("/")
    host = (host.partition("@")[2] or host).removeprefix("www.")
    names = [part for part in re.split(r"[.:]", host) if part]
    if not names:
        return None
    said = dotted_name(names)
    parts = path.strip("/").split("/")
    if len(parts) <= 2 and all(re.fullmatch(r"[A-Za-z][A-Za-z-]{0,20}", part) for part in parts):
        for part in parts:
            said += ["slash", *name_parts(part)]
    return said


def say_product(match: re.Match[str]) -> list[str] | None:
    """mc^2: two letters before a power that are no unit are two names."""
    return None if match[0] in v.UNITS else letters(match[0])


def say_email(match: re.Match[str]) -> list[str] | None:
    """An e-mail address."""
    user, _, host = match[0].partition("@")
    return [*_with_signs(user), "at", *dotted_name(host.split("."))]


def _with_signs(text: str) -> list[str]:
    signs = {".": "dot", "_": "underscore", "-": "dash", "+": "plus"}
    said: list[str] = []
    for piece in re.findall(r"[A-Za-z0-9]+|[._+-]", text):
        said += [signs[piece]] if piece in signs else name_parts(piece)
    return said


def say_path(match: re.Match[str]) -> list[str] | None:
    """A file path with its slashes."""
    signs = {"/": "slash", "\\": "backslash", "~": "tilde", ".": "dot", ":": "colon"}
    said: list[str] = []
    for piece in re.findall(r"[/\\~.:]|[^/\\~.:]+", match[0].rstrip(".:")):
        said += [signs[piece]] if piece in signs else name_parts(piece)
    return said


def say_tag(match: re.Match[str]) -> list[str] | None:
    """A hashtag or a user's name."""
    return ["hashtag" if match[0][0] == "#" else "at", *name_parts(match[0][1:])]


def say_code(match: re.Match[str]) -> list[str] | None:
    """Letters and digits in one word: "B12", "MP3", "3D", "H2O", "x86"."""
    pieces = _PIECE.findall(match[0])
    if len(pieces) > 4:  # a hash or a serial number
        return [
            word
            for sign in match[0]
            if sign.isalnum()
            for word in (code_number(sign) if sign.isdigit() else letters(sign))
        ]
    said: list[str] = []
    for piece in pieces:
        if piece.isdigit():
            said += code_number(piece)
        elif len(piece) <= 3 and not (len(piece) == 3 and piece[1:].islower()):
            said += lower_word(piece.lower()) if piece.lower() in v.ACRONYM_WORDS else letters(piece)
        else:
            said += acronym(piece) if piece.isupper() else humps(piece)
    return said
