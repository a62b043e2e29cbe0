"""Pronunciations in pocketsphinx's phones for words that its dictionary lacks.

Runs in the recogniser's process. Takes them from the engine's dictionary, else from letter-to-sound rules.
"""

from __future__ import annotations

from collections.abc import Iterable

from engine.errors import SottoError
from engine.text import Frontend

SPHINX_PHONES: tuple[str, ...] = tuple(
    "AA AE AH AO AW AY B CH D DH EH ER EY F G HH IH IY JH K L M N NG OW OY P R S SH T TH UH UW V W Y Z ZH".split()
)


def pronunciations(words: Iterable[str]) -> dict[str, str]:
    """Phones such as "L IY T ER Z" of each word. Raises SottoError for what cannot be spoken."""
    frontend = Frontend.load()
    found = {}
    for word in words:
        phones = ["AH" if unit.symbol == "ax" else unit.symbol.upper() for unit in frontend.pronounce(word)]
        if not phones:
            raise SottoError(f"The grammar's word {word!r} cannot be pronounced; write it out in letters.")
        found[word] = " ".join(phones)
    return found
