"""The database's versions: what each one adds to the one before. A released version is never edited, only followed.

Thread-agnostic. Imports nothing.
"""

from __future__ import annotations

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (  # 1: what was said
        """
        CREATE TABLE conversations (
            id INTEGER PRIMARY KEY,
            title TEXT NOT NULL DEFAULT '',
            started_at TEXT NOT NULL,
            ended_at TEXT,
            hidden INTEGER NOT NULL DEFAULT 0 CHECK (hidden IN (0, 1))
        ) STRICT
        """,
        """
        CREATE TABLE turns (
            id INTEGER PRIMARY KEY,
            conversation INTEGER NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
            at TEXT NOT NULL,
            user_text TEXT NOT NULL,
            spoken INTEGER NOT NULL CHECK (spoken IN (0, 1)),
            confidence REAL NOT NULL,
            source TEXT NOT NULL DEFAULT '',
            generated_text TEXT NOT NULL DEFAULT '',
            heard_text TEXT NOT NULL DEFAULT '',
            heard_ms REAL NOT NULL DEFAULT 0,
            interrupted INTEGER NOT NULL DEFAULT 0 CHECK (interrupted IN (0, 1)),
            done INTEGER NOT NULL DEFAULT 0 CHECK (done IN (0, 1)),
            v2v_ms REAL,
            breakdown_ms TEXT NOT NULL DEFAULT '{}'
        ) STRICT
        """,
        "CREATE INDEX turns_of_conversation ON turns (conversation)",
        """
        CREATE VIRTUAL TABLE said USING fts5 (
            user_text, heard_text, content = 'turns', content_rowid = 'id',
            tokenize = 'unicode61 remove_diacritics 2'
        )
        """,
        """
        CREATE TRIGGER turn_added AFTER INSERT ON turns BEGIN
            INSERT INTO said (rowid, user_text, heard_text) VALUES (new.id, new.user_text, new.heard_text);
        END
        """,
        """
        CREATE TRIGGER turn_changed AFTER UPDATE OF user_text, heard_text ON turns
        WHEN old.user_text <> new.user_text OR old.heard_text <> new.heard_text BEGIN
            INSERT INTO said (said, rowid, user_text, heard_text)
                VALUES ('delete', old.id, old.user_text, old.heard_text);
            INSERT INTO said (rowid, user_text, heard_text) VALUES (new.id, new.user_text, new.heard_text);
        END
        """,
        """
        CREATE TRIGGER turn_gone AFTER DELETE ON turns BEGIN
            INSERT INTO said (said, rowid, user_text, heard_text)
                VALUES ('delete', old.id, old.user_text, old.heard_text);
        END
        """,
    ),
    (  # 2: what skills keep
        "CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL, at TEXT NOT NULL) STRICT",
        "CREATE TABLE list_items (id INTEGER PRIMARY KEY, list TEXT NOT NULL, item TEXT NOT NULL) STRICT",
        "CREATE INDEX items_of_list ON list_items (list)",
        """
        CREATE TABLE facts (
            id INTEGER PRIMARY KEY,
            subject TEXT NOT NULL,
            text TEXT NOT NULL,
            at TEXT NOT NULL,
            turn INTEGER REFERENCES turns (id) ON DELETE SET NULL
        ) STRICT
        """,
        """
        CREATE TABLE alarms (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            kind TEXT NOT NULL CHECK (kind IN ('timer', 'alarm', 'reminder')),
            label TEXT NOT NULL,
            duration_s REAL NOT NULL,
            due_epoch_s REAL NOT NULL,
            wall TEXT,
            repeats TEXT NOT NULL,
            set_epoch_s REAL NOT NULL
        ) STRICT
        """,
    ),
    (  # 3: sound of turns, where the user wants it saved
        """
        CREATE TABLE recordings (
            turn INTEGER NOT NULL REFERENCES turns (id) ON DELETE CASCADE,
            side TEXT NOT NULL CHECK (side IN ('user', 'assistant')),
            path TEXT NOT NULL,
            PRIMARY KEY (turn, side)
        ) STRICT
        """,
    ),
    (  # 4: turns that were corrected, deleted until it can no longer be undone, answered with the help of tools
        "ALTER TABLE turns ADD COLUMN recognised TEXT",
        "ALTER TABLE turns ADD COLUMN hidden INTEGER NOT NULL DEFAULT 0 CHECK (hidden IN (0, 1))",
        "ALTER TABLE turns ADD COLUMN tools TEXT NOT NULL DEFAULT '[]'",
    ),
    (  # 5: what a language model made of a long conversation's beginning; it goes with any turn that it rests on
        """
        CREATE TABLE summaries (
            conversation INTEGER PRIMARY KEY REFERENCES conversations (id) ON DELETE CASCADE,
            until INTEGER NOT NULL,
            text TEXT NOT NULL
        ) STRICT
        """,
        """
        CREATE TRIGGER summary_gone_with_turn AFTER DELETE ON turns BEGIN
            DELETE FROM summaries WHERE conversation = old.conversation AND until >= old.id;
        END
        """,
        """
        CREATE TRIGGER summary_gone_with_change AFTER UPDATE OF user_text, heard_text, hidden ON turns
        WHEN old.user_text <> new.user_text OR old.heard_text <> new.heard_text OR old.hidden <> new.hidden BEGIN
            DELETE FROM summaries WHERE conversation = old.conversation AND until >= old.id;
        END
        """,
    ),
    (  # 6: answers that without a loudspeaker could only be read, which search finds as well
        "ALTER TABLE turns ADD COLUMN written_text TEXT NOT NULL DEFAULT ''",
        "DROP TRIGGER turn_added",
        "DROP TRIGGER turn_changed",
        "DROP TRIGGER turn_gone",
        "DROP TABLE said",
        """
        CREATE VIRTUAL TABLE said USING fts5 (
            user_text, heard_text, written_text, content = 'turns', content_rowid = 'id',
            tokenize = 'unicode61 remove_diacritics 2'
        )
        """,
        "INSERT INTO said (said) VALUES ('rebuild')",
        """
        CREATE TRIGGER turn_added AFTER INSERT ON turns BEGIN
            INSERT INTO said (rowid, user_text, heard_text, written_text)
                VALUES (new.id, new.user_text, new.heard_text, new.written_text);
        END
        """,
        """
        CREATE TRIGGER turn_changed AFTER UPDATE OF user_text, heard_text, written_text ON turns
        WHEN old.user_text <> new.user_text OR old.heard_text <> new.heard_text
            OR old.written_text <> new.written_text BEGIN
            INSERT INTO said (said, rowid, user_text, heard_text, written_text)
                VALUES ('delete', old.id, old.user_text, old.heard_text, old.written_text);
            INSERT INTO said (rowid, user_text, heard_text, written_text)
                VALUES (new.id, new.user_text, new.heard_text, new.written_text);
        END
        """,
        """
        CREATE TRIGGER turn_gone AFTER DELETE ON turns BEGIN
            INSERT INTO said (said, rowid, user_text, heard_text, written_text)
                VALUES ('delete', old.id, old.user_text, old.heard_text, old.written_text);
        END
        """,
    ),
)
"""One tuple of statements a version; the database's user_version counts how many it has."""

VERSION = len(MIGRATIONS)
