"""Writes: one document before and after, and a commit of many of them.

Source: https://cloud.google.com/firestore/docs/reference/rpc/google.firestore.v1#write
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import Any

from .documents import Database, StoredDocument, stamped
from .messages import Document, FieldTransform, Precondition, Value, Write, WriteResult, microseconds
from .paths import FieldPath, check_document, split_name, stored_field_path
from .refusals import already_exists, failed_precondition, invalid, not_found
from .transforms import transformed
from .values import check_fields, find


def applied(
    database: Database, writes: Iterable[Write], committed: int
) -> tuple[dict[str, StoredDocument | None], list[WriteResult]]:
    """What the writes, in their order, make of the database; nothing is published yet.

    Raises:
        Refused: the first write that cannot be done.
    """
    pending: dict[str, StoredDocument | None] = {}
    results = []
    for write in writes:
        name = target(write, database)
        current = pending[name] if name in pending else database.documents.get(name)
        after, result = _apply(write, name, current, committed)
        if after is not current:
            pending[name] = after
        results.append(result)
    return pending, results


def target(write: Write, database: Database) -> str:
    """The full name of the document a write is about.

    Raises:
        Refused: INVALID_ARGUMENT when it says nothing, or names a document that cannot be, or of another database.
    """
    operation = write.WhichOneof("operation")
    if operation is None:
        raise invalid("A write says nothing to do.")
    name = {"update": lambda: write.update.name, "delete": lambda: write.delete}.get(
        operation, lambda: write.transform.document
    )()
    if split_name(name)[0] != database.name:
        raise invalid(f'"{name}" is not in the database {database.name}.')
    return check_document(name)


def _apply(
    write: Write, name: str, current: StoredDocument | None, committed: int
) -> tuple[StoredDocument | None, WriteResult]:
    if write.HasField("current_document"):
        _check_precondition(write.current_document, name, current)
    if write.WhichOneof("operation") == "delete":
        return None, WriteResult()
    message = _updated(write, name, current)
    result = WriteResult()
    for transform in (*write.transform.field_transforms, *write.update_transforms):
        result.transform_results.append(_transform(message, transform, committed))
    check_fields(message)
    after = _unless_unchanged(current, message, committed)
    result.update_time.CopyFrom(after.message.update_time)
    return after, result


def _check_precondition(precondition: Precondition, name: str, current: StoredDocument | None) -> None:
    kind = precondition.WhichOneof("condition_type")
    if kind == "exists":
        if precondition.exists and current is None:
            raise not_found(name)
        if not precondition.exists and current is not None:
            raise already_exists(name)
    elif kind == "update_time":
        if current is None:
            raise not_found(name)
        if microseconds(precondition.update_time) != current.updated:
            raise failed_precondition(f"{name} was changed at another time than the required one.")


def _updated(write: Write, name: str, current: StoredDocument | None) -> Document:
    message = Document(name=name)
    if write.WhichOneof("operation") == "transform" or write.HasField("update_mask"):
        if current is not None:
            _copy_fields(current.message.fields, message.fields)
        for path in _masked(write):
            value = find(write.update.fields, path)
            if value is None:
                _delete(message.fields, path)
            else:
                _put(message.fields, path, value)
    else:
        _copy_fields(write.update.fields, message.fields)
    return message


def _masked(write: Write) -> list[FieldPath]:
    paths = sorted(stored_field_path(text) for text in write.update_mask.field_paths)
    for one, following in pairwise(paths):
        if following[: len(one)] == one:
            raise invalid("An update mask names a field twice, or a field and one inside it.")
    return paths


def _transform(message: Document, transform: FieldTransform, committed: int) -> Value:
    path = stored_field_path(transform.field_path)
    new, result = transformed(find(message.fields, path), transform, committed)
    _put(message.fields, path, new)
    return result


def _unless_unchanged(current: StoredDocument | None, message: Document, committed: int) -> StoredDocument:
    """The document after the write; the very same one, update time included, when the write changed nothing."""
    if current is None:
        return stamped(message, committed, committed)
    before = Document(name=message.name)
    _copy_fields(current.message.fields, before.fields)
    if message.SerializeToString(deterministic=True) == before.SerializeToString(deterministic=True):
        return current
    return stamped(message, microseconds(current.message.create_time), committed)


def _copy_fields(source: Any, sink: Any) -> None:
    for name, value in source.items():
        sink[name].CopyFrom(value)


def _put(fields: Any, path: FieldPath, value: Value) -> None:
    for segment in path[:-1]:
        inner = fields[segment]
        if inner.WhichOneof("value_type") != "map_value":
            inner.map_value.SetInParent()
        fields = inner.map_value.fields
    fields[path[-1]].CopyFrom(value)


def _delete(fields: Any, path: FieldPath) -> None:
    for segment in path[:-1]:
        if segment not in fields or fields[segment].WhichOneof("value_type") != "map_value":
            return
        fields = fields[segment].map_value.fields
    if path[-1] in fields:
        del fields[path[-1]]
