"""Reading documents: by id, several ids, or a query; optionally through a bounded cache."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Sequence
from typing import Any

from .. import problems
from .cache import Cache, Document
from .connection import attempt

Filter = tuple[str, str, Any]
"""Field path, operator, value: `("status", "==", "open")`."""

_MAX_ID_BYTES = 1500
_RESERVED_ID = re.compile(r"__.*__", re.DOTALL)
_LIST_OPERATORS = ("in", "not-in", "array_contains_any")
_OPERATORS = ("==", "!=", "<", "<=", ">", ">=", "array_contains", *_LIST_OPERATORS)
_MAX_LIST = 30

_cache = Cache(entries=1000)


def clear_cache() -> None:
    """Forget all that `cache_seconds` has kept."""
    _cache.clear()


def get(collection: str, id: str, *, cache_seconds: float = 0) -> Document | None:
    """Return the document, or None where there is none.

    `collection` is a collection's path ("orders", "stores/main/tables"). An id that can be no document's id (empty,
    with "/", ".", "..", "__x__", over 1,500 bytes) is simply not found, without a call. With `cache_seconds`, a
    document found before is returned again for that long.
    Raises the 400 `Problem` `bad-parameter` for an id that is no string, and 503 `firestore-unavailable`.
    """
    if not can_be_id(id):
        return None
    key = (collection, id)
    if cache_seconds and (cached := _cache.get(key)) is not None:
        return cached  # type: ignore[no-any-return]
    found = attempt(lambda client, seconds: client.collection(collection).document(id).get(retry=None, timeout=seconds))
    document = as_document(found)
    if cache_seconds and document is not None:
        _cache.put(key, document, cache_seconds)
    return document


def get_all(collection: str, ids: Iterable[str]) -> dict[str, Document]:
    """Return the documents found, by id, in one call. Raises as `get` does."""
    wanted = [id for id in dict.fromkeys(ids) if can_be_id(id)]
    if not wanted:
        return {}

    def read(client: Any, seconds: float) -> list[Any]:
        references = [client.collection(collection).document(id) for id in wanted]
        return list(client.get_all(references, retry=None, timeout=seconds))

    found = {snapshot.id: as_document(snapshot) for snapshot in attempt(read)}
    return {id: document for id in wanted if (document := found.get(id)) is not None}


def query(
    collection: str, *filters: Filter, order_by: str = "", limit: int = 100, cache_seconds: float = 0
) -> list[Document]:
    """Return the documents that match all filters, at most `limit`.

    `order_by` is a field, "-field" for descending. Operators: ==, !=, <, <=, >, >=, array_contains, in, not-in,
    array_contains_any.
    Raises the 400 `Problem` `bad-parameter` for a list or object where one value belongs, so that a user's input cannot
    change what is asked, and for a number over 64 bits; `ValueError` for an unknown operator; 503
    `firestore-unavailable`.
    """
    for field, operator, value in filters:
        if _matches_nothing(field, operator, value):
            return []
    key = (collection, _frozen(filters), order_by, limit)
    if cache_seconds and (cached := _cache.get(key)) is not None:
        return cached  # type: ignore[no-any-return]
    found = attempt(lambda client, seconds: _run(client, collection, filters, order_by, limit, seconds))
    documents = [document for snapshot in found if (document := as_document(snapshot)) is not None]
    if cache_seconds and documents:
        _cache.put(key, documents, cache_seconds)
    return documents


def _run(
    client: Any, collection: str, filters: Sequence[Filter], order_by: str, limit: int, seconds: float
) -> list[Any]:
    from google.cloud.firestore import FieldFilter, Query

    asked = client.collection(collection)
    for filter in filters:
        asked = asked.where(filter=FieldFilter(*filter))
    if order_by:
        direction = Query.DESCENDING if order_by.startswith("-") else Query.ASCENDING
        asked = asked.order_by(order_by.removeprefix("-"), direction=direction)
    return list(asked.limit(limit).stream(retry=None, timeout=seconds))


def _matches_nothing(field: str, operator: str, value: Any) -> bool:
    """Check one filter; True when no document can match it."""
    if operator not in _OPERATORS:
        raise ValueError(f"Unknown operator {operator!r} for field {field!r}; known are {', '.join(_OPERATORS)}")
    if operator not in _LIST_OPERATORS:
        _refuse_unfit(field, value)
        return False
    if not isinstance(value, list | tuple):
        raise problems.bad_parameter(field, "list", value, "found a single value")
    for item in value:
        _refuse_unfit(field, item)
    if len(value) > _MAX_LIST:
        raise problems.bad_parameter(field, f"list of at most {_MAX_LIST}", value, f"found {len(value)} values")
    return not value and operator != "not-in"


def _refuse_unfit(field: str, value: Any) -> None:
    if isinstance(value, list | tuple | dict | set):
        raise problems.bad_parameter(field, "single value", value, f"found a {type(value).__name__}")
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        raise problems.bad_parameter(field, "64-bit number", value, "found a larger number")


def can_be_id(id: object) -> bool:
    """Return whether a string can be a document id (Firestore's rules for ids).

    Raises the 400 `Problem` `bad-parameter` for anything but a string.
    """
    if not isinstance(id, str):
        raise problems.bad_parameter("document id", "str", id, f"found a {type(id).__name__}")
    if not id or "/" in id or id in (".", "..") or _RESERVED_ID.fullmatch(id):
        return False
    try:
        return len(id.encode()) <= _MAX_ID_BYTES
    except UnicodeEncodeError:
        return False


def as_document(snapshot: Any) -> Document | None:
    """Return a snapshot's fields, or None where the document does not exist."""
    fields = snapshot.to_dict()
    return None if fields is None else Document(fields, snapshot.id, snapshot.update_time)


def _frozen(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return tuple(_frozen(item) for item in value)
    # A geo point has no hash; its text holds all of it.
    return type(value).__name__, value if isinstance(value, Hashable) else repr(value)
