"""Query filters: which may stand together, which fields they put in order, and which documents they let through.

Source: https://cloud.google.com/firestore/docs/query-data/queries#query_limitations, and Google's emulator for what
values of other types, null and NaN do.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from typing import Any, Final

from google.cloud.firestore_v1.types import StructuredQuery as Types

from .documents import StoredDocument
from .messages import Filter, Value
from .paths import DOCUMENT_ID, FieldPath, field_path
from .refusals import invalid
from .values import ARRAY, NAN_KEY, NULL_KEY, Key, order_key

Predicate = Callable[[StoredDocument], bool]

MAX_DISJUNCTIONS: Final = 30
MAX_FILTERS: Final = 100
MAX_NOT_IN: Final = 10

_NAME: Final[FieldPath] = (DOCUMENT_ID,)

_Op = Types.FieldFilter.Operator
_Unary = Types.UnaryFilter.Operator
_OR = Types.CompositeFilter.Operator.OR
_AND = Types.CompositeFilter.Operator.AND

_RANGES: Final[dict[int, Callable[[Any, Any], bool]]] = {
    _Op.LESS_THAN: operator.lt,
    _Op.LESS_THAN_OR_EQUAL: operator.le,
    _Op.GREATER_THAN: operator.gt,
    _Op.GREATER_THAN_OR_EQUAL: operator.ge,
}
_NEGATIVE_UNARY: Final = (_Unary.IS_NOT_NULL, _Unary.IS_NOT_NAN)
_ARRAY_OPS: Final = (_Op.ARRAY_CONTAINS, _Op.ARRAY_CONTAINS_ANY)
_LIST_OPS: Final = (_Op.IN, _Op.NOT_IN, _Op.ARRAY_CONTAINS_ANY)


def predicate(where: Filter, database: str) -> Predicate:
    """What decides whether a document passes the filter.

    Args:
        where: the filter.
        database: the name of the database that it is for.

    Raises:
        Refused: INVALID_ARGUMENT for a filter that Firestore does not take.
    """
    kind = where.WhichOneof("filter_type")
    if kind == "field_filter":
        return _field(where.field_filter, database)
    if kind == "unary_filter":
        return _unary(where.unary_filter)
    if kind == "composite_filter":
        return _composite(where.composite_filter, database)
    raise invalid("A filter says nothing.")


def inequality_fields(where: Filter) -> list[FieldPath]:
    """The fields that the filter orders the result by, besides the query's own order: sorted, each once."""
    return sorted({_path(leaf) for leaf in _leaves(where) if _is_inequality(leaf)})


def check_together(where: Filter, orders: int) -> None:
    """Refuse combinations of filters that Firestore refuses, in a query with that many fields in its order."""
    if sum(1 for _ in _leaves(where)) + orders > MAX_FILTERS:
        raise invalid(f"A query can hold at most {MAX_FILTERS} filters and fields in its order.")
    operators = [leaf.field_filter.op for leaf in _leaves(where) if leaf.WhichOneof("filter_type") == "field_filter"]
    unary = [leaf.unary_filter.op for leaf in _leaves(where) if leaf.WhichOneof("filter_type") == "unary_filter"]
    negative = sum(op in (_Op.NOT_EQUAL, _Op.NOT_IN) for op in operators) + sum(op in _NEGATIVE_UNARY for op in unary)
    if negative > 1:
        raise invalid("A query can hold one '!=', 'not-in', is-not-null or is-not-NaN filter.")
    if _Op.NOT_IN in operators and (_Op.IN in operators or _Op.ARRAY_CONTAINS_ANY in operators or _has_or(where)):
        raise invalid("'not-in' cannot stand in one query with 'in', 'array-contains-any' or OR.")
    if _disjunctions(where) > MAX_DISJUNCTIONS:
        raise invalid(f"A query can hold at most {MAX_DISJUNCTIONS} disjunctions.")
    if _array_filters(where) > 1:
        raise invalid("A disjunction can hold one array filter.")
    inequalities = inequality_fields(where)
    if inequalities and _NAME not in inequalities and has_name_equality(where):
        raise invalid("A query cannot ask for names that are equal and for inequalities on other fields only.")


def only_on_names(where: Filter) -> bool:
    """Whether every filter is on the document's name, so that nothing but a scan of the names answers the query."""
    return all(_path(leaf) == _NAME for leaf in _leaves(where))


def _leaves(where: Filter) -> Iterator[Filter]:
    if where.WhichOneof("filter_type") == "composite_filter":
        for inner in where.composite_filter.filters:
            yield from _leaves(inner)
    else:
        yield where


def _path(leaf: Filter) -> FieldPath:
    return field_path(getattr(leaf, leaf.WhichOneof("filter_type")).field.field_path)


def _is_inequality(leaf: Filter) -> bool:
    if leaf.WhichOneof("filter_type") == "unary_filter":
        return leaf.unary_filter.op in _NEGATIVE_UNARY
    return leaf.field_filter.op in _RANGES or leaf.field_filter.op in (_Op.NOT_EQUAL, _Op.NOT_IN)


def has_name_equality(where: Filter) -> bool:
    """Whether the filter asks for documents of given names."""
    return any(_is_name_equality(leaf) for leaf in _leaves(where))


