"""Values: how Firestore orders and compares them, and which it refuses to keep.

Sources: https://cloud.google.com/firestore/docs/concepts/data-types#value_type_ordering,
https://cloud.google.com/firestore/docs/storage-size, and Google's emulator where those are silent.
"""

from __future__ import annotations

import math
from typing import Any, Final

from .messages import Document, Value
from .paths import FieldPath, check_document, check_field_name, order_of_segments
from .refusals import invalid

Key = tuple[Any, ...]
"""A value as something Python can compare: its type's rank, then what orders it within its type."""

NULL: Final = 0
BOOLEAN: Final = 1
NUMBER: Final = 2
TIMESTAMP: Final = 3
STRING: Final = 4
BYTES: Final = 5
REFERENCE: Final = 6
GEO_POINT: Final = 7
ARRAY: Final = 8
VECTOR: Final = 9
MAP: Final = 10

NAN_KEY: Final[Key] = (NUMBER, 0)
NULL_KEY: Final[Key] = (NULL,)

MAX_DOCUMENT_BYTES: Final = 1_048_576
MAX_VALUE_BYTES: Final = 1_048_487
MAX_DEPTH: Final = 20
MAX_DIMENSIONS: Final = 2048
_YEAR_1: Final = -62_135_596_800
_YEAR_10000: Final = 253_402_300_800


def order_key(value: Value) -> Key:
    """A key that orders, and tells apart, values as Firestore does: 1 and 1.0 are equal, NaN is the least number."""
    kind = value.WhichOneof("value_type")
    build = _KEYS.get(kind)
    if build is None:
        raise invalid(f"A value of kind {kind} cannot be kept or compared.")
    key: Key = build(value)
    return key


def name_key(name: str) -> Key:
    """The key of a reference, and so of a document's own name: segment by segment."""
    return (REFERENCE, order_of_segments(name))


def _double_key(value: Value) -> Key:
    number = value.double_value
    return NAN_KEY if math.isnan(number) else (NUMBER, 1, number)


def _array_key(value: Value) -> Key:
    return (ARRAY, tuple(order_key(element) for element in value.array_value.values))


def _map_key(value: Value) -> Key:
    fields = value.map_value.fields
    if is_vector(value):
        elements = tuple(order_key(element) for element in fields["value"].array_value.values)
        return (VECTOR, len(elements), elements)
    return (MAP, tuple((name, order_key(fields[name])) for name in sorted(fields)))


# Python orders str by code point, which is the order of UTF-8 bytes.
_KEYS: Final[dict[str | None, Any]] = {
    "null_value": lambda value: NULL_KEY,
    "boolean_value": lambda value: (BOOLEAN, value.boolean_value),
    "integer_value": lambda value: (NUMBER, 1, value.integer_value),
    "double_value": _double_key,
    "timestamp_value": lambda value: (TIMESTAMP, value.timestamp_value.seconds, value.timestamp_value.nanos),
    "string_value": lambda value: (STRING, value.string_value),
    "bytes_value": lambda value: (BYTES, value.bytes_value),
    "reference_value": lambda value: name_key(value.reference_value),
    "geo_point_value": lambda value: (GEO_POINT, value.geo_point_value.latitude, value.geo_point_value.longitude),
    "array_value": _array_key,
    "map_value": _map_key,
}


def is_vector(value: Value) -> bool:
    """Whether a map is a vector as clients send it: `{"__type__": "__vector__", "value": [doubles]}`."""
    if value.WhichOneof("value_type") != "map_value":
        return False
    fields = value.map_value.fields
    return "__type__" in fields and fields["__type__"].string_value == "__vector__"


def is_plain_map(value: Value) -> bool:
    """Whether the value has fields that a path can lead to: a vector, though sent as a map, has none."""
    return value.WhichOneof("value_type") == "map_value" and not is_vector(value)


def find(fields: Any, path: FieldPath) -> Value | None:
    """The value at a path in a map of fields, or None; nothing is created on the way."""
    for segment in path[:-1]:
        if segment not in fields:
            return None
        inner = fields[segment]
        if not is_plain_map(inner):
            return None
        fields = inner.map_value.fields
    found: Value | None = fields.get(path[-1])
    return found


