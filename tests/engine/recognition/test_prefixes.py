"""Open prefixes are found by their sound."""

from __future__ import annotations

import pytest

from engine.recognition.prefixes import OpenPrefixes

SOUNDS = {
    "remember": "R IH M EH M B ER",
    "remembered": "R IH M EH M B ER D",
    "that": "DH AE T",
    "take": "T EY K",
    "taken": "T EY K AH N",
    "a": "AH",
    "note": "N OW T",
    "define": "D IH F AY N",
    "tea": "T IY",
}
PREFIXES = OpenPrefixes(
    ("remember", "remember that", "take a note", "define"), lambda word: tuple(SOUNDS.get(word, "").split())
)


@pytest.mark.parametrize(
    ("heard", "meant"),
    [
        ("remembered that tea", "remember that tea"),
        ("taken note tea", "take a note tea"),
        ("define tea", "define tea"),
        ("remember tea", "remember tea"),
        ("tea that note", "tea that note"),
        ("define", "define"),  # nothing follows it
        ("", ""),
    ],
)
def test_what_sounds_alike_is_set_right(heard: str, meant: str) -> None:
    assert " ".join(PREFIXES.with_prefix(tuple(heard.split()))) == meant
