"""Pronunciations for words the dictionary lacks: a pruned n-gram over joint letter-phone pairs, beam-decoded.

Loaded when the first unknown word is met; any thread. numpy only; must not import torch. Trained by
`training.recipes.letter_to_sound`. Model: Bisani & Ney 2008, "Joint-sequence models for grapheme-to-phoneme
conversion"; smoothing: Kneser-Ney with pruning and back-off.
"""

from __future__ import annotations

import io
import string
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.errors import SottoError
from engine.text.units import VOWELS

BEAM = 12
MAX_LETTERS = 40
ROOT, START, END = 0, 0, 1  # node 0 is the empty context; pairs 0 and 1 are the word's start and end
LOG_STEP = 1.0 / 16.0  # probabilities are stored as bytes, in sixteenths of a natural logarithm
_ALPHABET = frozenset(string.ascii_lowercase)

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class PairModel:
    """An n-gram over pairs as a prefix tree in arrays; node 0 is the root, levels follow one another.

    letters, phones: of each pair (V). token (N,), log_probability (N,), back_off (N,), children (N,) counts of
    each node in order; the children of a node lie together, sorted by token, in the next level.
    """

    letters: tuple[str, ...]
    phones: tuple[str, ...]
    keys: Array  # (N,) parent * V + token, ascending: finds a child by bisection
    log_probability: Array
    back_off: Array
    suffix: Array  # (N,) the node without its oldest pair

    @classmethod
    def from_arrays(cls, arrays: dict[str, Array]) -> PairModel:
        """Unpack what `training.recipes.letter_to_sound` saved."""
        letters = tuple(bytes(arrays["letters"]).decode("ascii").split("\n"))
        phones = tuple(bytes(arrays["phones"]).decode("ascii").split("\n"))
        token = arrays["token"].astype(np.int64)
        children = arrays["children"].astype(np.int64)
        parent = np.repeat(np.arange(len(children)), children)  # of nodes 1..N-1, in order
        keys = np.concatenate(([-1], parent * len(letters) + token[1:]))
        suffix = np.zeros(len(token), np.int64)
        level_start, level_end = 1, 1 + int(children[0])  # level 1: the suffix is the root
        while level_end < len(token):
            next_end = level_end + int(children[level_start:level_end].sum())
            nodes = slice(level_end, next_end)
            above = suffix[parent[level_end - 1 : next_end - 1]]
            suffix[nodes] = np.searchsorted(keys, above * len(letters) + token[nodes])
            level_start, level_end = level_end, next_end
        scale = np.float32(-LOG_STEP)
        return cls(
            letters, phones, keys, arrays["log_probability"] * scale, arrays["back_off"] * scale, suffix
        )

    def step(self, states: Array, tokens: Array) -> tuple[Array, Array]:
        """Score tokens (M,) after states (M,). Returns log-probabilities (M,) and the next states (M,)."""
        states = states.copy()
        scores = np.zeros(len(states), np.float32)
        size = len(self.letters)
        wanted = states * size + tokens
        found = np.searchsorted(self.keys, wanted)
        while True:
            missing = np.flatnonzero(self.keys[np.minimum(found, len(self.keys) - 1)] != wanted)
            if not len(missing):
                break
            scores[missing] += self.back_off[states[missing]]
            states[missing] = self.suffix[states[missing]]
            wanted[missing] = states[missing] * size + tokens[missing]
            found[missing] = np.searchsorted(self.keys, wanted[missing])
        return scores + self.log_probability[found], found


class LetterToSound:
    """Words to phones with stress, deterministic."""

    def __init__(self, model: PairModel) -> None:
        self._model = model
        self._by_letters: dict[str, list[int]] = {}
        for token, letters in enumerate(model.letters):
            if token not in (START, END):
                self._by_letters.setdefault(letters, []).append(token)
        self._longest = max(len(letters) for letters in self._by_letters)

    @classmethod
    def load(cls, path: Path) -> LetterToSound:
        """Read the model. Raises SottoError when the file is missing or damaged."""
        try:
            with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as arrays:
                return cls(PairModel.from_arrays(dict(arrays)))
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error) as cause:
            raise SottoError(f"The letter-to-sound model {path} cannot be read: {cause}.") from cause

    def phones(self, word: str) -> str:
        """Phones of a lower-case word as text ("ax b aw1 t"); "" when it has no letters."""
        word = "".join(letter for letter in word if letter in _ALPHABET)[:MAX_LETTERS]
        if not word:
            return ""
        phones = [phone for token in self._decode(word) for phone in self._model.phones[token].split()]
        return " ".join(_one_primary_stress(phones))

    def _decode(self, word: str) -> list[int]:
        model = self._model
        _, start = model.step(np.array([ROOT]), np.array([START]))
        # One beam a position in the word: (score, state, tokens so far)
        beams: list[list[tuple[float, int, tuple[int, ...]]]] = [[] for _ in range(len(word) + 1)]
        beams[0].append((0.0, int(start[0]), ()))
        for position in range(len(word)):
            beam = sorted(beams[position], key=lambda item: -item[0])[:BEAM]
            if not beam:
                continue
            for length in range(1, self._longest + 1):
                tokens = self._by_letters.get(word[position : position + length], [])
                if position + length > len(word) or not tokens:
                    continue
                states = np.repeat([state for _, state, _ in beam], len(tokens))
                gains, following = model.step(states, np.tile(tokens, len(beam)))
                scores = np.repeat([score for score, _, _ in beam], len(tokens)) + gains
                for best in np.argsort(-scores, kind="stable")[:BEAM].tolist():
                    history = (*beam[best // len(tokens)][2], tokens[best % len(tokens)])
                    beams[position + length].append((float(scores[best]), int(following[best]), history))
        last = sorted(beams[-1], key=lambda item: -item[0])[:BEAM]
        if not last:
            return []
        ends, _ = model.step(np.array([state for _, state, _ in last]), np.full(len(last), END))
        return list(last[int(np.argmax(ends + np.array([score for score, _, _ in last])))][2])


def _one_primary_stress(phones: list[str]) -> list[str]:
    """A spoken word has one primary stress: later ones become secondary, and a word without gets one."""
    found = False
    for index, phone in enumerate(phones):
        if phone.endswith("1"):
            phones[index] = f"{phone[:-1]}2" if found else phone
            found = True
    if not found:
        full = [index for index, phone in enumerate(phones) if phone.rstrip("2") in VOWELS and phone != "ax"]
        strong = [index for index in full if phones[index].endswith("2")] or full
        if strong:
            phones[strong[0]] = f"{phones[strong[0]].rstrip('2')}1"
    return phones
