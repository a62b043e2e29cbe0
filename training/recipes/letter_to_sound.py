"""Trains the letter-to-sound model on the dictionary: align letters with phones by EM, then count, smooth, prune.

One command, about five minutes on one core, numpy only, the same file each time:
`python -m training.recipes.letter_to_sound --out resources/text/letter_to_sound.npz`.
A tenth of the words, chosen by their hash, is never trained on and gives the printed figures.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import re
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.text.dictionary import Dictionary
from engine.text.letter_to_sound import END, LOG_STEP, START, LetterToSound, PairModel
from training.evaluation.errors import edit_distance

Array = npt.NDArray[Any]
Pair = tuple[str, str]  # letters, phones without stress (blank-separated)
ARCS = ((1, 1), (1, 0), (2, 1), (1, 2))  # letters and phones that one pair may take
IMPOSSIBLE = -1e30


@dataclass(frozen=True, slots=True)
class Recipe:
    """Settings of a training; the defaults made the shipped model."""

    held_out_share: float = 0.1
    em_words: int = 25_000
    em_rounds: int = 6
    order: int = 8
    min_pair_count: int = 4
    worst_alignment: float = -6.5  # mean log-probability a pair; below are initialisms ("fbi") and oddities
    prune: float = 0.6  # an n-gram stays when it gains this many nats over the training set
    test_words: int = 2_000


def is_held_out(word: str, share: float) -> bool:
    """Whether a word belongs to the test set: by its hash, so that it never depends on the dictionary's order."""
    digest = hashlib.sha256(f"letter-to-sound {word}".encode()).digest()
    return int.from_bytes(digest[:4], "big") < share * 2**32


def lexicon(dictionary: Dictionary) -> dict[str, tuple[str, ...]]:
    """Words of letters only with their first pronunciation; possessives would leak between train and test."""
    plain = re.compile(r"[a-z]{2,}")
    return {
        word: tuple((dictionary.phones(word) or "").split())
        for word in dictionary.words()
        if plain.fullmatch(word)
    }


def arcs_of(word: str, phones: tuple[str, ...]) -> list[tuple[int, int, int, int, Pair]]:
    """All arcs of the alignment lattice in topological order: (i, j, next i, next j, pair)."""
    arcs = []
    letters, sounds = len(word), len(phones)
    for i in range(letters):
        # From (i, j) the rest must stay reachable: at most two phones a letter, at least one per two letters less.
        for j in range(max(0, sounds - 2 * (letters - i)), min(sounds, 2 * i) + 1):
            for taken, spoken in ARCS:
                if i + taken <= letters and j + spoken <= sounds:
                    pair = (word[i : i + taken], " ".join(phones[j : j + spoken]))
                    arcs.append((i, j, i + taken, j + spoken, pair))
    return arcs


def _log_add(a: float, b: float) -> float:
    if a < b:
        a, b = b, a
    return a if b <= IMPOSSIBLE else a + math.log1p(math.exp(b - a))


def em_round(words: list[tuple[str, tuple[str, ...]]], log_p: dict[Pair, float] | None) -> dict[Pair, float]:
    """One round of forward-backward over the lattices; the log-probabilities of all pairs, renewed."""
    counts: defaultdict[Pair, float] = defaultdict(float)
    for word, phones in words:
        arcs = arcs_of(word, phones)
        # Flat start: pairs of one letter and one phone are the likeliest.
        weights = [
            log_p.get(arc[4], -30.0) if log_p else -float(abs(len(arc[4][0]) - len(arc[4][1].split())) * 2)
            for arc in arcs
        ]
        forward = {(0, 0): 0.0}
        for (i, j, next_i, next_j, _), weight in zip(arcs, weights, strict=True):
            if (i, j) in forward:
                total = forward[i, j] + weight
                forward[next_i, next_j] = _log_add(forward.get((next_i, next_j), IMPOSSIBLE), total)
        end = (len(word), len(phones))
        if end not in forward:
            continue
        backward = {end: 0.0}
        for (i, j, next_i, next_j, pair), weight in zip(reversed(arcs), reversed(weights), strict=True):
            if (next_i, next_j) in backward and (i, j) in forward:
                total = backward[next_i, next_j] + weight
                backward[i, j] = _log_add(backward.get((i, j), IMPOSSIBLE), total)
                counts[pair] += math.exp(forward[i, j] + total - forward[end])
    total_count = sum(counts.values())
    return {pair: math.log(count / total_count) for pair, count in counts.items() if count > 1e-6}


def align(word: str, phones: tuple[str, ...], log_p: dict[Pair, float]) -> tuple[float, list[Pair]] | None:
    """The best alignment with its mean log-probability a pair. phones carry their stress into the pairs."""
    bare = tuple(phone.rstrip("12") for phone in phones)
    best: dict[tuple[int, int], tuple[float, tuple[int, int] | None]] = {(0, 0): (0.0, None)}
    for i, j, next_i, next_j, pair in arcs_of(word, bare):
        if (i, j) in best and pair in log_p:
            score = best[i, j][0] + log_p[pair]
            if score > best.get((next_i, next_j), (IMPOSSIBLE, None))[0]:
                best[next_i, next_j] = (score, (i, j))
    end: tuple[int, int] | None = (len(word), len(phones))
    if end not in best:
        return None
    total, path = best[end][0], []
    while end is not None:
        path.append(end)
        end = best[end][1]
    pairs = [(word[a:c], " ".join(phones[b:d])) for (a, b), (c, d) in pairwise(reversed(path))]
    return total / len(pairs), pairs


