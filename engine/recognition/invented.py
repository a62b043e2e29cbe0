"""Words that a model wrote down though nobody said them: on noise, in loops, or faster than anyone speaks.

Pure. Neural recognisers were trained on sentences and make sentences of anything; the gate holds silence back, this
looks at what came of the rest. The limits are estimates: no model could be had where they were chosen.
"""

from __future__ import annotations

from engine.recognition.gate import SpeechGate

MOST_LETTERS_A_SECOND = 30.0
"""Hurried English has some 20."""

LEAST_VARIATION_DB = 1.5
"""The level of speech goes up and down by more; that of a hum, a fan or a tone by less."""

LOOPS = 4
"""So often nobody says the same in a row."""

_LONGEST_LOOP = 6

PHANTOMS = frozenset(
    {
        ("thanks", "for", "watching"),
        ("thank", "you", "for", "watching"),
        ("please", "subscribe"),
        ("like", "and", "subscribe"),
        ("subtitles", "by", "the", "amara", "org", "community"),
        ("you",),
        ("bye",),
    }
)
"""What models that learnt from subtitles write for a breath or a click."""


def is_invented(words: tuple[str, ...], gate: SpeechGate, speech_s: float, sure: bool) -> bool:
    """Whether these words cannot have been said in what the gate let through. `sure`: the model told how sure it is."""
    letters = sum(map(len, words))
    return (
        letters > MOST_LETTERS_A_SECOND * speech_s
        or gate.variation_db < LEAST_VARIATION_DB
        or loops(words)
        or (not sure and words in PHANTOMS)
    )


def loops(words: tuple[str, ...]) -> bool:
    """Whether a phrase stands LOOPS times in a row; a single word once more than that ("no no no no")."""
    for length in range(1, _LONGEST_LOOP + 1):
        times = LOOPS + (length == 1)
        for start in range(len(words) - length * times + 1):
            phrase = words[start : start + length]
            if all(words[start + n * length : start + (n + 1) * length] == phrase for n in range(times)):
                return True
    return False
