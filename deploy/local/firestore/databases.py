"""All databases of one server: each is there when first touched, and starts from the sample documents."""

from __future__ import annotations

import threading

from .documents import Changes, Database, stamped
from .paths import check_database
from .sample_data import SampleData
from .store_file import StoreFile


class Databases:
    """The databases of a server, by full name (`projects/P/databases/D`).

    Args:
        samples: the documents every database starts from.
        store: where commits are kept; None keeps them in memory only.
    """

    def __init__(self, samples: SampleData | None = None, store: StoreFile | None = None) -> None:
        self._samples = samples
        self._store = store
        self._lock = threading.Lock()
        self._databases: dict[str, Database] = {}

    def get(self, name: str) -> Database:
        """The database of this name.

        Raises:
            Refused: INVALID_ARGUMENT when it cannot be a database's name.
        """
        database = self._databases.get(name)
        if database is not None:
            return database
        check_database(name)
        with self._lock:
            if name not in self._databases:
                self._databases[name] = self._open(name)
            return self._databases[name]

    def commit(self, database: Database, changes: Changes, committed: int) -> None:
        """Keep and publish changes; the caller holds the database's lock. File first: what is seen is kept."""
        if self._store and changes:
            self._store.write(database.name, changes)
        database.publish(changes, committed)

    def close(self) -> None:
        """Let go of the store file."""
        if self._store:
            self._store.close()

    def _open(self, name: str) -> Database:
        database = Database(name)
        if self._store:
            database.load(self._store.documents(name))
        if self._samples:
            self._load_samples(database, self._samples)
        return database

    def _load_samples(self, database: Database, samples: SampleData) -> None:
        loaded = self._store.loaded_samples(database.name) if self._store else set()
        now = database.next_commit_time()
        fresh = {
            message.name: stamped(message, now, now)
            for message in samples.documents(database.name)
            if message.name not in database.documents and message.name not in loaded
        }
        if self._store and fresh:
            self._store.write(database.name, fresh, samples=fresh)
        database.load(fresh.values())