def aligned_words(recipe: Recipe, words: dict[str, tuple[str, ...]]) -> list[list[Pair]]:
    """Every trainable word as a list of pairs."""
    ordered = sorted(words, key=lambda word: hashlib.sha256(word.encode()).digest())
    sample = [(word, tuple(p.rstrip("12") for p in words[word])) for word in ordered[: recipe.em_words]]
    log_p: dict[Pair, float] | None = None
    for round_index in range(recipe.em_rounds):
        log_p = em_round(sample, log_p)
        print(json.dumps({"em_round": round_index + 1, "pairs": len(log_p)}), flush=True)
    assert log_p is not None
    found = [align(word, words[word], log_p) for word in ordered]
    good = [pairs for mean, pairs in filter(None, found) if mean > recipe.worst_alignment]
    counts = Counter(pair for pairs in good for pair in pairs)
    return [pairs for pairs in good if min(counts[pair] for pair in pairs) >= recipe.min_pair_count]


@dataclass
class Level:
    """N-grams of one length: parent (in the level below), token, suffix (level below), count, children's view."""

    parent: Array
    token: Array
    suffix: Array
    count: Array
    probability: Array
    keep: Array


def count_levels(sequences: list[list[int]], size: int, order: int) -> list[Level]:
    """All n-grams up to `order` with Kneser-Ney counts: raw at the top and after a start, else continuations."""
    flat = np.array([token for sequence in sequences for token in sequence], np.int64)
    position = np.array([index for sequence in sequences for index in range(len(sequence))], np.int64)
    node = np.zeros(len(flat), np.int64)  # of the n-gram that ends here, in the level below
    levels: list[Level] = []
    for length in range(1, order + 1):
        ends = np.flatnonzero(position >= length - 1)
        above = node[ends - 1] if length > 1 else np.zeros(len(ends), np.int64)
        keys, first, inverse, raw = np.unique(
            above * size + flat[ends], return_index=True, return_inverse=True, return_counts=True
        )
        level = Level(
            keys // size, keys % size, node[ends][first], raw, np.zeros(len(keys)), np.ones(len(keys), bool)
        )
        if levels:  # how many different pairs come before each shorter n-gram
            seen_before = np.bincount(level.suffix, minlength=len(levels[-1].count))
            levels[-1].count = np.where(seen_before > 0, seen_before, levels[-1].count)
        levels.append(level)
        node = np.full(len(flat), -1, np.int64)
        node[ends] = inverse
    return levels


def smooth(levels: list[Level], size: int) -> list[Array]:
    """Fill in interpolated probabilities from the kept n-grams. Returns each level's back-off weights as contexts."""
    back_offs: list[Array] = []
    lower: Array = np.full(1, 1.0 / size)
    for index, level in enumerate(levels):
        contexts = 1 if index == 0 else len(levels[index - 1].token)
        once, twice, thrice, more = (max(1, int((level.count == n).sum())) for n in (1, 2, 3, 4))
        base = once / (once + 2 * twice)
        discounts = np.array(
            [0.0, 1 - 2 * base * twice / once, 2 - 3 * base * thrice / twice, 3 - 4 * base * more / thrice]
        )
        discounted = level.count - discounts[np.minimum(level.count, 3)]
        total = np.bincount(level.parent, level.count, contexts)
        mass = np.bincount(level.parent, discounted * level.keep, contexts)
        back_off = np.where(total > 0, 1.0 - mass / np.maximum(total, 1e-12), 1.0)
        back_off = np.maximum(back_off, 1e-7)
        shorter = lower[level.suffix] if index else np.full(len(level.token), 1.0 / size)
        level.probability = level.keep * discounted / total[level.parent] + back_off[level.parent] * shorter
        back_offs.append(back_off)
        lower = level.probability
    return back_offs


def prune(levels: list[Level], back_offs: list[Array], threshold: float) -> None:
    """Drop n-grams of two and more that gain less than `threshold` nats over backing off; keep what others need."""
    for index in range(len(levels) - 1, 0, -1):
        level, below = levels[index], levels[index - 1]
        backed_off = back_offs[index][level.parent] * below.probability[level.suffix]
        gain = level.count * (np.log(level.probability) - np.log(backed_off))
        needed = np.zeros(len(level.token), bool)
        if index + 1 < len(levels):
            longer = levels[index + 1]
            needed[longer.parent[longer.keep]] = True
            needed[longer.suffix[longer.keep]] = True
        level.keep = needed | (gain > threshold)


