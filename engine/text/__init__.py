"""Text front end: written text to the phones and pauses that a voice speaks.

Runs on any thread; must not import torch or Qt, and imports numpy only for a word the dictionary lacks.
"""

from engine.text.dictionary import Dictionary
from engine.text.folding import unspeakable_scripts
from engine.text.frontend import ClauseStream, Frontend
from engine.text.homographs import HOMOGRAPHS
from engine.text.normalise import has_speakable, normalise
from engine.text.units import (
    MAX_CLAUSE_UNITS,
    MAX_CLAUSE_WORDS,
    PAUSES,
    PHONES,
    SYMBOLS,
    VOWELS,
    Clause,
    Unit,
    symbol_id,
)

__all__ = [
    "HOMOGRAPHS",
    "MAX_CLAUSE_UNITS",
    "MAX_CLAUSE_WORDS",
    "PAUSES",
    "PHONES",
    "SYMBOLS",
    "VOWELS",
    "Clause",
    "ClauseStream",
    "Dictionary",
    "Frontend",
    "Unit",
    "has_speakable",
    "normalise",
    "symbol_id",
    "unspeakable_scripts",
]
