"""Which of the words so far will stay: a prefix that the last few partials had in common.

Pure. Imports nothing.
"""

from __future__ import annotations

AGREEING = 4
"""A word is stable once so many partials in a row began with the same words up to it."""


class StablePrefix:
    """One utterance: `split` takes the newest words. What was called stable stays, whatever comes."""

    def __init__(self, agreeing: int = AGREEING) -> None:
        self._agreeing = agreeing
        self._recent: list[tuple[str, ...]] = []
        self._stable: tuple[str, ...] = ()

    def split(self, words: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Stable and tentative words. The newest word is never stable."""
        self._recent = [*self._recent[1 - self._agreeing :], words]
        if len(self._recent) == self._agreeing:
            agreed = 0
            while all(len(r) > agreed + 1 and r[: agreed + 1] == words[: agreed + 1] for r in self._recent):
                agreed += 1
            if agreed > len(self._stable) and words[: len(self._stable)] == self._stable:
                self._stable = words[:agreed]
        return self._stable, words[len(self._stable) :]
