"""What skills keep: alarms, notes, lists, facts. Fulfils the skills' `Memory`, and carries their deeds out.

Any thread. Deleted things are gone from the file.
"""

from __future__ import annotations

import json
import sqlite3
from datetime import datetime

from engine.dialogue.plan import (
    AddNote,
    AddToList,
    Alarm,
    AlarmRang,
    Deed,
    DropAlarms,
    DropFromList,
    DropNotes,
    Fact,
    Forget,
    Note,
    Remember,
    SetAlarm,
)
from engine.store.conversations import Conversations
from engine.store.database import Database


class Keepsakes:
    """The user's things."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._conversations = Conversations(database)

    def alarms(self) -> tuple[Alarm, ...]:
        """What is set and has not rung, soonest first."""
        with self._database.reading() as connection:
            rows = connection.execute("SELECT * FROM alarms ORDER BY due_epoch_s, id").fetchall()
        return tuple(
            Alarm(
                number=row["id"],
                kind=row["kind"],
                label=row["label"],
                duration_s=row["duration_s"],
                due_epoch_s=row["due_epoch_s"],
                wall=datetime.fromisoformat(row["wall"]) if row["wall"] else None,
                repeats=tuple(json.loads(row["repeats"])),
                set_epoch_s=row["set_epoch_s"],
            )
            for row in rows
        )

    def notes(self) -> tuple[Note, ...]:
        """All notes, oldest first."""
        with self._database.reading() as connection:
            rows = connection.execute("SELECT id, text, at FROM notes ORDER BY id").fetchall()
        return tuple(Note(row["id"], row["text"], row["at"]) for row in rows)

    def list_names(self) -> tuple[str, ...]:
        """The lists that hold something."""
        with self._database.reading() as connection:
            rows = connection.execute("SELECT list FROM list_items GROUP BY list ORDER BY min(id)").fetchall()
        return tuple(row["list"] for row in rows)

    def list_items(self, name: str) -> tuple[str, ...]:
        """What is on a list, oldest first."""
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT item FROM list_items WHERE list = ? ORDER BY id", (name,)
            ).fetchall()
        return tuple(row["item"] for row in rows)

    def facts(self) -> tuple[Fact, ...]:
        """What is remembered, oldest first."""
        with self._database.reading() as connection:
            rows = connection.execute("SELECT id, subject, text FROM facts ORDER BY id").fetchall()
        return tuple(Fact(row["id"], row["subject"], row["text"]) for row in rows)

    def said_about(self, words: str, limit: int) -> tuple[tuple[str, datetime], ...]:
        """What the user said with these words in it, newest first."""
        turns = self._conversations.search(words, limit)
        return tuple((turn.user_text, datetime.fromisoformat(turn.at)) for turn in turns if turn.user_text)

    def carry_out(self, deeds: tuple[Deed, ...], now: datetime) -> None:
        """Do all of them, or none. Raises StoreError."""
        with self._database.writing() as connection:
            gone = [_do(connection, deed, now) for deed in deeds]
        if any(gone):
            self._database.wipe_traces(searched=False)


def _do(connection: sqlite3.Connection, deed: Deed, now: datetime) -> bool:
    """One deed; True where something was deleted that may leave traces."""
    match deed:
        case SetAlarm(alarm):
            _set(connection, alarm)
        case DropAlarms(numbers):
            connection.executemany("DELETE FROM alarms WHERE id = ?", [(number,) for number in numbers])
        case AlarmRang(number, None):
            connection.execute("DELETE FROM alarms WHERE id = ?", (number,))
        case AlarmRang(number, again):
            assert again is not None, "the other case is above"
            connection.execute(
                "UPDATE alarms SET wall = ?, due_epoch_s = ? WHERE id = ?",
                (again.replace(tzinfo=None).isoformat(), again.timestamp(), number),
            )
        case AddNote(text, at):
            connection.execute("INSERT INTO notes (text, at) VALUES (?, ?)", (text, at.isoformat()))
        case DropNotes(numbers):
            connection.executemany("DELETE FROM notes WHERE id = ?", [(number,) for number in numbers])
            return True
        case AddToList(name, items):
            connection.executemany(
                "INSERT INTO list_items (list, item) VALUES (?, ?)", [(name, item) for item in items]
            )
        case DropFromList(name, None):
            connection.execute("DELETE FROM list_items WHERE list = ?", (name,))
            return True
        case DropFromList(name, items):
            rows = [(name, item) for item in items or ()]
            connection.executemany("DELETE FROM list_items WHERE list = ? AND item = ?", rows)
            return True
        case Remember(subject, text):
            if subject:
                connection.execute("DELETE FROM facts WHERE subject = ?", (subject,))
            connection.execute(
                "INSERT INTO facts (subject, text, at) VALUES (?, ?, ?)", (subject, text, now.isoformat())
            )
            return bool(subject)
        case Forget(numbers):
            connection.executemany("DELETE FROM facts WHERE id = ?", [(number,) for number in numbers])
            return True
    return False


def _set(connection: sqlite3.Connection, alarm: Alarm) -> None:
    connection.execute(
        "INSERT INTO alarms (kind, label, duration_s, due_epoch_s, wall, repeats, set_epoch_s)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            alarm.kind,
            alarm.label,
            alarm.duration_s,
            alarm.due_epoch_s,
            alarm.wall.isoformat() if alarm.wall else None,
            json.dumps(alarm.repeats),
            alarm.set_epoch_s,
        ),
    )