def _is_name_equality(leaf: Filter) -> bool:
    return leaf.field_filter.op in (_Op.EQUAL, _Op.IN) and _path(leaf) == _NAME


def _has_or(where: Filter) -> bool:
    if where.WhichOneof("filter_type") != "composite_filter":
        return False
    composite = where.composite_filter
    return composite.op == _OR or any(_has_or(inner) for inner in composite.filters)


def _disjunctions(where: Filter) -> int:
    """How many alternatives the filter has in disjunctive normal form."""
    if where.WhichOneof("filter_type") == "composite_filter":
        inner = [_disjunctions(one) for one in where.composite_filter.filters]
        if where.composite_filter.op == _OR:
            return sum(inner)
        product = 1
        for count in inner:
            product *= count
        return product
    if where.field_filter.op in (_Op.IN, _Op.ARRAY_CONTAINS_ANY):
        return len({order_key(value) for value in where.field_filter.value.array_value.values})
    return 1


def _array_filters(where: Filter) -> int:
    """The most array filters that any one disjunction holds."""
    if where.WhichOneof("filter_type") == "composite_filter":
        inner = [_array_filters(one) for one in where.composite_filter.filters]
        return max(inner, default=0) if where.composite_filter.op == _OR else sum(inner)
    return int(where.WhichOneof("filter_type") == "field_filter" and where.field_filter.op in _ARRAY_OPS)


def _composite(composite: Any, database: str) -> Predicate:
    inner = [predicate(one, database) for one in composite.filters]
    if not inner:
        return lambda document: True
    if len(inner) == 1:
        return inner[0]
    if composite.op == _AND:
        return lambda document: all(passes(document) for passes in inner)
    if composite.op == _OR:
        return lambda document: any(passes(document) for passes in inner)
    raise invalid("A composite filter is AND or OR.")


def _unary(unary: Any) -> Predicate:
    path = field_path(unary.field.field_path)
    if path == _NAME:
        raise invalid("A unary filter cannot be on the document's name.")
    if unary.op == _Unary.IS_NULL:
        return lambda document: document.key(path) == NULL_KEY
    if unary.op == _Unary.IS_NAN:
        return lambda document: document.key(path) == NAN_KEY
    if unary.op == _Unary.IS_NOT_NULL:
        return lambda document: document.key(path) not in (None, NULL_KEY)
    if unary.op == _Unary.IS_NOT_NAN:
        return lambda document: document.key(path) not in (None, NULL_KEY, NAN_KEY)
    raise invalid("A unary filter says nothing.")


def _field(found: Any, database: str) -> Predicate:
    path = field_path(found.field.field_path)
    if path == _NAME:
        _check_names(found, database)
    if found.op in _LIST_OPS:
        return _list_filter(found, path)
    wanted = order_key(found.value)
    if found.op in _RANGES:
        return _range(path, _RANGES[found.op], wanted)
    if found.op == _Op.EQUAL:
        return lambda document: document.key(path) == wanted
    if found.op == _Op.NOT_EQUAL:
        if wanted == NULL_KEY:
            return lambda document: False
        return lambda document: document.key(path) not in (None, NULL_KEY, wanted)
    if found.op == _Op.ARRAY_CONTAINS:
        return lambda document: wanted in _elements(document.key(path))
    raise invalid("A field filter has no operator.")


def _range(path: FieldPath, compare: Callable[[Any, Any], bool], wanted: Key) -> Predicate:
    def passes(document: StoredDocument) -> bool:
        key = document.key(path)
        return key is not None and key[0] == wanted[0] and key != NAN_KEY and compare(key, wanted)

    return (lambda document: False) if wanted == NAN_KEY else passes


def _list_filter(found: Any, path: FieldPath) -> Predicate:
    if found.value.WhichOneof("value_type") != "array_value":
        raise invalid("'in', 'not-in' and 'array-contains-any' need a list.")
    values = found.value.array_value.values
    limit = MAX_NOT_IN if found.op == _Op.NOT_IN else MAX_DISJUNCTIONS
    if not 1 <= len(values) <= limit:
        raise invalid(f"The list of this filter has 1 to {limit} values; this one has {len(values)}.")
    keys = {order_key(value) for value in values}
    if found.op == _Op.NOT_IN:
        if NULL_KEY in keys:
            return lambda document: False
        return lambda document: document.key(path) not in (None, NULL_KEY) and document.key(path) not in keys
    # Null and NaN in a list equal nothing, as in SQL.
    keys -= {NULL_KEY, NAN_KEY}
    if found.op == _Op.IN:
        return lambda document: document.key(path) in keys
    return lambda document: any(element in keys for element in _elements(document.key(path)))


def _elements(key: Key | None) -> tuple[Key, ...]:
    return key[1] if key is not None and key[0] == ARRAY else ()


def _check_names(found: Any, database: str) -> None:
    """Filters on the document's name compare with references only."""
    if found.op in _ARRAY_OPS:
        raise invalid("The document's name is no array.")
    values: list[Value] = [found.value]
    if found.op in _LIST_OPS:
        values = list(found.value.array_value.values)
    if any(value.WhichOneof("value_type") != "reference_value" for value in values):
        raise invalid("A filter on the document's name needs references.")
    if any(not value.reference_value.startswith(database + "/") for value in values):
        raise invalid(f"A filter on the document's name needs references in {database}.")
