"""Plans turns with pauses of 200 to 800 ms inside them, in two halves of texts and voices: to tune on, to report on.

Deterministic in its arguments: everything is drawn from hashes of the text. Must not import torch.
"""

from __future__ import annotations

import functools
import re
from pathlib import Path
from typing import Literal

from engine.errors import SottoError
from training.corpus import lexicon, splits, texts
from training.corpus.pausing import Intonation, TurnPlan

Half = Literal["tune", "held"]

TURNS_FILE = Path(__file__).resolve().parents[2] / "resources" / "evaluation" / "turns.tsv"
"""A kind, a tab, and a turn on each line; `|` stands where people are likely to pause."""

VOICES: dict[Half, tuple[str, ...]] = {"tune": ("slt", "kal16"), "held": ("rms", "awb")}
"""flite's; `awb` is heard in evaluation alone."""

PAUSE_MS = (200.0, 800.0)
NOISY = 1 / 3
CORPUS_WORDS = (5, 14)
BREAKS = frozenset(
    "and but or so because if when while that which who to in on at for with from of by about than as".split()
)


def _draw(*parts: object) -> float:
    return splits.hashed_fraction("turns", *parts)


def half_of(words: tuple[str, ...]) -> Half:
    """Which half a text belongs to, by its words alone."""
    return "tune" if _draw("half", *words) < 0.5 else "held"


@functools.cache
def written_turns() -> tuple[tuple[Literal["command", "open"], tuple[str, ...], tuple[int, ...]], ...]:
    """(kind, words, places where a pause is likely) of TURNS_FILE."""
    found: dict[tuple[Literal["command", "open"], tuple[str, ...]], set[int]] = {}
    for line in TURNS_FILE.read_text(encoding="utf-8").splitlines():
        kind, tab, text = line.partition("\t")
        parts = [part.split() for part in text.split("|")]
        if kind not in ("command", "open") or not tab or len(parts) < 2 or not all(parts):
            raise SottoError(
                f"{TURNS_FILE} needs a kind, a tab and words with a | on each line; it has {line!r}."
            )
        words = tuple(word for part in parts for word in part)
        places = {sum(map(len, parts[:count])) for count in range(1, len(parts))}
        found.setdefault(("command" if kind == "command" else "open", words), set()).update(places)
    return tuple((kind, words, tuple(sorted(places))) for (kind, words), places in found.items())


@functools.cache
def corpus_turns(split: str) -> tuple[tuple[tuple[str, ...], tuple[int, ...]], ...]:
    """(words, places) of natural sentences of one split of the texts, in an order drawn by hashes."""
    found = []
    for text in texts.natural_sentences():
        words = tuple(re.sub(r"[^A-Za-z' ]", " ", text).lower().split())
        if not CORPUS_WORDS[0] <= len(words) <= CORPUS_WORDS[1]:
            continue
        if splits.split_of(text, lexicon.words_of(text)) != split:
            continue
        places = tuple(index for index in range(1, len(words) - 1) if words[index] in BREAKS)
        if places:
            found.append((words, places))
    return tuple(sorted(dict(found).items(), key=lambda turn: _draw("order", *turn[0])))


def _intonation(identity: str, number: int) -> Intonation:
    """Every second pause is spoken as a sentence's end, and, as half of the rest, lies where phrases meet; hesitations
    fall between any two words (of people's pauses about half lie inside phrases: Maclay & Osgood 1959)."""
    if number % 2 == 0:
        return "final"
    return "continuing" if _draw("comma", identity) < 0.5 else "hesitant"


def _plan(
    kind: Literal["command", "open"], words: tuple[str, ...], places: tuple[int, ...], voice: str, number: int
) -> TurnPlan:
    identity = f"{kind}-{voice}-{number}-{'_'.join(words)}"
    intonation = _intonation(identity, number)
    before = places[int(_draw("place", identity) * len(places))]
    if intonation == "hesitant":
        before = 1 + int(_draw("where", identity) * (len(words) - 1))
    low, high = PAUSE_MS
    return TurnPlan(
        identity=identity,
        kind=kind,
        voice=voice,
        words=words,
        before=before,
        pause_ms=round(low + (high - low) * _draw("pause", identity), 1),
        intonation=intonation,
        noisy=_draw("noise", identity) < NOISY,
    )


def plan_turns(half: Half, count: int, corpus_share: float = 0.3) -> list[TurnPlan]:
    """`count` turns of one half, each text by each voice in turn, half of the pauses with a sentence's end.

    `corpus_share` of them are natural sentences: of the training split to tune on, of the test split to report on.
    """
    written = [turn for turn in written_turns() if half_of(turn[1]) == half]
    written.sort(key=lambda turn: _draw("order", *turn[1]))
    natural = corpus_turns("train" if half == "tune" else "test") if corpus_share else ()
    voices = VOICES[half]
    plans: list[TurnPlan] = []
    taken = [0, 0]
    while len(plans) < count:
        is_natural = bool(natural) and taken[1] < corpus_share * (len(plans) + 1)
        index, taken[is_natural] = taken[is_natural], taken[is_natural] + 1
        if is_natural:
            words, places = natural[index % len(natural)]
            plans.append(_plan("open", words, places, voices[index // 2 % 2], index))
        else:  # once round: every text, alternating; next round: the other intonation; then the other voice
            turn, lap = index % len(written), index // len(written)
            voice = voices[(turn // 2 + lap // 2) % 2]
            plans.append(_plan(*written[turn], voice, turn + lap))
    return plans
