"""Structured queries: from, where, order, cursors, offset, limit, select.

Source: https://cloud.google.com/firestore/docs/reference/rpc/google.firestore.v1#structuredquery
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from google.cloud.firestore_v1.types import StructuredQuery as Types

from . import filters
from .documents import StoredDocument, View
from .messages import Cursor, Document, StructuredQuery
from .paths import DOCUMENT_ID, FieldPath, check_id, field_path, split_name
from .refusals import failed_precondition, invalid, unimplemented
from .values import Key, find, order_key

_NAME: FieldPath = (DOCUMENT_ID,)
_DESCENDING = Types.Direction.DESCENDING


@dataclass(frozen=True)
class Bound:
    """Where a cursor cuts the ordered result: keys for the first fields of the order, and which side they fall on."""

    keys: tuple[Key, ...]
    before: bool


@dataclass(frozen=True)
class Query:
    """A checked query, ready to run over any view of its database.

    Attributes:
        parent: the name below which the collections are.
        order: fields with "descending?", the implied ones included; `__name__` is last.
        limit: None for no limit.
        select: the fields to return, or None for all.
    """

    parent: str
    selectors: tuple[tuple[str, bool], ...]
    matches: filters.Predicate | None
    order: tuple[tuple[FieldPath, bool], ...]
    start: Bound | None
    end: Bound | None
    offset: int
    limit: int | None
    select: tuple[FieldPath, ...] | None

    def candidates(self, view: View) -> list[StoredDocument]:
        """Every document of the query's collections; hold the database's lock for this, and for nothing after it."""
        found: dict[str, StoredDocument] = {}
        for collection_id, all_descendants in self.selectors:
            if all_descendants:
                documents = view.group(collection_id, self.parent)
            elif collection_id:
                documents = view.collection(f"{self.parent}/{collection_id}")
            else:
                documents = self._children(view)
            found.update((document.name, document) for document in documents)
        return list(found.values())

    def results(self, candidates: Iterable[StoredDocument]) -> tuple[list[StoredDocument], int]:
        """The query's documents in order, whole, and how many the offset skipped."""
        found = [document for document in candidates if self._passes(document)]
        for path, descending in reversed(self.order):
            found.sort(key=lambda document: document.key(path), reverse=descending)  # type: ignore[arg-type, return-value]
        found = [document for document in found if self._within(document)]
        skipped = min(self.offset, len(found))
        stop = None if self.limit is None else self.offset + self.limit
        return found[self.offset : stop], skipped

    def _children(self, view: View) -> Iterator[StoredDocument]:
        depth = self.parent.count("/") + 1
        return (document for document in view.group("", self.parent) if document.collection.count("/") == depth)

    def _passes(self, document: StoredDocument) -> bool:
        if any(document.key(path) is None for path, _ in self.order):
            return False
        return self.matches is None or self.matches(document)

    def _within(self, document: StoredDocument) -> bool:
        if self.start is not None:
            side = self._compare(document, self.start.keys)
            if side < 0 or (side == 0 and not self.start.before):
                return False
        if self.end is not None:
            side = self._compare(document, self.end.keys)
            if side > 0 or (side == 0 and self.end.before):
                return False
        return True

    def _compare(self, document: StoredDocument, keys: tuple[Key, ...]) -> int:
        """-1, 0 or 1: the document stands before, at or after the cursor."""
        for (path, descending), wanted in zip(self.order, keys, strict=False):
            key = document.key(path)
            if key != wanted:
                earlier = (key < wanted) != descending  # type: ignore[operator]
                return -1 if earlier else 1
        return 0


