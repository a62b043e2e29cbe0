"""One SQLite file: opened, brought up to date, guarded; every failure of it becomes one sentence.

Any thread: one connection, one lock. Commits reach the operating system at once, so that a killed process loses
nothing that was committed; only a power cut may take the last moments. Imports no other part of the engine but errors.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from engine.errors import SottoError
from engine.store.schema import MIGRATIONS, VERSION

_BUSY_MS = 2000
"""A writer in another process may hold the file this long before it counts as locked."""

_CHECKED_BYTES = 32_000_000
"""A larger file is checked for damage only where it was not closed properly, since that reads all of it."""

_LOG_PAGES = 8000
"""The log is written back into the file at this length at the latest; a turn that has to wait for that is rare."""

_COMPANIONS = ("", "-wal", "-shm")


class StoreError(SottoError):
    """The store cannot do what was asked: one sentence."""


class LockedError(StoreError):
    """Another program holds the file; the same may succeed later."""


class Database:
    """A connection. `notice` is a sentence for the user where a damaged file had to be set aside."""

    def __init__(self, path: Path, connection: sqlite3.Connection, notice: str = "") -> None:
        self.path = path
        self.notice = notice
        self._connection = connection
        self._lock = threading.RLock()
        self._closed = False

    @contextlib.contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """The connection to ask. Raises StoreError."""
        with self._lock, _in_sentences(self.path):
            self._check_open()
            yield self._connection

    @contextlib.contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction: committed at the end, undone on any exception. Raises StoreError."""
        with self._lock, _in_sentences(self.path):
            self._check_open()
            if self._connection.in_transaction:  # within another one of this thread
                yield self._connection
                return
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def wipe_traces(self, searched: bool = True) -> None:
        """After a deletion: the log forgets it too, and the search index where it was `searched`. Raises StoreError."""
        if searched:
            with self.writing() as connection:
                connection.execute("INSERT INTO said (said) VALUES ('optimize')")
        with self.reading() as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def tidy(self) -> None:
        """Write the log back into the file, where nobody waits for a turn. Raises StoreError."""
        with self.reading() as connection:
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()

    def close(self) -> None:
        """Harmless twice."""
        with self._lock:
            if not self._closed:
                self._closed = True
                self._connection.close()

    def _check_open(self) -> None:
        if self._closed:
            raise StoreError("The conversations are closed already; start Sotto again.")


def open_database(path: Path, now: datetime) -> Database:
    """Open or make the file. A damaged one is set aside, with a notice. Raises StoreError for a locked or newer one."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"The folder {path.parent} for conversations cannot be made ({error.strerror or error}); mend that, or"
            " name another by SOTTO_DATA_DIR."
        ) from error
    notice = ""
    _make_private(path)
    with _in_sentences(path):
        try:
            connection = _connected(path)
        except sqlite3.DatabaseError as error:
            if not _is_damage(error):
                raise
            aside = _set_aside(path, now)
            _make_private(path)
            notice = f"The record of conversations was damaged. It is kept as {aside.name}, and a new one was begun."
            connection = _connected(path)
    return Database(path, connection, notice)


def database_in_memory() -> Database:
    """One that keeps nothing beyond the process."""
    return Database(Path(":memory:"), _connected(Path(":memory:")))


def _make_private(path: Path) -> None:
    """An empty file that only the user may read, where there is none yet; SQLite's companions take its rights."""
    with contextlib.suppress(FileExistsError):
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        except FileExistsError:
            raise
        except OSError as error:
            raise StoreError(
                f"{path} cannot be made ({error.strerror or error}); check the folder's rights and the disk."
            ) from error


def _connected(path: Path) -> sqlite3.Connection:
    with contextlib.ExitStack() as on_failure:
        unclean = _size(path.with_name(path.name + "-wal")) > 0
        connection = sqlite3.connect(
            path, timeout=_BUSY_MS / 1000, isolation_level=None, check_same_thread=False
        )
        on_failure.callback(connection.close)
        connection.row_factory = sqlite3.Row
        version = _version(connection)
        if version > VERSION:
            raise StoreError(
                f"{path} was written by a newer Sotto (version {version}, this one knows {VERSION}); update Sotto, or"
                " move the file away. It was left as it is."
            )
        if unclean or 0 < _size(path) < _CHECKED_BYTES:
            found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
            if found != "ok":
                raise sqlite3.DatabaseError(f"database disk image is malformed: {found}")
        if version and version < VERSION:
            _check_foreign_file(connection)
        for pragma in (
            "journal_mode = WAL",
            "synchronous = NORMAL",
            "foreign_keys = ON",
            "secure_delete = ON",
            f"wal_autocheckpoint = {_LOG_PAGES}",
        ):
            connection.execute(f"PRAGMA {pragma}").fetchall()
        _migrate(connection)
        on_failure.pop_all()
        return connection


def _migrate(connection: sqlite3.Connection) -> None:
    """Add what later versions added, one transaction a version."""
    while _version(connection) < VERSION:
        connection.execute("BEGIN IMMEDIATE")
        try:
            version = _version(connection)  # another process may have been first
            if version < VERSION:
                for statement in MIGRATIONS[version]:
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {version + 1}")
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


def _check_foreign_file(connection: sqlite3.Connection) -> None:
    """A database of another program is not to be changed."""
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'turns'").fetchone():
        raise sqlite3.DatabaseError("file is not a database of Sotto")


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _is_damage(error: sqlite3.DatabaseError) -> bool:
    code = getattr(error, "sqlite_errorcode", None)
    return code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB) or any(
        word in str(error) for word in ("malformed", "not a database")
    )


def _set_aside(path: Path, now: datetime) -> Path:
    """Rename the file and what belongs to it; nothing is overwritten."""
    stem = f"{path.stem}-damaged-{now:%Y%m%d-%H%M%S}"
    aside, count = path.with_name(f"{stem}{path.suffix}"), 1
    while aside.exists():
        count += 1
        aside = path.with_name(f"{stem}-{count}{path.suffix}")
    for companion in _COMPANIONS:
        source = path.with_name(path.name + companion)
        if source.exists():
            source.rename(aside.with_name(aside.name + companion))
    return aside


@contextlib.contextmanager
def _in_sentences(path: Path) -> Iterator[None]:
    """SQLite's errors as sentences."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise LockedError(
                f"The record of conversations ({path}) is locked by another program; close that, and try again."
            ) from error
        if getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_FULL:
            raise StoreError(f"The disk is full, so {path} cannot grow; free some space.") from error
        raise StoreError(
            f"The record of conversations ({path}) cannot be used ({error}); check the folder's rights and the disk."
        ) from error
    except sqlite3.DatabaseError as error:
        if _is_damage(error):
            raise StoreError(
                f"The record of conversations ({path}) is damaged ({error}); start Sotto again, which sets it aside."
            ) from error
        raise
