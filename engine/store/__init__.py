"""The one door to what Sotto keeps: conversations, notes, lists, facts, alarms, in one SQLite file.

Any thread. Nothing of it leaves the machine, and no text of it goes into logs. Must not import front ends or models.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from engine.paths import data_dir
from engine.session.record import Earlier
from engine.store.conversations import Conversation, Conversations, Turn
from engine.store.database import Database, LockedError, StoreError, database_in_memory, open_database
from engine.store.keeping import ConversationRecord
from engine.store.keepsakes import Keepsakes

FILE_NAME = "conversations.db"

__all__ = [
    "FILE_NAME",
    "Conversation",
    "ConversationRecord",
    "Conversations",
    "Keepsakes",
    "LockedError",
    "Store",
    "StoreError",
    "Turn",
    "open_store",
    "store_in_memory",
]


@dataclass(frozen=True, slots=True)
class Store:
    """An open store. `notice`: what the user should be told about its opening, mostly nothing."""

    database: Database
    conversations: Conversations
    keepsakes: Keepsakes

    @property
    def notice(self) -> str:
        """A sentence where a damaged file had to be set aside, else nothing."""
        return self.database.notice

    def record(self) -> ConversationRecord:
        """Whoever keeps a conversation that begins now."""
        return ConversationRecord(self.database)

    def begin(self, go_on: int | None) -> tuple[ConversationRecord, Earlier, str]:
        """Whoever keeps a conversation: a new one (None), or one that is there, 0 for the newest. With it what was said
        in it, and a sentence where it could not be gone on with, so that a new one begins."""
        record = self.record()
        if go_on is None:
            return record, Earlier(), ""
        try:
            return record, record.go_on(go_on or None), ""
        except StoreError as error:
            return self.record(), Earlier(), f"{error} A new conversation begins."

    def export(self, conversation: int, path: Path) -> None:
        """Write a conversation to a file ending in .md, .json or .wav. Raises StoreError with one sentence."""
        from engine.store.export import export  # numpy and soxr are for this alone

        export(self.conversations.one(conversation), self.conversations.turns(conversation), path)

    def close(self) -> None:
        """Harmless twice."""
        self.database.close()


def open_store(folder: Path | None = None) -> Store:
    """The store in the user's data folder, made where there is none. Raises StoreError with one sentence."""
    return _store(open_database(data_dir(folder) / FILE_NAME, datetime.now()))


def store_in_memory() -> Store:
    """One that ends with the process."""
    return _store(database_in_memory())


def _store(database: Database) -> Store:
    return Store(database, Conversations(database), Keepsakes(database))
