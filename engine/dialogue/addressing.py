"""The user's words said back to the user. Pure, any thread."""

from __future__ import annotations

import re

from engine.dialogue.utterance import Utterance

_TURNED = {
    "my": "your",
    "mine": "yours",
    "me": "you",
    "myself": "yourself",
    "i": "you",
    "i'm": "you're",
    "i've": "you've",
    "i'll": "you'll",
    "am": "are",
    "our": "your",
    "we": "you",
}
_BACK = {"your": "my", "yours": "mine"}


def yours(what: str) -> str:
    """ "call my mother" → "call your mother"."""
    return re.sub(r"[\w'’]+", lambda word: _TURNED.get(word[0].lower().replace("’", "'"), word[0]), what)


def as_written(words: str, heard: Utterance) -> str:
    """The words with the capitals and signs that the user gave them, where they are found; else as they are."""
    pattern = r"[^\w]+".join(re.escape(word) for word in words.split())
    found = re.search(pattern, heard.raw, re.IGNORECASE) if pattern else None
    return found[0] if found else words
