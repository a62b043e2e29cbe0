"""The window's own words as values: an English sentence that is put into the user's language where it is rendered.

Pure; must not import Qt. What the engine says is plain text and stays as it is (decision 26).
"""

from __future__ import annotations

from dataclasses import dataclass


def tr_later(source: str) -> str:
    """Marks a text for the catalogues that whoever renders it puts through `app.desktop.language.tr`."""
    return source


@dataclass(frozen=True, slots=True)
class Phrase:
    """A sentence with names in braces, and what stands for them. Its `source` was marked by `tr_later`."""

    source: str
    values: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        """In English: to compare sentences, for tests and logs."""
        return self.source.format(**dict(self.values))


Words = str | Phrase
