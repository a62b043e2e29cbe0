"""Does what is wanted with a line of the transcript: spoken again, copied, corrected, deleted, unfolded.

Window's thread. The store is changed by the archive, what the engine goes by in this conversation by a command.
"""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication

from app.desktop.correcting import CorrectionDialog
from app.desktop.desktop import Desktop
from app.desktop.language import tr
from app.desktop.reduce_turns import is_of_turn
from app.desktop.turn_choices import choices_for, is_last_question
from app.desktop.undoing import Undo
from app.desktop.view import Corrected, Line, Removed, Restored, Unfolded
from app.desktop.wording import line_in_words
from engine.commands import AmendTurn, SayAgain


class Turns(QObject):
    """Connects the transcript with all that. `dialog` is the question about a correction, while there is one."""

    def __init__(self, desktop: Desktop, undo: Undo) -> None:
        super().__init__(desktop)
        self._desktop, self._undo = desktop, undo
        self.dialog: CorrectionDialog | None = None
        desktop.window.transcript.wanted.connect(self._do)

    def _do(self, choice: str, line: Line) -> None:
        if choice not in choices_for(line, self._desktop.state):
            return  # a key was pressed where its choice is not offered
        match choice:
            case "replay":
                self._desktop.bridge.send(SayAgain(text=line.text))
            case "copy":
                QGuiApplication.clipboard().setText(line_in_words(line))
            case "fold":
                self._desktop.dispatch(Unfolded(line.key))
            case "correct":
                self._ask(line)
            case "delete":
                self._delete(line)

    def _amend(self, line: Line, text: str | None) -> None:
        """Have the engine go by it, where the turn is of the conversation that goes on."""
        state = self._desktop.state
        if line.turn_id and state.session and state.earlier is None and line.key >= state.session_key:
            self._desktop.bridge.send(AmendTurn(turn_id=line.turn_id, text=text, was=line.text))

    def _ask(self, line: Line) -> None:
        last = is_last_question(line, self._desktop.state) and self._desktop.state.engine != "ended"
        self.dialog = dialog = CorrectionDialog(line, last, self._desktop.window)
        dialog.corrected.connect(partial(self._correct, line))
        dialog.finished.connect(self._asked)
        dialog.open()

    def _asked(self) -> None:
        if self.dialog is not None:
            self.dialog.deleteLater()
            self.dialog = None
        self._desktop.window.transcript.setFocus()

    def _correct(self, line: Line, text: str, again: bool) -> None:
        desktop = self._desktop
        if text != line.text:
            desktop.dispatch(Corrected(line, text))
            if line.number:
                desktop.archive.correct(line.number, text)
            self._amend(line, text)
        if again:
            desktop.type_text(text)

    def _delete(self, line: Line) -> None:
        desktop, number = self._desktop, line.number
        before = desktop.state
        gone = tuple(one for one in before.lines if is_of_turn(one, line, before))
        earlier = before.earlier
        gone_earlier = (
            () if earlier is None else tuple(one for one in earlier.lines if is_of_turn(one, line, before))
        )
        if earlier is not None and not number:
            gone = ()
        back = Restored(before.begun, gone, earlier.number if earlier is not None else 0, gone_earlier)
        said = next((one for one in (*gone, *gone_earlier) if one.role == "user"), line)
        if number:
            desktop.archive.hide_turn(number)
        desktop.dispatch(Removed(line))

        def undo() -> None:
            if number:
                desktop.archive.hide_turn(number, hidden=False)
            desktop.dispatch(back)

        def finish() -> None:
            if number:
                desktop.archive.delete_turn(number)
            self._amend(said, None)

        self._undo.offer(tr("The question and its answer were deleted."), undo, finish)
