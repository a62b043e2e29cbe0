"""Conversations and their turns: listed, searched, corrected, deleted for good; `engine.store.keeping` writes them.

Any thread.
"""

from __future__ import annotations

import contextlib
import json
import re
import sqlite3
from dataclasses import dataclass, field
from pathlib import Path

from engine.dialogue import ToolUse
from engine.store.database import Database, StoreError


@dataclass(frozen=True, slots=True)
class Conversation:
    """One conversation in a list; times are ISO with zone, `ended_at` None while it goes on or after a crash."""

    number: int
    title: str
    started_at: str
    ended_at: str | None
    turns: int
    opening: str


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn. `heard_text` is what the user heard of `generated_text`; `written_text` is all that reached them where
    that is more, since for want of a loudspeaker it could only be read. `recordings` are WAV files by side.
    `recognised` is what `user_text` was before the user corrected it, None where it was not."""

    number: int
    conversation: int
    at: str
    user_text: str
    spoken: bool
    confidence: float
    source: str
    generated_text: str
    heard_text: str
    heard_ms: float
    interrupted: bool
    done: bool
    v2v_ms: float | None
    breakdown_ms: dict[str, float]
    recordings: dict[str, str] = field(default_factory=dict)
    recognised: str | None = None
    tools: tuple[ToolUse, ...] = ()
    written_text: str = ""

    @property
    def answer(self) -> str:
        """All that reached the user, heard or read."""
        return self.written_text or self.heard_text


_CONVERSATIONS = (
    "SELECT c.id, c.title, c.started_at, c.ended_at,"
    " (SELECT count(*) FROM turns t WHERE t.conversation = c.id AND t.hidden = 0) AS turns,"
    " coalesce((SELECT t.user_text FROM turns t WHERE t.conversation = c.id AND t.hidden = 0 ORDER BY t.id LIMIT 1),"
    " '') AS opening"
    " FROM conversations c"
)


class Conversations:
    """What was said, ever."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def listed(self, limit: int = 500) -> tuple[Conversation, ...]:
        """The newest conversations first, without those that are hidden or have no turn left."""
        with self._database.reading() as connection:
            rows = connection.execute(
                f"{_CONVERSATIONS} WHERE c.hidden = 0 AND EXISTS (SELECT 1 FROM turns t WHERE t.conversation = c.id"
                " AND t.hidden = 0) ORDER BY c.id DESC LIMIT ?",
                (limit,),
            ).fetchall()
        return tuple(_conversation(row) for row in rows)

    def one(self, conversation: int) -> Conversation:
        """The conversation of this number. Raises StoreError where there is none."""
        with self._database.reading() as connection:
            row = connection.execute(f"{_CONVERSATIONS} WHERE c.id = ?", (conversation,)).fetchone()
        if row is None:
            raise no_conversation(conversation)
        return _conversation(row)

    def turns(self, conversation: int) -> tuple[Turn, ...]:
        """A conversation from its beginning. Raises StoreError where there is none of that number."""
        with self._database.reading() as connection:
            self._check(connection, conversation)
            rows = connection.execute(
                "SELECT * FROM turns WHERE conversation = ? AND hidden = 0 ORDER BY id", (conversation,)
            ).fetchall()
            paths = connection.execute(
                "SELECT r.turn, r.side, r.path FROM recordings r JOIN turns t ON t.id = r.turn"
                " WHERE t.conversation = ?",
                (conversation,),
            ).fetchall()
        recordings: dict[int, dict[str, str]] = {}
        for row in paths:
            recordings.setdefault(row["turn"], {})[row["side"]] = row["path"]
        return tuple(_turn(row, recordings.get(row["id"], {})) for row in rows)

    def search(self, text: str, limit: int = 50) -> tuple[Turn, ...]:
        """Turns in which all the words were said by either side, newest first; the last word may be unfinished."""
        words = re.findall(r"\w+", text)
        if not words:
            return ()
        wanted = " ".join(f'"{word}"' for word in words) + "*"
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT t.* FROM said JOIN turns t ON t.id = said.rowid JOIN conversations c ON c.id = t.conversation"
                " WHERE said MATCH ? AND c.hidden = 0 AND t.hidden = 0 ORDER BY said.rowid DESC LIMIT ?",
                (wanted, limit),
            ).fetchall()
        return tuple(_turn(row, {}) for row in rows)

    def rename(self, conversation: int, title: str) -> None:
        """Give it a title. Raises StoreError."""
        with self._database.writing() as connection:
            self._check(connection, conversation)
            connection.execute(
                "UPDATE conversations SET title = ? WHERE id = ?",
                (storable(title.strip()[:200]), conversation),
            )

    def hide(self, conversation: int, hidden: bool = True) -> None:
        """Out of sight while a deletion can still be undone. Raises StoreError."""
        with self._database.writing() as connection:
            self._check(connection, conversation)
            connection.execute("UPDATE conversations SET hidden = ? WHERE id = ?", (hidden, conversation))

    def delete(self, conversation: int) -> None:
        """Gone from the file, from its index and its log, and its recordings with it. Raises StoreError."""
        with self._database.writing() as connection:
            self._check(connection, conversation)
            paths = connection.execute(
                "SELECT r.path FROM recordings r JOIN turns t ON t.id = r.turn WHERE t.conversation = ?",
                (conversation,),
            ).fetchall()
            connection.execute("DELETE FROM conversations WHERE id = ?", (conversation,))
        self._database.wipe_traces()
        remove_files([row["path"] for row in paths])

    def hide_turn(self, turn: int, hidden: bool = True) -> None:
        """Out of sight while its deletion can still be undone. Raises StoreError."""
        with self._database.writing() as connection:
            done = connection.execute("UPDATE turns SET hidden = ? WHERE id = ?", (hidden, turn))
            if not done.rowcount:
                raise _no_turn(turn)

    def delete_turn(self, turn: int) -> None:
        """One turn gone from the file, with its recordings; with the last one its conversation, where that is over.
        Raises StoreError."""
        with self._database.writing() as connection:
            paths = connection.execute("SELECT path FROM recordings WHERE turn = ?", (turn,)).fetchall()
            gone = connection.execute("DELETE FROM turns WHERE id = ?", (turn,))
            if not gone.rowcount:
                raise _no_turn(turn)
            connection.execute(
                "DELETE FROM conversations WHERE ended_at IS NOT NULL AND NOT EXISTS"
                " (SELECT 1 FROM turns t WHERE t.conversation = conversations.id)"
            )
        self._database.wipe_traces()
        remove_files([row["path"] for row in paths])

    def correct(self, turn: int, user_text: str) -> None:
        """The user says what was really said; what was recognised first stays as `recognised`. Raises StoreError."""
        with self._database.writing() as connection:
            text = storable(user_text)
            done = connection.execute(
                "UPDATE turns SET user_text = ?, recognised = nullif(coalesce(recognised, user_text), ?) WHERE id = ?",
                (text, text, turn),
            )
            if not done.rowcount:
                raise _no_turn(turn)

    def delete_hidden(self) -> None:
        """Delete for good what was hidden when a program ended. Raises StoreError."""
        with self._database.reading() as connection:
            hidden = [
                row["id"] for row in connection.execute("SELECT id FROM conversations WHERE hidden = 1")
            ]
            turns = [
                row["id"]
                for row in connection.execute(
                    "SELECT t.id FROM turns t JOIN conversations c ON c.id = t.conversation"
                    " WHERE t.hidden = 1 AND c.hidden = 0"
                )
            ]
        for conversation in hidden:
            self.delete(conversation)
        for turn in turns:
            self.delete_turn(turn)

    def _check(self, connection: sqlite3.Connection, conversation: int) -> None:
        if not connection.execute("SELECT 1 FROM conversations WHERE id = ?", (conversation,)).fetchone():
            raise no_conversation(conversation)


