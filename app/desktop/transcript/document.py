"""One line as a text document: markdown, words that may change, words that were not heard. Window's thread.

Nothing that an answer contains is loaded, neither pictures nor files.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QRectF, QUrl
from PySide6.QtGui import (
    QColor,
    QFont,
    QTextBlock,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
)

from app.desktop.language import tr
from app.desktop.phrase import tr_later
from app.desktop.theme import GAP, Palette, font
from app.desktop.view import Aloud, Line
from app.desktop.wording import tool_details, used_tool

_MARKDOWN = re.compile(r"[*_`#>\[\]|~-]|^\s*\d+[.)]", re.MULTILINE)
CUT = "✂"
INTERRUPTED = tr_later("Interrupted: the words after ✂ were not heard.")
INTERRUPTED_WITHOUT_REST = tr_later("✂ Interrupted here.")
_NOT_ALOUD: dict[Aloud, str] = {
    "none": tr_later("✎ Written, not heard: there was no loudspeaker."),
    "part": tr_later("✎ Written, in part not heard: the loudspeaker was gone for a while."),
}
CORRECTED = tr_later("✎ Corrected. Recognised was: {words}")
FOLDED, UNFOLDED = "▸", "▾"
FAILED = tr_later("⚠ This answer failed.")


@dataclass(frozen=True, slots=True)
class CodeBlock:
    """A piece of code in a document: its text, and where it stands."""

    text: str
    place: QRectF


class LineDocument(QTextDocument):
    """A document that loads nothing from anywhere."""

    def loadResource(self, kind: int, name: QUrl | str) -> Any:
        """Nothing: an answer must not make Sotto read a file or ask a server."""
        return None


def line_document(line: Line, palette: Palette, width: float) -> LineDocument:
    """A document of this width (device-independent pixels) that shows the words of a line."""
    document = LineDocument()
    document.setDocumentMargin(0)
    document.setDefaultFont(font())
    document.setUndoRedoEnabled(False)
    if line.role == "tool":
        return _tool_document(document, line, palette, width)
    if line.role == "assistant" and _MARKDOWN.search(line.text):
        features = QTextDocument.MarkdownFeature.MarkdownDialectGitHub
        document.setMarkdown(line.text, features | QTextDocument.MarkdownFeature.MarkdownNoHTML)
        _restyle(document, palette)
    else:
        document.setPlainText(line.text)
    cursor = QTextCursor(document)
    cursor.movePosition(QTextCursor.MoveOperation.End)
    plain = QTextCharFormat()
    plain.setForeground(QColor(palette.quiet))
    if line.tentative:
        maybe = QTextCharFormat(plain)
        maybe.setFontItalic(True)
        maybe.setUnderlineStyle(QTextCharFormat.UnderlineStyle.DotLine)
        cursor.insertText(_gap(document) + line.tentative, maybe)
    if line.unheard:
        cursor.insertText(f"{_gap(document)}{CUT} {line.unheard}", plain)
    if (mark := _mark_of(line)) is not None:
        words, colour = mark
        small = QTextCharFormat()
        small.setFont(font("small"))
        small.setForeground(QColor(getattr(palette, colour)))
        spaced = QTextBlockFormat()
        spaced.setTopMargin(GAP / 2)
        cursor.insertBlock(spaced, small)
        cursor.insertText(words, small)
    document.setTextWidth(width)
    return document


def _tool_document(document: LineDocument, line: Line, palette: Palette, width: float) -> LineDocument:
    """One quiet line, and what the tool was given and gave below it where that is unfolded."""
    cursor = QTextCursor(document)
    quiet = QTextCharFormat()
    quiet.setFont(font("small"))
    quiet.setForeground(QColor(palette.quiet))
    cursor.insertText(f"{UNFOLDED if line.unfolded else FOLDED} {used_tool(line)}", quiet)
    if line.unfolded:
        plain = QTextCharFormat()
        plain.setFont(font("small"))
        shape = QTextBlockFormat()
        shape.setLeftMargin(2 * GAP)
        shape.setTopMargin(GAP / 2)
        for part in tool_details(line).split("\n"):
            cursor.insertBlock(shape, plain)
            cursor.insertText(part, plain)
            shape.setTopMargin(0)
    document.setTextWidth(width)
    return document


def _gap(document: QTextDocument) -> str:
    words = document.toPlainText()
    return " " if words and not words[-1].isspace() else ""


def _mark_of(line: Line) -> tuple[str, str] | None:
    if line.recognised:
        return tr(CORRECTED, words=line.recognised), "quiet"
    marks = [tr(_NOT_ALOUD[line.aloud])] if line.aloud in _NOT_ALOUD else []
    if line.stage == "interrupted":
        marks.append(tr(INTERRUPTED if line.unheard else INTERRUPTED_WITHOUT_REST))
    elif line.stage == "failed":
        marks.append(tr(FAILED))
    return ("\n".join(marks), "error" if line.stage == "failed" else "quiet") if marks else None


def _restyle(document: QTextDocument, palette: Palette) -> None:
    """Qt's markdown in this palette: code on a ground of its own, headings on the type scale."""
    ground = QColor(palette.raised)
    block = document.begin()
    while block.isValid():
        cursor = QTextCursor(block)
        if _is_code(block):
            shape = block.blockFormat()
            shape.setBackground(ground)
            shape.setLeftMargin(GAP)
            shape.setNonBreakableLines(False)
            cursor.setBlockFormat(shape)
        elif level := block.blockFormat().headingLevel():
            cursor.select(QTextCursor.SelectionType.BlockUnderCursor)
            big = QTextCharFormat()
            big.setFontPointSize(font("title" if level > 1 else "heading").pointSizeF())
            big.setFontWeight(QFont.Weight.DemiBold)
            cursor.mergeCharFormat(big)
        block = block.next()


def _is_code(block: QTextBlock) -> bool:
    shape = block.blockFormat()
    return shape.hasProperty(int(QTextFormat.Property.BlockCodeFence)) or shape.hasProperty(
        int(QTextFormat.Property.BlockCodeLanguage)
    )


def code_blocks(document: QTextDocument) -> tuple[CodeBlock, ...]:
    """The pieces of code, top to bottom; neighbouring lines belong together."""
    found: list[CodeBlock] = []
    layout = document.documentLayout()
    block, lines, place = document.begin(), list[str](), QRectF()
    while True:
        inside = block.isValid() and _is_code(block)
        if inside:
            lines.append(block.text())
            place = place.united(layout.blockBoundingRect(block))
        elif lines:
            found.append(CodeBlock("\n".join(lines), place))
            lines, place = [], QRectF()
        if not block.isValid():
            return tuple(found)
        block = block.next()
