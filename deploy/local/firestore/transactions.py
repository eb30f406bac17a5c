"""Transactions: optimistic, so nobody ever waits for a lock.

A transaction reads the database as of its first read. When it commits, each document it read must still be the one it
read, and each query must still give the same documents; otherwise it is ABORTED and the client starts over. Google's
servers may lock instead: what a client sees differs in who has to retry, never in what is committed.
"""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Final

from .documents import Database, View
from .messages import TransactionOptions, microseconds
from .refusals import aborted, invalid

MAX_SECONDS: Final = 270
"""How long a transaction may live; Firestore's own limit."""

_REMEMBERED: Final = 1_000

Fingerprint = tuple[tuple[str, int], ...]
"""A query's result: the documents' names and update times, in order."""


class Transaction:
    """One transaction on one database.

    Args:
        database: the one it belongs to.
        read_only: whether it may write.
        moment: the time it reads at (microseconds since 1970); None until its first read sets it.
    """

    def __init__(self, database: Database, read_only: bool, moment: int | None) -> None:
        self.id = os.urandom(16)
        self.database = database
        self.read_only = read_only
        self.moment = moment
        self.started = time.monotonic()
        self._documents: dict[str, int | None] = {}
        self._queries: list[tuple[Callable[[View], Fingerprint], Fingerprint]] = []

    def view(self) -> View:
        """The database as this transaction sees it; the caller holds the database's lock."""
        if self.moment is None:
            self.moment = self.database.now()
        return self.database.view(self.moment)

    def saw_document(self, name: str, updated: int | None) -> None:
        """Remember a document that was read, by its update time; None when it was missing."""
        self._documents[name] = updated

    def saw_query(self, run: Callable[[View], Fingerprint], result: Fingerprint) -> None:
        """Remember a query that was run and how to run it again."""
        self._queries.append((run, result))

    def check(self) -> None:
        """Refuse the commit when something read has changed since; the caller holds the database's lock.

        Raises:
            Refused: ABORTED.
        """
        if self.read_only:
            return
        now = self.database.view()
        for name, updated in self._documents.items():
            document = now.get(name)
            if (document.updated if document else None) != updated:
                raise aborted(f"{name} was changed after the transaction read it.")
        if any(run(now) != result for run, result in self._queries):
            raise aborted("The result of a query was changed after the transaction ran it.")


class Transactions:
    """The transactions that have begun and not ended, of all databases."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: dict[bytes, Transaction] = {}
        self._ended: deque[bytes] = deque(maxlen=_REMEMBERED)

    def begin(self, database: Database, options: TransactionOptions) -> Transaction:
        """A new transaction."""
        read_only = options.WhichOneof("mode") == "read_only"
        moment = None
        if read_only:
            at_a_time = options.read_only.HasField("read_time")
            moment = microseconds(options.read_only.read_time) if at_a_time else database.now()
        transaction = Transaction(database, read_only, moment)
        with self._lock:
            self._forget_abandoned()
            self._open[transaction.id] = transaction
        return transaction

    def get(self, transaction_id: bytes, database: Database) -> Transaction:
        """The open transaction of this id.

        Raises:
            Refused: INVALID_ARGUMENT when there is none: it has ended, or belongs to another database.
        """
        transaction = self._open.get(transaction_id)
        if transaction is None or transaction.database is not database:
            raise invalid("The transaction is unknown, or has ended.")
        return transaction

    def end(self, transaction: Transaction) -> None:
        """End a transaction, committed or not."""
        with self._lock:
            self._open.pop(transaction.id, None)
            self._ended.append(transaction.id)

    def roll_back(self, transaction_id: bytes, database: Database) -> None:
        """End a transaction; one that has just ended may be rolled back again, as clients do after a failed commit.

        Raises:
            Refused: INVALID_ARGUMENT when it never was.
        """
        if transaction_id not in self._ended:
            self.end(self.get(transaction_id, database))

    def _forget_abandoned(self) -> None:
        limit = time.monotonic() - MAX_SECONDS
        for transaction in [one for one in self._open.values() if one.started < limit]:
            del self._open[transaction.id]
