"""Keeps one conversation as it happens: a turn's user text is committed before it is answered, what was heard of the
answer clause by clause, a summary of its beginning once a language model has made one.

Called on the threads that keep, in order. Must not import front ends or models.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from engine.dialogue import Exchange, Summary
from engine.session.record import Earlier, HeardAnswer
from engine.store.conversations import no_conversation, remove_files, storable
from engine.store.database import Database, StoreError

_EARLIER_TURNS = 50
"""Turns of a conversation that is gone on with which the dialogue is given whole."""

_MOST_WAITING = 1000
"""Writes that wait for a file that cannot be written now; the oldest go first."""

_Write = Callable[[sqlite3.Connection], str | None]
"""Within a transaction; gives a recording that is to be deleted once that is committed."""


class ConversationRecord:
    """Keeps one conversation as it happens; fulfils the session's `Record`. A new one begins at the first words, so
    that a conversation without any leaves nothing; `go_on` takes up one that is there."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._conversation: int | None = None
        # With the time of each: a turn that is deleted meanwhile may leave its row's number to the next one.
        self._turns: dict[int, tuple[int, str]] = {}
        self._waiting: list[_Write] = []
        self._told = ""

    def go_on(self, conversation: int | None) -> Earlier:
        """Keep what comes with the turns of a conversation (None: the newest), and give what was heard, or read, in its
        last ones. Their turns are counted backwards from -1. Raises StoreError where there is none."""
        with self._database.writing() as connection:
            found = connection.execute(
                "SELECT c.id FROM turns t JOIN conversations c ON c.id = t.conversation WHERE c.hidden = 0"
                " AND t.hidden = 0 AND c.id = coalesce(?, c.id) ORDER BY t.id DESC LIMIT 1",
                (conversation,),
            ).fetchone()
            if found is None:
                raise no_conversation(conversation)
            self._conversation = found["id"]
            connection.execute("UPDATE conversations SET ended_at = NULL WHERE id = ?", (found["id"],))
            rows = connection.execute(
                "SELECT id, at, user_text, heard_text, written_text, interrupted FROM turns WHERE conversation = ?"
                " AND hidden = 0 ORDER BY id DESC LIMIT ?",
                (found["id"], _EARLIER_TURNS),
            ).fetchall()
            kept = connection.execute(
                "SELECT until, text FROM summaries WHERE conversation = ?", (found["id"],)
            ).fetchone()
        exchanges = []
        for turn, row in enumerate(reversed(rows), -len(rows)):
            self._turns[turn] = (row["id"], row["at"])
            written = row["written_text"]
            answer = written or row["heard_text"]
            exchanges.append(
                Exchange(row["user_text"], answer, bool(row["interrupted"]), turn, unheard=bool(written))
            )
        return Earlier(tuple(exchanges), None if kept is None else self._summary(kept["until"], kept["text"]))

    def _summary(self, until: int, text: str) -> Summary:
        """A summary by the conversation's own count of turns, where the row it ends at is an earlier one, or older."""
        turns = [turn for turn, (row, _) in self._turns.items() if row <= until]
        return Summary(max(turns, default=-_EARLIER_TURNS - 1), text)

    @property
    def number(self) -> int | None:
        """The conversation's number in the store, None before its first words."""
        return self._conversation

    def number_of(self, turn_id: int) -> int | None:
        """A turn's number in the store, None where it is not there."""
        kept = self._turns.get(turn_id)
        return None if kept is None else kept[0]

    def user_said(self, turn_id: int, text: str, spoken: bool, confidence: float, at: datetime) -> None:
        """The user's words, once they are final. Raises StoreError."""
        self._write(lambda connection: self._add(connection, turn_id, text, spoken, confidence, at))

    def assistant_heard(self, heard: HeardAnswer) -> None:
        """More of the answer was heard, or it is over; also for what was said unasked. Raises StoreError."""

        def act(connection: sqlite3.Connection) -> None:
            if heard.turn_id not in self._turns:
                if not (heard.heard_text or heard.written_text):
                    return
                self._add(connection, heard.turn_id, "", False, 1.0, datetime.now().astimezone())
            connection.execute(
                "UPDATE turns SET source = ?, generated_text = ?, heard_text = ?, heard_ms = ?, interrupted = ?,"
                " done = ?, tools = ?, written_text = ? WHERE id = ? AND at = ?",
                (
                    heard.source,
                    storable(heard.generated_text),
                    storable(heard.heard_text),
                    heard.heard_ms,
                    heard.interrupted,
                    heard.done,
                    storable(json.dumps([asdict(use) for use in heard.tools], ensure_ascii=False)),
                    storable(heard.written_text),
                    *self._turns[heard.turn_id],
                ),
            )

        self._write(act)

    def timed(self, turn_id: int, v2v_ms: float, breakdown_ms: dict[str, float]) -> None:
        """How long the user waited. Raises StoreError."""

        def act(connection: sqlite3.Connection) -> None:
            if (turn := self._turns.get(turn_id)) is not None:
                connection.execute(
                    "UPDATE turns SET v2v_ms = ?, breakdown_ms = ? WHERE id = ? AND at = ?",
                    (v2v_ms, json.dumps(breakdown_ms), *turn),
                )

        self._write(act)

    def recorded(self, turn_id: int, side: str, path: Path) -> None:
        """A WAV file of one side ("user" or "assistant") of a turn lies there. Raises StoreError.

        The sound of a turn that was not kept, since nothing was understood, or that the user deleted meanwhile, is
        removed: nobody would find it again.
        """

        def act(connection: sqlite3.Connection) -> str | None:
            kept = self._turns.get(turn_id, (0, ""))
            is_there = connection.execute("SELECT 1 FROM turns WHERE id = ? AND at = ?", kept).fetchone()
            if not is_there:
                return str(path)
            connection.execute(
                "INSERT OR REPLACE INTO recordings (turn, side, path) VALUES (?, ?, ?)",
                (kept[0], side, str(path)),
            )
            return None

        self._write(act)

    def summed_up(self, summary: Summary | None) -> None:
        """In place of the summary before, unless a turn that it ends at is gone; None deletes. Raises StoreError."""

        def act(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM summaries WHERE conversation = ?", (self._conversation,))
            if summary is not None and (kept := self._turns.get(summary.until)) is not None:
                connection.execute(
                    "INSERT INTO summaries (conversation, until, text) SELECT conversation, id, ? FROM turns"
                    " WHERE id = ? AND at = ? AND hidden = 0",
                    (storable(summary.text), *kept),
                )

        self._write(act)
        if summary is None and not self._waiting:
            self._database.wipe_traces(searched=False)

    def close(self) -> None:
        """The conversation is over. Raises StoreError."""
        if self._conversation is None and not self._waiting:
            return
        ended_at = datetime.now().astimezone().isoformat()

        def act(connection: sqlite3.Connection) -> None:
            connection.execute(
                "UPDATE conversations SET ended_at = ? WHERE id = ?", (ended_at, self._conversation)
            )

        self._write(act)
        if not self._waiting:
            self._database.tidy()

    def _write(self, act: _Write) -> None:
        """Do it, after what waits since the file was locked or the disk full: nothing of a conversation is lost by
        that. Raises StoreError, with the same sentence once until all is kept again."""
        self._waiting.append(act)
        del self._waiting[:-_MOST_WAITING]
        before = self._conversation, dict(self._turns)
        try:
            with self._database.writing() as connection:
                done = [each(connection) for each in self._waiting]
        except BaseException as error:
            self._conversation, self._turns = before
            if not isinstance(error, StoreError):
                self._waiting.clear()
            elif str(error) == self._told:
                return
            else:
                self._told = str(error)
            raise
        self._waiting.clear()
        self._told = ""
        remove_files([path for path in done if path is not None])

    def _add(
        self,
        connection: sqlite3.Connection,
        turn_id: int,
        text: str,
        spoken: bool,
        confidence: float,
        at: datetime,
    ) -> None:
        here = "SELECT 1 FROM conversations WHERE id = ?"  # not where it was deleted meanwhile
        if connection.execute(here, (self._conversation,)).fetchone() is None:
            began = connection.execute("INSERT INTO conversations (started_at) VALUES (?)", (at.isoformat(),))
            self._conversation = began.lastrowid
        added = connection.execute(
            "INSERT INTO turns (conversation, at, user_text, spoken, confidence) VALUES (?, ?, ?, ?, ?)",
            (self._conversation, at.isoformat(), storable(text), spoken, confidence),
        )
        assert added.lastrowid is not None, "an insert gives a row"
        self._turns[turn_id] = (added.lastrowid, at.isoformat())
