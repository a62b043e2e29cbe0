"""The conversations of the past, read and changed on a thread of its own, so that the window never waits for a disk.

Answers come as Qt signals. The engine writes the same file meanwhile, which SQLite allows.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.desktop.language import tr
from app.desktop.reduce_turns import tool_line
from app.desktop.view import Aloud, Line
from engine.errors import SottoError
from engine.store import Conversation, Store, Turn, open_store

SHOWN = 500
END_S = 10.0


def lines_of(turns: tuple[Turn, ...]) -> tuple[Line, ...]:
    """A stored conversation as it stood in the transcript. An answer that reached nobody was never said."""
    lines: list[Line] = []
    for turn in turns:
        if turn.user_text:
            typed = not turn.spoken
            was, number = turn.recognised or "", turn.number
            lines.append(
                Line(
                    len(lines) + 1,
                    "user",
                    turn.user_text,
                    stage="final",
                    typed=typed,
                    number=number,
                    recognised=was,
                )
            )
        for use in turn.tools:
            lines.append(tool_line(len(lines) + 1, 0, turn.number, use))
        if turn.answer:
            rest = turn.generated_text.strip() if turn.interrupted else ""
            rest = rest.removeprefix(turn.answer.strip()).strip()
            aloud: Aloud = "all" if not turn.written_text else "part" if turn.heard_text else "none"
            lines.append(
                Line(
                    len(lines) + 1,
                    "assistant",
                    turn.answer,
                    unheard=rest,
                    aloud=aloud,
                    stage="interrupted" if turn.interrupted else "final",
                    source=turn.source,
                    number=turn.number,
                )
            )
    return tuple(lines)


def title_of(conversation: Conversation) -> str:
    """Its title, or how it began."""
    return conversation.title or conversation.opening or tr("Conversation")


class Archive(QObject):
    """`listed` carries Conversations, `opened` one and its lines, `exported` a path, `told` a sentence of trouble."""

    listed = Signal(tuple)
    opened = Signal(object, tuple)
    exported = Signal(str)
    told = Signal(str)

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder
        self._store: Store | None = None
        self._search = ""
        self._jobs: queue.SimpleQueue[Callable[[Store], None] | None] = queue.SimpleQueue()
        self._worker = threading.Thread(target=self._work, name="archive", daemon=True)

    def start(self) -> None:
        """Open the store and list what is in it; what was hidden when Sotto ended goes for good."""
        self._worker.start()
        self._jobs.put(lambda store: store.conversations.delete_hidden())
        self.refresh()

    def refresh(self) -> None:
        """List anew."""
        self._jobs.put(self._list)

    def search(self, words: str) -> None:
        """List only where these words were said."""
        self._search = words.strip()
        self.refresh()

    def open(self, conversation: Conversation) -> None:
        """Read one."""
        self._jobs.put(
            lambda store: self.opened.emit(
                conversation, lines_of(store.conversations.turns(conversation.number))
            )
        )

    def rename(self, number: int, title: str) -> None:
        """Give one another title."""
        self._change(lambda store: store.conversations.rename(number, title))

    def hide(self, number: int, hidden: bool = True) -> None:
        """Out of sight, while it can still be undone."""
        self._change(lambda store: store.conversations.hide(number, hidden))

    def delete(self, number: int) -> None:
        """Gone for good."""
        self._change(lambda store: store.conversations.delete(number))

    def hide_turn(self, number: int, hidden: bool = True) -> None:
        """One turn out of sight, while it can still be undone."""
        self._change(lambda store: store.conversations.hide_turn(number, hidden))

    def delete_turn(self, number: int) -> None:
        """One turn gone for good."""
        self._change(lambda store: store.conversations.delete_turn(number))

    def correct(self, number: int, text: str) -> None:
        """What the user really said in a turn."""
        self._change(lambda store: store.conversations.correct(number, text))

    def export(self, conversation: Conversation, path: Path) -> None:
        """Write one as Markdown, as JSON or as sound, as the file's name ends."""

        def job(store: Store) -> None:
            store.export(conversation.number, path)
            self.exported.emit(str(path))

        self._jobs.put(job)

    def close(self) -> None:
        """Give the store back. Harmless twice, and before `start`."""
        if self._worker.is_alive():
            self._jobs.put(None)
            self._worker.join(END_S)

    # On its thread

    def _change(self, job: Callable[[Store], None]) -> None:
        self._jobs.put(job)
        self.refresh()

    def _list(self, store: Store) -> None:
        listed = store.conversations.listed(SHOWN)
        if words := self._search:
            numbers = {turn.conversation for turn in store.conversations.search(words)}
            titled = words.casefold()
            listed = tuple(c for c in listed if c.number in numbers or titled in c.title.casefold())
        self.listed.emit(listed)

    def _work(self) -> None:
        try:
            self._store = open_store(self._folder)
        except SottoError as error:
            self.told.emit(str(error))
        else:
            if self._store.notice:
                self.told.emit(self._store.notice)
        while (job := self._jobs.get()) is not None:
            if self._store is None:
                continue
            try:
                job(self._store)
            except SottoError as error:
                self.told.emit(str(error))
        if self._store is not None:
            self._store.close()
