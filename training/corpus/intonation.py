"""The melody that flite leaves out, as semitones on top of its own F0: it speaks "." and "?" alike, and falls before
every comma as at the end of all.

The contour follows from the clause alone, never from chance, so that a model can learn what it means. Pure functions.
Must not import torch.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.text import VOWELS, Clause
from training.corpus.flite import Segment

Contour = NDArray[np.float64]

ASKING = frozenset(
    "am are aren't can can't could couldn't did didn't do does doesn't don't had has hasn't have haven't is isn't may "
    "might must shall should shouldn't was wasn't were weren't will won't would wouldn't and or so really".split()
)
"""A question that begins with one of these, or with none of `WONDERING`, asks for yes or no, and rises."""
WONDERING = frozenset(
    "what when where which who whom whose why how what's who's where's when's how's".split()
)
UNSTRESSED = frozenset(
    "a about all am an and any are as at be been but by can could did do does for from had has have he her him his i "
    "if in into is it its just me my no not of on or our out shall she should so some than that the their them then "
    "there these they this those to too up us very was we were what when where which who whom whose why how will with "
    "would you your i'm it's that's don't can't you're we're they're i'll you'll he's she's there's".split()
)
"""Function words; all others carry an accent."""

VOICELESS = frozenset("p t k f s sh ch th hh".split())
"""They carry no melody, though flite's F0 runs on through them."""

ACCENT = 1.6
ACCENT_SPAN_S = 0.09
QUESTION_DIP, QUESTION_TOP = -1.5, 6.0
"""A question for yes or no goes from so much below flite's F0 at its last accent to so much above the clause's mean."""
WONDER = 3.0
CONTINUATION = 4.5
CONTINUED = (",", "-", ";", ":")
EXCLAIMING = 1.35
"""Factor on the spread of F0 about its mean."""


def _word_starts(clause: Clause) -> list[int]:
    return [index for index, unit in enumerate(clause.units) if unit.word_start]


def accents(clause: Clause) -> list[int]:
    """Units that carry the accents: the stressed vowel of every content word, or the last vowel if there is none."""
    starts = [*_word_starts(clause), len(clause.units) - 1]
    found = []
    for place, word in enumerate(clause.words):
        if word.rstrip("'") in UNSTRESSED:
            continue
        found += [i for i in range(starts[place], starts[place + 1]) if clause.units[i].stress == 1]
    if not found:
        vowels = [i for i, unit in enumerate(clause.units) if unit.symbol in VOWELS]
        found = vowels[-1:]
    return found


def asks_yes_or_no(clause: Clause) -> bool:
    """Whether the clause is a question that rises at its end."""
    first = clause.words[0] if clause.words else ""
    return clause.units[-1].symbol == "?" and (first in ASKING or not WONDERING & set(clause.words[:2]))


def _ends(clause: Clause, spans: Sequence[tuple[float, float]]) -> float:
    """When the last voiced sound of the clause ends."""
    voiced = [
        end for unit, (_, end) in zip(clause.units, spans, strict=False) if unit.symbol not in VOICELESS
    ]
    return voiced[-1] if voiced else spans[-1][1]


def semitones(clause: Clause, spans: Sequence[tuple[float, float]], times_s: Contour) -> Contour:
    """What to add to flite's F0 at `times_s` (F,); `spans` are begin and end of every unit but the closing pause."""
    mark, begin, stop = clause.units[-1].symbol, spans[0][0], _ends(clause, spans)
    added = np.zeros_like(times_s)
    for unit in accents(clause):
        centre = spans[unit][0] + 0.4 * (spans[unit][1] - spans[unit][0])
        added += ACCENT * np.exp(-0.5 * ((times_s - centre) / ACCENT_SPAN_S) ** 2)
    if mark == "?" and not asks_yes_or_no(clause):
        length = max(0.3, stop - begin)
        added += WONDER * np.clip(1.0 - (times_s - begin) / (0.6 * length), 0.0, 1.0)
    elif mark in CONTINUED:
        turn = max(spans[accents(clause)[-1]][0], stop - 0.35)
        added += CONTINUATION * np.clip((times_s - turn) / max(0.1, stop - turn), 0.0, 1.0)
    return added


def intoned(clause: Clause, segments: Sequence[Segment], f0_hz: Contour, frame_s: float) -> Contour:
    """F0 (F,) in hertz with the clause's melody; 0 stays 0 (unvoiced). `segments` are the clause's units, silence at
    both ends.

    Where flite's segments are not the clause's, which its caller refuses, F0 stays as it is.
    """
    voiced = f0_hz > 0
    if not voiced.any() or not accents(clause) or len(segments) != len(clause.units) + 1:
        return f0_hz
    spans = list(itertools.pairwise(segment.end_s for segment in segments[:-1]))
    times_s = (np.arange(len(f0_hz), dtype=np.float64) + 0.5) * frame_s
    octaves = np.log2(np.where(voiced, f0_hz, 1.0)) + semitones(clause, spans, times_s) / 12.0
    mean = octaves[voiced].mean()
    if clause.units[-1].symbol == "!":
        octaves = mean + EXCLAIMING * (octaves - mean)
    elif asks_yes_or_no(clause):
        rising = np.flatnonzero(voiced & (times_s >= spans[accents(clause)[-1]][0]))
        if len(rising):
            low = octaves[rising[0]] + QUESTION_DIP / 12.0
            top = mean + QUESTION_TOP / 12.0
            octaves[rising] = np.interp(
                times_s[rising], (times_s[rising[0]], _ends(clause, spans)), (low, top)
            )
    return np.where(voiced, np.exp2(octaves), 0.0)
