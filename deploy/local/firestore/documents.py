"""The documents of one database, as they are and as they were a moment ago.

Every change goes through `Database.publish` under the database's lock. A stored document is never changed afterwards,
so whoever holds one may read it without the lock. A journal of what each commit replaced lets transactions and
`read_time` see the past.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping

from .messages import Document, microseconds, timestamp
from .paths import DOCUMENT_ID, FieldPath, collection_of
from .refusals import failed_precondition, invalid
from .values import Key, find, name_key, order_key

JOURNAL_COMMITS = 10_000
"""How many commits can be looked back past; memory, not time, is what this bounds."""


class StoredDocument:
    """A document as it stands after one commit; read only.

    Attributes:
        name: its full resource name.
        collection: the full name of its collection.
        message: the protobuf document, times included.
        updated: its update time, microseconds since 1970; the version that preconditions and transactions compare.
    """

    __slots__ = ("_keys", "collection", "message", "name", "updated")

    def __init__(self, message: Document) -> None:
        self.name: str = message.name
        self.collection = collection_of(self.name)
        self.message = message
        self.updated = microseconds(message.update_time)
        self._keys: dict[FieldPath, Key | None] = {(DOCUMENT_ID,): name_key(self.name)}

    def key(self, path: FieldPath) -> Key | None:
        """The order key of the field at this path, or None where there is no such field; remembered."""
        try:
            return self._keys[path]
        except KeyError:
            value = find(self.message.fields, path)
            key = None if value is None else order_key(value)
            self._keys[path] = key
            return key


Changes = Mapping[str, StoredDocument | None]


class Database:
    """One database: `projects/P/databases/D`, its documents, and its clock.

    Hold `lock` around reads that must fit together and around a read with the publish that depends on it.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.root = f"{name}/documents"
        self.lock = threading.RLock()
        self.documents: dict[str, StoredDocument] = {}
        self.collections: dict[str, dict[str, StoredDocument]] = {}
        self._groups: dict[str, set[str]] = {}
        self._journal: deque[tuple[int, Changes]] = deque()
        self._said = 0
        self._forgotten = 0

    def now(self) -> int:
        """The time in microseconds since 1970; never before the last commit, nor before what it said last."""
        self._said = max(time.time_ns() // 1000, self._said)
        return self._said

    def next_commit_time(self) -> int:
        """A time for the commit about to be published: after every commit and every read there has been."""
        return max(time.time_ns() // 1000, self._said + 1)

    def publish(self, changes: Changes, committed: int) -> None:
        """Make the changes visible, all at once for everybody who holds the lock while reading."""
        replaced: dict[str, StoredDocument | None] = {}
        for name, document in changes.items():
            replaced[name] = self.documents.get(name)
            if document is None:
                self._remove(name)
            else:
                self._put(document)
        self._said = max(self._said, committed)
        if not replaced:
            return
        self._journal.append((committed, replaced))
        if len(self._journal) > JOURNAL_COMMITS:
            self._forgotten, _ = self._journal.popleft()

    def load(self, documents: Iterable[StoredDocument]) -> None:
        """Put documents that were committed earlier; nobody has seen the database without them."""
        for document in documents:
            self._put(document)
            self._said = max(self._said, document.updated)

    def view(self, moment: int | None = None) -> View:
        """The documents as of a moment (microseconds), or now; valid while the lock is held.

        Raises:
            Refused: FAILED_PRECONDITION when the moment is further back than the journal reaches, INVALID_ARGUMENT
                when it is still to come.
        """
        past: dict[str, StoredDocument | None] = {}
        if moment is None:
            return View(self, past)
        if moment > self.now():
            raise invalid("The requested read time is in the future.")
        if moment < self._forgotten:
            raise failed_precondition("The requested read time is too far in the past.")
        for committed, replaced in reversed(self._journal):
            if committed <= moment:
                break
            past.update(replaced)
        return View(self, past)

    def collections_of_group(self, collection_id: str, parent: str) -> list[str]:
        """The collections with this id anywhere below a parent; every collection below it when the id is empty."""
        names = self._groups.get(collection_id, set()) if collection_id else self.collections
        return [name for name in names if name.startswith(parent + "/")]

    def _put(self, document: StoredDocument) -> None:
        self.documents[document.name] = document
        collection = document.collection
        if collection not in self.collections:
            self.collections[collection] = {}
            self._groups.setdefault(collection.rpartition("/")[2], set()).add(collection)
        self.collections[collection][document.name] = document

    def _remove(self, name: str) -> None:
        document = self.documents.pop(name, None)
        if document is None:
            return
        collection = self.collections[document.collection]
        del collection[name]
        if not collection:
            del self.collections[document.collection]
            self._groups[document.collection.rpartition("/")[2]].discard(document.collection)


class View:
    """A database at one moment: what it is now, with what has changed since taken back."""

    def __init__(self, database: Database, past: Changes) -> None:
        self._database = database
        self._past = past

    def get(self, name: str) -> StoredDocument | None:
        """The document of that full name, or None."""
        if name in self._past:
            return self._past[name]
        return self._database.documents.get(name)

    def collection(self, name: str) -> Iterator[StoredDocument]:
        """Every document directly in a collection, in no order."""
        present = self._database.collections.get(name, {})
        if not self._past:
            yield from present.values()
            return
        yield from (document for document in present.values() if document.name not in self._past)
        yield from (document for document in self._past.values() if document and document.collection == name)

    def group(self, collection_id: str, parent: str) -> Iterator[StoredDocument]:
        """Every document in a collection of this id below a parent; below it at all when the id is empty."""
        names = set(self._database.collections_of_group(collection_id, parent))
        for document in self._past.values():
            if document and document.collection.startswith(parent + "/"):
                tail = document.collection.rpartition("/")[2]
                if not collection_id or tail == collection_id:
                    names.add(document.collection)
        for name in names:
            yield from self.collection(name)

    def collection_names(self, parent: str) -> set[str]:
        """The full names of all collections that hold a document at this moment, anywhere below a parent."""
        names = set(self._database.collections) | {d.collection for d in self._past.values() if d}
        return {name for name in names if name.startswith(parent + "/") and any(self.collection(name))}


def stamped(message: Document, created: int, updated: int) -> StoredDocument:
    """A stored document of this message with its times (microseconds since 1970) set."""
    message.create_time.CopyFrom(timestamp(created))
    message.update_time.CopyFrom(timestamp(updated))
    return StoredDocument(message)
