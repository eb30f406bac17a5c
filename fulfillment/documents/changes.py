"""Updates that hold under contention: a plain read, then one batch that takes effect only if nobody wrote in between.

Not `firestore.transactional`: it passes no time limit to begin, commit and rollback, takes locks that outlive a killed
call, and under 50 parallel calls for 20 places sold two at most (docs/platform.md 6.2).
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from .. import problems
from ..deadline import seconds_left
from ..threads import require_call
from . import together
from .cache import Document
from .connection import as_problem, attempt, client, transient, try_once
from .lookups import as_document, can_be_id

if TYPE_CHECKING:
    from google.cloud.firestore import Client, DocumentReference, WriteBatch

_T = TypeVar("_T")

_LONGEST_PAUSE = 0.3


class AlreadyThere(Exception):
    """`Writes.create` named a document that exists; nothing was written."""


class NotThere(Exception):
    """`Writes.update` named a document that does not exist; nothing was written."""


class Writes:
    """What a decision wants written, all of it or nothing: fields of the watched document, and other documents.

    The watched document guards the others only when something of it is saved or deleted too.
    """

    def __init__(self) -> None:
        self._fields: dict[str, Any] | None = None
        self._delete = False
        self._others: list[tuple[str, str, str, dict[str, Any]]] = []

    def save(self, fields: dict[str, Any]) -> None:
        """Set these fields of the watched document, others stay; where it does not exist it is created.

        Names are taken as they stand: "a.b" is one field, not a member of "a".
        Raises `TypeError` for transforms such as `Increment`: a commit whose answer was lost could not be told from one
        that failed. Compute the value from the document that was read.
        """
        from google.cloud.firestore_v1.transforms import Sentinel, _NumericValue, _ValueList

        for name, value in fields.items():
            if isinstance(value, Sentinel | _NumericValue | _ValueList):
                raise TypeError(f"Writes.save got {type(value).__name__} for {name!r}; expected a plain value")
        self._fields = {**(self._fields or {}), **fields}

    def delete(self) -> None:
        """Delete the watched document."""
        self._delete = True

    def create(self, collection: str, id: str, fields: dict[str, Any]) -> None:
        """Create another document beside; give it an id that no other change uses."""
        self._others.append(("create", collection, id, fields))

    def update(self, collection: str, id: str, fields: dict[str, Any]) -> None:
        """Set fields of another document that exists; names are taken as they stand."""
        self._others.append(("update", collection, id, _by_path(fields)))

    @property
    def nothing(self) -> bool:
        """Whether there is nothing to write."""
        return self._fields is None and not self._delete and not self._others

    def commit(self, firestore: Client, watched: DocumentReference, seen: Document | None, seconds: float) -> None:
        """Write everything in one batch, on condition that `watched` still is what was seen."""
        batch = firestore.batch()
        self.add_to(batch, firestore, watched, seen)
        batch.commit(retry=None, timeout=seconds)

    def add_to(self, batch: WriteBatch, firestore: Client, watched: DocumentReference, seen: Document | None) -> None:
        """Put everything into a batch, on condition that `watched` still is what was seen."""
        unchanged = firestore.write_option(last_update_time=seen.update_time) if seen is not None else None
        if self._delete:
            batch.delete(watched, option=unchanged)
        elif self._fields is not None and seen is None:
            batch.create(watched, self._fields)
        elif self._fields:
            batch.update(watched, _by_path(self._fields), option=unchanged)
        for kind, collection, id, fields in self._others:
            getattr(batch, kind)(firestore.collection(collection).document(id), fields)

    def refuse_existing(self) -> None:
        """Raise `AlreadyThere` where a document to be created exists, `NotThere` where one to be updated does not."""
        for kind, collection, id, _ in self._others:
            exists = _read(client().collection(collection).document(id)) is not None
            if exists and kind == "create":
                raise AlreadyThere(f"{collection}/{id} exists")
            if not exists and kind == "update":
                raise NotThere(f"{collection}/{id} does not exist")

    def took_effect(self, watched: DocumentReference) -> bool:
        """Return whether a commit whose answer was lost has written all the same."""
        created = [(collection, id) for kind, collection, id, _ in self._others if kind == "create"]
        if created:
            return _read(client().collection(created[0][0]).document(created[0][1])) is not None
        now = _read(watched)
        if self._delete:
            return now is None
        wanted = self._fields or {}
        return now is not None and all(now.get(name) == value for name, value in wanted.items())


def change(collection: str, id: str, decide: Callable[[Document | None, Writes], _T]) -> _T:
    """Read a document, let `decide(document, writes)` say what to write, and write it if nobody wrote in between.

    `decide` gets the document (None where there is none) and returns what `change` returns; it is called again with the
    newer document when another writer was faster, so it must do nothing but decide. Time limits and pauses come from
    the call's deadline. In a handler marked `@once` nothing is written before the handler has returned, and the handler
    is run again instead of `decide`.
    A document whose id no document can have is simply not there. Raises `AlreadyThere`, `NotThere`, the 503 `Problem`s
    `firestore-unavailable` and `contention` (others kept being faster), and 400 `bad-parameter` where `decide` wants
    something written although the id is none, and `NoCall` on a thread that works for no call (`fulfillment.in_thread`
    carries it along).
    """
    require_call("documents.change")
    if not can_be_id(id):
        return _decide_on_nothing(id, decide)
    from google.api_core import exceptions

    watched = client().collection(collection).document(id)
    seen = _read(watched)
    collected = together.opened()
    if collected is not None:
        return collected.change(watched, seen, decide, Writes())
    for round_number in range(1, 1000):
        writes = Writes()
        decision = decide(seen, writes)
        if writes.nothing:
            return decision
        lost = False
        try:
            try_once(partial(_commit, writes, watched, seen))
            return decision
        except transient() as error:  # Aborted is among these: another writer's lock
            lost, failure = not isinstance(error, exceptions.Aborted), error
        except (exceptions.FailedPrecondition, exceptions.AlreadyExists, exceptions.NotFound) as error:
            failure = error
        except exceptions.GoogleAPICallError as error:
            raise as_problem(error) from error
        _pause(round_number, failure, lost)
        if lost and writes.took_effect(watched):
            return decision
        before, seen = seen, _read(watched)
        if not lost and isinstance(failure, exceptions.AlreadyExists | exceptions.NotFound) and _same(before, seen):
            missing = isinstance(failure, exceptions.NotFound)
            raise (NotThere if missing else AlreadyThere)(f"{collection}/{id}: {failure.message}") from failure
    raise problems.contention(f"{collection}/...")


def _decide_on_nothing(id: str, decide: Callable[[Document | None, Writes], _T]) -> _T:
    writes = Writes()
    decision = decide(None, writes)
    if writes.nothing:
        return decision
    raise problems.bad_parameter("document id", "document id", id, "found text that can be no document's id")


def _by_path(fields: dict[str, Any]) -> dict[str, Any]:
    # The client reads an update's names as paths, and those of a new document as they stand.
    from google.cloud.firestore_v1.field_path import FieldPath

    return {FieldPath(name).to_api_repr(): value for name, value in fields.items()}


def _pause(round_number: int, failure: Exception, lost: bool) -> None:
    pause = random.uniform(0.005, min(_LONGEST_PAUSE, 0.02 * 2 ** min(round_number, 5)))  # noqa: S311
    if pause >= seconds_left():
        raise (as_problem(failure) if lost else problems.contention(str(failure)[:200])) from failure
    time.sleep(pause)


def _commit(
    writes: Writes, watched: DocumentReference, seen: Document | None, firestore: Client, seconds: float
) -> None:
    writes.commit(firestore, watched, seen, seconds)


def _read(reference: DocumentReference) -> Document | None:
    # By its path: the reference may belong to a client that has been replaced meanwhile.
    return as_document(
        attempt(lambda client, seconds: client.document(reference.path).get(retry=None, timeout=seconds))
    )


def _same(before: Document | None, now: Document | None) -> bool:
    return (before and before.update_time) == (now and now.update_time)