def compiled(parent: str, query: StructuredQuery, aggregated: Iterable[FieldPath] = ()) -> Query:
    """The query, checked.

    Args:
        parent: `projects/P/databases/D/documents`, or a document's name for its sub-collections.
        aggregated: fields that are added up; they put the result in order, and documents without them drop out.

    Raises:
        Refused: INVALID_ARGUMENT or FAILED_PRECONDITION for what Firestore refuses, UNIMPLEMENTED for vector search.
    """
    if query.HasField("find_nearest"):
        raise unimplemented("find_nearest (vector search)")
    matches = None
    if query.HasField("where"):
        matches = filters.predicate(query.where, split_name(parent)[0])
        filters.check_together(query.where, len(query.order_by))
    order = _order(query, aggregated)
    return Query(
        parent=parent,
        selectors=_selectors(query),
        matches=matches,
        order=order,
        start=_bound(query.start_at, order) if query.HasField("start_at") else None,
        end=_bound(query.end_at, order) if query.HasField("end_at") else None,
        offset=_not_negative(query.offset, "offset"),
        limit=_not_negative(query.limit.value, "limit") if query.HasField("limit") else None,
        select=_selected(query) if query.HasField("select") else None,
    )


def projected(document: StoredDocument, paths: Iterable[FieldPath] | None) -> Document:
    """The document with these fields only; with all of them when `paths` is None."""
    if paths is None:
        return document.message
    whole = document.message
    part = Document(name=whole.name, create_time=whole.create_time, update_time=whole.update_time)
    for path in paths:
        value = find(whole.fields, path)
        if value is None:
            continue
        fields: Any = part.fields
        for segment in path[:-1]:
            fields = fields[segment].map_value.fields
        fields[path[-1]].CopyFrom(value)
    return part


def _selectors(query: StructuredQuery) -> tuple[tuple[str, bool], ...]:
    if len(query.from_) > 1:
        raise invalid("A query is on one collection or collection group.")
    selectors = tuple((selector.collection_id, selector.all_descendants) for selector in query.from_)
    for collection_id, _ in selectors:
        if "/" in collection_id:
            raise invalid(f'A collection id holds no "/": "{collection_id}".')
        if collection_id:
            check_id(collection_id, collection_id)
    return selectors or (("", False),)


def _order(query: StructuredQuery, aggregated: Iterable[FieldPath]) -> tuple[tuple[FieldPath, bool], ...]:
    """The query's own order, then the fields it compares, then those it adds up, then the name."""
    order: dict[FieldPath, bool] = {}
    for one in query.order_by:
        path = field_path(one.field.field_path)
        if path in order:
            raise invalid(f'"{one.field.field_path}" is ordered by twice.')
        order[path] = one.direction == _DESCENDING
    if order == {_NAME: True} and not _names_a_field(query):
        raise failed_precondition("Firestore does not scan names in descending order.")
    descending = next(reversed(order.values()), False)
    implied = filters.inequality_fields(query.where) if query.HasField("where") else []
    if any(path not in order for path in aggregated) and query.HasField("where"):
        implied += [_NAME] if filters.has_name_equality(query.where) else []
    for path in (*sorted(implied, key=_NAME.__eq__), *aggregated):
        order.setdefault(path, descending)
    order.setdefault(_NAME, descending)
    if next(reversed(order)) != _NAME:
        raise invalid("The order cannot hold more fields after the document's name; order by them before it.")
    return tuple(order.items())


def _names_a_field(query: StructuredQuery) -> bool:
    return query.HasField("where") and not filters.only_on_names(query.where)


def _bound(cursor: Cursor, order: tuple[tuple[FieldPath, bool], ...]) -> Bound:
    if len(cursor.values) > len(order):
        raise invalid("A cursor has more values than the query has fields in its order.")
    for (path, _), value in zip(order, cursor.values, strict=False):
        if path == _NAME and value.WhichOneof("value_type") != "reference_value":
            raise invalid("A cursor on the document's name needs a reference.")
    return Bound(tuple(order_key(value) for value in cursor.values), cursor.before)


def _not_negative(number: int, what: str) -> int:
    if number < 0:
        raise invalid(f"The {what} is negative: {number}.")
    return number


def _selected(query: StructuredQuery) -> tuple[FieldPath, ...]:
    paths = (field_path(field.field_path) for field in query.select.fields)
    return tuple(path for path in paths if path != _NAME)
