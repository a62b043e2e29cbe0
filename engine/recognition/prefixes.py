"""Phrases that open text follows ("remember that"), found by their sound at the beginning of what was said.

Pure. The open decoder often hears "remembered that" or "taken note": what sounds alike is taken for the phrase.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

Phones = tuple[str, ...]

ALIKE = 0.25
"""Share of a phrase's phones that may differ."""

_LONGER = 1
"""Words of the phrase and what was heard for it may differ in number by so many."""


class OpenPrefixes:
    """`phones` tells a word's pronunciation, () where it is unknown."""

    def __init__(self, prefixes: Iterable[str], phones: Callable[[str], Phones]) -> None:
        self._phones = phones
        self._known = [(words, self._sound(words)) for words in (tuple(p.split()) for p in prefixes)]

    def with_prefix(self, words: tuple[str, ...]) -> tuple[str, ...]:
        """The words, a beginning that sounds like an open prefix replaced by it; the longest and likest wins."""
        best: tuple[float, int] | None = None
        replaced = words
        for prefix, sound in self._known:
            for count in range(max(1, len(prefix) - _LONGER), min(len(words) - 1, len(prefix) + _LONGER) + 1):
                unlike = _distance(sound, self._sound(words[:count])) / len(sound) if sound else 1.0
                if unlike <= ALIKE and (best is None or (unlike, -len(sound)) < best):
                    best, replaced = (unlike, -len(sound)), (*prefix, *words[count:])
        return replaced

    def _sound(self, words: Sequence[str]) -> Phones:
        return tuple(phone for word in words for phone in self._phones(word))


def _distance(one: Phones, other: Phones) -> int:
    """Levenshtein's."""
    row = list(range(len(other) + 1))
    for at, phone in enumerate(one):
        before, row[0] = row[0], at + 1
        for to, theirs in enumerate(other):
            before, row[to + 1] = row[to + 1], min(before + (phone != theirs), row[to] + 1, row[to + 1] + 1)
    return row[-1]
