"""A language in which every text is the English one in brackets: what is shown without them cannot be translated."""

from __future__ import annotations

from PySide6.QtCore import QTranslator


class BracketingTranslator(QTranslator):
    """Knows every text."""

    def translate(self, context: str, source: str, disambiguation: str | None = None, n: int = -1) -> str:
        """In brackets."""
        return f"⟦{source}⟧"

    def isEmpty(self) -> bool:
        """Qt asks no translator that is empty."""
        return False
