"""The lines of the conversation as Qt's list model, told only what changed. Window's thread."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from app.desktop.language import tr
from app.desktop.phrase import tr_later
from app.desktop.view import Line, Role
from app.desktop.wording import line_in_words, tool_details, used_tool

LINE_ROLE = int(Qt.ItemDataRole.UserRole)
_SPEAKERS: dict[Role, str] = {"user": tr_later("You"), "assistant": "Sotto", "tool": tr_later("Tool")}

_Index = QModelIndex | QPersistentModelIndex


def speaker(role: Role) -> str:
    """Who says a line."""
    return tr(_SPEAKERS[role])


def spoken_form(line: Line) -> str:
    """A line as a screen reader says it: who, what, and what became of it."""
    if line.role == "tool":
        details = tool_details(line) if line.unfolded else tr("Details are hidden.")
        return f"{speaker(line.role)}: {used_tool(line)} {details}"
    parts = [f"{speaker(line.role)}: {line.text} {line.tentative}".strip()]
    if line.aloud == "none":
        parts.append(tr("Written, not heard."))
    elif line.aloud == "part":
        parts.append(tr("Written, in part not heard."))
    if line.stage == "interrupted" and line.unheard:
        parts.append(tr("Interrupted. Not heard: {words}", words=line.unheard))
    elif line.stage == "interrupted":
        parts.append(tr("Interrupted."))
    elif line.stage == "failed":
        parts.append(tr("The answer failed."))
    if line.recognised:
        parts.append(tr("Corrected. Recognised was: {words}", words=line.recognised))
    return " ".join(parts)


class TranscriptModel(QAbstractListModel):
    """Shows a tuple of lines; `show_lines` compares it with the last one, which shares what did not change."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lines: tuple[Line, ...] = ()

    @property
    def lines(self) -> tuple[Line, ...]:
        """What is shown."""
        return self._lines

    def show_lines(self, lines: tuple[Line, ...]) -> None:
        """Show these lines."""
        old = self._lines
        if lines is old:
            return
        same = 0
        for before, after in zip(old, lines, strict=False):
            if before is not after and before.key != after.key:
                break
            same += 1
        rest = min(len(old), len(lines)) - same
        kept = 0  # at the end: what was taken out or put back in the middle moves no other line
        while kept < rest and old[-1 - kept].key == lines[-1 - kept].key:
            kept += 1
        if same == 0 and kept == 0 and old and lines:
            self.beginResetModel()
            self._lines = lines
            self.endResetModel()
            return
        tail = old[len(old) - kept :]
        if same < len(old) - kept:
            self.beginRemoveRows(QModelIndex(), same, len(old) - kept - 1)
            self._lines = (*old[:same], *tail)
            self.endRemoveRows()
        if same < len(lines) - kept:
            self.beginInsertRows(QModelIndex(), same, len(lines) - kept - 1)
            self._lines = lines
            self.endInsertRows()
        self._lines = lines
        pairs = [(row, old[row]) for row in range(same)]
        pairs += [(len(lines) - kept + number, before) for number, before in enumerate(tail)]
        for row, before in pairs:
            if before is not lines[row]:
                index = self.index(row)
                self.dataChanged.emit(index, index)

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's name, Qt's default
        """How many lines."""
        return 0 if parent.isValid() else len(self._lines)

    def data(self, index: _Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        """The line itself, its words, or how it is read out."""
        if not index.isValid() or index.row() >= len(self._lines):
            return None
        line = self._lines[index.row()]
        if role == LINE_ROLE:
            return line
        if role == int(Qt.ItemDataRole.DisplayRole):
            return line_in_words(line)
        if role in (
            int(Qt.ItemDataRole.AccessibleTextRole),
            int(Qt.ItemDataRole.AccessibleDescriptionRole),
        ):
            return spoken_form(line)
        return None