def no_conversation(number: int | None) -> StoreError:
    """The sentence for a number that none has; None: there is none at all."""
    if number is None:
        return StoreError("There is no conversation to go on with yet.")
    return StoreError(f"There is no conversation {number}; it may have been deleted already.")


def _no_turn(number: int) -> StoreError:
    return StoreError(f"There is no turn {number}; it may have been deleted already.")


def _conversation(row: sqlite3.Row) -> Conversation:
    return Conversation(
        row["id"], row["title"], row["started_at"], row["ended_at"], row["turns"], row["opening"]
    )


def storable(text: str) -> str:
    """Text without halves of surrogate pairs, which no file can hold."""
    return text.encode("utf-8", "replace").decode("utf-8")


def remove_files(paths: list[str]) -> None:
    """Delete recordings. Raises StoreError."""
    for path in paths:
        try:
            Path(path).unlink(missing_ok=True)
        except OSError as error:
            raise StoreError(
                f"The recording {path} cannot be deleted ({error.strerror or error})."
            ) from error
        with contextlib.suppress(OSError):  # a conversation's own folder, unless there is more in it
            Path(path).parent.rmdir()


def _turn(row: sqlite3.Row, recordings: dict[str, str]) -> Turn:
    return Turn(
        number=row["id"],
        conversation=row["conversation"],
        at=row["at"],
        user_text=row["user_text"],
        spoken=bool(row["spoken"]),
        confidence=row["confidence"],
        source=row["source"],
        generated_text=row["generated_text"],
        heard_text=row["heard_text"],
        heard_ms=row["heard_ms"],
        interrupted=bool(row["interrupted"]),
        done=bool(row["done"]),
        v2v_ms=row["v2v_ms"],
        breakdown_ms=json.loads(row["breakdown_ms"]),
        recordings=recordings,
        recognised=row["recognised"],
        tools=tuple(ToolUse(**use) for use in json.loads(row["tools"])),
        written_text=row["written_text"],
    )