def check_fields(document: Document) -> None:
    """Refuse what Firestore refuses to store, and cut timestamps to the microseconds it keeps.

    Raises:
        Refused: INVALID_ARGUMENT for arrays in arrays, reserved or empty field names, more than 20 levels, over 1 MiB.
    """
    size = name_size(document.name) + 32
    for name, value in document.fields.items():
        check_field_name(name)
        size += string_size(name) + check_value(value, 1)
    if size > MAX_DOCUMENT_BYTES:
        raise invalid(f"A document is at most {MAX_DOCUMENT_BYTES} bytes; {document.name} would have {size}.")


def check_value(value: Value, depth: int) -> int:
    """The value's size in bytes by Firestore's rules, once it is known to be storable at this depth."""
    kind = value.WhichOneof("value_type")
    if kind == "map_value":
        return _check_map(value, depth)
    if kind == "array_value":
        return _check_array(value, depth)
    if kind == "string_value":
        return _check_length(string_size(value.string_value) - 1) + 1
    if kind == "bytes_value":
        return _check_length(len(value.bytes_value))
    if kind == "timestamp_value":
        _check_timestamp(value.timestamp_value)
        return 8
    if kind == "reference_value":
        return name_size(check_document(value.reference_value))
    if kind == "geo_point_value":
        _check_geo_point(value.geo_point_value)
        return 16
    if kind in ("null_value", "boolean_value"):
        return 1
    if kind in ("integer_value", "double_value"):
        return 8
    raise invalid(f"A field cannot hold a value of kind {kind}.")


def _check_map(value: Value, depth: int) -> int:
    _check_depth(depth)
    if is_vector(value):
        return _check_vector(value)
    size = 0
    for name, inner in value.map_value.fields.items():
        check_field_name(name)
        size += string_size(name) + check_value(inner, depth + 1)
    return size


def _check_array(value: Value, depth: int) -> int:
    _check_depth(depth)
    size = 0
    for element in value.array_value.values:
        if element.WhichOneof("value_type") == "array_value":
            raise invalid("An array cannot hold an array directly.")
        if is_vector(element):
            raise invalid("An array cannot hold a vector.")
        size += check_value(element, depth + 1)
    return size


def _check_vector(value: Value) -> int:
    elements = value.map_value.fields["value"].array_value.values
    if not 1 <= len(elements) <= MAX_DIMENSIONS:
        raise invalid(f"A vector has 1 to {MAX_DIMENSIONS} dimensions; this one has {len(elements)}.")
    if any(element.WhichOneof("value_type") != "double_value" for element in elements):
        raise invalid("A vector holds doubles only.")
    return 8 * len(elements)


def _check_length(size: int) -> int:
    if size > MAX_VALUE_BYTES:
        raise invalid(f"A value is at most {MAX_VALUE_BYTES} bytes; this one has {size}.")
    return size


def _check_timestamp(moment: Any) -> None:
    """Cut to microseconds; only the years 1 to 9999 exist."""
    if not (_YEAR_1 <= moment.seconds < _YEAR_10000 and 0 <= moment.nanos < 1_000_000_000):
        raise invalid(f"No such moment: {moment.seconds} seconds and {moment.nanos} nanoseconds since 1970.")
    moment.nanos -= moment.nanos % 1000


def _check_depth(depth: int) -> None:
    if depth > MAX_DEPTH:
        raise invalid(f"Maps and arrays are at most {MAX_DEPTH} levels deep.")


def _check_geo_point(point: Any) -> None:
    if not (-90 <= point.latitude <= 90 and -180 <= point.longitude <= 180):
        raise invalid(f"No such place: latitude {point.latitude}, longitude {point.longitude}.")


def string_size(text: str) -> int:
    """Bytes of a string by Firestore's rules: UTF-8 and one."""
    return len(text.encode()) + 1


def name_size(name: str) -> int:
    """Bytes of a document's name by Firestore's rules: its ids, one for each, and 16."""
    path = name.partition("/documents/")[2]
    return len(path.encode()) + 1 + 16
