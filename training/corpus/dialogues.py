"""Plans dialogues of two speakers: the user (slt, warped or espeak) and the agent take turns, a turn an utterance.

Deterministic in its arguments. Must not import torch.
"""

from __future__ import annotations

import functools
import random
from collections.abc import Callable

from training.corpus import lexicon, speakers, splits, templates, texts
from training.corpus.plan import ESPEAK_SPEAKERS, WARPED_SPEAKERS, Spec, seconds_of

AGENT = "rms"
TEMPLATE_EXCHANGES = 0.6
USER_KINDS = (("slt", 0.3), ("warp", 0.4), ("espeak", 0.3))
TEST_SHARE = 0.01
VALID_SHARE = 0.01
MAX_TURN_S = 9.0


@functools.cache
def _pool(split: str) -> tuple[str, ...]:
    return tuple(text for text in texts.natural_sentences() if _split(text) == split)


@functools.cache
def _split(text: str) -> str:
    return splits.split_of(text, lexicon.words_of(text))


def _user(draw: random.Random) -> str:
    kind = draw.choices([name for name, _ in USER_KINDS], [weight for _, weight in USER_KINDS])[0]
    if kind == "warp":
        return speakers.warped_name(draw.choice(("rms", "slt")), draw.randrange(WARPED_SPEAKERS))
    return speakers.espeak_name(draw.randrange(ESPEAK_SPEAKERS)) if kind == "espeak" else kind


def _fits(text: str, split: str) -> bool:
    """Whether the text may stand in a dialogue of this split: held-out words are for "test" alone."""
    found = lexicon.phrases(text)
    if not found or (split != "test" and _split(text) == "test"):
        return False
    return len(found) <= 4 and seconds_of(text, AGENT) <= MAX_TURN_S


def _drawn(make: Callable[[], tuple[str, ...]], split: str) -> tuple[str, ...]:
    while True:
        made = make()
        if all(_fits(text, split) for text in made):
            return made


def _turns(draw: random.Random, split: str, seconds: float) -> list[tuple[str, str]]:
    """(role, text) turns, user first, of at least the given length together."""
    turns: list[tuple[str, str]] = []
    length = 0.0
    while length < seconds:
        if draw.random() < TEMPLATE_EXCHANGES:
            question, answer = _drawn(lambda: templates.exchange(draw), split)
        else:
            question, answer = _drawn(lambda: (draw.choice(_pool(split)), draw.choice(_pool(split))), split)
        turns += [("user", question), ("agent", answer)]
        length += seconds_of(question, AGENT) + seconds_of(answer, AGENT)
    return turns


def plan_dialogues(hours: float, shard_minutes: float, dialogue_s: float, seed: int) -> list[list[Spec]]:
    """Dialogues of about `dialogue_s` seconds each, cut into shards between dialogues."""
    draw = random.Random(seed)
    shards: list[list[Spec]] = [[]]
    total = filled = 0.0
    number = 0
    while total < hours * 3600.0:
        if filled >= shard_minutes * 60.0:
            shards.append([])
            filled = 0.0
        where = splits.hashed_fraction("dialogue", seed, number)
        split = "test" if where < TEST_SHARE else "valid" if where < TEST_SHARE + VALID_SHARE else "train"
        user = _user(draw)
        name = f"dialogue-{seed}-{number:06d}"
        for role, text in _turns(draw, split, dialogue_s):
            speaker = user if role == "user" else AGENT
            identity = f"{len(shards) - 1:05d}-{len(shards[-1]):04d}"
            shards[-1].append(Spec(identity, speaker, text, split, name, role))
            length = seconds_of(text, speaker)
            filled += length
            total += length
        number += 1
    return shards
