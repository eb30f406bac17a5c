"""Writes: what one of them makes of one document.

Source: https://cloud.google.com/firestore/docs/reference/rpc/google.firestore.v1#write
"""

from __future__ import annotations

from typing import Any

from .messages import Document, FieldTransform, Value, Write
from .paths import FieldPath, stored_field_path
from .refusals import invalid
from .transforms import transformed
from .values import check_fields, find, is_plain_map


def subject(write: Write) -> str:
    """The name of the document a write is about, as sent.

    Raises:
        Refused: INVALID_ARGUMENT when the write says nothing to do.
    """
    operation = write.WhichOneof("operation")
    if operation is None:
        raise invalid("A write says nothing to do.")
    found = getattr(write, operation)
    if operation == "transform" and not found.field_transforms:
        raise invalid("A transform of no field.")
    name: str = found if operation == "delete" else found.name if operation == "update" else found.document
    return name


def is_delete(write: Write) -> bool:
    """Whether the write deletes its document."""
    return bool(write.WhichOneof("operation") == "delete")


def rewritten(write: Write, name: str, current: Document | None, committed: int) -> tuple[Document | None, list[Value]]:
    """The document after the write, without times, and the results of its transforms; None when it is deleted.

    Raises:
        Refused: INVALID_ARGUMENT for fields that Firestore cannot keep.
    """
    if is_delete(write):
        return None, []
    message = _updated(write, name, current)
    transforms = (*write.transform.field_transforms, *write.update_transforms)
    results = [_transform(message, transform, committed) for transform in transforms]
    check_fields(message)
    return message, results


def _updated(write: Write, name: str, current: Document | None) -> Document:
    message = Document(name=name)
    if write.WhichOneof("operation") == "transform" or write.HasField("update_mask"):
        if current is not None:
            _copy_fields(current.fields, message.fields)
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
    """The mask's paths, a map's before those of the fields inside it."""
    return sorted(stored_field_path(text) for text in write.update_mask.field_paths)


def _transform(message: Document, transform: FieldTransform, committed: int) -> Value:
    path = stored_field_path(transform.field_path)
    new, result = transformed(find(message.fields, path), transform, committed)
    _put(message.fields, path, new)
    return result


def _copy_fields(source: Any, sink: Any) -> None:
    for name, value in source.items():
        sink[name].CopyFrom(value)


def _put(fields: Any, path: FieldPath, value: Value) -> None:
    for segment in path[:-1]:
        inner = fields[segment]
        if not is_plain_map(inner):
            inner.Clear()
            inner.map_value.SetInParent()
        fields = inner.map_value.fields
    fields[path[-1]].CopyFrom(value)


def _delete(fields: Any, path: FieldPath) -> None:
    for segment in path[:-1]:
        if segment not in fields or not is_plain_map(fields[segment]):
            return
        fields = fields[segment].map_value.fields
    if path[-1] in fields:
        del fields[path[-1]]
