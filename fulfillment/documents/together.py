"""Changes that take effect together: collected while a handler runs, committed by whoever opened the collection."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from ..current import current_call, varied
from ..problems import once as problems
from .cache import Document

if TYPE_CHECKING:
    from google.cloud.firestore import Client, DocumentReference, WriteBatch

    from .changes import Writes

_T = TypeVar("_T")


class Joined:
    """What one run of a handler wants changed, each change on condition that its document still is what was seen.

    `contested` says that an earlier run's commit failed: documents to be created are then looked for beforehand, so
    that the handler can be told which of them exists.
    """

    def __init__(self, contested: bool = False) -> None:
        self._contested = contested
        self._changes: dict[str, tuple[DocumentReference, Document | None, Writes]] = {}
        self._closed = False
        self._lock = threading.Lock()

    def change(
        self,
        watched: DocumentReference,
        seen: Document | None,
        decide: Callable[[Document | None, Writes], _T],
        writes: Writes,
    ) -> _T:
        """Let `decide` say what to write, and keep it for the commit.

        Raises `AlreadyThere` as `change` does, and `ValueError` for a second change of one document: the first one is
        not there to be read yet.
        """
        decision = decide(seen, writes)
        if writes.nothing:
            return decision
        if self._contested:
            writes.refuse_existing()
        with self._lock:  # the handler may have started threads
            if self._closed:
                raise RuntimeError(problems.changed_too_late(watched.path))
            if watched.path in self._changes:
                raise ValueError(problems.changed_twice(watched.path))
            self._changes[watched.path] = (watched, seen, writes)
        return decision

    def add_to(self, batch: WriteBatch, firestore: Client) -> None:
        """Put everything into a batch."""
        for watched, seen, writes in self._changes.values():
            writes.add_to(batch, firestore, watched, seen)

    @contextmanager
    def open(self) -> Iterator[None]:
        """Collect the changes that are made in this block, instead of writing each."""
        try:
            with varied(joined=self):
                yield
        finally:
            with self._lock:
                self._closed = True


def opened() -> Joined | None:
    """Return where `documents.change` puts its writes; None writes them at once."""
    call = current_call.get()
    return None if call is None else call.joined