def pack(levels: list[Level], back_offs: list[Array], pairs: list[Pair]) -> dict[str, Array]:
    """The arrays of `PairModel`: kept nodes, level by level, children of one parent together."""
    size = len(pairs)
    tokens, probabilities, weights, children = [np.zeros(1)], [np.zeros(1)], [back_offs[0]], []
    renumbered = np.zeros(1, np.int64)
    contexts = 1
    for index, level in enumerate(levels):
        kept = np.flatnonzero(level.keep)
        parent = renumbered[level.parent[kept]]
        order = np.argsort(parent * size + level.token[kept], kind="stable")
        kept = kept[order]
        children.append(np.bincount(parent, minlength=contexts))
        tokens.append(level.token[kept])
        probabilities.append(np.log(level.probability[kept]))
        is_last = index + 1 == len(levels)
        weights.append(np.ones(len(kept)) if is_last else back_offs[index + 1][kept])
        renumbered = np.full(len(level.token), -1, np.int64)
        renumbered[kept] = np.arange(len(kept))
        contexts = len(kept)
    children.append(np.zeros(contexts, np.int64))

    def quantised(logs: Array) -> Array:
        return np.clip(np.round(-logs / LOG_STEP), 0, 255).astype(np.uint8)

    return {
        "letters": np.frombuffer("\n".join(letters for letters, _ in pairs).encode(), np.uint8),
        "phones": np.frombuffer("\n".join(phones for _, phones in pairs).encode(), np.uint8),
        "token": np.concatenate(tokens).astype(np.uint16),
        "log_probability": quantised(np.concatenate(probabilities)),
        "back_off": quantised(np.log(np.concatenate(weights))),
        "children": np.concatenate(children).astype(np.uint16),
    }


def train(recipe: Recipe, words: dict[str, tuple[str, ...]]) -> dict[str, Array]:
    """The model's arrays from a lexicon of training words."""
    aligned = aligned_words(recipe, words)
    inventory: list[Pair] = [("<s>", ""), ("</s>", "")]
    inventory += sorted({pair for pairs in aligned for pair in pairs})
    number = {pair: index for index, pair in enumerate(inventory)}
    sequences = [[START, *(number[pair] for pair in pairs), END] for pairs in aligned]
    levels = count_levels(sequences, len(inventory), recipe.order)
    back_offs = smooth(levels, len(inventory))
    prune(levels, back_offs, recipe.prune)
    back_offs = smooth(levels, len(inventory))
    arrays = pack(levels, back_offs, inventory)
    print(
        json.dumps({"words": len(aligned), "pairs": len(inventory), "nodes": len(arrays["token"])}),
        flush=True,
    )
    return arrays


def references(dictionary: Dictionary, word: str) -> Iterator[list[str]]:
    """All pronunciations of a word in the dictionary."""
    variant = 1
    while (phones := dictionary.phones(word, variant)) is not None:
        yield phones.split()
        variant += 1


def evaluate(model: LetterToSound, dictionary: Dictionary, words: list[str]) -> dict[str, float]:
    """Phone error rate and word accuracy, with and without stress, against the nearest dictionary pronunciation."""
    started = time.perf_counter()
    errors, right = {"bare": 0, "stress": 0}, {"bare": 0, "stress": 0}
    length = 0
    for word in words:
        said = model.phones(word).split()
        for name in errors:
            strip = "12" if name == "bare" else ""
            mine = [phone.rstrip(strip) if strip else phone for phone in said]
            wanted = [[p.rstrip(strip) if strip else p for p in ref] for ref in references(dictionary, word)]
            nearest = min(wanted, key=lambda ref: edit_distance(mine, ref))
            errors[name] += edit_distance(mine, nearest)
            right[name] += mine == nearest
            length += len(nearest) if name == "bare" else 0
    return {
        "test_words": len(words),
        "phone_error_rate": errors["bare"] / length,
        "word_accuracy": right["bare"] / len(words),
        "phone_error_rate_with_stress": errors["stress"] / length,
        "word_accuracy_with_stress": right["stress"] / len(words),
        "ms_per_word": 1000 * (time.perf_counter() - started) / len(words),
    }


def main() -> None:
    """Train, save, report as JSON lines."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, required=True, help="where the model goes (.npz)")
    parser.add_argument("--prune", type=float, default=Recipe().prune, help="higher is smaller")
    arguments = parser.parse_args()
    recipe = Recipe(prune=arguments.prune)
    dictionary = Dictionary.load()
    words = lexicon(dictionary)
    arrays = train(recipe, {w: p for w, p in words.items() if not is_held_out(w, recipe.held_out_share)})
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    partial = arguments.out.with_suffix(".part.npz")
    np.savez_compressed(partial, allow_pickle=False, **arrays)
    partial.replace(arguments.out)
    test = [word for word in words if is_held_out(word, recipe.held_out_share)][
        :: max(1, 12_000 // recipe.test_words)
    ]
    model = LetterToSound(PairModel.from_arrays(arrays))
    print(
        json.dumps({**evaluate(model, dictionary, test), "bytes": arguments.out.stat().st_size}), flush=True
    )


if __name__ == "__main__":
    main()
