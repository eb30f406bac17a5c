"""`--store FILE`: the documents in SQLite, so that what was acknowledged outlives the process, even killed.

The file holds each document as its protobuf message; memory is read from it once, at start, and written through at each
commit. It also notes which sample documents were ever loaded, so that a deleted one stays deleted.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable
from pathlib import Path

from .documents import Changes, StoredDocument
from .messages import Document

_SCHEMA = """
CREATE TABLE IF NOT EXISTS documents (database TEXT, name TEXT, message BLOB, PRIMARY KEY (database, name))
  WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS samples (database TEXT, name TEXT, PRIMARY KEY (database, name)) WITHOUT ROWID;
"""


class StoreUnusable(Exception):
    """The store file cannot be used: another server has it open, or it is no store."""


class StoreFile:
    """The documents of all databases in one SQLite file.

    Args:
        path: the file; made when it is not there.

    Raises:
        StoreUnusable: another server has it open, or it is not SQLite.
    """

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(path, timeout=1, check_same_thread=False, isolation_level=None)
            # One server a file: two would each keep a memory of their own. The lock goes with the process.
            self._connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            self._connection.execute("PRAGMA journal_mode = WAL")
            # A killed process loses nothing that was written; only a power cut could take the last commits.
            self._connection.execute("PRAGMA synchronous = NORMAL")
            self._connection.executescript(_SCHEMA)
        except sqlite3.OperationalError as error:
            if "locked" in str(error):
                raise StoreUnusable(
                    f"{path} is in use by another local Firestore; stop it, or name another file"
                ) from error
            raise StoreUnusable(f"{path} cannot be opened: {error}") from error
        except (sqlite3.DatabaseError, OSError) as error:
            raise StoreUnusable(f"{path} is no store of the local Firestore: {error}") from error

    def databases(self) -> list[str]:
        """The names of all databases with something in them."""
        query = "SELECT database FROM documents UNION SELECT database FROM samples"
        with self._lock:
            return [name for (name,) in self._connection.execute(query)]

    def documents(self, database: str) -> list[StoredDocument]:
        """All documents of a database."""
        with self._lock:
            rows = self._connection.execute("SELECT message FROM documents WHERE database = ?", (database,)).fetchall()
        return [StoredDocument(Document.FromString(message)) for (message,) in rows]

    def loaded_samples(self, database: str) -> set[str]:
        """The names of all sample documents ever loaded into a database."""
        with self._lock:
            rows = self._connection.execute("SELECT name FROM samples WHERE database = ?", (database,))
            return {name for (name,) in rows}

    def write(self, database: str, changes: Changes, samples: Iterable[str] = ()) -> None:
        """Keep changes, all or none; when this returns they outlive the process."""
        with self._lock, self._connection as connection:
            connection.execute("BEGIN IMMEDIATE")
            for name, document in changes.items():
                if document is None:
                    connection.execute("DELETE FROM documents WHERE database = ? AND name = ?", (database, name))
                else:
                    row = (database, name, document.message.SerializeToString())
                    connection.execute("INSERT OR REPLACE INTO documents VALUES (?, ?, ?)", row)
            connection.executemany(
                "INSERT OR IGNORE INTO samples VALUES (?, ?)", [(database, name) for name in samples]
            )

    def close(self) -> None:
        """Write everything into the one file and let go of it."""
        with self._lock:
            self._connection.close()
