"""Databases of every version are brought up to date; what is newer, damaged, locked or foreign is not harmed."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from pathlib import Path

import pytest

from engine.session.record import HeardAnswer
from engine.store import FILE_NAME, LockedError, StoreError, open_store
from engine.store.conversations import Conversations
from engine.store.database import open_database
from engine.store.keeping import ConversationRecord
from engine.store.schema import MIGRATIONS, VERSION


def of_version(path: Path, version: int) -> None:
    """A database as that version left it, with a conversation in it."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    for statements in MIGRATIONS[:version]:
        for statement in statements:
            connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {version}")
    connection.execute("INSERT INTO conversations (started_at) VALUES ('2026-01-01T10:00:00+01:00')")
    connection.execute(
        "INSERT INTO turns (conversation, at, user_text, spoken, confidence, heard_text)"
        " VALUES (1, '2026-01-01T10:00:00+01:00', 'an old question', 1, 0.5, 'An old answer.')"
    )
    connection.close()


@pytest.mark.parametrize("version", range(1, VERSION + 1))
def test_every_version_is_brought_up_to_date_with_all_that_is_in_it(tmp_path: Path, version: int) -> None:
    of_version(tmp_path / FILE_NAME, version)
    store = open_store(tmp_path)
    assert store.notice == ""
    (turn,) = store.conversations.search("old")
    assert (turn.user_text, turn.heard_text, turn.recordings) == ("an old question", "An old answer.", {})
    assert store.keepsakes.notes() == ()
    assert store.keepsakes.alarms() == ()
    store.close()
    with sqlite3.connect(tmp_path / FILE_NAME) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (VERSION,)
    connection.close()


def test_old_and_new_files_have_the_same_schema(tmp_path: Path) -> None:
    of_version(tmp_path / FILE_NAME, 1)
    (tmp_path / "new").mkdir()
    schemas = []
    for folder in (tmp_path, tmp_path / "new"):
        open_store(folder).close()
        connection = sqlite3.connect(folder / FILE_NAME)
        schemas.append(sorted(connection.execute("SELECT name, sql FROM sqlite_master").fetchall(), key=str))
        connection.close()
    assert schemas[0] == schemas[1]


def test_a_newer_database_is_one_sentence_and_stays_as_it_is(tmp_path: Path) -> None:
    of_version(tmp_path / FILE_NAME, VERSION)
    connection = sqlite3.connect(tmp_path / FILE_NAME)
    connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    connection.close()
    before = (tmp_path / FILE_NAME).read_bytes()
    with pytest.raises(StoreError, match=r"written by a newer Sotto.*update Sotto"):
        open_store(tmp_path)
    assert (tmp_path / FILE_NAME).read_bytes() == before


@pytest.mark.parametrize("harm", ["header", "middle", "cut", "no database"])
def test_a_damaged_database_is_set_aside_and_said(tmp_path: Path, harm: str) -> None:
    path = tmp_path / FILE_NAME
    store = open_store(tmp_path)
    record = store.record()
    for number in range(300):
        record.user_said(number, f"question {number} " * 20, True, 1.0, datetime(2026, 1, 1).astimezone())
    store.close()
    data = bytearray(path.read_bytes())
    if harm == "header":
        data[:16] = b"x" * 16
    elif harm == "middle":
        data[4096:40960] = b"\xff" * (40960 - 4096)
    elif harm == "cut":
        del data[len(data) // 2 :]
    else:
        data = bytearray(b"Dear diary,\n" * 1000)
    path.write_bytes(data)
    again = open_store(tmp_path)
    (aside,) = tmp_path.glob("conversations-damaged-*.db")
    assert aside.read_bytes() == data
    assert again.notice == (
        f"The record of conversations was damaged. It is kept as {aside.name}, and a new one was begun."
    )
    assert again.conversations.listed() == ()
    again.record().user_said(1, "hello", False, 1.0, datetime(2026, 1, 1).astimezone())
    again.close()
    assert open_and_close(tmp_path) == ""


def open_and_close(folder: Path) -> str:
    store = open_store(folder)
    store.close()
    return store.notice


def test_a_locked_database_is_one_sentence_and_can_be_used_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.store.database._BUSY_MS", 50)
    store = open_store(tmp_path)
    blocker = sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None)
    blocker.execute("BEGIN EXCLUSIVE")
    record = store.record()
    with pytest.raises(LockedError, match="locked by another program"):
        record.user_said(1, "hello", False, 1.0, datetime(2026, 1, 1).astimezone())
    record.assistant_heard(HeardAnswer(1, "company", "Hello.", "Hello.", 9.0, False, True))
    assert record.number is None, "the same is not said again, and nothing is half kept"
    blocker.execute("ROLLBACK")
    blocker.close()
    record.user_said(2, "what time is it", False, 1.0, datetime(2026, 1, 1).astimezone())
    assert record.number is not None
    turns = store.conversations.turns(record.number)
    assert [(turn.user_text, turn.heard_text) for turn in turns] == [
        ("hello", "Hello."),
        ("what time is it", ""),
    ]
    store.close()


def test_a_full_disk_is_one_sentence_and_nothing_is_lost_once_there_is_room(tmp_path: Path) -> None:
    database = open_database(tmp_path / FILE_NAME, datetime(2026, 1, 1))
    record = ConversationRecord(database)
    with database.writing() as connection:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")  # no more than the file has now
    long = "word " * 2000
    with pytest.raises(StoreError, match=r"^The disk is full, so .* cannot grow; free some space\.$"):
        record.user_said(1, long, False, 1.0, datetime(2026, 1, 1).astimezone())
    record.assistant_heard(HeardAnswer(1, "company", "Hello.", "Hello.", 9.0, False, True))
    with database.writing() as connection:
        connection.execute("PRAGMA max_page_count = 1000000")
    record.user_said(2, "what time is it", False, 1.0, datetime(2026, 1, 1).astimezone())
    assert record.number is not None
    turns = Conversations(database).turns(record.number)
    assert [(turn.user_text, turn.heard_text) for turn in turns] == [
        (long, "Hello."),
        ("what time is it", ""),
    ]
    database.close()


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    with pytest.raises(StoreError, match="cannot be made"):
        open_store(tmp_path / "file" / "folder")


def test_two_at_once_share_the_file(tmp_path: Path) -> None:
    first, second = open_store(tmp_path), open_store(tmp_path)
    first.record().user_said(1, "from the first", False, 1.0, datetime(2026, 1, 1).astimezone())
    second.record().user_said(1, "from the second", False, 1.0, datetime(2026, 1, 1).astimezone())
    assert len(first.conversations.search("from")) == 2
    first.close()
    second.close()
