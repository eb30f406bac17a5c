"""Commits: many writes at once, their preconditions, and what they make of the database.

Several writes of one document count as one: preconditions on an update time look at what was stored before the
commit, and a document that is in the end what it was keeps its update time. Source: Google's emulator, and
https://cloud.google.com/firestore/docs/reference/rpc/google.firestore.v1#precondition
"""

from __future__ import annotations

from collections.abc import Sequence

from .documents import Database, StoredDocument, stamped
from .messages import Document, Precondition, Write, WriteResult, microseconds
from .paths import check_document, split_name
from .refusals import already_exists, failed_precondition, invalid, not_found
from .writes import is_delete, rewritten, subject


def applied(
    database: Database, writes: Sequence[Write], committed: int
) -> tuple[dict[str, StoredDocument | None], list[WriteResult]]:
    """What the writes, in their order, make of the database; nothing is published yet.

    Args:
        database: the caller holds its lock until it has published the changes.
        writes: the writes of one commit.
        committed: the commit's time, microseconds since 1970.

    Returns:
        The documents that change, None for the deleted ones, and a result for each write.

    Raises:
        Refused: the first write that cannot be done.
    """
    names = [target(write, database) for write in writes]
    _check_together(writes, names)
    drafts: dict[str, Document | None] = {}
    made_anew = set()
    results = []
    for name, write in zip(names, writes, strict=True):
        stored = database.documents.get(name)
        current = drafts.get(name, stored.message if stored else None)
        if write.HasField("current_document"):
            _check_precondition(write.current_document, name, current is not None, stored)
        drafts[name], transform_results = rewritten(write, name, current, committed)
        if drafts[name] is None:
            made_anew.add(name)
        results.append(WriteResult(transform_results=transform_results))
    after = {
        name: _stored(None if name in made_anew else database.documents.get(name), draft, committed)
        for name, draft in drafts.items()
    }
    for name, result in zip(names, results, strict=True):
        document = after[name]
        if document is not None:
            result.update_time.CopyFrom(document.message.update_time)
    return {name: new for name, new in after.items() if new is not database.documents.get(name)}, results


def target(write: Write, database: Database) -> str:
    """The full name of the document a write is about.

    Raises:
        Refused: INVALID_ARGUMENT when it says nothing, or names a document that cannot be, or of another database.
    """
    name = subject(write)
    if split_name(name)[0] != database.name:
        raise invalid(f'"{name}" is not in the database {database.name}.')
    return check_document(name)


def _check_together(writes: Sequence[Write], names: Sequence[str]) -> None:
    """Refuse writes of one document that Firestore cannot make into one.

    A later write may not require what the earlier ones decide, nor an update time that the first does not.
    """
    first: dict[str, Precondition] = {}
    deleted: dict[str, bool] = {}
    for name, write in zip(names, writes, strict=True):
        required = write.current_document
        if name in first:
            if _is_impossible(required, deleted[name], is_delete(write)):
                raise invalid(f"A write requires what an earlier write of the same commit makes impossible: {name}")
            if required.HasField("update_time") and required.update_time != first[name].update_time:
                raise invalid(f"A write requires another update time than an earlier write of the same commit: {name}")
        first.setdefault(name, required)
        deleted[name] = is_delete(write)


def _is_impossible(required: Precondition, deleted: bool, deletes: bool) -> bool:
    """Whether a write cannot be done after one that deleted the document, or left it there."""
    kind = required.WhichOneof("condition_type")
    if kind == "exists":
        return bool(required.exists == deleted)
    return kind == "update_time" and deleted and not deletes


def _check_precondition(required: Precondition, name: str, exists: bool, stored: StoredDocument | None) -> None:
    kind = required.WhichOneof("condition_type")
    if kind == "exists":
        if required.exists and not exists:
            raise not_found(name)
        if exists and not required.exists:
            raise already_exists(name)
    elif kind == "update_time" and (stored is None or microseconds(required.update_time) != stored.updated):
        raise failed_precondition(f"{name} was changed at another time than the required one.")


def _stored(before: StoredDocument | None, draft: Document | None, committed: int) -> StoredDocument | None:
    """The document after the commit: the very same one, update time included, when nothing in it changed."""
    if draft is None:
        return None
    if before is None:
        return stamped(draft, committed, committed)
    draft.create_time.CopyFrom(before.message.create_time)
    draft.update_time.CopyFrom(before.message.update_time)
    if draft.SerializeToString(deterministic=True) == before.message.SerializeToString(deterministic=True):
        return before
    return stamped(draft, microseconds(before.message.create_time), committed)
